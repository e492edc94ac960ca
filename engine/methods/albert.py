"""ALBERT: a narrow word table and one layer used again and again, taught on plain text and labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from engine.architectures import ARCHITECTURES, AlbertFields
from engine.errors import BadInput
from engine.method import Chart, method
from engine.schema import Params, choice, make, number, whole
from engine.shape import Forecast, Shape

if TYPE_CHECKING:
    from torch import nn

    from engine.job import Job
    from engine.models import Loaded

PAPER = "Lan et al. 2019"
OURS = "Our extension; the paper has no teacher"


class Albert(Params):
    """Settings of ALBERT; sizes left automatic are the teacher's."""

    embedding_size: int = whole(
        128, 8, 4096, "Width of the stored word table, which one map widens for the layers.",
        label="Word table width", unit="units", term="E", source=f"{PAPER}, table 3", basic=True,
    )  # fmt: skip
    sharing: Literal["all", "attention", "feed_forward", "groups", "none"] = choice(
        "all", "What the layers have in common. Stored once, yet computed in every layer: this saves bytes, not time.",
        label="Share", term="cross-layer parameter sharing", source=f"{PAPER}, table 4", basic=True,
    )  # fmt: skip
    groups: int = whole(
        2, 2, 48, "Into how many groups the layers fall, each with one stored layer; only for sharing by groups.",
        label="Groups", unit="groups", term="num_hidden_groups", source="Our default",
    )  # fmt: skip
    start: Literal["teacher", "scratch"] = choice(
        "teacher", "Begin with the teacher's weights, its word table factorised and its layers merged, or with random ones.",
        label="Start from", term="initialisation", source=OURS, paper="scratch", basic=True,
    )  # fmt: skip
    teacher_layer: int | None = whole(
        None, 1, 48, "Which of the teacher layers that a stored layer stands for fills it; automatic takes their mean.",
        label="Teacher layer", unit="from below", source=OURS,
    )  # fmt: skip
    text_epochs: int = whole(
        1, 0, 1000, "How often to read the plain text, guessing masked words, before learning the labels; 0 leaves it out.",
        label="Read text", unit="times", term="pre-training epochs", source="Our default", basic=True,
    )  # fmt: skip
    alpha: float = number(
        0.5, 0.0, 1.0, "Weight of the teacher's answers against the true labels: 0 labels only, as in the paper.",
        label="Trust in the teacher", term="alpha", step=0.1, source=OURS, paper=0.0, basic=True,
    )  # fmt: skip
    temperature: float = number(
        2.0, 0.1, 100.0, "Higher values show the student more of the teacher's doubt between answers.",
        label="Answer softness", term="temperature T", step=0.5, source=OURS,
    )  # fmt: skip
    layers: int | None = whole(
        None, 1, 48, "How often layers are applied; automatic takes the teacher's number. Shared ones cost no bytes.",
        label="Layers", unit="layers", source=f"{PAPER}, table 1 (12 or 24)",
    )  # fmt: skip
    hidden_size: int | None = whole(
        None, 8, 8192, "Width of the layers, which must divide by the heads; only from scratch.",
        label="Width", unit="units", term="H", source=f"{PAPER}, table 1 (768 to 4096)",
    )  # fmt: skip
    heads: int | None = whole(
        None, 1, 128, "Attention heads; only from scratch.",
        label="Attention heads", unit="heads", source=f"{PAPER}, section 3.1 (H / 64)",
    )  # fmt: skip
    feed_forward: int | None = whole(
        None, 8, 32768, "Inner width of the feed-forward part; only from scratch.",
        label="Feed-forward width", unit="units", source=f"{PAPER}, section 3.1 (4 H)",
    )  # fmt: skip
    activation: Literal["auto", "gelu_new", "gelu", "relu"] = choice(
        "auto", "Bend of the feed-forward part; automatic keeps the teacher's when starting from it, else gelu_new.",
        label="Activation", source=f"{PAPER}, reference code (gelu_new, by tanh)", paper="gelu_new",
    )  # fmt: skip
    dropout: float = number(
        0.0, 0.0, 0.9, "Share of units hidden at random inside the layers; most of the paper's fine-tuning hides none.",
        label="Layer dropout", step=0.05, source=f"{PAPER}, fine-tuning settings",
    )  # fmt: skip
    classifier_dropout: float = number(
        0.1, 0.0, 0.9, "Share of units hidden at random before the answer; keep some even without layer dropout.",
        label="Answer dropout", term="classifier dropout", step=0.05, source=f"{PAPER}, fine-tuning settings",
    )  # fmt: skip
    text_sentences: int | None = whole(
        None, 1, 10_000_000, "How many sentences of the plain text to read; automatic takes all.",
        label="Text to read", unit="sentences", source="Our default",
    )  # fmt: skip
    sentence_task: Literal["sop", "nsp", "none"] = choice(
        "sop", "Second task on text: are two segments in order (sop), does the second follow the first (nsp), or none.",
        label="Sentence task", term="SOP, NSP", source=f"{PAPER}, section 3.1 and table 5",
    )  # fmt: skip
    longest_span: int = whole(
        3, 1, 10, "Longest run of whole words that is masked together; shorter ones come more often.",
        label="Longest masked span", unit="words", term="n-gram masking", source=f"{PAPER}, section 4.1",
    )  # fmt: skip
    masked: float = number(
        0.15, 0.01, 0.9, "Share of the word pieces that have to be guessed.",
        label="Masked", term="masking rate", step=0.05, source=f"{PAPER}, section 4.1",
    )  # fmt: skip
    text_batch_size: int = whole(
        32, 1, 4096, "Rows of text per step. The paper's 4,096 needs many machines.",
        label="Text batch size", unit="rows", source="Our default", paper=4096,
    )  # fmt: skip
    text_learning_rate: float = number(
        3e-4, 1e-8, 1.0, "Step size while reading text, by AdamW. The paper's 0.00176 belongs to LAMB and batches of 4,096.",
        label="Text learning rate", unit="per step", scientific=True, source="Our default", paper=0.00176,
    )  # fmt: skip
    text_warmup: float = number(
        0.025, 0.0, 1.0, "Share of the steps on text in which the learning rate rises from zero; then it falls in a line.",
        label="Text warm-up", step=0.005, source=f"{PAPER}, section 4.1 (3,125 of 125,000)",
    )  # fmt: skip


def student_config(
    params: Albert, teacher: Shape, own: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The student's checked config; `own`, the teacher's, gives what is not a size.

    Raises BadInput for a width that the heads do not divide.
    """
    from_teacher, known = params.start == "teacher", own or {}
    layers = params.layers or teacher.layers
    stored = {"all": 1, "groups": params.groups}.get(params.sharing, layers)
    activation: str = params.activation
    if activation == "auto":
        kept = known.get("hidden_act") or known.get("activation") or "gelu"
        activation = kept if from_teacher else "gelu_new"
    kept_names = ("pad_token_id", "initializer_range", "layer_norm_eps")
    values = {
        **{name: known[name] for name in kept_names if name in known},
        "vocab_size": teacher.vocabulary, "max_position_embeddings": teacher.positions,
        "type_vocab_size": max(1, teacher.types), "embedding_size": params.embedding_size,
        "hidden_size": params.hidden_size or teacher.hidden, "num_hidden_layers": layers,
        "num_hidden_groups": stored, "num_attention_heads": params.heads or teacher.heads,
        "intermediate_size": params.feed_forward or teacher.feed_forward,
        "hidden_act": activation, "hidden_dropout_prob": params.dropout,
        "attention_probs_dropout_prob": params.dropout,
        "classifier_dropout_prob": params.classifier_dropout,
        "shared_part": params.sharing if params.sharing in ("attention", "feed_forward") else "",
    }  # fmt: skip
    return make(AlbertFields, values).model_dump()


def forecast(params: Albert, teacher: Shape) -> Forecast:
    """Layers that share weights count once; no teacher layer is followed while training."""
    config = student_config(params, teacher)
    return Forecast(ARCHITECTURES["albert"].shape(config, teacher.labels))


def check(params: Albert, teacher: Shape) -> None:
    """Refuse sizes that do not fit together or cannot be filled from the teacher."""
    if teacher.architecture not in ARCHITECTURES:
        raise BadInput(
            "ALBERT is made from a BERT-like encoder, which this teacher is not; choose another.",
            "teacher",
        )
    from_teacher = params.start == "teacher"
    if from_teacher and any(
        size is not None for size in (params.hidden_size, params.heads, params.feed_forward)
    ):
        raise BadInput(
            'A student that begins with the teacher\'s weights has its widths; set "start" to '
            '"scratch" to choose others.',
            "method.start",
        )
    hidden, heads = params.hidden_size or teacher.hidden, params.heads or teacher.heads
    layers = params.layers or teacher.layers
    if params.embedding_size > hidden:
        raise BadInput(
            f"The word table of width {params.embedding_size} is wider than the layers ({hidden}); "
            f"choose at most {hidden}.",
            "method.embedding_size",
        )
    if hidden % heads:
        raise BadInput(
            f"The width {hidden} does not divide by {heads} attention heads; change one.",
            "method.hidden_size",
        )
    if params.sharing == "groups" and params.groups > layers:
        raise BadInput(
            f"{params.groups} groups are more than the {layers} layers; choose at most {layers}.",
            "method.groups",
        )
    if from_teacher:
        _check_start(params, teacher, layers)


def _check_start(params: Albert, teacher: Shape, layers: int) -> None:
    """Refuse what the teacher's weights cannot fill."""
    stored = {"all": 1, "groups": params.groups}.get(params.sharing, layers)
    if stored > teacher.layers:
        raise BadInput(
            f"The student stores {stored} layers but the teacher has only {teacher.layers} to fill "
            'them; choose fewer, or set "start" to "scratch".',
            "method.layers",
        )
    fewest = teacher.layers // stored
    if (params.teacher_layer or 1) > fewest:
        raise BadInput(
            f"A stored layer stands for {fewest} of the teacher's layers; choose at most {fewest}.",
            "method.teacher_layer",
        )


def alone(params: Albert) -> dict[str, float]:
    """The same student from the same start and text, learning from the labels only."""
    return {"alpha": 0.0}


def stages(params: Albert) -> tuple[str, ...]:
    """Reading plain text is a stage of its own."""
    return ("Prepare", *(("Read text",) if params.text_epochs else ()), "Train", "Measure")


@method(
    title="ALBERT", subtitle="shared layers", family="share", order=1,
    paper="Lan, Chen, Goodman, Gimpel, Sharma, Soricut: ALBERT, 2019",
    summary="Stores one layer and uses it again and again: fewer bytes, same time.",
    glyph="albert", params=Albert, forecast=forecast, check=check, stages=stages,
    faster=False, needs_teacher_answers=False,
    training={"epochs": 10, "batch_size": 32, "learning_rate": 1e-5, "warmup": 0.06, "max_length": 512},
    terms={"masked": "Masked words", "order": "Sentence order", "hard": "Labels", "soft": "Teacher's answers"},
    charts=(Chart("Reading text", {
        "masked/accuracy": "Masked words right", "order/accuracy": "Sentence order right",
    }, share=True),),
    quick={
        "method": {"text_epochs": 0, "teacher_layer": 1},
        "training": {"epochs": 2, "learning_rate": 3e-4, "max_length": 64},
    },
    alone=alone, reads_text=lambda params: params.text_epochs > 0,
)  # fmt: skip
def run(job: Job, params: Albert) -> Loaded:
    """Masked words and sentence order on text, then labels and the teacher's answers.

    On text L = MLM + SOP (Lan et al. 2019, section 3.1); with labels
    L = (1 - alpha) CE + alpha T^2 H(teacher, student) at temperature T (Hinton et al. 2015),
    which is the paper's fine-tuning at alpha 0. AdamW stands in for LAMB.
    """
    from engine import conversion, loop, models

    albert = ARCHITECTURES["albert"]
    config = student_config(params, job.info.shape, job.teacher.config)
    with job.stage("Prepare"):
        if params.alpha:
            _ask_teacher(job)
        if params.start == "teacher":
            student, kept = conversion.to_albert(
                job.teacher, config, job.encoded["train"], params.teacher_layer, job.spec.seed
            )
            job.note(
                f"The narrow word table keeps {100 * kept:.0f} % of the variance of words read."
            )
        else:
            student = models.build(albert, config, job.teacher.labels, job.spec.seed)
        shape = albert.shape(config, len(job.teacher.labels))
        job.note(
            f"All {shape.layers} layers are computed, however few are stored: sharing saves bytes, not time."
        )
    if params.text_epochs:
        _read_text(job, params, student)
    loss = loop.taught_loss(job, params.alpha, params.temperature)
    loop.fit(job, student, loss, stage="Train")
    return models.Loaded(student, job.teacher.tokenizer, albert, config, job.teacher.labels)


def _ask_teacher(job: Job) -> None:
    if not job.teacher_is_trained:
        raise BadInput(
            f"{job.info.title} has no trained answers for these classes; fine-tune it on this data "
            "first, or set Trust in the teacher to 0.",
            "method.alpha",
        )
    job.ask_teacher("logits")


def _read_text(job: Job, params: Albert, student: nn.Module) -> None:
    """Train the encoder on text; its head for words is dropped afterwards."""
    from engine import loop, mlm

    text = job.text
    if params.text_sentences:
        text = text.first(params.text_sentences, job.spec.seed)
    train, held_out = text.cut(job.spec.seed)
    task = params.sentence_task
    if task == "sop" and len(text.sentences) == len(text.documents):
        job.note("The text has no sentences in order, so each is cut in two to learn order from.")
    rows, judged = (
        mlm.rows(job.teacher.tokenizer, part, job.max_length, job.spec.seed, task=task)
        for part in (train, held_out)
    )
    model = mlm.MaskedModel(student, job.spec.seed, order=task != "none")
    loop.fit(
        job, model, mlm.loss(job), stage="Read text", feed=mlm.feed(job, rows, rate=params.masked, longest=params.longest_span),
        epochs=params.text_epochs, batch_size=params.text_batch_size, schedule="linear",
        learning_rate=params.text_learning_rate, warmup=params.text_warmup,
        check=mlm.check(job, judged, rate=params.masked, longest=params.longest_span),
    )  # fmt: skip
