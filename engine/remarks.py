"""Say in plain words what a comparison comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from engine import wording
from engine.baselines import Gain, GroupGain, group_gains
from engine.seeds import SeedGroup

Verdict = Literal[
    "reference", "clear loss", "no clear loss", "clear gain", "not comparable", "unknown"
]
SAME_SPEED = (0.95, 1.05)
_FULL_BITS = 31
_CLEAR = 0.05
_MOST_BEATEN = 2


@dataclass(frozen=True)
class Row:
    """One model in the comparison; shares are 0 to 1, latency the median in ms.

    `difference` is accuracy minus the teacher's, `p` McNemar's against the teacher. None is
    unknown. A teacher's row has the id "teacher:" and its fingerprint, and no smaller or faster.
    `slowest` is the speed-up in the slowest 5 of 100 repeats, `work` the teacher's multiplications
    divided by this model's. `baseline` is the id of the same student without a teacher,
    `baseline_of` the other way round, `gain` what the teacher gave and `gain_p` its p.
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
    slowest: float | None = None
    work: float | None = None
    baseline: str = ""
    baseline_of: str = ""
    gain: float | None = None
    gain_p: float | None = None

    @property
    def is_teacher(self) -> bool:
        """Whether this row is a reference the runs are compared with."""
        return self.verdict == "reference"

    @property
    def same_work(self) -> bool:
        """As many multiplications as the teacher, with numbers of the same kind."""
        full = self.bits is None or self.bits >= _FULL_BITS
        return full and self.work is not None and SAME_SPEED[0] <= self.work <= SAME_SPEED[1]

    @property
    def clearly_faster(self) -> bool:
        """Faster than the teacher by more than the chance of measuring."""
        if self.faster is None or self.same_work:
            return False
        return self.faster > SAME_SPEED[1] and (self.slowest is None or self.slowest > 1)


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


def remarks(
    rows: Sequence[Row],
    gains: Sequence[Gain] = (),
    seeds: Sequence[SeedGroup] = (),
    pairs: Mapping[tuple[str, str], float] | None = None,
) -> list[Remark]:
    """What a person should take away: smallest and fastest without clear loss, what the teacher
    gave, how much the seed matters, and who is beaten. `pairs` are p values of two runs.
    """
    runs = [row for row in rows if not row.is_teacher and row.verdict != "not comparable"]
    kept = [row for row in runs if row.verdict in ("no clear loss", "clear gain")]
    smaller = [row for row in kept if row.smaller and row.smaller > 1 and row.bytes]
    faster = [row for row in kept if row.clearly_faster and row.latency]
    found = []
    if smaller:
        found.append(_smallest(min(smaller, key=lambda row: (row.bytes or 0, row.baseline_of))))
    if faster:
        found.append(_fastest(min(faster, key=lambda row: row.latency or 0)))
    if runs and not smaller and not faster:
        found.append(_nothing_kept(any(row.verdict == "clear loss" for row in runs)))
    return [*found, *_taught(rows, gains, seeds), *_beaten(runs, pairs or {})]


def _taught(rows: Sequence[Row], gains: Sequence[Gain], seeds: Sequence[SeedGroup]) -> list[Remark]:
    """What teachers gave, several seeds in one; then the seed groups that have no baseline."""
    together = group_gains(gains, seeds)
    grouped = {one for pair in together for one in (*pair.taught.ids, *pair.alone.ids)}
    names = {row.id: row.name for row in rows}
    found = [_group_gain(one) for one in together]
    found += [_gain(one, names[one.taught]) for one in gains if one.taught not in grouped]
    return found + [_seeds(one) for one in seeds if not set(one.ids) & grouped]


def _gain(gain: Gain, name: str) -> Remark:
    parts = ((name, True), (f": {gain_words(gain)}.", False))
    return Remark(_gain_icon(gain.clear, gain.difference), "What the teacher gave", parts)


def gain_words(gain: Gain) -> str:
    """ "with teacher 82.4 %, without 80.1 %: +2.3 points (p = 0.01)"."""
    tail = "not tested" if gain.p is None else wording.p_value(gain.p)
    if gain.p is not None and not gain.clear:
        tail += ", chance explains it"
    return (
        f"with teacher {wording.percent(gain.with_)}, without {wording.percent(gain.without)}: "
        f"{wording.points(gain.difference)} points ({tail})"
    )


def _group_gain(pair: GroupGain) -> Remark:
    clear = sum(one.clear and one.difference > 0 for one in pair.gains)
    difference = pair.taught.accuracy - pair.alone.accuracy
    parts = ((pair.taught.name, True), (f": {group_gain_words(pair)}.", False))
    return Remark(
        _gain_icon(clear * 2 > len(pair.gains), difference), "What the teacher gave", parts
    )


def group_gain_words(pair: GroupGain) -> str:
    """Mean and standard deviation of both sides, and in how many seeds the test is clear."""
    count = len(pair.gains)
    clear = sum(one.clear and one.difference > 0 for one in pair.gains)
    difference = wording.points(pair.taught.accuracy - pair.alone.accuracy)
    return (
        f"with teacher {spread_words(pair.taught)}, without {spread_words(pair.alone)} over "
        f"{count} seeds each: {difference} points, a clear gain in {clear} of {count}"
    )


def spread_words(group: SeedGroup) -> str:
    """ "82.4 ± 0.5 %"."""
    return f"{100 * group.accuracy:.1f} ± {wording.percent(group.spread)}"


def _seeds(group: SeedGroup) -> Remark:
    said = f" answers {spread_words(group)} rightly: mean and standard deviation."
    return Remark("same", f"Over {len(group.seeds)} seeds", ((group.name, True), (said, False)))


def _gain_icon(clear: bool, difference: float) -> str:
    if not clear:
        return "same"
    return "chevron-up" if difference > 0 else "lower"


def _smallest(row: Row) -> Remark:
    parts = (
        (row.name, True),
        (f" is {wording.ratio(row.smaller)} smaller than the teacher", False),
    )
    return Remark("layers", "Smallest with no clear loss", (*parts, (_speed(row), False)))


def _speed(row: Row) -> str:
    faster = row.faster
    if row.same_work:
        return f". {no_faster(row)}."
    if faster is None:
        return "."
    if SAME_SPEED[0] <= faster <= SAME_SPEED[1]:
        return ", at the same speed."
    if faster > 1 and not row.clearly_faster:
        return ", and not clearly faster."
    if faster < 1:
        return f", but {wording.ratio(1 / faster)} slower."
    return f" and answers {wording.ratio(faster)} faster."


def no_faster(row: Row) -> str:
    """What sharing gives: a smaller file, the same work, with the measured times."""
    size = "Smaller file, same work" if (row.smaller or 0) > SAME_SPEED[1] else "Same work"
    if row.latency is None or row.faster is None:
        return f"{size}: no faster"
    own, teacher = wording.latency(row.latency), wording.latency(row.latency * row.faster)
    if row.faster > SAME_SPEED[1]:  # a shared layer may stay in the processor's cache
        return f"{size}, yet measured at {own}, teacher {teacher}"
    return f"{size}: no faster ({own}, teacher {teacher})"


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


def _beaten(runs: Sequence[Row], pairs: Mapping[tuple[str, str], float]) -> list[Remark]:
    """Runs that another run beats in both size and accuracy, the largest loss first.

    A run that was only made to be compared with is not blamed for it.
    """
    found = []
    for row in runs:
        better = [one for one in runs if _beats(one, row)]
        if better and not row.baseline_of:
            best = max(better, key=lambda one: one.accuracy or 0)
            found.append(((best.accuracy or 0) - (row.accuracy or 0), row, best))
    found.sort(key=lambda one: -one[0])
    return [_worse(row, best, pairs) for _, row, best in found[:_MOST_BEATEN]]


def _worse(row: Row, best: Row, pairs: Mapping[tuple[str, str], float]) -> Remark:
    """A difference that chance explains is no lead."""
    p = pairs.get((row.id, best.id), pairs.get((best.id, row.id)))
    if p is not None and p >= _CLEAR:
        said = f" is larger than {best.name} and not clearly more accurate ({wording.p_value(p)})."
        return Remark("same", "Larger, not clearly better", ((row.name, True), (said, False)))
    said = f" is larger and less accurate than {best.name}."
    return Remark("lower", "Beaten on both counts", ((row.name, True), (said, False)))


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
