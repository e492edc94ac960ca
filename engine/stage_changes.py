"""Where in a run's steps one stage gave way to the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from engine.history import History

METRIC = "stage"  # the points of this name say at which step which stage began


def stage_changes(
    steps: Sequence[int], places: Sequence[float], titles: Mapping[int, str]
) -> list[tuple[int, str]]:
    """(step, title) of each later stage; a stage that was resumed began once.

    `steps` and `places` say at which step the stage of which place began, by rising step. Of
    several stages that begin at one step, the last is the one that has points.
    """
    found: dict[int, str] = {}
    before = places[0] if len(places) else None
    for step, place in zip(steps, places, strict=True):
        if place != before and step > 0 and int(place) in titles:
            found[int(step)] = titles[int(place)]
        before = place
    return list(found.items())


def changes_of(history: History, run_id: str) -> list[tuple[int, str]]:
    """The changes of stage that a history knows of a run."""
    steps, places = history.series(run_id, METRIC)
    titles = {stage.index: stage.title for stage in history.stages(run_id)}
    return stage_changes(steps.tolist(), places.tolist(), titles)


def parts_of(steps: np.ndarray, bounds: np.ndarray) -> np.ndarray:
    """In which stage each step lies, int64 [steps]: the last step of a stage still belongs to it."""
    return np.searchsorted(bounds, steps, side="left")
