"""Mixed vocabulary ("Extreme"): a small word list of its own, and weights learned by projection."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from engine.errors import BadInput
from engine.method import Chart, method
from engine.schema import Params, choice, number, switch, whole
from engine.shape import Forecast, Shape

if TYPE_CHECKING:
    from engine.job import Job
    from engine.models import Loaded
    from engine.text import Text

PAPER = "Zhao et al. 2019"
V1, V2 = "v1_dual_projection", "v2_mixed_vocabulary"
HEAD, TOGETHER, MIX = "Teacher's head", "Learn together", "Mix vocabularies"
READ, TUNE = "Read text", "Fine-tune"


class Extreme(Params):
    """Settings of mixed-vocabulary training, versions 1 and 2 of the paper."""

    mode: Literal["v1_dual_projection", "v2_mixed_vocabulary"] = choice(
        V1, "Train teacher and student together and project weights, or first the table of pieces and then the student.",
        label="Procedure", term="dual training, mixed-vocabulary training",
        source=f"{PAPER}, versions 1 and 2 differ", basic=True,
    )  # fmt: skip
    vocabulary: int = whole(
        4928, 16, 200_000, "How many word pieces the student knows; they are learned from the text.",
        label="Word pieces", unit="pieces", term="student vocabulary", step=100,
        source=PAPER, basic=True,
    )  # fmt: skip
    hidden: int = whole(
        192, 4, 4096, "Width of the student's states. Narrower is smaller and faster, and less exact.",
        label="Width", unit="numbers", term="hidden size d", step=16,
        source=f"{PAPER} (48, 96 or 192)", basic=True,
    )  # fmt: skip
    projection: Literal["down", "up", "none"] = choice(
        "down", "Map the teacher's weights to the student's shape, the student's to the teacher's, or neither.",
        label="Projection", term="shared variable projection", source=PAPER, basic=True,
    )  # fmt: skip
    alpha: float = number(
        0.0, 0.0, 1.0, "Weight of the teacher's answers against the true labels in fine-tuning: 0 labels only.",
        label="Trust in the teacher", term="alpha", step=0.1,
        source=f"{PAPER} (ordinary fine-tuning)", basic=True,
    )  # fmt: skip
    temperature: float = number(
        2.0, 0.1, 100.0, "Higher values show the student more of the teacher's doubt between answers.",
        label="Answer softness", term="temperature T", step=1.0, source="Our default",
    )  # fmt: skip
    layers: int | None = whole(
        None, 1, 48, "How many layers the student has; automatic takes as many as the teacher.",
        label="Layers", unit="layers", source=PAPER,
    )  # fmt: skip
    heads: int | None = whole(
        None, 1, 256, "Attention heads; automatic makes them as wide as the teacher's, or else takes the most that divide the width.",
        label="Heads", unit="heads", source="Our default",
    )  # fmt: skip
    positions: int | None = whole(
        None, 8, 4096, "Longest input the student can read; automatic takes the teacher's.",
        label="Positions", unit="pieces", source="Our default",
    )  # fmt: skip
    share: float = number(
        0.5, 0.0, 1.0, "Chance that a word of the teacher's input is cut into the student's pieces.",
        label="Student's pieces", term="p_DT", step=0.1, source="Our default",
    )  # fmt: skip
    ramp: bool = switch(
        False, "Let that chance rise from zero while training.", label="Rising share", term="ramped p_DT", source="Our default",
    )  # fmt: skip
    epsilon: float = number(
        1e-3, 0.0, 1e6, "Weight of the distance between projected and real weights.",
        label="Weight of the projection", term="epsilon", scientific=True,
        source="Our default; the paper tunes it",
    )  # fmt: skip
    projection_average: Literal["sum", "mean"] = choice(
        "sum", "Add up the squared distances of all weights, or take their mean.",
        label="Averaging of weights", term="L_p reduction", source="Our default",
    )  # fmt: skip
    train_teacher: bool = switch(
        True, "Let the teacher's copy adapt while it reads the student's pieces; off keeps its own weights.",
        label="Teacher learns too", term="dual training", source=PAPER,
    )  # fmt: skip
    tied: bool = switch(
        True, "Guess the student's pieces with the table that reads them, as BERT does; off adds a second table.",
        label="One table to read and guess", term="tied output", source="Our default, as in BERT",
    )  # fmt: skip
    table_start: Literal["teacher", "random"] = choice(
        "teacher", "Start the teacher's rows for the student's pieces from its own spelling of each, or at random.",
        label="New rows start from", term="initialisation of the second table", source="Our default",
    )  # fmt: skip
    start: Literal["random", "teacher"] = choice(
        "random", "Start the student from random weights, or as the projected teacher (version 1 with a projection).",
        label="Student starts from", term="initialisation", source="Our default",
    )  # fmt: skip
    text_sentences: int | None = whole(
        None, 20, 100_000_000, "How many sentences of the text to read; automatic takes all.",
        label="Sentences of text", unit="sentences", step=1000, source="Our default",
    )  # fmt: skip
    text_epochs: int = whole(
        3, 1, 1000, "How many times each sentence of the text is read.",
        label="Read the text", unit="times", term="MLM epochs", source="Our default",
    )  # fmt: skip
    text_batch: int = whole(
        64, 1, 4096, "Rows of text per step.", label="Rows of text", unit="rows",
        term="MLM batch size", source="Our default",
    )  # fmt: skip
    text_learning_rate: float = number(
        1e-3, 1e-8, 1.0, "How far each step on text moves new weights: the student's, tables and projections.",
        label="Rate on text", unit="per step", scientific=True, source="Our default",
    )  # fmt: skip
    teacher_learning_rate: float = number(
        5e-5, 1e-8, 1.0, "How far each step on text moves the teacher's own weights.",
        label="Teacher's rate on text", unit="per step", scientific=True, source="Our default",
    )  # fmt: skip
    mask_rate: float = number(
        0.15, 0.01, 0.9, "Share of the pieces that are hidden, whole words at a time.",
        label="Hidden pieces", term="masking rate", step=0.05, source="Devlin et al. 2019, section 3.1",
    )  # fmt: skip
    head_sentences: int = whole(
        5000, 1, 100_000_000, "Sentences on which a teacher learns to guess words if its file holds no such part.",
        label="Sentences for the head", unit="sentences", step=1000, source="Our default",
    )  # fmt: skip
    learn_from: Literal["teacher", "text"] = choice(
        "teacher", "Train with the teacher, or the same small model from text and labels alone.",
        label="Learn from", term="no-KD student", source=PAPER,
    )  # fmt: skip


def forecast(params: Extreme, teacher: Shape) -> Forecast:
    """A BERT of the student's width and pieces; projected layers learn from their equals."""
    layers, positions = params.layers or teacher.layers, params.positions or teacher.positions
    student = Shape(
        "bert", layers, params.hidden, _heads(params, teacher), 4 * params.hidden,
        params.vocabulary, positions, 2, teacher.labels,
    )  # fmt: skip
    linked = student.layers if _projects(params) else 0
    return Forecast(student, tuple((layer, layer) for layer in range(1, linked + 1)))


def _heads(params: Extreme, teacher: Shape) -> int:
    same, rest = divmod(params.hidden, teacher.hidden // teacher.heads)
    every = [count for count in range(1, teacher.heads + 1) if params.hidden % count == 0]
    return params.heads or (max(every) if rest else same)


def _projects(params: Extreme) -> bool:
    return params.learn_from == "teacher" and params.mode == V1 and params.projection != "none"


def check(params: Extreme, teacher: Shape) -> None:
    """Refuse sizes that do not fit each other or the teacher."""
    if teacher.architecture == "roberta":
        sentence = "RoBERTa cuts bytes and not words into pieces; choose a BERT-like teacher."
        raise BadInput(sentence, "teacher")
    if params.heads and params.hidden % params.heads:
        wrong = f"A width of {params.hidden} does not divide by {params.heads} heads"
        raise BadInput(f"{wrong}; choose heads that divide it.", "method.heads")
    widest = min(params.vocabulary, teacher.embedding or teacher.hidden)
    if params.hidden > widest:
        wrong = f"A width of {params.hidden} is more than the word table's {widest}"
        raise BadInput(f"{wrong}; choose less.", "method.hidden")
    if _projects(params) and params.layers not in (None, teacher.layers):
        wrong = f"A projection maps layer to layer, and {params.layers} are not {teacher.layers}"
        sentence = f"{wrong}; choose {teacher.layers} layers, or set Projection to none."
        raise BadInput(sentence, "method.layers")
    if params.learn_from == "text" and params.alpha:
        raise BadInput("Text holds no teacher; set Trust in the teacher to 0.", "method.alpha")


def stages(params: Extreme) -> tuple[str, ...]:
    """The stages of either version, or of the same student without a teacher."""
    with_teacher = (HEAD, TOGETHER) if params.mode == V1 else (HEAD, MIX, READ)
    middle = (READ,) if params.learn_from == "text" else with_teacher
    return ("Prepare", *middle, TUNE, "Measure")


def alone(params: Extreme) -> dict[str, Any]:
    """The same small model with the same pieces: text by itself, then labels by themselves."""
    return {"learn_from": "text", "alpha": 0.0}


@method(
    title="Mixed vocabulary", subtitle="Extreme", family="distil", order=3,
    paper="Zhao, Gupta, Song, Zhou: Extreme Language Model Compression with Optimal Subwords and Shared Projections, 2019",
    summary="A narrow model with a small word list learns beside the teacher.",
    glyph="mixed-vocabulary", params=Extreme, forecast=forecast, check=check, stages=stages,
    needs_teacher_answers=False, alone=alone, reads_text=lambda params: True,
    terms={
        "student": "Student's hidden pieces", "teacher": "Teacher's hidden pieces", "masked": "Hidden pieces",
        "projection": "Projected weights", "hard": "Labels", "soft": "Teacher's answers",
    },
    charts=(
        Chart("Hidden pieces guessed", {"masked/student": "Student", "masked/teacher": "Teacher", "masked/accuracy": "Alone"}, share=True),
        Chart("Pieces", {"mixing/student_pieces": "Student's pieces in the teacher's input", "mixing/overlap": "Student's pieces that the teacher knows"}, share=True),
        Chart("Size of weights", {"norm/student": "Student's layers", "norm/projection": "Projections"}),
    ),
    quick={
        "method": {"start": "teacher", "train_teacher": False, "alpha": 0.7, "text_sentences": 1000, "text_epochs": 1, "text_batch": 32, "text_learning_rate": 3e-4, "head_sentences": 1000},
        "training": {"epochs": 4, "learning_rate": 2e-4, "max_length": 64, "validations": 2},
    },
)  # fmt: skip
def run(job: Job, params: Extreme) -> Loaded:
    """Learn the pieces, train on text by either version, then fine-tune on the labels."""
    from engine import guessing, mlm

    with job.stage("Prepare"):
        student, texts = _prepared(job, params)
    if params.learn_from == "teacher":
        _mixed(job, params, student, texts)
    if READ in job.stages:
        reader = mlm.MaskedModel(student.model, job.spec.seed + 1)
        guessing.learn_alone(
            job, reader, student.tokenizer, texts, rate=params.mask_rate, stage=READ, **_fit(params)
        )
    _tune(job, params, student)
    return student


def _prepared(job: Job, params: Extreme) -> tuple[Loaded, tuple[Text, Text]]:
    """The student with its pieces, text to learn from and text to judge by; refuses what does not fit."""
    from engine import dual, guessing

    if params.alpha and not job.teacher_is_trained:
        wrong = f"{job.info.title} has no trained answers for these classes"
        raise BadInput(f"{wrong}; set Trust in the teacher to 0.", "method.alpha")
    shape = forecast(params, job.info.shape).student
    tokenizer = guessing.student_pieces(job, params.vocabulary)
    student = dual.small_bert(job, tokenizer, shape)
    return student, guessing.texts(job, params.text_sentences)


def _fit(params: Extreme) -> dict[str, Any]:
    """How every stage on text is trained."""
    size, rate = params.text_batch, params.text_learning_rate
    return {"epochs": params.text_epochs, "batch_size": size, "learning_rate": rate}


def _mixed(job: Job, params: Extreme, student: Loaded, texts: tuple[Text, Text]) -> None:
    """Version 1: L = L_CE(student) + L_CE(teacher) + eps L_p. Version 2, stage I: L_CE(teacher)."""
    from engine import dual, guessing, mixed

    copy = guessing.guessing_teacher(
        job, texts, params.head_sentences, stage=HEAD, rate=params.mask_rate,
        **{**_fit(params), "epochs": 1},
    )  # fmt: skip
    frozen = not params.train_teacher
    pairs: Any = []
    if params.mode == V1:
        way = params.projection if _projects(params) else None
        model, pairs = dual.version_one(
            job, copy, student, way, start=params.table_start, sliced=params.start == "teacher",
            tied=params.tied, frozen=frozen,
        )  # fmt: skip
    else:
        model = dual.version_two(job, copy, student, start=params.table_start, frozen=frozen)
    loss = guessing.dual_loss(job, pairs, params.epsilon, params.projection_average == "mean")
    guessing.learn_mixed(
        job, model, mixed.mixers(job, student.tokenizer, texts, params.mask_rate), loss,
        share=params.share, ramped=params.ramp, teacher_rate=params.teacher_learning_rate,
        layers=len(pairs), stage=TOGETHER if params.mode == V1 else MIX, **_fit(params),
    )  # fmt: skip
    if params.mode == V2:
        dual.take_table(student, model)


def _tune(job: Job, params: Extreme, student: Loaded) -> None:
    """(1 - alpha) L_CE + alpha T^2 L_soft on the labelled sentences, in the student's pieces."""
    from engine import checks, feeds, loop

    train, validation = (job.encode(student.tokenizer, name) for name in ("train", "validation"))
    loop.fit(
        job, student.model, loop.taught_loss(job, params.alpha, params.temperature), stage=TUNE,
        feed=feeds.labelled(job, train), check=checks.labels_check(job, validation),
    )  # fmt: skip
