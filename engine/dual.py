"""A teacher that learns a second vocabulary and a small student beside it: how they are built and paired."""

from __future__ import annotations

import copy
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import nn

from engine import mlm, models
from engine.architectures import ARCHITECTURES
from engine.errors import BadInput
from engine.job import Job
from engine.loop import decay_groups
from engine.mixing import spelled
from engine.ops.dual import (
    DualModel,
    MappedTable,
    MixedTeacher,
    PieceTable,
    factors,
    start_table,
)
from engine.ops.projection import SharedProjection
from engine.parts import FAMILIES, Parts
from engine.schema import make
from engine.shape import Shape

Pairs = list[list[tuple[Any, Any]]]
_MAPS = ("query", "key", "value", "output", "attention_norm", "up", "down", "output_norm")


# Models ---------------------------------------------------------------------------------------


def small_bert(job: Job, tokenizer: Tokenizer, shape: Shape) -> models.Loaded:
    """The student: a BERT of that shape with random weights and its own pieces."""
    if shape.positions < job.max_length:
        raise BadInput(
            f"The student reads {shape.positions} pieces at most, but sentences may have "
            f"{job.max_length}; choose at least {job.max_length} positions.",
            "method.positions",
        )
    bert = ARCHITECTURES["bert"]
    sizes = {
        "vocab_size": shape.vocabulary, "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads,
        "intermediate_size": shape.feed_forward, "type_vocab_size": shape.types,
        "max_position_embeddings": shape.positions, "pad_token_id": tokenizer.token_to_id("[PAD]"),
    }  # fmt: skip
    config = make(bert.fields, sizes).model_dump()
    model = models.build(bert, config, job.data.labels, job.spec.seed)
    return models.Loaded(model.to(job.device), tokenizer, bert, config, job.data.labels)


def teacher_copy(job: Job) -> mlm.MaskedModel:
    """A copy of the teacher that may be trained; the job's own stays as it is."""
    own = copy.deepcopy(job.teacher.model)
    return mlm.MaskedModel(own, job.spec.seed).to(job.device)


def piece_table(job: Job, teacher: mlm.MaskedModel, student: Tokenizer, start: str) -> PieceTable:
    """The teacher's second table; `start` "teacher" spells each piece by the teacher's rows."""
    table = teacher.encoder.get_input_embeddings().weight.detach().cpu()
    size = student.get_vocab_size()
    pieces = spelled(student, job.teacher.tokenizer) if start == "teacher" else [[]] * size
    spread = float(job.teacher.config["initializer_range"])
    return PieceTable(start_table(table, pieces, spread, job.spec.seed))


def mapped_table(
    job: Job, teacher: mlm.MaskedModel, student: models.Loaded, start: str
) -> MappedTable:
    """The student's table, widened to the teacher's (version 2, stage I); starts as `piece_table`."""
    base: Any = student.model
    own = base.base_model.get_input_embeddings().weight.detach().cpu()
    wide = piece_table(job, teacher, student.tokenizer, start).weight.detach()
    narrow, widen = factors(wide, own.shape[1])
    return MappedTable(narrow, widen) if start == "teacher" else MappedTable(own, widen)


def take_table(student: models.Loaded, model: DualModel) -> None:
    """Give the student the rows that its pieces learned inside the teacher."""
    base: Any = student.model
    table: Any = model.teacher.second
    with torch.no_grad():
        base.base_model.get_input_embeddings().weight.copy_(table.weight)


def mixed_teacher(
    teacher: mlm.MaskedModel, second: PieceTable | MappedTable, tied: bool, frozen: bool
) -> MixedTeacher:
    """The copied teacher with its second table; a frozen one keeps its own weights."""
    output = None if tied else second().detach()
    made = MixedTeacher(teacher.encoder, teacher.head, second, len(second.weight), output)
    for parameter in own_parameters(made):
        parameter.requires_grad_(not frozen)
    return made


def version_one(
    job: Job, copy: mlm.MaskedModel, student: models.Loaded, direction: str | None, *, start: str,
    sliced: bool, tied: bool, frozen: bool,
) -> tuple[DualModel, Pairs]:  # fmt: skip
    """Teacher and student side by side, with what is projected from layer to layer (version 1).

    A `sliced` student starts as the projected teacher; the matrices then keep coordinates.
    """
    small = mlm.MaskedModel(student.model, job.spec.seed + 1).to(job.device)
    table = piece_table(job, copy, student.tokenizer, start)
    teacher = mixed_teacher(copy, table, tied, frozen)
    if direction is None:
        job.note("Without a projection nothing passes from teacher to student in this stage.")
        return DualModel(teacher, small, None), []
    pairs = paired_layers(copy.encoder, small.encoder)
    maps = projection(pairs, table, small.encoder, direction, None if sliced else job.spec.seed)
    if sliced:
        start_sliced(copy, small, table)
    return DualModel(teacher, small, maps), pairs


def version_two(
    job: Job, copy: mlm.MaskedModel, student: models.Loaded, *, start: str, frozen: bool
) -> DualModel:
    """The teacher with the student's table behind an affine map (version 2, stage I)."""
    table = mapped_table(job, copy, student, start)
    return DualModel(mixed_teacher(copy, table, True, frozen), None, None)


@torch.no_grad()
def start_sliced(teacher: mlm.MaskedModel, student: mlm.MaskedModel, table: PieceTable) -> None:
    """W_s := U W_t V with U and V that keep the first coordinates, so that L_p begins at zero.

    Embeddings, pooler and masked-word head are cut likewise where both have them.
    """
    inner: Any = student.encoder
    pairs = [pair for layer in paired_layers(teacher.encoder, inner) for pair in layer]
    pairs.append((table.weight, inner.get_input_embeddings().weight))
    wide = dict(teacher.named_parameters())
    for name, own in student.named_parameters():
        same = name in wide and not name.endswith(("word_embeddings.weight", "head.bias"))
        if same and "encoder.encoder." not in name:
            pairs.append((wide[name], own))
    for source, own in pairs:
        part = tuple(slice(min(sizes)) for sizes in zip(own.shape, source.shape, strict=True))
        own[part] = source[part]


def own_parameters(teacher: MixedTeacher) -> list[nn.Parameter]:
    """What the teacher had before it learned the student's pieces."""
    return [*teacher.encoder.parameters(), *teacher.head.parameters()]


def groups(model: DualModel, decay: float, teacher_rate: float) -> list[dict[str, Any]]:
    """Parameter groups in which the teacher's own weights move at a rate of their own."""
    own = {id(one) for one in own_parameters(model.teacher)}
    made: list[dict[str, Any]] = []
    for group in decay_groups(model, decay):
        mine = [one for one in group["params"] if id(one) in own]
        others = [one for one in group["params"] if id(one) not in own]
        made += [{**group, "params": others}, {**group, "params": mine, "lr": teacher_rate}]
    return [group for group in made if group["params"]]


# What is projected ----------------------------------------------------------------------------


def paired_layers(teacher: nn.Module, student: nn.Module) -> Pairs:
    """Pairs (teacher, student) of every trained matrix and vector, layer by layer.

    Both are encoders with the same number of layers.
    """
    every = [_layers(one) for one in (teacher, student)]
    return [
        list(zip(_variables(a, pa), _variables(b, pb), strict=True))
        for (a, pa), (b, pb) in zip(*every, strict=True)
    ]


def _layers(encoder: Any) -> list[tuple[nn.Module, Parts]]:
    parts = FAMILIES[encoder.config.model_type]
    whole: Any = nn.Module()  # paths of layers begin at the classifier that holds the encoder
    whole.add_module(parts.base, encoder)
    whole.config = encoder.config
    return [(layer, parts) for _, layer in parts.layers(whole)]


def _variables(layer: nn.Module, parts: Parts) -> list[nn.Parameter]:
    found: list[nn.Parameter] = []
    for name in _MAPS:
        one: Any = layer.get_submodule(getattr(parts, name))
        found += [one.weight, one.bias]
    return found


def projection(
    pairs: Pairs, table: PieceTable, student: Any, direction: str, seed: int | None
) -> SharedProjection:
    """U and V for every pair of widths that occurs in the layers and the tables."""
    narrow = student.get_input_embeddings().weight
    widths = {(table.weight.shape[1], narrow.shape[1])}
    for teacher, own in pairs[0]:
        widths |= set(zip(teacher.shape, own.shape, strict=True))
    return SharedProjection(widths, "up" if direction == "up" else "down", seed)
