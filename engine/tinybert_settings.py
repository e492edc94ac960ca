"""The settings of TinyBERT: what they make of a teacher, which stages they take, what they refuse."""

from __future__ import annotations

from typing import Any, Literal

from engine.errors import BadInput
from engine.matching import mapped_layers
from engine.schema import Params, choice, file, number, switch, whole
from engine.shape import Forecast, Shape
from engine.vectors import vector_width

PAPER = "Jiao et al. 2020"


class TinyBERT(Params):
    """Settings of TinyBERT; the shared training settings are those of its last stage."""

    layers: int | None = whole(
        None, 1, 48, "How many layers the student has; automatic takes a third of the teacher's, as TinyBERT4 "
        "has 4 of 12. Fewer is smaller and faster, and less exact.",
        label="Layers", unit="layers", term="M", source=f"{PAPER}, section 5.1", basic=True,
    )  # fmt: skip
    hidden_size: int = whole(
        312, 8, 4096, "Width of the student; it must divide by the number of attention heads.",
        label="Width", unit="units", term="hidden size d'", source=f"{PAPER}, section 5.1", basic=True,
    )  # fmt: skip
    heads: int | None = whole(
        None, 1, 64, "Attention heads of the student; automatic takes the teacher's number, as following its "
        "attention needs.",
        label="Attention heads", unit="heads", term="h", source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    feed_forward: int = whole(
        1200, 8, 16384, "Inner width of the feed-forward part of the student.",
        label="Feed-forward width", unit="units", source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    start: Literal["random", "embeddings", "teacher"] = choice(
        "random", "Start from random weights, with the teacher's embeddings cut to the student's width, or "
        "from the followed layers of a teacher of the same widths.",
        label="Start from", term="initialisation", paper="random",
        source="Our extension: the paper starts at random",
    )  # fmt: skip
    learn_from: Literal["teacher", "labels"] = choice(
        "teacher", "Learn from the teacher, or from the labels alone, for the epochs of both last stages.",
        label="Learn from", source=f"{PAPER}, section 5.2 (BERT-tiny learns from labels)",
    )  # fmt: skip
    layer_map: Literal["uniform", "top", "bottom"] = choice(
        "uniform", "Which teacher layers to follow: evenly spread, the last ones, or the first ones.",
        label="Follow layers", term="mapping function g(m)", source=f"{PAPER}, section 5.3.3", basic=True,
    )  # fmt: skip
    embedding: bool = switch(
        True, "Follow the teacher's word embeddings.",
        label="Follow embeddings", term="L_embd", source=f"{PAPER}, eq. 9",
    )  # fmt: skip
    hidden: bool = switch(
        True, "Follow the teacher's layer states.",
        label="Follow states", term="L_hidn", source=f"{PAPER}, eq. 8",
    )  # fmt: skip
    attention: bool = switch(
        True, "Follow which words the teacher's heads look at.",
        label="Follow attention", term="L_attn", source=f"{PAPER}, eq. 7",
    )  # fmt: skip
    prediction: bool = switch(
        True, "Learn the teacher's answers in the last stage; without, that stage learns the labels.",
        label="Follow answers", term="L_pred", source=f"{PAPER}, eq. 10",
    )  # fmt: skip
    attention_scores: Literal["raw", "normalised"] = choice(
        "raw", "Compare attention scores before the softmax, or after it.",
        label="Attention compared", source=f"{PAPER}, section 4.1 (unnormalised)",
    )  # fmt: skip
    maps: Literal["embedding_apart", "shared", "separate"] = choice(
        "embedding_apart", "Learned maps to the teacher's width: one for embeddings and one for layers, "
        "one for all (reference code), or one for each layer.",
        label="Learned maps", term="W_e, W_h", source=f"{PAPER}, eqs. 8 and 9",
    )  # fmt: skip
    mask_padding: Literal["none", "valid_only"] = choice(
        "none", "Count padding when layers are compared, or real pieces only, whose states can be stored.",
        label="Padding", source=f"{PAPER}, eqs. 7 to 9, and reference code (none)",
    )  # fmt: skip
    teacher_dropout: bool = switch(
        False, "Let the teacher hide units at random while it is followed, as the reference code does.",
        label="Teacher's dropout", source="Our choice: a teacher answers without dropout", paper=False,
    )  # fmt: skip
    temperature: float = number(
        1.0, 0.1, 100.0, "Higher values show the student more of the teacher's doubt between answers.",
        label="Answer softness", term="temperature t", step=0.5, source=f"{PAPER}, section 4.1",
    )  # fmt: skip
    reduction: Literal["paper", "repo"] = choice(
        "paper", "How the loss of the answers is averaged: by sentence, or also by class (repo).",
        label="Averaging", term="loss reduction", source=f"{PAPER}, eq. 10, and reference code",
    )  # fmt: skip
    general: bool = switch(
        True, "First follow the teacher's layers on plain text. The teacher is the loaded one; the paper "
        "takes it before its fine-tuning.",
        label="General stage", term="general distillation", source=f"{PAPER}, section 4.2", basic=True,
    )  # fmt: skip
    general_epochs: int = whole(
        3, 1, 100, "How often the general stage reads the text.",
        label="General stage, epochs", unit="epochs", source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    general_rate: float = number(
        5e-5, 1e-8, 1.0, "Learning rate of the general stage, with warm-up and linear fall.",
        label="General stage, learning rate", scientific=True, source=f"{PAPER}, reference code",
    )  # fmt: skip
    general_batch: int = whole(
        256, 1, 4096, "Rows of text in a step of the general stage.",
        label="General stage, batch size", unit="rows", source=f"{PAPER}, reference code",
    )  # fmt: skip
    augment: bool = switch(
        True, "Learn from more sentences: words are replaced by others that fit. Made once and kept.",
        label="Augment", term="data augmentation", source=f"{PAPER}, algorithm 1", basic=True,
    )  # fmt: skip
    replaced: float = number(
        0.4, 0.0, 1.0, "Probability that a word is replaced.",
        label="Replaced words", term="p_t", step=0.1, source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    variants: int = whole(
        20, 1, 100, "Sentences made of each one; the reference code makes 10 to 30, by task.",
        label="Variants", unit="per sentence", term="N_a", source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    candidates: int = whole(
        15, 1, 1000, "From how many words a replacement is chosen.",
        label="Candidates", unit="words", term="K", source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    masked_context: Literal["alone", "with_original"] = choice(
        "alone", "What the teacher reads to guess a word: the masked sentence alone, or also the original.",
        label="Guess from", source=f"{PAPER}, algorithm 1, and reference code (with original)",
    )  # fmt: skip
    vectors: str | None = file(
        "GloVe or fastText file for words of several pieces; without, the teacher's embeddings are used.",
        label="Word vectors", source=f"{PAPER}, algorithm 1 (GloVe)", endings=(".txt", ".vec"),
    )  # fmt: skip
    masked_epochs: int = whole(
        2, 1, 100, "How long a teacher without a head for masked words learns one for the candidates.",
        label="Masked words, epochs", unit="epochs", source="Our choice",
    )  # fmt: skip
    masked_sentences: int = whole(
        5000, 10, 10_000_000, "From how many sentences of the text such a head learns.",
        label="Masked words, text", unit="sentences", source="Our choice", step=1000,
    )  # fmt: skip
    masked_rate: float = number(
        1e-3, 1e-8, 1.0, "Learning rate for such a head; the teacher itself stays as it is.",
        label="Masked words, learning rate", scientific=True, source="Our choice",
    )  # fmt: skip
    intermediate_epochs: int = whole(
        20, 1, 1000, "How long the student follows the teacher's layers, before its answers.",
        label="Follow layers for", unit="epochs", term="intermediate layer distillation",
        source=f"{PAPER}, section 5.1",
    )  # fmt: skip
    intermediate_rate: float = number(
        5e-5, 1e-8, 1.0, "Learning rate while following layers; constant, without warm-up.",
        label="Follow layers, learning rate", scientific=True, source=f"{PAPER}, section 5.1",
    )  # fmt: skip


def depth(params: TinyBERT, teacher: Shape) -> int:
    """The student's layers M; automatic is the largest divisor of N that is at most N/3."""
    if params.layers is not None:
        return params.layers
    return max(m for m in range(1, max(1, teacher.layers // 3) + 1) if teacher.layers % m == 0)


def followed_layers(params: TinyBERT, teacher: Shape) -> tuple[int, ...]:
    """The teacher layer that each student layer follows; nothing where the depths do not fit."""
    layers = depth(params, teacher)
    fits = layers <= teacher.layers
    if params.layer_map == "uniform":
        fits = teacher.layers % layers == 0
    return mapped_layers(layers, teacher.layers, params.layer_map) if fits else ()


def follows_layers(params: TinyBERT) -> bool:
    """True when any term compares layers."""
    return params.learn_from == "teacher" and (
        params.embedding or params.hidden or params.attention
    )


def forecast(params: TinyBERT, teacher: Shape) -> Forecast:
    """The teacher's family in the given sizes; every layer follows one of the teacher's."""
    sizes = {
        "layers": depth(params, teacher), "hidden": params.hidden_size,
        "heads": params.heads or teacher.heads, "feed_forward": params.feed_forward,
    }  # fmt: skip
    if teacher.architecture in ("electra", "albert"):  # their tables keep the teacher's width
        sizes["embedding"] = teacher.embedding or teacher.hidden
    followed = followed_layers(params, teacher) if follows_layers(params) else ()
    return Forecast(
        teacher.resized(**sizes), tuple((layer, m + 1) for m, layer in enumerate(followed))
    )


def check(params: TinyBERT, teacher: Shape) -> None:
    """Refuse sizes that cannot be built or cannot follow this teacher."""
    student = forecast(params, teacher).student
    if student.hidden % student.heads:
        raise BadInput(
            f"The width {student.hidden} does not divide by {student.heads} attention heads; "
            "change one.",
            "method.hidden_size",
        )
    _check_depth(params, teacher)
    if follows_layers(params) and params.attention and student.heads != teacher.heads:
        raise BadInput(
            f"The student has {student.heads} attention heads and the teacher {teacher.heads}; to "
            f"follow its attention, choose {teacher.heads} or switch Follow attention off.",
            "method.heads",
        )
    sizes = (teacher.hidden, teacher.heads, teacher.feed_forward)
    if params.start == "teacher" and sizes != (student.hidden, student.heads, student.feed_forward):
        raise BadInput(
            "A student that starts from the teacher's layers has their sizes: width "
            f"{sizes[0]}, {sizes[1]} heads, feed-forward width {sizes[2]}; choose these or start at "
            "random.",
            "method.start",
        )
    if params.start == "embeddings" and params.hidden_size > teacher.hidden:
        raise BadInput(
            f"The teacher's embeddings have {teacher.hidden} columns, too few for a student of "
            f"width {params.hidden_size}; choose a smaller width or start at random.",
            "method.start",
        )
    if params.augment and params.vectors:
        vector_width(params.vectors, "method.vectors")


def _check_depth(params: TinyBERT, teacher: Shape) -> None:
    """Refuse a depth whose layers have none of the teacher's to follow."""
    if followed_layers(params, teacher) or not (
        follows_layers(params) or params.start == "teacher"
    ):
        return
    even = [m for m in range(1, teacher.layers + 1) if teacher.layers % m == 0]
    if params.layer_map == "uniform":
        raise BadInput(
            f"The teacher's {teacher.layers} layers cannot be spread evenly over {params.layers}; "
            f"choose one of {', '.join(map(str, even))}, or follow the top or bottom layers.",
            "method.layers",
        )
    raise BadInput(
        f"The student has {params.layers} layers but the teacher only {teacher.layers}; choose at "
        f"most {teacher.layers}.",
        "method.layers",
    )


def alone(params: TinyBERT) -> dict[str, Any]:
    """The same student from the same start, on the labels of the sentences as they are."""
    return {"learn_from": "labels", "augment": False}


def stages(params: TinyBERT) -> tuple[str, ...]:
    """The stages that these settings go through."""
    layers = follows_layers(params)
    middle = {
        "General": layers and params.general, "Masked words": params.augment,
        "Augment": params.augment, "Layers": layers, "Answers": True,
    }  # fmt: skip
    return ("Prepare", *(title for title, wanted in middle.items() if wanted), "Measure")


def reads_text(params: TinyBERT) -> bool:
    """Plain text serves the general stage, and the head that guesses masked words."""
    return params.augment or (params.general and follows_layers(params))
