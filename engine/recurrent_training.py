"""How the BiLSTM student is made and taught: its word table, its losses, and thawing part by part."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine import checks, feeds, loop
from engine import transfer as text
from engine.batches import Batch
from engine.checks import Check, Found
from engine.feeds import Feed
from engine.job import Job
from engine.ops import transfer as losses
from engine.recurrent import LABELS, LOGITS, BiLSTM, kept_pieces, lookup_for
from engine.shape import Shape
from engine.transfer import Pair, Transfer
from engine.vectors import read_vectors
from engine.wording import percent

if TYPE_CHECKING:
    from engine.methods.bilstm import DistilledBiLSTM

FEWEST_STEPS = 200  # on labels, unless told otherwise: few rows make few steps in an epoch
FLAT = 0.01  # a layer is flat when less of its state than this differs between sentences
REPRESENTATION = "representation"
UNKNOWN = ("[UNK]", "<unk>")


def made_student(
    job: Job, params: DistilledBiLSTM, shape: Shape, transfer: Transfer | None
) -> BiLSTM:
    """The student before training: its pieces, its word table, and the heads it will learn."""
    lookup = None
    kept = np.arange(shape.vocabulary)
    if params.vocabulary == "seen" and transfer is not None:
        unknown = _unknown(job)
        own = job.encoded[text.SPLIT].ids
        seen = [*job.encoded["train"].ids, *(own[row] for row in transfer.learned)]
        kept = kept_pieces(seen, {unknown}, shape.vocabulary)
        lookup = lookup_for(kept, shape.vocabulary, unknown)
        job.note(f"Keeps the {len(kept):,} of {shape.vocabulary:,} word pieces that the text uses.")
    student = BiLSTM(
        shape.resized(vocabulary=len(kept), labels=len(job.data.labels)), _heads(params),
        projected=job.info.shape.hidden if params.follows_layer else 0, dropout=params.dropout,
        lookup=lookup, seed=job.spec.seed,
    )  # fmt: skip
    with torch.no_grad():
        _start(job, params, student.embedding.weight, kept)
    return student.to(job.device)


def _heads(params: DistilledBiLSTM) -> tuple[str, ...]:
    """The heads that some loss trains; the first one gives the answers."""
    if not params.soft or params.heads == "one":
        return (LABELS,)
    if params.order != "three_stages" and not params.alpha:
        return (LOGITS,)
    if params.order != "three_stages" and not params.gamma:
        return (LABELS,)
    return (LABELS, LOGITS)


def _start(job: Job, params: DistilledBiLSTM, table: torch.Tensor, kept: np.ndarray) -> None:
    """Fill the word table [pieces, E] from the teacher's, or from a vector file; or leave it random."""
    if params.start == "teacher":
        own: Any = job.teacher.model
        whole = own.get_input_embeddings().weight.detach().float().cpu()
        table.copy_(losses.best_rank(whole, params.embedding)[0][kept])
    elif params.start == "vectors":
        pieces = job.teacher.tokenizer.get_vocab(with_added_tokens=True)
        places = {number: place for place, number in enumerate(kept.tolist())}
        # A piece that begins a word stands for the word; "##ing" or "ing" inside one has no vector.
        marked = any(piece.startswith("Ġ") for piece in pieces)
        words = {
            piece.removeprefix("Ġ"): places[number]
            for piece, number in pieces.items()
            if number in places and (piece.startswith("Ġ") if marked else piece[:2] != "##")
        }
        found, vectors = read_vectors(params.vectors or "", words, "method.vectors")
        table.mul_(float(vectors.std()) / float(table.std()))
        table[[words[word] for word in found]] = torch.from_numpy(vectors)
        job.note(f"{len(found):,} of {len(kept):,} word pieces start from the vector file.")


def _unknown(job: Job) -> int:
    """The piece that stands for pieces without a row."""
    found = (job.teacher.tokenizer.token_to_id(one) for one in UNKNOWN)
    return next((one for one in found if one is not None), job.teacher.config["pad_token_id"])


class Lessons:
    """The losses of one run, each taught by a method; the student learns in place."""

    def __init__(
        self, job: Job, params: DistilledBiLSTM, student: BiLSTM, transfer: Transfer | None,
        layer: int,
    ) -> None:  # fmt: skip
        self.job, self.params, self.student = job, params, student
        self.transfer, self.layer = transfer, layer
        self.follower = LOGITS if LOGITS in student.heads else LABELS
        if params.follows_layer:
            self._warn_of_a_flat_layer()

    # What is taught -------------------------------------------------------------------------

    def on_labels(self, stage: str) -> None:
        """The labelled sentences, and under hard distillation those the teacher labels."""
        job, labelled = self.job, len(self.job.encoded["train"])
        if self.transfer is None or self.params.distillation != "hard":
            self._fit(
                stage, feeds.labelled(job), self._labels, check=checks.labels_check(job), few=True
            )
            return
        guesses = text.pseudo_labels(job, self.transfer)
        union = text.with_pseudo_labels(
            job.encoded["train"], job.encoded[text.SPLIT], self.transfer.learned, guesses
        )

        def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
            assert batch.labels is not None
            logits = feeds.answer(job, model, batch).logits
            each = functional.cross_entropy(logits, batch.labels, reduction="none")
            own = torch.from_numpy(batch.rows < labelled).to(each.device)
            parts = {"labels": each[own].sum(), "pseudo": each[~own].sum()}
            shares = {name: value / len(each) for name, value in parts.items()}
            return {"loss": each.mean(), **shares}

        check = text.accuracy_check(job, self.transfer, self._measure())
        self._fit(stage, feeds.labelled(job, union), loss, check=check)

    def jointly(self, stage: str) -> None:
        """Every loss at once, weighted."""
        assert self.transfer is not None
        weights = {LABELS: self.params.alpha, LOGITS: self.params.gamma}
        if self.params.follows_layer:
            weights[REPRESENTATION] = self.params.beta
        weights = {name: weight for name, weight in weights.items() if weight}
        feed = text.pairs(self.job, self.transfer, labelled=LABELS in weights)
        check = text.accuracy_check(self.job, self.transfer, self._measure(*weights))
        self._fit(stage, feed, self._weighted(weights), check=check)

    def on_layer(self, stage: str) -> None:
        """L_RL end to end: everything but the heads, which have no part in it yet."""
        assert self.transfer is not None
        self.student.learn(("projection", "lstm", "embedding"))
        weights = {REPRESENTATION: 1.0}
        check = self._held_out(weights, answers=False)
        feed = text.pairs(self.job, self.transfer, labelled=False)
        self._fit(stage, feed, self._weighted(weights), check=check)

    def on_answers(self, stage: str, *, labels: bool) -> None:
        """L_LL on unlabelled sentences, with `labels` together with L_CE; thawed part by part."""
        assert self.transfer is not None
        weights = {LOGITS: 1.0}
        if labels:
            weights = {LABELS: self.params.alpha, LOGITS: self.params.gamma}
            weights = {name: weight for name, weight in weights.items() if weight}
        else:
            self.student.answering = self.follower
        feed = text.pairs(self.job, self.transfer, labelled=LABELS in weights)
        heads = set(self.student.heads) if labels else {self.follower}
        check = self._held_out(weights, answers=True)
        self._thaw(stage, heads, feed, self._weighted(weights), check)

    def on_labels_in_steps(self, stage: str) -> None:
        """L_CE on the labelled sentences, thawed part by part."""
        self.student.answering = LABELS
        check = self._held_out({LABELS: 1.0}, answers=True)
        self._thaw(stage, {LABELS}, feeds.labelled(self.job), self._labels, check, few=True)

    def _warn_of_a_flat_layer(self) -> None:
        """In some teachers [CLS] takes up the sentence in the last layers only."""
        assert self.transfer is not None
        share = text.variation(self.job, self.transfer, self.layer)
        if share < FLAT:
            self.job.note(
                f"The teacher's layer {self.layer} says nearly the same to every sentence (only "
                f"{percent(share, 2)} of its state differs), so little can be learned from it; a "
                "higher layer may teach more.",
                "warning",
            )

    # Losses ---------------------------------------------------------------------------------

    def _labels(self, model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        """L_CE on labelled sentences."""
        assert batch.labels is not None
        logits = feeds.answer(self.job, model, batch).logits
        loss = functional.cross_entropy(logits, batch.labels)
        return {"loss": loss, "labels": loss}

    def _terms(
        self, model: nn.Module, batch: Batch, names: Collection[str]
    ) -> tuple[dict[str, torch.Tensor], torch.Tensor]:
        """The named losses on unlabelled sentences, and the model's answers to them."""
        assert self.transfer is not None
        params, found = self.params, {}
        said = feeds.answer(self.job, model, batch)
        teacher = self.transfer.answers(batch)
        if LOGITS in names:
            target = losses.logit_target(teacher["logits"], params.logit_target)
            found[LOGITS] = losses.logit_loss(said.heads[self.follower], target, params.reduction)
        if REPRESENTATION in names:
            found[REPRESENTATION] = losses.representation_loss(
                said.projected,
                teacher["cls"][:, self.layer - 1],
                params.layer_loss,
                params.reduction,
            )
        return found, said.logits

    def _measure(self, *names: str) -> text.Measure:
        return lambda model, batch: self._terms(model, batch, names)

    def _weighted(self, weights: Mapping[str, float]) -> loop.Loss:
        """The weighted sum of losses on a pair of batches; the parts are plotted as they count."""

        def loss(model: nn.Module, pair: Pair) -> dict[str, torch.Tensor]:
            found, _ = self._terms(model, pair.unlabelled, weights)
            if pair.labelled is not None:
                assert pair.labelled.labels is not None
                logits = feeds.answer(self.job, model, pair.labelled).heads[LABELS]
                found[LABELS] = functional.cross_entropy(logits, pair.labelled.labels)
            parts = {name: weights[name] * value for name, value in found.items()}
            return {"loss": torch.stack(list(parts.values())).sum(), **parts}

        return loss

    def _held_out(self, weights: Mapping[str, float], *, answers: bool) -> Check:
        assert self.transfer is not None
        measure = self._measure(*weights)
        return text.held_out_check(self.job, self.transfer, measure, weights, answers=answers)

    # Steps ----------------------------------------------------------------------------------

    def steps(self, heads: Collection[str]) -> list[tuple[str, tuple[str, ...]]]:
        """What each step trains, from the heads down; a projection only where the heads read it."""
        middle = ["projection"] if self.params.head_reads == "projection" else []
        order = [sorted(heads), *([one] for one in (*middle, "lstm", "embedding"))]
        grown = [tuple(chain(*order[: i + 1])) for i in range(len(order))]
        if not self.params.unfreeze:
            return [("all", grown[-1])]
        return list(zip(("head", *middle, "lstm", "embedding"), grown, strict=True))

    def _thaw(
        self, stage: str, heads: Collection[str], feed: Feed, loss: loop.Loss, check: Check, *,
        few: bool = False,
    ) -> None:  # fmt: skip
        """Train step by step; each keeps its best weights, and none ends worse than it began."""
        job, student = self.job, self.student
        for part, names in self.steps(heads):
            student.learn(names)
            before = job.remember(
                f"{job.stages.index(stage)}-{part}", lambda: list(self._found(check).rank)
            )
            held = {name: value.clone() for name, value in student.state_dict().items()}
            self._fit(stage, feed, loss, part=part, check=check, few=few)
            if job.spec.training.keep == "best" and list(self._found(check).rank) < before:
                student.load_state_dict(held)
                job.note(f"Training the {part} did not lower the held-out loss; it is undone.")

    def _found(self, check: Check) -> Found:
        found = check(self.student)
        if found is None:
            self.job.check_stop()
            raise AssertionError("a check gave up though nobody stopped the run")
        return found

    def _fit(
        self, stage: str, feed: Feed, loss: loop.Loss, *, check: Check, part: str = "",
        few: bool = False,
    ) -> None:  # fmt: skip
        """One part of a stage; `few` is for labelled rows, which may be too few for an epoch."""
        job, training = self.job, self.job.spec.training
        epochs = training.epochs
        if part:
            epochs = self.params.step_epochs or epochs
        if few:
            per_epoch = math.ceil(len(feed.lengths) / training.batch_size)
            least = max(training.epochs, math.ceil(FEWEST_STEPS / per_epoch))
            wanted = self.params.label_epochs or least
            epochs = min(wanted, epochs)
            feed = text.repeated(feed, math.ceil(wanted / epochs))
        loop.fit(
            job, self.student, loss, stage=stage, part=part, feed=feed, epochs=epochs, check=check
        )
