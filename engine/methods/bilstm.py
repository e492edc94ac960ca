"""BiLSTM from unlabelled text: a recurrent student learns a teacher's answers and one of its layers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from engine.errors import BadInput
from engine.method import Chart, method
from engine.schema import Params, choice, file, number, switch, whole
from engine.shape import RECURRENT, Forecast, Shape
from engine.vectors import vector_width

if TYPE_CHECKING:
    from torch import nn

    from engine.job import Job

FIRST = "Mukherjee and Awadallah 2019"
PAPER = "Mukherjee and Awadallah 2020"
ALL, LAYER, ANSWERS, BOTH, LABELLED = (
    "Train", "Teacher's layer", "Teacher's answers", "Answers and labels", "Labels",
)  # fmt: skip


class DistilledBiLSTM(Params):
    """Settings of the BiLSTM student; sizes are the paper's best."""

    hidden: int = whole(
        600, 4, 4096, "Units of the BiLSTM in each direction. Fewer is smaller and faster.",
        label="BiLSTM width", unit="units", term="H", step=50,
        source=f"{PAPER}, best student (2 x 600)", basic=True,
    )  # fmt: skip
    embedding: int = whole(
        300, 4, 4096, "Numbers per word piece. The word table is most of the model's size.",
        label="Embedding width", unit="numbers", term="E", step=50,
        source=f"{PAPER}, best student", basic=True,
    )  # fmt: skip
    distillation: Literal["none", "hard", "soft", "soft_and_layer"] = choice(
        "soft_and_layer", "Learn from labels alone, the teacher's labels, its logits, or these and a layer.",
        label="Learn from the teacher", term="hard, soft, representation", source=f"{PAPER}, section 3",
        basic=True,
    )  # fmt: skip
    order: Literal["joint", "two_stages", "three_stages"] = choice(
        "three_stages", "All losses at once; or the layer first; or layer, answers and labels in turn. "
        "Soft distillation only.",
        label="Order of losses", term="joint or stage-wise (D3, D4)", source=f"{PAPER}, section 3.3",
        basic=True,
    )  # fmt: skip
    unlabelled_sentences: int | None = whole(
        None, 20, 100_000_000, "How many unlabelled sentences to learn from; automatic takes all.",
        label="Unlabelled sentences", unit="sentences", term="transfer set size", step=1000,
        source="Our default: all", basic=True,
    )  # fmt: skip
    transfer: Literal["text", "train", "both"] = choice(
        "text", "The plain text, the training sentences without their labels, or both.",
        label="Unlabelled from", term="transfer set", source=f"{PAPER}, section 4",
    )  # fmt: skip
    layers: int = whole(
        1, 1, 2, "BiLSTM layers, one upon the other.",
        label="BiLSTM layers", unit="layers", source=f"{PAPER}, section 3.1",
    )  # fmt: skip
    dropout: float = number(
        0.2, 0.0, 0.9, "Share of units hidden at random before, between and after the BiLSTM layers.",
        label="Student dropout", step=0.1, source=f"{PAPER}, best student",
    )  # fmt: skip
    start: Literal["teacher", "random", "vectors"] = choice(
        "teacher", "Word table from the teacher's own, reduced; from random numbers; or from a vector file.",
        label="Word table from", term="embedding initialisation, SVD", source=f"{PAPER}, table of initialisations",
    )  # fmt: skip
    vectors: str | None = file(
        "A GloVe or fastText text file for the word table; it must be as wide as the embedding.",
        label="Vector file", term="GloVe, fastText", source="Our default: none", endings=(".txt", ".vec"),
    )  # fmt: skip
    vocabulary: Literal["all", "seen"] = choice(
        "all", "Keep every word piece, or those in the text only; the forecast shows the full table.",
        label="Word pieces", source="Our default",
    )  # fmt: skip
    unfreeze: bool = switch(
        True, "Train the head first, then thaw the parts below it one by one. Stages only.",
        label="Gradual unfreezing", source=f"{PAPER}, section 3.3",
    )  # fmt: skip
    step_epochs: int | None = whole(
        None, 1, 1000, "Epochs after each thawing; automatic takes the shared number of epochs.",
        label="Epochs per thawing", unit="epochs", term="n", source="Our default",
    )  # fmt: skip
    label_epochs: int | None = whole(
        None, 1, 100_000, "Epochs over the labelled sentences; automatic makes at least 200 steps.",
        label="Epochs on labels", unit="epochs", source="Our default",
    )  # fmt: skip
    alpha: float = number(
        1.0, 0.0, 1e6, "Weight of the labels where losses are summed.",
        label="Weight of labels", term="alpha", source=f"{PAPER}, joint loss (powers of 10)",
    )  # fmt: skip
    beta: float = number(
        1.0, 0.0, 1e6, "Weight of following the teacher's layer where losses are summed.",
        label="Weight of the layer", term="beta", source=f"{PAPER}, joint loss (powers of 10)",
    )  # fmt: skip
    gamma: float = number(
        1.0, 0.0, 1e6, "Weight of following the teacher's answers where losses are summed.",
        label="Weight of answers", term="gamma", source=f"{PAPER}, joint loss (powers of 10)",
    )  # fmt: skip
    teacher_layer: int | None = whole(
        None, 1, 1000, "Which teacher layer to follow; automatic is a little above the middle (7 of 12).",
        label="Teacher layer", term="l", source=f"{PAPER}, best student",
    )  # fmt: skip
    layer_loss: Literal["divergence", "squared", "cosine"] = choice(
        "divergence", "How far the student is from the layer: divergence of softmaxed features, square or angle.",
        label="Layer distance", term="L_RL: KLD, MSE, cosine", source=f"{PAPER}, eq. of L_RL",
    )  # fmt: skip
    logit_target: Literal["log_softmax", "log_odds", "raw"] = choice(
        "log_softmax", "What the student's logits follow: log p, log p/(1 - p), or the teacher's raw logits.",
        label="Answers to follow", term="logit(p)", source=f"{PAPER}, eq. of L_LL",
    )  # fmt: skip
    reduction: Literal["paper", "repo"] = choice(
        "paper", "Sums over classes and features, half the square for answers; or plain means, as in the code.",
        label="Averaging", term="loss reduction", source=f"{PAPER} and reference code",
    )  # fmt: skip
    heads: Literal["two", "one"] = choice(
        "two", "A head each for the teacher's answers and the labels, or one head for both.",
        label="Heads", source=f"{PAPER}, section 3.1; one in the reference code",
    )  # fmt: skip
    head_reads: Literal["state", "projection"] = choice(
        "state", "Heads read the BiLSTM's last states, or their projection to the teacher's width.",
        label="Heads read", source=f"{PAPER}, eq. 3; projection in the reference code",
    )  # fmt: skip

    @property
    def soft(self) -> bool:
        """True when the student follows the teacher's logits."""
        return self.distillation in ("soft", "soft_and_layer")

    @property
    def in_stages(self) -> bool:
        """True when the losses come one after the other."""
        return self.soft and self.order != "joint"

    @property
    def follows_layer(self) -> bool:
        """True when the student follows a layer, in a stage of its own or with a weight."""
        return self.distillation == "soft_and_layer" and (self.order != "joint" or self.beta > 0)

    @property
    def reads_text(self) -> bool:
        """True when sentences without labels are needed, if only for their pieces."""
        return self.distillation != "none" or self.vocabulary == "seen"


def followed_layer(params: DistilledBiLSTM, teacher: Shape) -> int:
    """The teacher layer to follow, counted from 1."""
    return params.teacher_layer or max(1, round(teacher.layers * 7 / 12))


def forecast(params: DistilledBiLSTM, teacher: Shape) -> Forecast:
    """The student with every word piece; one head is exported, and no projection it does not read."""
    student = Shape(
        architecture=RECURRENT, layers=params.layers, hidden=2 * params.hidden, heads=0,
        feed_forward=teacher.hidden if params.head_reads == "projection" else 0,
        vocabulary=teacher.vocabulary, positions=0, types=0, labels=teacher.labels,
        embedding=params.embedding,
    )  # fmt: skip
    links = ((followed_layer(params, teacher), params.layers),) if params.follows_layer else ()
    return Forecast(student, links)


def check(params: DistilledBiLSTM, teacher: Shape) -> None:
    """Refuse a start, a layer or weights that the student cannot have."""
    table = teacher.embedding or teacher.hidden
    if params.start == "teacher" and params.embedding > table:
        raise BadInput(
            f"The teacher's word table is {table} wide, so the student's cannot be {params.embedding}; "
            f"choose at most {table}, or another start.",
            "method.embedding",
        )
    if params.start == "vectors":
        if params.vectors is None:
            raise BadInput("Starting from word vectors needs a file; choose one.", "method.vectors")
        width = vector_width(params.vectors, "method.vectors")
        if width != params.embedding:
            raise BadInput(
                f"{params.vectors} holds vectors of {width} numbers but the embedding is "
                f"{params.embedding} wide; set the embedding width to {width}.",
                "method.embedding",
            )
    if params.follows_layer and followed_layer(params, teacher) > teacher.layers:
        raise BadInput(
            f"The teacher has {teacher.layers} layers, so layer {params.teacher_layer} cannot be "
            "followed; choose a lower one.",
            "method.teacher_layer",
        )
    if params.soft and params.order != "three_stages" and not params.alpha + params.gamma:
        raise BadInput(
            "Neither labels nor the teacher's answers count, so the student would learn no answers; "
            "set one of the two weights above 0.",
            "method.alpha",
        )


def stages(params: DistilledBiLSTM) -> tuple[str, ...]:
    """One stage of training, or one for each loss."""
    if not params.in_stages:
        return ("Prepare", ALL, "Measure")
    first = [LAYER] if params.follows_layer else []
    rest = [BOTH] if params.order == "two_stages" else [ANSWERS, LABELLED]
    return ("Prepare", *first, *rest, "Measure")


def alone(params: DistilledBiLSTM) -> dict[str, str]:
    """The same student from the same word table, learning from the labels only."""
    return {"distillation": "none"}


@method(
    title="BiLSTM", subtitle="unlabelled text", family="distil", order=4,
    paper="Mukherjee, Awadallah: Distilling Transformers into Simple Neural Networks with "
    "Unlabeled Transfer Data, 2019; XtremeDistil, 2020",
    summary="A small recurrent model learns from text that nobody labelled.",
    glyph="bilstm", params=DistilledBiLSTM, forecast=forecast, check=check, stages=stages,
    training={
        "batch_size": 512, "learning_rate": 1e-3, "schedule": "cosine", "warmup": 0.0,
        "weight_decay": 0.0,
    },
    terms={
        "labels": "Labels", "pseudo": "Teacher's labels", "logits": "Teacher's answers",
        "representation": "Teacher's layer",
    },
    quick={
        "method": {
            "hidden": 150, "embedding": 100, "unlabelled_sentences": 20_000, "order": "joint",
            "heads": "one", "teacher_layer": 6,
        },
        "training": {"epochs": 3, "batch_size": 128, "learning_rate": 3e-3, "validations": 2},
    },
    alone=alone, reads_text=lambda params: params.reads_text and params.transfer != "train",
    charts=(
        Chart(
            "Unlabelled text, held out", {"unlabelled/agreement": "Same answer as teacher"}, share=True
        ),
        Chart(
            "Distance on held-out text",
            {"unlabelled/logits": "Teacher's answers", "unlabelled/representation": "Teacher's layer"},
        ),
    ),
)  # fmt: skip
def run(job: Job, params: DistilledBiLSTM) -> nn.Module:
    """Joint: alpha L_CE + beta L_RL + gamma L_LL. In stages: L_RL, then L_LL, then L_CE.

    L_CE is a mean over labelled sentences, L_RL and L_LL are means over unlabelled ones. Hard
    distillation minimises L_CE on the labelled sentences and on those the teacher labelled. In
    stages, parts are thawed from the top down, each step keeps the best held-out loss, and no
    step ends worse than it began. The learning rate falls anew in each step.
    """
    from engine.recurrent_training import Lessons, made_student
    from engine.transfer import prepare_transfer

    outputs = ["cls"] * params.follows_layer + ["logits"] * (params.distillation != "none")
    with job.stage("Prepare"):
        transfer = None
        if params.reads_text:
            most = params.unlabelled_sentences
            transfer = prepare_transfer(job, params.transfer, most, *outputs)
        student = made_student(job, params, forecast(params, job.info.shape).student, transfer)
    lessons = Lessons(job, params, student, transfer, followed_layer(params, job.info.shape))
    if params.distillation in ("none", "hard"):
        lessons.on_labels(ALL)
    elif params.order == "joint":
        lessons.jointly(ALL)
    else:
        if params.follows_layer:
            lessons.on_layer(LAYER)
        if params.order == "two_stages":
            lessons.on_answers(BOTH, labels=True)
        else:
            lessons.on_answers(ANSWERS, labels=False)
            lessons.on_labels_in_steps(LABELLED)
    return student.finished()
