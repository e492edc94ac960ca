"""An ALBERT made from a trained encoder: factorised embedding, layers merged into shared ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import nn

from engine import models
from engine.architectures import ARCHITECTURES
from engine.batches import Encoded
from engine.matching import members
from engine.models import Loaded
from engine.ops.factorise import factorise
from engine.parts import FAMILIES, Parts
from engine.sharing import PARTS, stored_layers

_PLACES = {  # ALBERT's name of a layer's map: where Parts says the teacher keeps it
    "attention.query": "query", "attention.key": "key", "attention.value": "value",
    "attention.dense": "output", "attention.LayerNorm": "attention_norm", "ffn": "up",
    "ffn_output": "down", "full_layer_layer_norm": "output_norm",
}  # fmt: skip


@torch.no_grad()
def to_albert(
    teacher: Loaded, config: dict[str, Any], read: Encoded, layer: int | None, seed: int
) -> tuple[nn.Module, float]:
    """An ALBERT of a checked `config` that starts from the teacher, and the share of its embedding kept.

    The embedding tables are factorised by SVD, pieces and positions weighed by how often they
    come in the sentences `read` (once more for each, so that none is lost). Each stored part of a layer is filled from the
    teacher layers it stands for: their mean, or the `layer`-th of them, counted from 1. With an
    embedding as wide as the teacher's and nothing shared the answers stay the same. Pooler and
    head are taken over where the teacher's head works alike (first piece, tanh); `seed` decides
    what is drawn. Widths must be the teacher's; the caller checks them.
    """
    parts = FAMILIES[teacher.architecture.key]
    student: Any = models.build(ARCHITECTURES["albert"], config, teacher.labels, seed)
    kept = _fill_embedding(student, teacher.model, parts, read)
    _fill_layers(student, teacher.model, parts, config, layer)
    first, kind, last = parts.head
    if kind == "tanh":
        _copy(student.albert.pooler, [teacher.model.get_submodule(first)])
        _copy(student.classifier, [teacher.model.get_submodule(last)])
    return student, kept


def _fill_embedding(student: Any, teacher: nn.Module, parts: Parts, read: Encoded) -> float:
    """LN(word + position + type), its gain and offset, and the map to the width of the layers."""
    block: Any = teacher.get_submodule(f"{parts.base}.embeddings")
    own = student.albert.embeddings
    places = block.position_embeddings.weight
    if parts.padding_positions:  # rows up to the padding index are never used; ALBERT counts from 0
        places = places.roll(-(block.padding_idx + 1), 0)
    kinds = getattr(block, "token_type_embeddings", None)
    kinds = kinds.weight if kinds is not None else torch.zeros_like(places[:1])
    size = own.word_embeddings.weight.shape[1]
    tables = [block.word_embeddings.weight, places, kinds]
    used = [
        _counts(np.concatenate(read.ids), len(tables[0])),
        _counts(np.concatenate([np.arange(size) for size in read.lengths]), len(places)),
        torch.ones(len(kinds)),
    ]
    (words, spots, types), back, kept = factorise([one.cpu() for one in tables], used, size)
    own.word_embeddings.weight.copy_(words)
    own.position_embeddings.weight.copy_(spots)
    own.token_type_embeddings.weight.copy_(types)
    gain, offset = block.LayerNorm.weight, block.LayerNorm.bias
    back = gain.unsqueeze(1) * back.to(gain.device)
    project: Any = _projection(teacher, parts)
    if project is not None:
        back, offset = project.weight @ back, project(offset)
    student.albert.encoder.embedding_hidden_mapping_in.weight.copy_(back)
    student.albert.encoder.embedding_hidden_mapping_in.bias.copy_(offset)
    return kept


def _counts(ids: np.ndarray, rows: int) -> torch.Tensor:
    """How often each row is used, and once more."""
    return torch.from_numpy(np.bincount(ids, minlength=rows) + 1)


def _projection(teacher: nn.Module, parts: Parts) -> nn.Module | None:
    """The teacher's own map from a narrow embedding, if it has one."""
    if not parts.project:
        return None
    place, _, leaf = f"{parts.base}.{parts.project}".rpartition(".")
    return getattr(teacher.get_submodule(place), leaf, None)


def _fill_layers(
    student: Any, teacher: nn.Module, parts: Parts, config: dict[str, Any], chosen: int | None
) -> None:
    """Give every stored map the mean of the maps it stands for, or the chosen one of them."""
    sources = [layer for _, layer in parts.layers(teacher)]
    stored = stored_layers(student)
    for number, layer in enumerate(stored):
        for name, place in _PLACES.items():
            if _follows(name, config["shared_part"]):
                stands_for = list(range(len(sources))) if number == 0 else []
            else:
                stands_for = members(number, len(sources), len(stored))
            if chosen is not None:
                stands_for = stands_for[chosen - 1 : chosen]
            if stands_for:
                path = getattr(parts, place)
                _copy(
                    layer.get_submodule(name), [sources[i].get_submodule(path) for i in stands_for]
                )


def _follows(name: str, part: str) -> bool:
    """Whether a map belongs to the part that all layers share."""
    return name.partition(".")[0] in PARTS.get(part, ())


def _copy(target: Any, sources: list[Any]) -> None:
    for name in ("weight", "bias"):
        mean = torch.stack([getattr(one, name) for one in sources]).mean(0)
        getattr(target, name).copy_(mean)
