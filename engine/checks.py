"""How a model is judged while it trains, for the live curves and for keeping the best weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import nn
from torch.nn import functional

from engine.batches import Encoded, by_length
from engine.feeds import answer, labelled
from engine.job import Job
from engine.wording import percent

Check = Callable[[nn.Module], "Found | None"]


@dataclass(frozen=True)
class Found:
    """What a check found: values to plot, their rank (higher is better), and a few words."""

    values: Mapping[str, float]
    rank: tuple[float, ...]
    words: str


def labels_check(job: Job, encoded: Encoded | None = None) -> Check:
    """Judge by the accuracy on the validation split, then by the loss."""

    def check(model: nn.Module) -> Found | None:
        found = evaluate(job, model, encoded)
        if found is None:
            return None
        return Found(
            {f"validation/{name}": value for name, value in found.items()},
            (found["accuracy"], -found["loss"]),
            f"loss {found['loss']:.3f}, {percent(found['accuracy'])} right on validation",
        )

    return check


@torch.no_grad()
def evaluate(
    job: Job, model: nn.Module, encoded: Encoded | None = None, split: str = "validation"
) -> dict[str, float] | None:
    """Accuracy, loss and agreement with the teacher on a split, for the live curves only.

    `encoded` holds the split in the model's own pieces, where they are not the teacher's. None
    when the run was asked to stop half-way.
    """
    model.eval()
    own = labelled(job, encoded, split)
    right = agree = 0
    total = 0.0
    for rows in by_length(own.lengths, 64):
        if job.stopping:
            return None
        batch = own.batch(rows, 0)
        assert batch.labels is not None
        logits = answer(job, model, batch).logits.float()
        guess = logits.argmax(1)
        right += int((guess == batch.labels).sum())
        total += float(functional.cross_entropy(logits, batch.labels, reduction="sum"))
        if job.teacher_is_trained:
            teacher = job.teacher_outputs(batch, "logits", split=split)["logits"]
            agree += int((guess == teacher.argmax(1)).sum())
    count = len(own.lengths)
    found = {"accuracy": right / count, "loss": total / count}
    if job.teacher_is_trained:
        found["agreement"] = agree / count
    return found
