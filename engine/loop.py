"""The one training loop: `fit` trains a model with a method's loss, and can be killed at any point."""

from __future__ import annotations

import hashlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from engine.batches import Batch, shuffled
from engine.checks import Check, labels_check
from engine.errors import BadInput
from engine.feeds import Feed, answer, labelled
from engine.job import Job
from engine.models import set_dropout
from engine.ops.distil import soft_label_loss
from engine.saved import Saved, State
from engine.training import Training
from engine.wording import scientific

Loss = Callable[[nn.Module, Any], Mapping[str, torch.Tensor]]
POINTS = 400  # scalar points per stage, at most


def task_loss(job: Job) -> Loss:
    """Cross-entropy to the labels: the loss of plain fine-tuning."""

    def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        assert batch.labels is not None
        logits = answer(job, model, batch).logits
        return {"loss": functional.cross_entropy(logits.float(), batch.labels)}

    return loss


def taught_loss(job: Job, alpha: float, temperature: float) -> Loss:
    """(1 - alpha) times the labels' cross-entropy, "hard", plus alpha times the teacher's, "soft".

    The teacher's answers are softened by the temperature T and weighed by T squared, so that the
    size of their gradient does not depend on it (Hinton et al. 2015, section 2). A part of
    weight zero is left out, and with alpha 0 the teacher is not asked.
    """

    def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        assert batch.labels is not None
        logits = answer(job, model, batch).logits.float()
        parts: dict[str, torch.Tensor] = {}
        if alpha < 1:
            parts["hard"] = (1 - alpha) * functional.cross_entropy(logits, batch.labels)
        if alpha:
            teacher = job.teacher_outputs(batch, "logits")["logits"]
            soft = soft_label_loss(logits, teacher, temperature, "paper")
            parts["soft"] = alpha * temperature**2 * soft
        return {"loss": torch.stack(list(parts.values())).sum(), **parts}

    return loss


def fit(
    job: Job, model: nn.Module, loss: Loss, *, stage: str, part: str = "", feed: Feed | None = None,
    epochs: int | None = None, learning_rate: float | None = None, batch_size: int | None = None,
    schedule: str | None = None, warmup: float | None = None,
    groups: Sequence[dict[str, Any]] | None = None,
    after_step: Callable[[float], Mapping[str, float]] | None = None,
    tables: Mapping[str, Sequence[str]] | None = None, validate: bool = True,
    check: Check | None = None,
) -> nn.Module:  # fmt: skip
    """Train `model` in place as the stage `stage` and return it.

    `loss(model, batch)` returns named tensors: "loss" is minimised, every other scalar is
    plotted, and a vector is a per-layer table whose row names are `tables[name]`.
    `after_step(progress)` runs after each optimiser step, progress in 0..1, and returns values
    to plot. What is left out is taken from the run: the labelled training sentences, the shared
    training settings, and a check of the accuracy on validation, by which the best weights are
    kept. A stage of several parts gives each a short name. Only parameters that require a
    gradient when a part begins are trained. A part that is complete returns at once; one that
    was interrupted goes on in mid-epoch, to the same bits on a CPU.
    """
    training = job.spec.training
    if training.dropout is not None:
        set_dropout(model, training.dropout)
    asked = {
        "epochs": epochs, "batch_size": batch_size, "schedule": schedule, "warmup": warmup,
        "learning_rate": learning_rate,
    }  # fmt: skip
    training = training.model_copy(update={k: v for k, v in asked.items() if v is not None})
    judge = (check or labels_check(job)) if validate else None
    with job.stage(stage):
        work = _Stage(
            job, model, loss, stage, part, feed or labelled(job), training, groups, after_step,
            tables or {}, judge,
        )  # fmt: skip
        if work.saved.take_finished():
            job.step = work.base + work.total
        else:
            work.train()
    return model


class _Stage:
    """The parts of one `fit`: order of batches, optimiser, window sums, validation."""

    def __init__(
        self, job: Job, model: nn.Module, loss: Loss, stage: str, part: str, feed: Feed,
        training: Training, groups: Sequence[dict[str, Any]] | None,
        after_step: Callable[[float], Mapping[str, float]] | None,
        tables: Mapping[str, Sequence[str]], check: Check | None,
    ) -> None:  # fmt: skip
        self.job, self.model, self.loss, self.after_step = job, model, loss, after_step
        self.tables, self.check, self.training, self.feed = tables, check, training, feed
        self.seed = _seed(job.spec.seed, f"{stage}/{part}" if part else stage)
        self.per_epoch = math.ceil(len(feed.lengths) / training.batch_size)
        self.total = training.epochs * self.per_epoch
        self.log_every = max(1, self.total // POINTS)
        self.check_every = max(1, self.per_epoch // training.validations)
        self.base = job.step
        self.optimiser = torch.optim.AdamW(
            groups or decay_groups(model, training.weight_decay), lr=training.learning_rate,
            fused=job.device.type in ("cpu", "cuda"),
        )  # fmt: skip
        self.schedule = torch.optim.lr_scheduler.LambdaLR(self.optimiser, self._factor)
        name = str(job.stages.index(stage)) + (f"-{part}" if part else "")
        self.saved = Saved(job, model, job.work / "stages" / name, self.optimiser, self.schedule)

    @property
    def state(self) -> State:
        """Where the stage stands."""
        return self.saved.state

    # The loop -------------------------------------------------------------------------------

    def train(self) -> None:
        """Every step from where the stage stands to its end."""
        model, job = self.model, self.job
        model.to(job.device).train()
        torch.manual_seed(self.seed)
        if self.saved.resume():
            job.step = self.base + self.state.step
            job.note(f"Going on from step {self.state.step:,} of {self.total:,}.")
        job.begin_at(self.state.step / self.total)
        order: list[Any] = []
        clock, tokens, sentences = time.monotonic(), 0, 0
        while True:
            if self._check_is_due():
                self._check()
                clock, tokens, sentences = time.monotonic(), 0, 0
            if self.state.step == self.total:
                break
            epoch, place = divmod(self.state.step, self.per_epoch)
            if not order or place == 0:
                order = shuffled(self.feed.lengths, self.training.batch_size, self.seed + epoch)
            batch = self.feed.batch(order[place], (self.seed + self.state.step) % 2**32)
            plotted = self._step(batch)
            tokens, sentences = tokens + batch.tokens, sentences + len(batch.rows)
            done = self.state.step
            job.step = self.base + done
            if done % self.log_every == 0 or done in (1, self.total):
                now = time.monotonic()
                self._log({**plotted, **self._speed(now - clock, tokens, sentences)})
                clock, tokens, sentences = now, 0, 0
            job.progress(
                done / self.total, total=self.total, done=done,
                epoch=round(done / self.per_epoch, 2), epochs=self.training.epochs,
            )  # fmt: skip
            self.saved.save_if_due()
        self.saved.finish()

    def _step(self, batch: Batch) -> dict[str, float]:
        """One optimiser step; returns what `after_step` wants plotted."""
        terms = dict(self.loss(self.model, batch))
        self.optimiser.zero_grad(set_to_none=True)
        terms["loss"].backward()
        if self.training.clip:
            every = [p for group in self.optimiser.param_groups for p in group["params"]]
            nn.utils.clip_grad_norm_(every, self.training.clip)
        self.optimiser.step()
        self.schedule.step()
        self.state.step += 1
        self._count(terms)
        return dict(self.after_step(self.state.step / self.total)) if self.after_step else {}

    def _count(self, terms: Mapping[str, torch.Tensor]) -> None:
        """Add the step's terms to the window that the next point averages."""
        for name, value in terms.items():
            if value.dim() == 0:
                key = name if name == "loss" else f"loss/{name}"
                number = float(value.detach())
                if not math.isfinite(number):
                    raise self._diverged(name, number)
                self.state.sums[key] = self.state.sums.get(key, 0.0) + number
            else:
                values = [float(one) for one in value.detach()]
                before = self.state.rows.get(name, [0.0] * len(values))
                self.state.rows[name] = [a + b for a, b in zip(before, values, strict=True)]
        self.state.counted += 1

    def _diverged(self, name: str, number: float) -> BadInput:
        rate = scientific(self.optimiser.defaults["lr"])
        return BadInput(
            f"The training diverged: {name} became {number} in step {self.state.step:,}; try a learning "
            f"rate ten times smaller than {rate}.",
            "training.learning_rate",
        )

    def _log(self, more: Mapping[str, float]) -> None:
        """Plot the averages of the window and start a new one."""
        state, count = self.state, self.state.counted
        means = {name: total / count for name, total in state.sums.items()}
        rate = self.optimiser.param_groups[0]["lr"]
        self.job.emit({**means, "learning_rate": rate, **more})
        for name, sums in state.rows.items():
            titles = self.tables.get(name) or [f"Layer {i + 1}" for i in range(len(sums))]
            self.job.layers(name, {t: s / count for t, s in zip(titles, sums, strict=True)})
        state.sums, state.rows, state.counted = {}, {}, 0

    def _speed(self, seconds: float, tokens: int, sentences: int) -> dict[str, float]:
        seconds = max(seconds, 1e-9)
        return {
            "machine/tokens_per_second": tokens / seconds,
            "machine/sentences_per_second": sentences / seconds,
            "machine/memory": float(self.job.memory()),
            "machine/memory_total": float(self.job.memory_total()),
        }

    def _check_is_due(self) -> bool:
        """True once after every `check_every` steps and after the last one."""
        step = self.state.step
        due = step > 0 and (step % self.check_every == 0 or step == self.total)
        return self.check is not None and due and self.state.checked != step

    def _check(self) -> None:
        """Judge the model as it is and keep the best weights."""
        assert self.check is not None
        found = self.check(self.model)
        if found is None:
            self.saved.save()
            self.job.check_stop()
            return
        for name, value in found.values.items():
            if not math.isfinite(value):
                raise self._diverged(f"the {name.replace('/', ' ')}", value)
        self.model.train()
        state = self.state
        state.checked = state.step
        self.job.emit(found.values)
        better = list(found.rank) > state.best
        if better:
            state.best, state.best_words, state.best_step = (
                list(found.rank),
                found.words,
                state.step,
            )
            if self.training.keep == "best":
                self.saved.keep_best()
        self.job.note(
            f"Step {state.step:,} of {self.total:,}: {found.words}{' (best so far)' * better}."
        )

    def _factor(self, step: int) -> float:
        """The learning rate's factor: linear warm-up, then the chosen fall."""
        rising = round(self.training.warmup * self.total)
        if step < rising:
            return (step + 1) / rising
        progress = (step - rising) / max(1, self.total - rising)
        if self.training.schedule == "constant":
            return 1.0
        if self.training.schedule == "cosine":
            return 0.5 * (1 + math.cos(math.pi * progress))
        return max(0.0, 1 - progress)


def decay_groups(model: nn.Module, weight_decay: float) -> list[dict[str, Any]]:
    """Two groups: matrices with weight decay; biases and LayerNorm without (Devlin et al. 2019)."""
    trained = [p for p in model.parameters() if p.requires_grad]
    return [
        {"params": [p for p in trained if p.dim() > 1], "weight_decay": weight_decay},
        {"params": [p for p in trained if p.dim() <= 1], "weight_decay": 0.0},
    ]


def _seed(seed: int, stage: str) -> int:
    """A seed of its own for every stage."""
    digest = hashlib.sha256(f"{seed}/{stage}".encode()).digest()
    return int.from_bytes(digest[:4], "big")
