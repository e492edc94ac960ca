"""The comparison table: a model over the engine's rows, sorted by any column, teachers on top."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from engine import wording
from engine.method import methods

if TYPE_CHECKING:
    from engine.remarks import Row

RowRole = Qt.ItemDataRole.UserRole
VERDICTS = {  # what a verdict looks like: icon and colour
    "clear loss": ("lower", "warn"),
    "no clear loss": ("same", "good"),
    "clear gain": ("chevron-up", "good"),
}
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """One column: head, width at 100 %, what it says, what it sorts by and what CSV writes."""

    key: str
    head: str
    width: int
    words: Callable[[Row], str]
    order: Callable[[Row], Any]
    right: bool = True
    tip: str = ""


def title_of(method: str) -> str:
    """The method's own name; an unknown one is shown by its key."""
    found = methods().get(method)
    return found.title if found else method


def against(row: Row) -> str:
    """The difference to the teacher and what the test says of it, in words."""
    if row.verdict in ("reference", "not comparable"):
        return row.verdict
    if row.difference is None:
        return wording.UNKNOWN
    said = "" if row.verdict == "unknown" else f" {row.verdict}"
    return wording.points(row.difference) + said


def removed(share: float | None) -> str:
    """Sparsity as a whole percentage; a dash where nothing was removed."""
    return wording.percent(share, 0) if share and share >= 0.005 else wording.UNKNOWN


def bits(value: float | None) -> str:
    """Bits per number with at most one decimal."""
    return wording.UNKNOWN if value is None else f"{value:.1f}".removesuffix(".0")


def _ratio(value: float | None, row: Row) -> str:
    return wording.UNKNOWN if row.is_teacher else wording.ratio(value)


def _method_words(row: Row) -> str:
    if row.baseline_of:
        return "without teacher"
    return "Teacher" if row.is_teacher else title_of(row.method)


def gain_tip(row: Row, named: Callable[[str], str]) -> str:
    """What ties a run to its baseline; `named` gives a row's name by its id."""
    if row.baseline:
        tested = "" if row.gain_p is None else f", {wording.p_value(row.gain_p)} by McNemar test"
        return (
            f"The teacher gave {wording.points(row.gain)} points{tested}: compared with "
            f"{named(row.baseline)}, the same student without a teacher."
        )
    if row.baseline_of:
        return f"The same student as {named(row.baseline_of)}, trained without a teacher."
    return ""


COLUMNS = (
    Column("ticked", "", 40, lambda row: "", lambda row: 0, right=False),
    Column("name", "Run", 158, lambda row: row.name, lambda row: row.name.casefold(), right=False),
    Column("method", "Method", 162, _method_words, _method_words, right=False),
    Column(
        "accuracy", "Accuracy with 95 % range", 282,
        lambda row: f"{wording.percent(row.accuracy)}, {wording.span(row.low, row.high)}",
        lambda row: row.accuracy, right=False,
        tip="Share of right answers. The range holds the true share in 95 of 100 such tests.",
    ),
    Column(
        "against", "Against teacher, points", 172, against, lambda row: row.difference, right=False,
        tip="Difference in percentage points, and whether chance explains it (McNemar test).",
    ),
    Column("bytes", "Size", 92, lambda row: wording.size(row.bytes), lambda row: row.bytes,
           tip="The deployable model file on disk."),
    Column("smaller", "Smaller", 78, lambda row: _ratio(row.smaller, row),
           lambda row: row.smaller, tip="Teacher's size divided by this one (compression ratio)."),
    Column("latency", "Latency", 86, lambda row: wording.latency(row.latency),
           lambda row: row.latency, tip="Time for one sentence of 32 pieces, 1 thread, median."),
    Column("faster", "Faster", 74, lambda row: _ratio(row.faster, row), lambda row: row.faster,
           tip="Teacher's latency divided by this one (speed-up)."),
    Column("removed", "Removed", 82, lambda row: removed(None if row.verdict == "reference" else row.sparsity), lambda row: row.sparsity,
           tip="Share of weights that were removed (sparsity)."),
    Column("bits", "Bits", 72, lambda row: bits(row.bits), lambda row: row.bits,
           tip="Bits per stored number, on average."),
)  # fmt: skip
PLACES = {column.key: place for place, column in enumerate(COLUMNS)}


class RunsModel(QAbstractTableModel):
    """Rows of a comparison. `ticked_changed` follows every tick; ids stay through sorting."""

    ticked_changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []
        self.ticked: set[str] = set()
        self._sorted_by = (PLACES["bytes"], Qt.SortOrder.AscendingOrder)

    def show(self, rows: Sequence[Row], ticked: set[str]) -> None:
        """Take over other rows."""
        self.beginResetModel()
        self.ticked = ticked & {row.id for row in rows}
        self.rows = self._ordered(rows)
        self.endResetModel()

    def row_of(self, row_id: str) -> int:
        """The place of a row, -1 when it is not there."""
        return next((place for place, row in enumerate(self.rows) if row.id == row_id), -1)

    def _name(self, row_id: str) -> str:
        place = self.row_of(row_id)
        return self.rows[place].name if place >= 0 else row_id

    def set_ticked(self, row_ids: set[str]) -> None:
        """Tick exactly these rows."""
        self.ticked = row_ids & {row.id for row in self.rows}
        if self.rows:
            last = self.index(len(self.rows) - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [Qt.ItemDataRole.CheckStateRole])
        self.ticked_changed.emit()

    def toggle(self, place: int) -> None:
        """Put a row in the chart or take it out."""
        self.set_ticked(self.ticked ^ {self.rows[place].id})

    def tick_all(self) -> None:
        """Tick every row, or none when all are ticked."""
        every = {row.id for row in self.rows}
        self.set_ticked(set() if self.ticked == every else every)

    # --- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(COLUMNS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self.rows[index.row()], COLUMNS[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.words(row)
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.CheckStateRole and column.key == "ticked":
            ticked = row.id in self.ticked
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tip(row, column, self._name)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            if column.key == "ticked":
                return "in the chart" if row.id in self.ticked else "not in the chart"
            return f"{column.head} {column.words(row)}"
        return None

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.CheckStateRole or not index.isValid():
            return False
        self.toggle(index.row())
        return True

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        if index.isValid() and COLUMNS[index.column()].key == "ticked":
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        column = COLUMNS[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.head
        if role == Qt.ItemDataRole.ToolTipRole:
            return f"<qt>{column.tip}</qt>" if column.tip else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not COLUMNS[column].head:
            return
        self.layoutAboutToBeChanged.emit()
        self._sorted_by = (column, order)
        kept = [(old, self.rows[old.row()].id) for old in self.persistentIndexList()]
        self.rows = self._ordered(self.rows)
        for old, row_id in kept:
            self.changePersistentIndex(old, self.index(self.row_of(row_id), old.column()))
        self.layoutChanged.emit()

    @property
    def sorted_by(self) -> tuple[int, Qt.SortOrder]:
        """The column and direction of the present order."""
        return self._sorted_by

    def _ordered(self, rows: Sequence[Row]) -> list[Row]:
        """Teachers first, then by the chosen column; unknown values last in both directions.

        A baseline stands below its run.
        """
        key = COLUMNS[self._sorted_by[0]].order
        known = [row for row in rows if not row.is_teacher and key(row) is not None]
        known.sort(key=key, reverse=self._sorted_by[1] == Qt.SortOrder.DescendingOrder)
        unknown = [row for row in rows if not row.is_teacher and key(row) is None]
        ordered = [row for row in rows if row.is_teacher] + known + unknown
        below = {row.baseline_of: row for row in ordered if row.baseline_of}
        found = []
        for row in ordered:
            if not row.baseline_of:
                found += [row, *([below[row.id]] if row.id in below else [])]
        return found


def _tip(row: Row, column: Column, named: Callable[[str], str]) -> str | None:
    """A tooltip, escaped: the p value, why a value is unknown, or the full name."""
    words = ""
    if column.key == "against" and row.p is not None:
        words = f"{wording.p_value(row.p)} by the McNemar test, for this one comparison."
    elif column.key == "against" and row.verdict == "not comparable":
        words = "Measured on other examples than most runs here, so nothing can be said."
    elif column.key in ("name", "method"):
        words = " ".join(
            one for one in (f"{row.name}, {_method_words(row)}.", gain_tip(row, named)) if one
        )
    elif column.words(row) == wording.UNKNOWN and not row.is_teacher:
        words = "Nothing was removed." if column.key == "removed" else "Not measured for this run."
    return f"<qt>{html.escape(words)}</qt>" if words else None
