"""What the teacher gave: each run beside the same student that was trained without a teacher."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.errors import BadInput
from engine.figures import examples_of, number
from engine.pairing import without_teacher
from engine.seeds import SeedGroup
from engine.spec import RunSpec, make_spec

if TYPE_CHECKING:
    from engine.records import RunRecord

CLEAR = 0.05


@dataclass(frozen=True)
class Gain:
    """A run (`taught`) beside its baseline (`alone`), by id; `with_` and `without` are accuracies.

    `p` is McNemar's of the two on the same sentences, None where answers are not stored.
    """

    taught: str
    alone: str
    with_: float
    without: float
    p: float | None

    @property
    def difference(self) -> float:
        """What the teacher gave, as a share."""
        return self.with_ - self.without

    @property
    def clear(self) -> bool:
        """Whether chance does not explain the difference."""
        return self.p is not None and self.p < CLEAR


@dataclass(frozen=True)
class GroupGain:
    """Several seeds of a run beside the same seeds of its baseline."""

    taught: SeedGroup
    alone: SeedGroup
    gains: tuple[Gain, ...]


def find_pairs(specs: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """The id of each run's baseline, where it is among these specs by id; the first of equals."""
    read = {one: found for one, spec in specs.items() if (found := _read(spec)) is not None}
    places: dict[str, str] = {}
    for one, spec in read.items():
        places.setdefault(_key(spec), one)
    pairs = {}
    for one, spec in read.items():
        try:
            alone = places.get(_key(without_teacher(spec)))
        except BadInput:  # nothing to leave out
            continue
        if alone is not None and alone != one:
            pairs[one] = alone
    return pairs


def find_gains(
    records: Sequence[RunRecord], p_values: Mapping[tuple[str, str], float]
) -> tuple[Gain, ...]:
    """The pairs among these runs that were measured on the same examples."""
    by_id = {one.id: one for one in records}
    found = []
    for taught, alone in find_pairs({one.id: one.spec for one in records}).items():
        a, b = by_id[taught], by_id[alone]
        mine, other = (number(one.result.get("accuracy")) for one in (a, b))
        if mine is None or other is None or examples_of(a) != examples_of(b):
            continue
        p = p_values.get((taught, alone), p_values.get((alone, taught)))
        found.append(Gain(taught, alone, float(mine), float(other), p))
    return tuple(found)


def group_gains(gains: Sequence[Gain], groups: Sequence[SeedGroup]) -> tuple[GroupGain, ...]:
    """Pairs of seed groups; each seed stands beside its own baseline."""
    of = {one: group for group in groups for one in group.ids}
    found = []
    for group in groups:
        ours = [one for one in gains if one.taught in group.ids and one.alone in of]
        if len(ours) == len(group.ids) and len({of[one.alone] for one in ours}) == 1:
            found.append(GroupGain(group, of[ours[0].alone], tuple(ours)))
    return tuple(found)


def _read(spec: Mapping[str, Any]) -> RunSpec | None:
    try:
        return make_spec(dict(spec))
    except BadInput:  # made by another version of Thimble
        return None


def _key(spec: RunSpec) -> str:
    """The spec as text, whatever its name."""
    return json.dumps(spec.model_dump(mode="json") | {"name": ""}, sort_keys=True, default=str)
