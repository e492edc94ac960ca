"""The examples on which two models differ, or are both wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from engine.history import History
    from engine.records import Answers, RunRecord


@dataclass(frozen=True)
class Disagreement:
    """One example on which two models answer differently or are both wrong.

    Classes are ids in the data's order; `kind` says who is right.
    """

    text: tuple[str, ...]
    label: int
    other: int
    other_probability: float
    student: int
    student_probability: float
    kind: Literal["only the other right", "only this right", "both wrong"]


def disagreements(
    record: RunRecord, history: History, against: RunRecord | None = None
) -> list[Disagreement]:
    """Examples on which a run and its teacher (or the run `against`) differ or are both wrong.

    Lost answers come first, then gained ones, then those both got wrong, each kind with the
    surest wrong answer first. Empty when the answers or the sentences are not stored, or stand
    on other examples.
    """
    split = str(record.result.get("split", "test"))
    stored = history.predictions(record.id, split)
    student = stored.get("student")
    other = (
        history.predictions(against.id, split).get("student") if against else stored.get("teacher")
    )
    if student is None or other is None or student.fingerprint != other.fingerprint:
        return []
    texts = history.examples(student.fingerprint).texts
    found = [
        _row_of(tuple(column[i] for column in texts), i, other, student)
        for i in range(len(student.labels))
        if student.predicted[i] != student.labels[i] or other.predicted[i] != student.labels[i]
    ]
    kinds = ("only the other right", "only this right", "both wrong")
    return sorted(found, key=lambda row: (kinds.index(row.kind), -_wrong_probability(row)))


def _row_of(text: tuple[str, ...], i: int, other: Answers, student: Answers) -> Disagreement:
    label, theirs, ours = int(student.labels[i]), int(other.predicted[i]), int(student.predicted[i])
    kind: Any = "both wrong"
    if theirs == label:
        kind = "only the other right"
    elif ours == label:
        kind = "only this right"
    return Disagreement(
        text, label, theirs, float(other.probabilities[i, theirs]), ours,
        float(student.probabilities[i, ours]), kind,
    )  # fmt: skip


def _wrong_probability(row: Disagreement) -> float:
    only_this = row.kind == "only this right"
    return row.other_probability if only_this else row.student_probability
