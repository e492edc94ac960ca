"""The examples on which a run and its teacher, or another run, differ or are both wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.theme import theme
from app.widgets.label import cut
from engine import wording

if TYPE_CHECKING:
    from engine.disagreements import Disagreement

_Index = QModelIndex | QPersistentModelIndex
KINDS = ("only the other right", "only this right", "both wrong")
HEADS = ("Sentence", "Right answer", "", "")
LONGEST = 400  # characters of a sentence in the table; the pane below shows more


def both_wrong_differently(row: Disagreement) -> bool:
    """Whether both are wrong, each in its own way."""
    return row.kind == "both wrong" and row.other != row.student


class DisagreementModel(QAbstractTableModel):
    """Rows of one kind and, if chosen, one right answer; class ids are shown by their names."""

    def __init__(self) -> None:
        super().__init__()
        self.every: list[Disagreement] = []
        self.rows: list[Disagreement] = []
        self.labels: list[str] = []
        self.this, self.other = "Run", "Teacher"
        self._kind: str = KINDS[0]
        self._label: int | None = None

    def show(
        self, rows: Sequence[Disagreement], labels: Sequence[str], this: str, other: str
    ) -> None:
        """Take over the disagreements of another pair."""
        self.every = [r for r in rows if r.kind != "both wrong" or both_wrong_differently(r)]
        self.labels, self.this, self.other = list(labels), this, other
        self.choose(self._kind, self._label)

    def choose(self, kind: str, label: int | None) -> None:
        """Keep one kind of row, and one right answer unless `label` is None."""
        self.beginResetModel()
        self._kind, self._label = kind, label
        fits = [r for r in self.every if r.kind == kind]
        self.rows = [r for r in fits if label is None or r.label == label]
        self.endResetModel()

    def count(self, kind: str) -> int:
        """How many rows of a kind there are with the chosen right answer."""
        fits = (r for r in self.every if r.kind == kind)
        return sum(1 for r in fits if self._label is None or r.label == self._label)

    def label_of(self, class_id: int) -> str:
        """A class by its name, or its number where the name is not known."""
        known = 0 <= class_id < len(self.labels)
        return cut(self.labels[class_id], 80) if known else f"class {class_id}"

    def answer(self, class_id: int, share: float) -> str:
        """An answer and how sure it was."""
        return f"{self.label_of(class_id)}, {wording.probability(share)}"

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self.rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            if column == 0:
                joined = " / ".join(cut(one, LONGEST) for one in row.text)
                return " ".join(cut(joined, LONGEST).split())
            if column == 1:
                return self.label_of(row.label)
            if column == 2:
                return self.answer(row.other, row.other_probability)
            return self.answer(row.student, row.student_probability)
        if role == Qt.ItemDataRole.ForegroundRole and column in (2, 3):
            right = (row.other if column == 2 else row.student) == row.label
            return theme().colour("good" if right else "warn")
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return cut((HEADS[0], HEADS[1], self.other, self.this)[section], 60)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        return None

    def table(self) -> tuple[list[str], list[list[object]]]:
        """For CSV: every disagreement of this pair, plain figures."""
        heads = [
            "kind", "sentence", "sentence 2", "right answer", f"{self.other} answer",
            f"{self.other} probability", f"{self.this} answer", f"{self.this} probability",
        ]  # fmt: skip
        kinds = {
            KINDS[0]: f"{self.other} right, {self.this} wrong",
            KINDS[1]: f"{self.this} right, {self.other} wrong",
            KINDS[2]: "both wrong, differently",
        }
        rows: list[list[object]] = [
            [
                kinds[r.kind], r.text[0], r.text[1] if len(r.text) > 1 else None,
                self.label_of(r.label), self.label_of(r.other), r.other_probability,
                self.label_of(r.student), r.student_probability,
            ]
            for r in self.every
        ]  # fmt: skip
        return heads, rows
