"""The answers of the models side by side: a model of rows, teachers first, differing ones marked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt

from app.asking import Answer, Candidate
from app.widgets.label import cut
from app.widgets.probabilities import in_words
from engine import wording
from engine.method import methods

RowRole = Qt.ItemDataRole.UserRole
HEADS = ("Model", "Answer", "How sure (probability)", "Latency", "Size")
WAITING = "…"
_Index = QModelIndex | QPersistentModelIndex
_SAME_SPEED = (0.95, 1.05)


@dataclass(frozen=True, eq=False)
class AnswerRow:
    """One model with what it said so far, and its teacher's answer where that is known."""

    candidate: Candidate
    answer: Answer | None = None
    teacher: Answer | None = None

    @property
    def differs(self) -> bool:
        """Whether it answers otherwise than its teacher."""
        said, theirs = self.answer, self.teacher
        return bool(said and theirs and said.label and theirs.label and said.label != theirs.label)

    @property
    def method(self) -> str:
        """The method in plain words."""
        if self.candidate.is_teacher:
            return "Teacher"
        known = methods().get(self.candidate.method)
        return known.title if known else self.candidate.method

    @property
    def verdict(self) -> str:
        """How the answer stands to the teacher's."""
        if self.candidate.is_teacher:
            return "the reference"
        if not (self.answer and self.answer.label and self.teacher and self.teacher.label):
            return ""
        return "differs from teacher" if self.differs else "same as teacher"

    @property
    def faster(self) -> str:
        """Against the teacher's time on this very sentence."""
        ours = self.answer.latency if self.answer else None
        theirs = self.teacher.latency if self.teacher else None
        if not ours or not theirs or self.candidate.is_teacher:
            return ""
        ratio = theirs / ours
        if _SAME_SPEED[0] <= ratio <= _SAME_SPEED[1]:
            return "same speed"
        return (
            f"{wording.ratio(ratio)} faster" if ratio > 1 else f"{wording.ratio(1 / ratio)} slower"
        )

    def smaller(self, teacher: Candidate | None) -> str:
        """Against the teacher's file."""
        ours, theirs = self.candidate.bytes, teacher.bytes if teacher else None
        if not ours or not theirs or self.candidate.is_teacher:
            return ""
        return f"{wording.ratio(theirs / ours)} smaller"


class AnswersModel(QAbstractTableModel):
    """One row per asked model; answers arrive one by one."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[AnswerRow] = []
        self.teachers: dict[str, Candidate] = {}
        self.differing_first = False

    def begin(self, candidates: Sequence[Candidate], known: Sequence[Candidate]) -> None:
        """Start a question; `known` names every teacher, asked or not."""
        self.beginResetModel()
        self.teachers = {one.id: one for one in known if one.is_teacher}
        self.rows = [AnswerRow(one) for one in candidates]
        self.endResetModel()

    def take(self, answer: Answer) -> None:
        """Put an answer in its row, and in the rows of its students."""
        for place, row in enumerate(self.rows):
            if row.candidate.id == answer.id:
                teacher = answer if row.candidate.is_teacher else row.teacher
                self.rows[place] = replace(row, answer=answer, teacher=teacher)
            elif row.candidate.teacher == answer.id:
                self.rows[place] = replace(row, teacher=answer)
        self._changed()

    def set_differing_first(self, on: bool) -> None:
        """Bring the rows that differ to the top, below the teachers."""
        self.differing_first = on
        self._sort()

    def finish(self) -> None:
        """All answers are here: bring the rows in their order."""
        self._sort()

    def counts(self) -> tuple[int, int]:
        """How many compressed models differ from their teacher, of how many that can be told."""
        told = [row for row in self.rows if row.verdict and not row.candidate.is_teacher]
        return sum(row.differs for row in told), len(told)

    def table(self, texts: Sequence[str]) -> tuple[list[str], list[list[Any]]]:
        """For CSV: one row per model, one column per class, plain figures."""
        labels = list(dict.fromkeys(
            label for row in self.rows if row.answer for label in row.answer.labels
        ))  # fmt: skip
        sentences = [f"sentence {i + 1}" if i else "sentence" for i in range(len(texts))]
        heads = [
            *sentences, "model", "method", "answer", "against teacher", "latency (ms)",
            "size (bytes)", "why no answer", *(f"probability of {one}" for one in labels),
        ]  # fmt: skip
        rows = []
        for row in self.rows:
            said = row.answer or Answer(row.candidate.id)
            shares = {} if said.probabilities is None else dict(
                zip(said.labels, map(float, said.probabilities), strict=True)
            )  # fmt: skip
            rows.append([
                *texts, row.candidate.name, row.method, said.label, row.verdict, said.latency,
                row.candidate.bytes, said.error, *(shares.get(one) for one in labels),
            ])  # fmt: skip
        return heads, rows

    # --- what Qt asks -------------------------------------------------------------------------

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(HEADS)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == RowRole:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return self._words(row, index.column())
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{HEADS[index.column()]}: {self._words(row, index.column())}"
        return None

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            right = section >= 3
            side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def teacher_of(self, row: AnswerRow) -> Candidate | None:
        """The teacher a row is compared with."""
        return self.teachers.get(row.candidate.teacher)

    def _words(self, row: AnswerRow, column: int) -> str:
        said = row.answer
        if column == 0:
            return f"{cut(row.candidate.name, 200)}, {row.method}"
        if column == 4:
            return _both(wording.size(row.candidate.bytes), row.smaller(self.teacher_of(row)))
        if said is None:
            return WAITING
        if said.error:
            return cut(said.error, 500) if column == 1 else ""
        if column == 1:
            return _both(cut(said.label, 200), row.verdict)
        if column == 2:
            return (
                in_words(said.labels, said.probabilities) if said.probabilities is not None else ""
            )
        return _both(wording.latency(said.latency), row.faster) if said.latency else WAITING

    def _changed(self) -> None:
        if self.rows:
            last = self.index(len(self.rows) - 1, len(HEADS) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def _sort(self) -> None:
        """Teachers first; then as asked, or those that differ before the others."""
        self.layoutAboutToBeChanged.emit()
        first = self.differing_first
        self.rows.sort(key=lambda row: (not row.candidate.is_teacher, first != row.differs))
        self.layoutChanged.emit()


def _both(figure: str, more: str) -> str:
    return f"{figure}, {more}" if more else figure
