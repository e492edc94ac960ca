"""Stages of training on hidden words: one model by itself, or a mixed teacher with a student."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional

from engine import dual, loop, mixing, mlm
from engine.batches import by_length
from engine.checks import Check, Found
from engine.job import Job
from engine.loop import Loss
from engine.mixed import MixedBatch, Mixer, mixed_feed
from engine.ops.dual import DualModel, mixed_loss
from engine.text import Text
from engine.wording import percent


def student_pieces(job: Job, size: int) -> Tokenizer:
    """The student's word pieces, learned from the text; says how many of them the teacher knows."""
    tokenizer = mixing.student_pieces(job, size)
    known = mixing.overlap(tokenizer, job.teacher.tokenizer)
    job.emit({"mixing/overlap": known})
    job.note(
        f"Learned {size:,} word pieces from the text; the teacher knows {percent(known)} of them."
    )
    return tokenizer


def texts(job: Job, sentences: int | None) -> tuple[Text, Text]:
    """So many sentences of the run's text to learn from (None: all), and others to judge by."""
    train, held_out = job.text.cut(job.spec.seed)
    if sentences is not None:
        train = train.first(sentences, job.spec.seed)
    judged = max(1, len(train.sentences) // 10)  # judging must not take longer than learning
    return train, held_out.first(judged, job.spec.seed)


def learn_alone(
    job: Job, model: mlm.MaskedModel, tokenizer: Tokenizer, texts: tuple[Text, Text], *,
    rate: float, **fit: Any,
) -> None:  # fmt: skip
    """Train a model to guess hidden words in its own pieces, on the first text, judged on the second.

    `fit` holds the stage, epochs, batch size and learning rate for `loop.fit`.
    """
    rows, held_out = (mlm.rows(tokenizer, one, job.max_length, job.spec.seed) for one in texts)
    loop.fit(
        job, model, mlm.loss(job), feed=mlm.feed(job, rows, rate=rate),
        check=mlm.check(job, held_out, rate=rate), **fit,
    )  # fmt: skip


def guessing_teacher(
    job: Job, texts: tuple[Text, Text], sentences: int, *, stage: str, rate: float, **fit: Any
) -> mlm.MaskedModel:
    """A copy of the teacher that guesses hidden words, by the head in its file or a new one.

    A new head is trained on so many sentences, as the stage `stage`, with the encoder at rest.
    """
    copy = dual.teacher_copy(job)
    if mlm.load_head(job, copy):
        with job.stage(stage):
            job.note("The teacher's file holds a head that guesses hidden words.")
        return copy
    copy.encoder.requires_grad_(False)
    short = (texts[0].first(sentences, job.spec.seed), texts[1])
    learn_alone(job, copy, job.teacher.tokenizer, short, stage=stage, rate=rate, **fit)
    return copy


def learn_mixed(
    job: Job, model: DualModel, mixers: tuple[Mixer, Mixer], loss: Loss, *, share: float,
    ramped: bool, teacher_rate: float, layers: int, **fit: Any,
) -> None:  # fmt: skip
    """Train what a DualModel holds on words that both vocabularies cut, judged on held-out ones.

    The teacher's own weights move at `teacher_rate`, all others at `fit`'s learning rate;
    `layers` of them are projected.
    """
    feed, after_step = mixed_feed(mixers[0], model.to(job.device), share, ramped)
    loop.fit(
        job, model, loss, feed=feed, after_step=after_step,
        tables={"distance": ["Word pieces", *(f"Layer {place + 1}" for place in range(layers))]},
        groups=dual.groups(model, job.spec.training.weight_decay, teacher_rate),
        check=dual_check(job, mixers[1], share), **fit,
    )  # fmt: skip


def dual_loss(job: Job, pairs: dual.Pairs, weight: float, averaged: bool) -> Loss:
    """L = L_CE(student) + L_CE(teacher) + eps L_p; parts that a model lacks are left out.

    L_p sums the squared distances of all projected variables, or is their mean per element.
    """
    elements = 0

    def dual(model: nn.Module, batch: MixedBatch) -> dict[str, torch.Tensor]:
        nonlocal elements
        assert isinstance(model, DualModel)
        with job.setup.autocast():
            guesses = model.teacher(batch.ids, batch.by_student, batch.mask, batch.targets)
            own = None if model.student is None else model.student(batch.student)
        parts = {"teacher": mixed_loss(*guesses)}
        if own is not None:
            parts["student"] = functional.cross_entropy(own[0].float(), own[1])
        tables: dict[str, torch.Tensor] = {}
        if model.projection is not None:
            student: Any = model.student
            narrow = student.encoder.get_input_embeddings().weight
            layers, wide = model.projection(pairs), model.teacher.second()
            distances = torch.cat([model.projection.table_distance(wide, narrow).view(1), layers])
            if averaged:
                down = model.projection.direction == "down"
                ends = [(wide, narrow), *(pair for layer in pairs for pair in layer)]
                elements = elements or sum(pair[down].numel() for pair in ends)
                distances = distances / elements
            parts["projection"] = weight * distances.sum()
            tables["distance"] = weight * distances
        return {"loss": torch.stack(list(parts.values())).sum(), **parts, **tables}

    return dual


def dual_check(job: Job, mixer: Mixer, share: float) -> Check:
    """Judge both models on held-out words, hidden and cut the same way each time."""

    @torch.no_grad()
    def judge(model: nn.Module) -> Found | None:
        assert isinstance(model, DualModel)
        model.eval()
        right: Counter[str] = Counter()
        total: Counter[str] = Counter()
        lost: dict[str, float] = {}
        for place, rows in enumerate(by_length(mixer.words.lengths, 32)):
            if job.stopping:
                return None
            batch = mixer.batch(rows, share, np.random.default_rng(place))
            with job.setup.autocast():
                guesses = {"teacher": list(model.teacher(batch.ids, batch.by_student, batch.mask, batch.targets))}  # fmt: skip
                if model.student is not None:
                    guesses["student"] = [model.student(batch.student)[:2]]
            for name, found in guesses.items():
                for scores, targets in found:
                    right[name] += int((scores.argmax(-1) == targets).sum())
                    total[name] += len(targets)
                    cost = functional.cross_entropy(scores.float(), targets, reduction="sum")
                    lost[name] = lost.get(name, 0.0) + float(cost)
        values = {f"masked/{name}": right[name] / max(1, total[name]) for name in right}
        values |= _norms(model)
        judged = "student" if "student" in right else "teacher"
        rank = -lost[judged] / max(1, total[judged])
        words = f"the {judged} guesses {percent(values[f'masked/{judged}'])} of the hidden pieces"
        return Found(values, (rank,), words)

    return judge


def _norms(model: DualModel) -> dict[str, float]:
    """How large the student's layers and the projections are: both shrink where L_p collapses."""
    if model.projection is None:
        return {}
    student: Any = model.student
    layers = [one.square().sum() for one in student.encoder.encoder.parameters()]
    return {
        "norm/student": float(torch.stack(layers).sum().sqrt()),
        "norm/projection": float(model.projection.norm()),
    }
