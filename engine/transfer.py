"""Sentences without labels for a student to learn from: rows, teacher's answers, batches, checks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import torch
from torch import nn

from engine.batches import Batch, Encoded, by_length, collate
from engine.checks import Check, Found, evaluate
from engine.data import Split
from engine.errors import BadInput
from engine.feeds import Feed
from engine.job import Job
from engine.spec import DataText
from engine.wording import percent

Source = Literal["text", "train", "both"]
SPLIT = "unlabelled"
HELD_OUT, MOST_HELD_OUT = 0.05, 1000
READ = 1024  # rows read at a time
FEWEST_LABELLED = 8  # labelled rows beside a batch of unlabelled ones
Measure = Callable[[nn.Module, Batch], tuple[dict[str, torch.Tensor], torch.Tensor]]


@dataclass(frozen=True, eq=False)
class Transfer:
    """Rows of the split "unlabelled": those to learn from, and those to judge by.

    `answers` gives the teacher's outputs for a batch of the split, computed once.
    """

    learned: np.ndarray
    held_out: np.ndarray
    answers: Callable[[Batch], dict[str, torch.Tensor]]


def prepare_transfer(job: Job, source: Source, most: int | None, *outputs: str) -> Transfer:
    """Make the run's unlabelled sentences the split "unlabelled", at most `most` of them.

    A twentieth, at most 1,000, is held out; which, the run's seed decides. Which sentences are
    taken depends on their number alone, so runs of every seed share the teacher's `outputs`.
    Raises BadInput when there are too few.
    """
    columns = _sentences(job, source)
    count = len(columns[0])
    chosen = np.sort(np.random.default_rng(0).permutation(count)[: most or count])
    if len(chosen) < 2:
        raise BadInput("One unlabelled sentence is too few; choose more text.", "text")
    texts = tuple([column[row] for row in chosen] for column in columns)
    job.add_split(SPLIT, Split(SPLIT, texts, None))
    order = np.random.default_rng(job.spec.seed).permutation(len(chosen))
    held = max(1, min(MOST_HELD_OUT, round(HELD_OUT * len(chosen))))

    def answers(batch: Batch) -> dict[str, torch.Tensor]:
        return job.teacher_outputs(batch, *outputs, split=SPLIT)

    if outputs:
        job.ask_teacher(*outputs, split=SPLIT)
    return Transfer(np.sort(order[held:]), np.sort(order[:held]), answers)


def _sentences(job: Job, source: Source) -> tuple[list[str], ...]:
    """The unlabelled text, the training sentences without their labels, or both, by column."""
    train = job.data.splits["train"].texts
    if source == "train":
        return train
    if len(train) > 1:
        raise BadInput(
            "This data holds pairs of sentences and plain text holds single ones; take "
            'the unlabelled sentences from "train".',
            "method.transfer",
        )
    if isinstance(job.spec.text, DataText) and not job.data.unlabelled:
        raise BadInput(
            f"{job.data.title} has no unlabelled sentences to learn from; choose other plain text, "
            'or take the unlabelled sentences from "train".',
            "text",
        )
    text = job.text.sentences
    return (text,) if source == "text" else ([*text, *train[0]],)


def pseudo_labels(job: Job, transfer: Transfer) -> np.ndarray:
    """The class that the teacher finds most likely for each row to learn from."""
    rows = transfer.learned
    found = [
        transfer.answers(job.batch(part, SPLIT))["logits"].argmax(1)
        for part in np.array_split(rows, range(READ, len(rows), READ))
    ]
    return torch.cat(found).cpu().numpy()


def variation(job: Job, transfer: Transfer, layer: int) -> float:
    """Which share of the teacher's [CLS] state at a layer differs between sentences, 0 to 1.

    The variance over held-out rows as a share of the mean squared length.
    """
    batch = job.batch(transfer.held_out, SPLIT)
    states = transfer.answers(batch)["cls"][:, layer - 1].double()
    total = float(states.square().sum(-1).mean())
    return 1 - float(states.mean(0).square().sum()) / max(total, 1e-12)


def with_pseudo_labels(
    labelled: Encoded, unlabelled: Encoded, rows: np.ndarray, labels: np.ndarray
) -> Encoded:
    """The labelled rows followed by unlabelled `rows` with the `labels` the teacher gave them."""
    assert labelled.labels is not None
    return Encoded(
        ids=[*labelled.ids, *(unlabelled.ids[row] for row in rows)],
        types=[*labelled.types, *(unlabelled.types[row] for row in rows)],
        labels=np.concatenate([labelled.labels, labels]),
        lengths=np.concatenate([labelled.lengths, unlabelled.lengths[rows]]),
        pad=labelled.pad,
    )


@dataclass(frozen=True, eq=False)
class Pair:
    """A batch of unlabelled rows, and a batch of labelled ones where they are learned from too."""

    unlabelled: Batch
    labelled: Batch | None = None

    @property
    def rows(self) -> np.ndarray:
        """The rows of both, for counting."""
        more = self.labelled.rows if self.labelled else self.unlabelled.rows[:0]
        return np.concatenate([self.unlabelled.rows, more])

    @property
    def tokens(self) -> int:
        """Real pieces of both."""
        return self.unlabelled.tokens + (self.labelled.tokens if self.labelled else 0)


def pairs(job: Job, transfer: Transfer, *, labelled: bool) -> Feed:
    """Feed the unlabelled rows; with `labelled`, beside each batch some labelled rows.

    These are drawn with the step's seed, in proportion to both sets but at least eight, so the
    means over either batch estimate the means over either set.
    """
    own, rows = job.encoded[SPLIT], transfer.learned
    total = len(job.encoded["train"])
    share = total / len(rows)

    def batch(places: np.ndarray, seed: int) -> Pair:
        first = replace(collate(own, rows[places], job.device, job.types), seed=seed)
        if not labelled:
            return Pair(first)
        wanted = min(total, max(FEWEST_LABELLED, round(share * len(places))))
        drawn = np.random.default_rng(seed).permutation(total)[:wanted]
        return Pair(first, replace(job.batch(np.sort(drawn)), seed=seed))

    return Feed(own.lengths[rows], batch)


def repeated(feed: Feed, times: int) -> Feed:
    """The same rows several times in one epoch."""
    count = len(feed.lengths)
    return Feed(np.tile(feed.lengths, times), lambda rows, seed: feed.batch(rows % count, seed))


def held_out_check(
    job: Job, transfer: Transfer, measure: Measure, weights: Mapping[str, float], *, answers: bool
) -> Check:
    """Judge by the weighted held-out losses: "labels" on validation, others on unlabelled rows.

    `measure(model, batch)` gives the mean loss of each term and the model's answers. `answers`
    says whether the model answers yet: then accuracy and agreement are plotted too.
    """

    def check(model: nn.Module) -> Found | None:
        found = evaluate(job, model) if answers or "labels" in weights else None
        held = held_out(job, model, transfer, measure)
        if held is None or job.stopping:
            return None
        losses = dict(held)
        values = {f"{SPLIT}/{name}": value for name, value in held.items()}
        if not answers:
            values.pop(f"{SPLIT}/agreement")
        if found is not None:
            values |= {f"validation/{name}": value for name, value in found.items()}
            losses["labels"] = found["loss"]
        total = sum(weight * losses[name] for name, weight in weights.items())
        words = f"held-out loss {total:.4f}"
        if found is not None:
            words += f", {percent(found['accuracy'])} right on validation"
        return Found(values, (-total,), words)

    return check


def accuracy_check(job: Job, transfer: Transfer, measure: Measure) -> Check:
    """Judge by accuracy and loss on validation; plot the held-out unlabelled rows beside them."""

    def check(model: nn.Module) -> Found | None:
        found = evaluate(job, model)
        held = held_out(job, model, transfer, measure)
        if found is None or held is None:
            return None
        values = {f"validation/{name}": value for name, value in found.items()}
        values |= {f"{SPLIT}/{name}": value for name, value in held.items()}
        return Found(
            values, (found["accuracy"], -found["loss"]),
            f"loss {found['loss']:.3f}, {percent(found['accuracy'])} right on validation",
        )  # fmt: skip

    return check


@torch.no_grad()
def held_out(
    job: Job, model: nn.Module, transfer: Transfer, measure: Measure
) -> dict[str, float] | None:
    """Mean loss of each term on the held-out unlabelled rows, and agreement with the teacher.

    None when the run was asked to stop half-way.
    """
    model.eval()
    own, rows = job.encoded[SPLIT], transfer.held_out
    sums: dict[str, float] = {}
    for places in by_length(own.lengths[rows], 64):
        if job.stopping:
            return None
        batch = job.batch(rows[places], SPLIT)
        losses, answers = measure(model, batch)
        teacher = transfer.answers(batch)["logits"]
        same = (answers.argmax(1) == teacher.argmax(1)).float().mean()
        for name, value in {**losses, "agreement": same}.items():
            sums[name] = sums.get(name, 0.0) + float(value) * len(places)
    return {name: total / len(rows) for name, total in sums.items()}
