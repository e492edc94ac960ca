"""Runs that differ in their seed only, taken together: mean and standard deviation."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

import numpy as np

from engine.figures import examples_of, milliseconds, number

if TYPE_CHECKING:
    from engine.records import RunRecord

SHORTEST_NAME = 3


@dataclass(frozen=True)
class SeedGroup:
    """Runs that differ in their seed only: mean and standard deviation of what they reached."""

    ids: tuple[str, ...]
    name: str
    seeds: tuple[int, ...]
    accuracy: float
    spread: float
    latency: float | None
    bytes: float | None


def seed_groups(records: Sequence[RunRecord]) -> list[SeedGroup]:
    """Runs that differ in seed and name only, two seeds or more, measured on the same examples.

    `spread` is the standard deviation of the accuracy over the seeds (n - 1). A seed that was
    run twice counts once.
    """
    groups: dict[str, dict[int, RunRecord]] = {}
    for record in records:
        spec = {key: value for key, value in record.spec.items() if key not in ("seed", "name")}
        if record.spec and number(record.result.get("accuracy")) is not None:
            key = json.dumps([spec, examples_of(record)], sort_keys=True, default=str)
            groups.setdefault(key, {}).setdefault(record.seed, record)
    return [_group(list(group.values())) for group in groups.values() if len(group) > 1]


def _group(runs: Sequence[RunRecord]) -> SeedGroup:
    reached = [float(run.result["accuracy"]) for run in runs]
    times = [milliseconds(run.result) for run in runs]
    sizes = [number(run.result.get("bytes")) for run in runs]
    return SeedGroup(
        tuple(run.id for run in runs), common_name([run.name for run in runs]),
        tuple(run.seed for run in runs), float(np.mean(reached)),
        float(np.std(reached, ddof=1)), _mean(times), _mean(sizes),
    )  # fmt: skip


def common_name(names: Sequence[str]) -> str:
    """What the names begin with, without the word "seed"; the first where they share nothing."""
    same = takewhile(lambda at: len(set(at)) == 1, zip(*names, strict=False))
    common = "".join(at[0] for at in same).rstrip(" -_,(#=:0123456789")
    common = common.removesuffix("seed").rstrip(" -_,(#=:")
    return common if len(common) >= SHORTEST_NAME else names[0]


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
