"""What a stage of training learns from: rows in any pieces, cut into batches."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from torch import nn

from engine.answers import inputs_for
from engine.batches import Batch, Encoded, collate
from engine.job import Job


@dataclass(frozen=True)
class Feed:
    """What a stage learns from: the length of every row, and a batch of rows for a step.

    `batch(rows, seed)` is told a seed that differs from step to step and is the same again when
    a killed run repeats the step: whatever is drawn at random must be drawn with it.
    """

    lengths: np.ndarray
    batch: Callable[[np.ndarray, int], Any]


def labelled(job: Job, encoded: Encoded | None = None, split: str = "train") -> Feed:
    """Feed a split, in the teacher's pieces or in those of `encoded`."""
    own = job.encoded[split] if encoded is None else encoded

    def batch(rows: np.ndarray, seed: int) -> Batch:
        return replace(collate(own, rows, job.device, job.types), seed=seed)

    return Feed(own.lengths, batch)


def answer(job: Job, model: nn.Module, batch: Batch, **wanted: bool) -> Any:
    """Run a model on a batch in the run's precision."""
    with job.setup.autocast():
        return model(**inputs_for(model, batch), **wanted)
