"""Fine-tuning: train a model on the labels alone; the baseline, and how a teacher is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.errors import BadInput
from engine.method import method
from engine.schema import Params, choice, whole
from engine.shape import Forecast, Shape

if TYPE_CHECKING:
    from torch import nn

    from engine.job import Job

PAPER = "Devlin et al. 2019"


class FineTune(Params):
    """Settings of fine-tuning; sizes left automatic are those of the starting model."""

    start: Literal["model", "first_layers", "scratch"] = choice(
        "model", "Train the whole model, only its first layers, or a new model of the same kind.",
        label="Start from", term="initialisation", source=f"{PAPER}, section 3.2", basic=True,
    )  # fmt: skip
    layers: int | None = whole(
        None, 1, 48, "Layers of the new model; automatic keeps the starting model's.",
        label="Layers", unit="layers", source="Our default", basic=True,
    )  # fmt: skip
    hidden_size: int | None = whole(
        None, 8, 4096, "Width of a new model; it must divide by the number of attention heads.",
        label="Width", unit="units", term="hidden size", source="Our default",
    )  # fmt: skip
    heads: int | None = whole(
        None, 1, 64, "Attention heads of a new model.",
        label="Attention heads", unit="heads", source="Our default",
    )  # fmt: skip
    feed_forward: int | None = whole(
        None, 8, 16384, "Inner width of the feed-forward part of a new model.",
        label="Feed-forward width", unit="units", source="Our default",
    )  # fmt: skip


def student_shape(params: FineTune, teacher: Shape) -> Shape:
    """The teacher's shape with the sizes that were given."""
    sizes = {
        "layers": params.layers, "hidden": params.hidden_size, "heads": params.heads,
        "feed_forward": params.feed_forward,
    }  # fmt: skip
    return teacher.resized(**{name: size for name, size in sizes.items() if size is not None})


def forecast(params: FineTune, teacher: Shape) -> Forecast:
    """Nothing is learned from the teacher, so no layers are joined."""
    return Forecast(student_shape(params, teacher))


def check(params: FineTune, teacher: Shape) -> None:
    """Refuse sizes that the chosen start cannot have."""
    widths = (params.hidden_size, params.heads, params.feed_forward)
    if params.start != "scratch" and any(size is not None for size in widths):
        raise BadInput(
            'A trained model keeps its widths; set "start" to "scratch" to choose others.',
            "method.start",
        )
    if params.start == "model" and params.layers not in (None, teacher.layers):
        raise BadInput(
            f'The whole model has {teacher.layers} layers; set "start" to "first_layers" for fewer.',
            "method.layers",
        )
    shape = student_shape(params, teacher)
    if params.start == "first_layers" and shape.layers > teacher.layers:
        raise BadInput(
            f"The model has only {teacher.layers} layers; choose at most {teacher.layers}.",
            "method.layers",
        )
    if shape.hidden % shape.heads:
        raise BadInput(
            f"The width {shape.hidden} does not divide by {shape.heads} attention heads; change one.",
            "method.hidden_size",
        )


@method(
    title="Fine-tune", subtitle="baseline", family="reference", order=0,
    paper="Devlin, Chang, Lee, Toutanova: BERT, 2019",
    summary="Trains a model as it is. Use it to judge the others against.",
    glyph="fine-tune", params=FineTune, forecast=forecast, check=check,
    smaller=False, faster=False, needs_teacher_answers=False,
    stages=("Prepare", "Train", "Measure"),
    training={"epochs": 3, "batch_size": 32, "learning_rate": 5e-5},
)  # fmt: skip
def run(job: Job, params: FineTune) -> nn.Module:
    """Minimise the cross-entropy to the labels (Devlin et al. 2019, section 3.2)."""
    from engine import loop, models

    if params.start == "model":
        student = models.first_layers(job.teacher, job.info.shape.layers, job.spec.seed)
    elif params.start == "first_layers":
        layers = params.layers or job.info.shape.layers
        student = models.first_layers(job.teacher, layers, job.spec.seed)
    else:
        shape = student_shape(params, job.info.shape)
        student = models.resized(
            job.teacher, job.spec.seed, layers=shape.layers, hidden=shape.hidden, heads=shape.heads,
            feed_forward=shape.feed_forward,
        )  # fmt: skip
    return loop.fit(job, student, loop.task_loss(job), stage="Train")
