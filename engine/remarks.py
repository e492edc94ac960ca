"""Say in plain words what a comparison comes to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from engine import wording

Verdict = Literal[
    "reference", "clear loss", "no clear loss", "clear gain", "not comparable", "unknown"
]
_SAME_SPEED = (0.95, 1.05)
_MOST_BEATEN = 2


@dataclass(frozen=True)
class Row:
    """One model in the comparison; shares are 0 to 1, latency the median in ms.

    `difference` is accuracy minus the teacher's, `p` McNemar's against the teacher. None is
    unknown. A teacher's row has the id "teacher:" and its fingerprint, and no smaller or faster.
    """

    id: str
    name: str
    method: str
    family: str
    verdict: Verdict
    accuracy: float | None = None
    low: float | None = None
    high: float | None = None
    difference: float | None = None
    p: float | None = None
    bytes: int | None = None
    nominal_bytes: int | None = None
    smaller: float | None = None
    latency: float | None = None
    faster: float | None = None
    sparsity: float | None = None
    bits: float | None = None
    parameters: int | None = None
    macs: int | None = None
    macro_f1: float | None = None
    agreement: float | None = None
    examples: int | None = None
    split: str = ""

    @property
    def is_teacher(self) -> bool:
        """Whether this row is a reference the runs are compared with."""
        return self.verdict == "reference"


@dataclass(frozen=True)
class Remark:
    """One thing to say: a glyph's name, a heading, and the sentence as (text, bold) parts."""

    icon: str
    heading: str
    parts: tuple[tuple[str, bool], ...]

    @property
    def text(self) -> str:
        """The sentence without emphasis."""
        return "".join(part for part, _ in self.parts)


def remarks(rows: Sequence[Row]) -> list[Remark]:
    """What a person should take away: smallest and fastest without clear loss, and who is beaten."""
    runs = [row for row in rows if not row.is_teacher and row.verdict != "not comparable"]
    kept = [row for row in runs if row.verdict in ("no clear loss", "clear gain")]
    smaller = [row for row in kept if row.smaller and row.smaller > 1 and row.bytes]
    faster = [row for row in kept if row.faster and row.faster > _SAME_SPEED[1] and row.latency]
    found = []
    if smaller:
        found.append(_smallest(min(smaller, key=lambda row: row.bytes or 0)))
    if faster:
        found.append(_fastest(min(faster, key=lambda row: row.latency or 0)))
    if runs and not smaller and not faster:
        found.append(_nothing_kept(any(row.verdict == "clear loss" for row in runs)))
    return found + _beaten(runs)


def _smallest(row: Row) -> Remark:
    parts = (
        (row.name, True),
        (f" is {wording.ratio(row.smaller)} smaller than the teacher", False),
    )
    return Remark("layers", "Smallest with no clear loss", (*parts, (_speed(row.faster), False)))


def _speed(faster: float | None) -> str:
    if faster is None:
        return "."
    if _SAME_SPEED[0] <= faster <= _SAME_SPEED[1]:
        return ", at the same speed."
    if faster < 1:
        return f", but {wording.ratio(1 / faster)} slower."
    return f" and answers {wording.ratio(faster)} faster."


def _fastest(row: Row) -> Remark:
    size = ""
    if row.smaller and row.smaller > 1:
        size = f" and is {wording.ratio(row.smaller)} smaller"
    parts = ((row.name, True), (f" answers {wording.ratio(row.faster)} faster{size}.", False))
    return Remark("nav-runs", "Fastest with no clear loss", parts)


def _nothing_kept(losses: bool) -> Remark:
    text = (
        "Every smaller or faster run here answers clearly worse than its teacher."
        if losses
        else "No run here is both measured against its teacher and smaller or faster."
    )
    return Remark("info", "No run without clear loss", ((text, False),))


def _beaten(runs: Sequence[Row]) -> list[Remark]:
    """Runs that another run beats in both size and accuracy, the largest loss first."""
    found = []
    for row in runs:
        better = [one for one in runs if _beats(one, row)]
        if better:
            best = max(better, key=lambda one: one.accuracy or 0)
            found.append(((best.accuracy or 0) - (row.accuracy or 0), row, best))
    found.sort(key=lambda one: -one[0])
    return [
        Remark(
            "lower", "Beaten on both counts",
            ((row.name, True), (f" is larger and less accurate than {best.name}.", False)),
        )
        for _, row, best in found[:_MOST_BEATEN]
    ]  # fmt: skip


def _beats(one: Row, other: Row) -> bool:
    if None in (one.accuracy, one.bytes, other.accuracy, other.bytes):
        return False
    return one.bytes < other.bytes and one.accuracy > other.accuracy  # type: ignore[operator]


def footnote(rows: Sequence[Row]) -> str:
    """What a clear loss is, on how many sentences."""
    counts = [row.examples for row in rows if row.verdict != "not comparable" and row.examples]
    same = f"same {wording.count(counts[0])} sentences" if counts else "same sentences"
    return (
        f"A clear loss is one that chance does not explain: McNemar test on the {same}, "
        "p below 0.05."
    )
