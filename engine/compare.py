"""Compare finished runs: one row each, honest verdicts, and what it comes to in plain words."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np

from engine import stats
from engine.baselines import Gain, GroupGain, find_gains, group_gains
from engine.disagreements import Disagreement, disagreements
from engine.figures import block, examples_of, milliseconds, number
from engine.remarks import Remark, Row, Verdict, footnote, remarks
from engine.seeds import SeedGroup, seed_groups

if TYPE_CHECKING:
    from engine.history import History
    from engine.records import Answers, RunRecord

CLEAR = 0.05
__all__ = [
    "Comparison", "Disagreement", "Gain", "GroupGain", "Remark", "Row", "SeedGroup", "Verdict", "compare",
    "disagreements", "paired_p", "pareto", "remarks", "seed_groups", "settings_diff",
    "teacher_row_id", "verdict",
]  # fmt: skip


@dataclass(frozen=True)
class Comparison:
    """Rows (teachers first, then the runs as given), and what follows from them.

    `pairs` holds McNemar's p for each pair of run ids with answers on the same examples, `gains`
    each run beside its no-teacher baseline, `seeds` the runs that differ in their seed only.
    """

    rows: tuple[Row, ...]
    remarks: tuple[Remark, ...]
    footnote: str
    pairs: dict[tuple[str, str], float]
    settings: tuple[tuple[str, tuple[Any, ...]], ...]
    gains: tuple[Gain, ...] = ()
    seeds: tuple[SeedGroup, ...] = ()

    @property
    def group_gains(self) -> tuple[GroupGain, ...]:
        """Seed groups beside those of their baselines."""
        return group_gains(self.gains, self.seeds)

    def said(self, shown: Collection[str]) -> list[Remark]:
        """What it comes to in plain words, of these rows only."""
        seeds = [one for one in self.seeds if set(one.ids) <= set(shown)]
        gains = [one for one in self.gains if {one.taught, one.alone} <= set(shown)]
        rows = [row for row in self.rows if row.id in set(shown)]
        return remarks(rows, gains, seeds, self.pairs)

    def pareto(self, across: str = "bytes") -> list[str]:
        """Ids, cheapest first, that no other row beats in accuracy and `across`."""
        return pareto(self.rows, across)


def compare(
    records: Sequence[RunRecord],
    history: History | None = None,
    latencies: Mapping[str, float] | None = None,
) -> Comparison:
    """Compare finished runs (with their details); `history` gives the answers for pair tests.

    Runs on other examples than most are marked "not comparable" and take no part in verdicts.
    `latencies` are medians in ms by row id, measured together; without them each run keeps the
    latency, and the speed-up, that it measured in turns with its own teacher.
    """
    ours = _common_examples(records)
    rows = [*_teachers(records, ours), *(_run_row(record, ours) for record in records)]
    if latencies:
        rows = _retimed(rows, records, latencies)
    chosen = [record for record in records if ours is not None and examples_of(record) == ours]
    pairs = _pairs(chosen, history) if history else {}
    gains, seeds = find_gains(chosen, pairs), seed_groups(chosen)
    rows = with_gains(rows, gains)
    return Comparison(
        tuple(rows), tuple(remarks(rows, gains, seeds, pairs)), footnote(rows), pairs,
        tuple(settings_diff([r.spec for r in records])), gains, tuple(seeds),
    )  # fmt: skip


def with_gains(rows: Sequence[Row], gains: Sequence[Gain]) -> list[Row]:
    """Rows that know their baseline, or of which run they are the baseline."""
    found = {row.id: row for row in rows}
    for gain in gains:
        if gain.taught in found and gain.alone in found:
            found[gain.taught] = replace(
                found[gain.taught], baseline=gain.alone, gain=gain.difference, gain_p=gain.p
            )
            found[gain.alone] = replace(found[gain.alone], baseline_of=gain.taught)
    return [found[row.id] for row in rows]


def _retimed(
    rows: Sequence[Row], records: Sequence[RunRecord], latencies: Mapping[str, float]
) -> list[Row]:
    """Rows with latencies that were measured together, and the speed-ups these give."""
    teachers = {record.id: teacher_row_id(record) for record in records}
    return [
        replace(
            row,
            latency=latencies.get(row.id, row.latency),
            slowest=None,
            faster=_ratio(latencies.get(teachers.get(row.id, "")), latencies.get(row.id))
            or row.faster,
        )
        for row in rows
    ]


def _common_examples(records: Sequence[RunRecord]) -> tuple[str, str] | None:
    """The examples most runs share; the first of equals."""
    found = [key for key in map(examples_of, records) if key]
    return max(dict.fromkeys(found), key=found.count, default=None)


def _teachers(records: Sequence[RunRecord], ours: tuple[str, str] | None) -> list[Row]:
    """One reference row per teacher on the common examples."""
    found: dict[str, Row] = {}
    for record in records:
        if ours is None or examples_of(record) != ours or not record.teacher:
            continue
        teacher = record.teacher
        key = _teacher_key(record)
        name = str(teacher.get("title") or teacher.get("name") or "Teacher")
        found.setdefault(
            key,
            Row(
                id=teacher_row_id(record), name=name, method="teacher", family="teacher",
                verdict="reference", examples=number(record.result.get("examples")),
                split=ours[1], **{**_measured(teacher), "sparsity": None},
            ),
        )  # fmt: skip
    return list(found.values())


def teacher_row_id(record: RunRecord) -> str:
    """The id of the row of a run's teacher."""
    return f"teacher:{_teacher_key(record)}"


def _teacher_key(record: RunRecord) -> str:
    """Which teacher: its file's fingerprint, or the words that name it in the spec."""
    named = json.dumps(record.spec.get("teacher", {}), sort_keys=True)
    return str(record.teacher.get("fingerprint") or named)


def _run_row(record: RunRecord, ours: tuple[str, str] | None) -> Row:
    result, teacher = record.result, record.teacher
    p = number(block(result, "mcnemar").get("p"))
    measured = _measured(result)
    mine, theirs = measured["accuracy"], number(teacher.get("accuracy"))
    known = mine is not None and theirs is not None
    comparable = ours is not None and examples_of(record) == ours
    difference = mine - theirs if known and comparable else None
    return Row(
        id=record.id, name=record.name, method=record.method, family=record.family,
        verdict=verdict(difference, p) if comparable else "not comparable",
        difference=difference, p=p if comparable else None,
        smaller=_ratio(number(teacher.get("bytes")), measured["bytes"]),
        faster=_ratio(milliseconds(teacher), measured["latency"]),
        slowest=_ratio(milliseconds(teacher), milliseconds(result, "p95")),
        work=_ratio(number(teacher.get("macs")), measured["macs"]),
        agreement=number(result.get("agreement")), examples=number(result.get("examples")),
        split=str(result.get("split", "")), **measured,
    )  # fmt: skip


def verdict(difference: float | None, p: float | None) -> Verdict:
    """What chance leaves of a difference to the teacher: a clear loss or gain has p below 0.05."""
    if difference is None or p is None:
        return "unknown"
    if p >= CLEAR:
        return "no clear loss"
    return "clear loss" if difference < 0 else "clear gain"


def _measured(block: Mapping[str, Any]) -> dict[str, Any]:
    """The entries that a run's result and a teacher's block have in common."""
    names = {
        "accuracy": "accuracy", "low": "accuracy_low", "high": "accuracy_high", "bytes": "bytes",
        "nominal_bytes": "bytes_nominal", "sparsity": "sparsity", "bits": "mean_bits",
        "parameters": "parameters", "macs": "macs", "macro_f1": "macro_f1",
    }  # fmt: skip
    found = {ours: number(block.get(theirs)) for ours, theirs in names.items()}
    return {**found, "latency": milliseconds(block)}


def _ratio(teacher: float | None, student: float | None) -> float | None:
    return teacher / student if teacher and student else None


def pareto(rows: Iterable[Row], across: str = "bytes") -> list[str]:
    """Ids, cheapest first, of comparable rows that no other beats in accuracy and `across`."""
    able = [
        row
        for row in rows
        if row.verdict != "not comparable"
        and row.accuracy is not None
        and getattr(row, across) is not None
    ]
    costs = [getattr(row, across) for row in able]
    return [able[i].id for i in stats.pareto(costs, [row.accuracy or 0.0 for row in able])]


def _pairs(records: Sequence[RunRecord], history: History) -> dict[tuple[str, str], float]:
    """McNemar's p for every two runs whose answers are stored."""
    answers: dict[str, Answers] = {}
    for record in records:
        found = history.predictions(record.id, str(record.result["split"])).get("student")
        if found is not None:
            answers[record.id] = found
    return {
        (a, b): paired_p(answers[a], answers[b])
        for a, b in combinations(answers, 2)
        if answers[a].fingerprint == answers[b].fingerprint
    }


def paired_p(one: Answers, other: Answers) -> float:
    """McNemar's exact p for two models' answers on the same examples."""
    a, b = one.predicted == one.labels, other.predicted == other.labels
    return stats.mcnemar_exact(int(np.sum(a & ~b)), int(np.sum(b & ~a)))


def settings_diff(specs: Sequence[Mapping[str, Any]]) -> list[tuple[str, tuple[Any, ...]]]:
    """Settings in which the specs differ: (dotted key, value per spec), names left out.

    None stands for a setting a spec does not have.
    """
    flat = [_flatten(_today(spec)) for spec in specs]
    keys = dict.fromkeys(key for one in flat for key in one if key != "name")
    rows = [(key, tuple(one.get(key) for one in flat)) for key in keys]
    return [(key, values) for key, values in rows if any(value != values[0] for value in values)]


def _today(spec: Mapping[str, Any]) -> Mapping[str, Any]:
    """A spec with what an older Thimble did not write down: the text was that of the data."""
    return {**spec, "text": spec.get("text") or {"source": "data"}} if spec else spec


def _flatten(block: Mapping[str, Any], before: str = "") -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for key, value in block.items():
        inner = isinstance(value, Mapping)
        flat |= _flatten(value, f"{before}{key}.") if inner else {f"{before}{key}": value}
    return flat
