"""The rows of the run list: headings of groups and runs, and the words of a row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.widgets.label import cut
from app.widgets.pill import state_look
from engine import wording
from engine.method import methods
from engine.records import RunRecord

RowIndex = QModelIndex | QPersistentModelIndex
RECORD = Qt.ItemDataRole.UserRole
GROUPS = (
    ("running", ("running",)),
    ("paused", ("paused",)),
    ("interrupted", ("interrupted",)),
    ("queued", ("queued",)),
    ("finished", ("finished",)),
    ("failed", ("failed", "stopped")),
)
RESUMABLE = ("paused", "interrupted", "stopped", "failed")
_ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


@dataclass(frozen=True)
class Heading:
    """The line above a group."""

    words: str
    icon: str
    tone: str
    count: int


def method_title(record: RunRecord) -> str:
    """The method's name for a person; a method that is gone goes by its key."""
    found = methods().get(record.method)
    return found.title if found is not None else record.method or wording.UNKNOWN


def second_line(record: RunRecord) -> str:
    """What the small line of a row says."""
    title = method_title(record)
    done = wording.percent(record.fraction or 0.0, 0)
    if record.status == "running":
        left = record.remaining
        told = f"{wording.remaining(left)} left" if left is not None else record.stage
        return f"{title} · {told}" if told else title
    if record.status == "paused":
        return f"paused at {done}"
    if record.status in ("interrupted", "stopped"):
        return f"stopped at {done}"
    if record.status == "finished":
        return f"{title} · {wording.size(record.bytes)}"
    return title if record.status == "queued" else f"{title} · failed at {done}"


def side_words(record: RunRecord, place: int) -> str:
    """What stands at the right of a row: progress, accuracy or the place in the queue."""
    if record.status == "running":
        return wording.percent(record.fraction or 0.0, 0)
    if record.status == "finished":
        return wording.percent(record.accuracy)
    return _ORDINALS.get(place, f"{place}th") if record.status == "queued" else ""


class RunModel(QAbstractListModel):
    """Headings and records, one under the other."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Heading | RunRecord] = []
        self.places: dict[str, int] = {}

    def set_records(self, records: Sequence[RunRecord]) -> None:
        """Show these runs, grouped; queued ones in the order of the queue."""
        by_status: dict[str, list[RunRecord]] = {}
        for record in records:
            by_status.setdefault(record.status, []).append(record)
        waiting = by_status.get("queued", [])
        waiting.sort(key=lambda one: (one.queue is None, one.queue or 0, one.created))
        rows: list[Heading | RunRecord] = []
        for status, members in GROUPS:
            found = [one for member in members for one in by_status.get(member, [])]
            if found:
                word, icon, tone = state_look(status)
                word = "Failed or stopped" if status == "failed" else word
                rows += [Heading(word, icon, tone, len(found)), *found]
        self.beginResetModel()
        self.rows = rows
        self.places = {one.id: place for place, one in enumerate(waiting, 1)}
        self.endResetModel()

    def replace(self, record: RunRecord) -> None:
        """Show newer figures of a run that stays where it is."""
        row = self.row_of(record.id)
        if row >= 0:
            self.rows[row] = record
            self.dataChanged.emit(self.index(row), self.index(row))

    def row_of(self, run_id: str) -> int:
        """The row of a run, -1 where it is not listed."""
        found = (
            row
            for row, one in enumerate(self.rows)
            if isinstance(one, RunRecord) and one.id == run_id
        )
        return next(found, -1)

    def rowCount(self, parent: RowIndex = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def flags(self, index: RowIndex) -> Qt.ItemFlag:
        if not index.isValid() or isinstance(self.rows[index.row()], Heading):
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: RowIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.rows[index.row()]
        if role == RECORD:
            return one
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if isinstance(one, Heading):
                return f"{one.words}, {one.count}"
            side = side_words(one, self.places.get(one.id, 0))
            return cut(f"{one.name}, {state_look(one.status)[0]}, {second_line(one)} {side}", 300)
        return None
