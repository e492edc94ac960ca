"""Patient Knowledge Distillation: a shorter student follows the teacher's answers and its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.errors import BadInput
from engine.matching import matched_layers
from engine.method import method
from engine.schema import Params, choice, number, switch, whole
from engine.shape import Forecast, Shape

if TYPE_CHECKING:
    import torch
    from torch import nn

    from engine.batches import Batch
    from engine.job import Job

PAPER = "Sun et al. 2019"


class PatientKD(Params):
    """Settings of Patient KD; plain knowledge distillation is `beta` 0."""

    layers: int = whole(
        3, 1, 48, "How many layers the student keeps. Fewer is smaller and faster, and less exact.",
        label="Layers", unit="layers", term="k", source=f"{PAPER}, section 4.2 (3 or 6 of 12)", basic=True,
    )  # fmt: skip
    strategy: Literal["skip", "last"] = choice(
        "skip", "Which teacher layers to follow: every second or so, or the last ones.",
        label="Follow layers", term="PKD-Skip, PKD-Last", source=f"{PAPER}, section 3.2", basic=True,
    )  # fmt: skip
    alpha: float = number(
        0.5, 0.0, 1.0, "Weight of the teacher's answers against the true labels: 0 labels only, 1 teacher only.",
        label="Trust in the teacher", term="alpha", step=0.1,
        source=f"{PAPER}, section 4.2 (0.2, 0.5 or 0.7)", basic=True,
    )  # fmt: skip
    temperature: float = number(
        10.0, 0.1, 100.0, "Higher values show the student more of the teacher's doubt between answers.",
        label="Answer softness", term="temperature T", step=1.0,
        source=f"{PAPER}, section 4.2 (5, 10 or 20)", basic=True,
    )  # fmt: skip
    beta: float = number(
        100.0, 0.0, 1e6, "Weight of following the teacher's layers; 0 is plain distillation.",
        label="Patience", term="beta", step=10.0,
        source=f"{PAPER}, section 4.2 (10 to 1000)", basic=True,
    )  # fmt: skip
    normalise: bool = switch(
        True, "Compare the direction of the layer states only, not their length.",
        label="Normalise states", source=f"{PAPER}, eq. 7",
    )  # fmt: skip
    reduction: Literal["repo", "paper"] = choice(
        "repo", "How terms are averaged. The published alpha and beta belong to the code's averages, repo.",
        label="Averaging", term="loss reduction", source=f"{PAPER}, eqs. 3 and 7, and reference code",
    )  # fmt: skip
    start: Literal["teacher", "random"] = choice(
        "teacher", "Start from the teacher's first layers, or from random weights.",
        label="Start from", term="initialisation", source=f"{PAPER}, section 4.2 (first k layers)",
    )  # fmt: skip


def forecast(params: PatientKD, teacher: Shape) -> Forecast:
    """The student is the teacher with fewer layers; its layers 1..k-1 follow I(j)."""
    links = matched_layers(params.layers, teacher.layers, params.strategy) if params.beta else ()
    return Forecast(
        teacher.resized(layers=params.layers), tuple((t, s + 1) for s, t in enumerate(links))
    )


def check(params: PatientKD, teacher: Shape) -> None:
    """Refuse a student that the teacher cannot give layers to."""
    if params.layers > teacher.layers:
        raise BadInput(
            f"The student has {params.layers} layers but the teacher only {teacher.layers}; "
            f"choose at most {teacher.layers}.",
            "method.layers",
        )
    if params.layers == 1 and params.beta > 0:
        raise BadInput(
            "A student of one layer has no layer below its last one to follow; "
            "set Patience to 0 or choose two layers.",
            "method.beta",
        )


def alone(params: PatientKD) -> dict[str, float]:
    """The same layers from the same start, learning from the labels only."""
    return {"alpha": 0.0, "beta": 0.0}


@method(
    title="Patient KD", subtitle="every second layer", family="distil", order=1,
    paper="Sun, Cheng, Gan, Liu: Patient Knowledge Distillation for BERT Model Compression, 2019",
    summary="A shorter model follows every second layer of the teacher.",
    glyph="patient-kd", params=PatientKD, forecast=forecast, check=check,
    stages=("Prepare", "Train", "Measure"),
    training={"epochs": 4, "batch_size": 32, "learning_rate": 5e-5, "max_length": 128},
    terms={"hard": "Labels", "soft": "Teacher's answers", "patience": "Teacher's layers"},
    quick={"method": {"layers": 3}, "training": {"epochs": 3, "learning_rate": 1e-4, "max_length": 64}},
    alone=alone,
)  # fmt: skip
def run(job: Job, params: PatientKD) -> nn.Module:
    """L = (1 - alpha) L_CE + alpha L_DS + beta L_PT (Sun et al. 2019, eq. 8).

    The three weighted parts, which sum to the loss, are plotted as "hard", "soft" and
    "patience"; a part of weight zero is left out.
    """
    import torch
    from torch.nn import functional

    from engine import feeds, loop, models
    from engine.ops import distil

    if params.start == "teacher":
        student = models.first_layers(job.teacher, params.layers, job.spec.seed)
    else:
        student = models.resized(job.teacher, job.spec.seed, layers=params.layers)
    followed = matched_layers(params.layers, job.info.shape.layers, params.strategy)
    wanted = ("logits", "cls") if params.beta else ("logits",)
    with job.stage("Prepare"):
        job.ask_teacher(*wanted)

    def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        assert batch.labels is not None
        teacher = job.teacher_outputs(batch, *wanted)
        out = feeds.answer(job, model, batch, output_hidden_states=bool(params.beta))
        logits = out.logits.float()
        parts: dict[str, torch.Tensor] = {}
        tables: dict[str, torch.Tensor] = {}
        if params.alpha < 1:
            parts["hard"] = (1 - params.alpha) * functional.cross_entropy(logits, batch.labels)
        if params.alpha:
            parts["soft"] = params.alpha * distil.soft_label_loss(
                logits, teacher["logits"], params.temperature, params.reduction
            )
        if params.beta:
            states = distil.cls_states(out.hidden_states)[:, :-1]
            targets = teacher["cls"][:, [layer - 1 for layer in followed]]
            distance = distil.patience_distances(states, targets, params.normalise)
            parts["patience"] = params.beta * distil.patience_loss(
                distance, states.shape[-1], params.reduction
            )
            tables["distance"] = distance
        return {"loss": torch.stack(list(parts.values())).sum(), **parts, **tables}

    names = [f"Layer {s + 1}, from {t}" for s, t in enumerate(followed)]
    return loop.fit(job, student, loss, stage="Train", tables={"distance": names})
