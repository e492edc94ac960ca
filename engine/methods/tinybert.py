"""TinyBERT: a thinner and shorter student follows the teacher's embeddings, states and attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.method import Chart, method
from engine.tinybert_settings import (
    TinyBERT,
    alone,
    check,
    followed_layers,
    follows_layers,
    forecast,
    reads_text,
    stages,
)

if TYPE_CHECKING:
    import torch
    from torch import nn

    from engine.batches import Batch
    from engine.following import Following, Pupil
    from engine.job import Job
    from engine.loop import Loss


@method(
    title="TinyBERT", subtitle="layers and attention", family="distil", order=0,
    paper="Jiao et al.: TinyBERT: Distilling BERT for Natural Language Understanding, 2020",
    summary="A thinner, shorter model follows the teacher's layers and attention.",
    glyph="tinybert", params=TinyBERT, forecast=forecast, check=check, stages=stages,
    training={"epochs": 3, "batch_size": 32, "learning_rate": 3e-5, "max_length": 64},
    terms={
        "embedding": "Embeddings", "hidden": "Layer states", "attention": "Attention",
        "prediction": "Teacher's answers", "masked": "Masked words",
    },
    quick={
        "method": {
            "layers": 3, "hidden_size": 192, "feed_forward": 768, "start": "embeddings",
            "general": False, "augment": False, "mask_padding": "valid_only",
            "intermediate_epochs": 4, "intermediate_rate": 1e-3,
        },
        "training": {"epochs": 2, "learning_rate": 3e-4, "max_length": 64, "validations": 1},
    },
    alone=alone, reads_text=reads_text,
    charts=(
        Chart("Distance to the teacher's layers", {"validation/distance": "Validation sentences"}),
        Chart("Masked words guessed", {"masked/accuracy": "Held-out text"}, share=True),
    ),
)  # fmt: skip
def run(job: Job, params: TinyBERT) -> nn.Module:
    """Follow layers, then answers (Jiao et al. 2020, section 4 and eq. 11, all lambda 1)."""
    from engine import augmentation, feeds, loop

    if params.augment:
        with job.stage("Prepare"):
            augmentation.check(job, params)
    pupil = _pupil(job, params)
    if follows_layers(params) and params.general:
        _general(job, params, pupil)
    split = "train"
    if params.augment:
        _augment(job, params)
        split = "augmented"
    if follows_layers(params):
        _follow(job, params, pupil, split)
    epochs = job.spec.training.epochs
    if params.learn_from == "labels":
        epochs += params.intermediate_epochs
    learned = params.learn_from == "teacher" and params.prediction
    return loop.fit(
        job, pupil.student, _answers_loss(job, params, split) if learned else loop.task_loss(job),
        stage="Answers", feed=feeds.labelled(job, split=split), epochs=epochs,
    )  # fmt: skip


def _pupil(job: Job, params: TinyBERT) -> Pupil:
    """The student at its start, and its maps."""
    import torch

    from engine import models
    from engine.following import Pupil, chosen_layers, reduce_embeddings
    from engine.ops.layerwise import LearnedMaps

    shape, seed = forecast(params, job.info.shape).student, job.spec.seed
    width, begin = job.info.shape.hidden, None
    if params.start == "teacher":
        student = chosen_layers(job.teacher, followed_layers(params, job.info.shape), seed)
        begin = torch.eye(width)
    else:
        student = models.resized(
            job.teacher, seed, layers=shape.layers, hidden=shape.hidden, heads=shape.heads,
            feed_forward=shape.feed_forward,
        )  # fmt: skip
    if params.start == "embeddings":
        directions = reduce_embeddings(student, job.teacher)
        begin = directions if directions.shape == (width, shape.hidden) else None
    return Pupil(student, LearnedMaps(shape.layers, shape.hidden, width, params.maps, seed, begin))


def _following(job: Job, params: TinyBERT) -> Following:
    """What is compared with these settings."""
    from engine.following import Following

    return Following(
        followed_layers(params, job.info.shape), params.embedding, params.hidden, params.attention,
        normalised=params.attention_scores == "normalised", padding=params.mask_padding,
        dropout=params.teacher_dropout,
    )  # fmt: skip


def _general(job: Job, params: TinyBERT, pupil: Pupil) -> None:
    """Follow the layers on plain text, without masks (section 4.2, general distillation)."""
    from engine import following, loop

    follow = _following(job, params)
    loop.fit(
        job, pupil, following.layer_loss(job, follow, None), stage="General",
        feed=following.text_feed(job), epochs=params.general_epochs,
        learning_rate=params.general_rate, batch_size=params.general_batch, schedule="linear",
        warmup=0.1, tables={"distance": follow.titles}, check=following.layers_check(job, follow),
    )  # fmt: skip


def _follow(job: Job, params: TinyBERT, pupil: Pupil, split: str) -> None:
    """Follow the layers on the task's sentences (section 4.2, task-specific distillation)."""
    from engine import feeds, following, loop

    follow = _following(job, params)
    loop.fit(
        job, pupil, following.layer_loss(job, follow, split), stage="Layers",
        feed=feeds.labelled(job, split=split), epochs=params.intermediate_epochs,
        learning_rate=params.intermediate_rate, schedule="constant", warmup=0.0,
        tables={"distance": follow.titles}, check=following.layers_check(job, follow),
    )  # fmt: skip


def _answers_loss(job: Job, params: TinyBERT, split: str) -> Loss:
    """L_pred = CE(z_T / t, z_S / t) (eq. 10)."""
    from engine import answers, feeds
    from engine.ops.distil import soft_cross_entropy

    def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        if params.teacher_dropout:
            said = answers.ask(job, batch, ("logits",), dropout=True)["logits"]
        else:
            said = job.teacher_outputs(batch, "logits", split=split)["logits"]
        logits = feeds.answer(job, model, batch).logits.float()
        value = soft_cross_entropy(logits, said, params.temperature, params.reduction)
        return {"loss": value, "prediction": value}

    return loss


def _augment(job: Job, params: TinyBERT) -> None:
    """Make more sentences known as the split "augmented" (algorithm 1)."""
    from engine.augmentation import augmented

    job.add_split("augmented", augmented(job, params))
