"""Write a trained classifier as an ONNX file, and prove that the file gives the same answers."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from engine.errors import BadInput
from engine.graph import INPUTS, OUTPUT, Graph
from engine.packing import sparse
from engine.parts import FAMILIES, Parts

TOLERANCE = 1e-4
SPARSE_FROM = 0.2  # with this share of zeros a tensor is stored without them
SMALLEST_SPARSE = 1024


class ExportMismatch(BadInput):
    """The exported file does not give the model's own answers."""


def export_model(model: Any, path: Path, *, labels: Sequence[str] | None = None) -> None:
    """Write `model` to one ONNX file: inputs [batch, length], output logits [batch, classes].

    The five BERT-like families are read from their modules' actual sizes. A module that stores
    or computes its weights in its own way brings `to_graph(graph, name, x) -> tensor`; a whole
    model of its own kind brings `to_graph(graph) -> logits` and `classes`. Raises BadInput for
    any other model, one that is too large for a file, or one that has not as many classes as
    `labels`.
    """
    graph = Graph()
    with torch.no_grad():
        if hasattr(model, "to_graph"):
            logits, classes = model.to_graph(graph), int(model.classes)
        else:
            logits, classes = _encoder(graph, model), int(model.config.num_labels)
    if labels is not None and len(labels) != classes:
        raise ExportMismatch(
            f"The model answers with {classes} classes, but the data names {len(labels)}; "
            "choose a teacher trained on these classes."
        )
    graph.save(path, logits, classes)


def _encoder(graph: Graph, model: Any) -> str:
    """Embeddings, every layer, and the head."""
    kind = str(getattr(getattr(model, "config", None), "model_type", type(model).__name__))
    parts = FAMILIES.get(kind)
    if parts is None:
        raise BadInput(
            f'A "{kind[:60]}" model cannot be exported; the families are {", ".join(FAMILIES)}.'
        )
    x = embeddings(graph, model, parts)
    mask = graph.attention_mask()
    for name, layer in parts.layers(model):
        x = attention(graph, layer, name, x, mask, parts)
        x = feed_forward(graph, layer, name, x, parts, getattr(model.config, parts.activation))
    return head(graph, model, graph.first_piece(x), parts)


def embeddings(graph: Graph, model: nn.Module, parts: Parts) -> str:
    """Word, token type and position rows, summed and normalised, projected where widths differ."""
    place = f"{parts.base}.embeddings"
    block: Any = model.get_submodule(place)
    x = embedding(graph, f"{place}.word_embeddings", block.word_embeddings, INPUTS[0])
    if hasattr(block, "token_type_embeddings"):
        name = f"{place}.token_type_embeddings"
        x = graph.op("Add", x, embedding(graph, name, block.token_type_embeddings, INPUTS[2]))
    positions = (
        graph.positions_after(block.padding_idx)
        if parts.padding_positions
        else graph.counted_positions()
    )
    name = f"{place}.position_embeddings"
    x = graph.op("Add", x, embedding(graph, name, block.position_embeddings, positions))
    x = norm(graph, f"{place}.LayerNorm", block.LayerNorm, x)
    if parts.project:
        name, _, leaf = f"{parts.base}.{parts.project}".rpartition(".")
        project = getattr(model.get_submodule(name), leaf, None)
        x = linear(graph, f"{name}.{leaf}", project, x) if project is not None else x
    return x


def attention(graph: Graph, layer: nn.Module, name: str, x: str, mask: str, parts: Parts) -> str:
    """Self-attention with its residual and LayerNorm; a layer without heads adds its bias only."""

    def apply(leaf: str, to: str) -> str:
        return linear(graph, f"{name}.{leaf}", layer.get_submodule(leaf), to)

    heads: Any = layer.get_submodule(parts.attention)
    size = int(heads.attention_head_size)
    mixed = x
    if width(layer.get_submodule(parts.query)):
        q, k, v = (apply(leaf, x) for leaf in (parts.query, parts.key, parts.value))
        mixed = graph.attention(
            q, k, v, mask, head_size=size, scale=float(getattr(heads, "scaling", size**-0.5))
        )
    added = graph.op("Add", apply(parts.output, mixed), x)
    return norm(
        graph, f"{name}.{parts.attention_norm}", layer.get_submodule(parts.attention_norm), added
    )


def feed_forward(
    graph: Graph, layer: nn.Module, name: str, x: str, parts: Parts, activation: str
) -> str:
    """The two dense maps with their residual and LayerNorm."""
    up, down = layer.get_submodule(parts.up), layer.get_submodule(parts.down)
    inner = x
    if width(up):
        inner = graph.activation(activation, linear(graph, f"{name}.{parts.up}", up, x))
    added = graph.op("Add", linear(graph, f"{name}.{parts.down}", down, inner), x)
    return norm(graph, f"{name}.{parts.output_norm}", layer.get_submodule(parts.output_norm), added)


def head(graph: Graph, model: nn.Module, x: str, parts: Parts) -> str:
    """Logits from the state of the first piece."""
    first, kind, last = parts.head
    x = graph.activation(kind, linear(graph, first, model.get_submodule(first), x))
    return linear(graph, last, model.get_submodule(last), x)


def linear(graph: Graph, name: str, module: Any, x: str) -> str:
    """A dense map; with nothing left to read from, its bias alone."""
    if hasattr(module, "to_graph"):
        return str(module.to_graph(graph, name, x))
    bias = None if module.bias is None else weight(graph, f"{name}.bias", module.bias)
    if not module.weight.shape[1]:
        return bias or graph.constant(0.0)
    return graph.product(x, weight(graph, f"{name}.weight", module.weight, transposed=True), bias)


def embedding(graph: Graph, name: str, module: Any, ids: str) -> str:
    """Rows of a table, one per id."""
    if hasattr(module, "to_graph"):
        return str(module.to_graph(graph, name, ids))
    return graph.gather(weight(graph, f"{name}.weight", module.weight), ids)


def norm(graph: Graph, name: str, module: Any, x: str) -> str:
    """A LayerNorm with its own epsilon."""
    gain = weight(graph, f"{name}.weight", module.weight)
    return graph.layer_norm(x, gain, weight(graph, f"{name}.bias", module.bias), module.eps)


def weight(graph: Graph, name: str, tensor: torch.Tensor, *, transposed: bool = False) -> str:
    """Store a tensor as float32; tensors that share memory in torch are stored once."""
    array = tensor.detach().to("cpu", torch.float32).numpy()
    shared = isinstance(tensor, nn.Parameter) and tensor.numel() > 0
    key = (tensor.data_ptr(), tuple(tensor.shape), tensor.stride()) if shared else name
    pruned = array.size >= SMALLEST_SPARSE and np.mean(array == 0) >= SPARSE_FROM
    store = sparse if pruned else None
    return graph.weight(name, array, key=key, transposed=transposed, store=store)


def width(module: Any) -> int:
    """How many numbers a dense map gives."""
    plain = isinstance(module, nn.Linear)
    return int(module.weight.shape[0] if plain else module.out_features)


def check_export(
    model: nn.Module,
    path: Path,
    batches: Iterable[Mapping[str, Any]],
    *,
    tolerance: float = TOLERANCE,
) -> float:
    """Largest difference of the logits between `model` and its file on `batches`.

    Each batch holds int64 `input_ids`, `attention_mask` and, if used, `token_type_ids`
    [batch, length]. Logits larger than 1 are compared relative to their size. Raises
    ExportMismatch when the difference is above `tolerance` or not a number.
    """
    from engine.runtime import open_session

    session = open_session(path)
    largest, training = 0.0, model.training
    model.eval()
    try:
        for batch in batches:
            expected = _torch_logits(model, batch)
            given = session.run([OUTPUT], _feeds(batch))[0]
            scale = max(1.0, float(np.abs(expected).max()))
            difference = float(np.abs(expected - given).max()) / scale
            largest = difference if np.isnan(difference) else max(largest, difference)
            if np.isnan(largest):
                break
    finally:
        model.train(training)
    if not largest <= tolerance:
        raise ExportMismatch(
            f"The exported file does not answer like the trained model (largest difference "
            f"{largest:.2g}, allowed {tolerance:.0e}); nothing was published. Repeat the run, and "
            "report this if it happens again."
        )
    return largest


def _torch_logits(model: nn.Module, batch: Mapping[str, Any]) -> np.ndarray:
    """The model's own logits in float32, given only the inputs it takes."""
    taken = inspect.signature(model.forward).parameters
    device = next(model.parameters()).device
    inputs = {
        name: torch.as_tensor(np.asarray(batch[name]), device=device)
        for name in INPUTS
        if name in batch and name in taken
    }
    with torch.inference_mode():
        logits: np.ndarray = model(**inputs).logits.float().cpu().numpy()
    return logits


def _feeds(batch: Mapping[str, Any]) -> dict[str, np.ndarray]:
    """The file's three inputs; token types are zeros where a tokenizer gives none."""
    ids = np.asarray(batch[INPUTS[0]], np.int64)
    feeds = {name: np.asarray(batch[name], np.int64) for name in INPUTS[:2]}
    return {**feeds, INPUTS[2]: np.asarray(batch.get(INPUTS[2], np.zeros_like(ids)), np.int64)}
