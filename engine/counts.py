"""What a model file holds and how much work it does, counted from the file alone."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import BadInput
from engine.graph import CONST, INPUTS, LEDGER

_SMALL = 4096
_LAYER = re.compile(r"\.layers?\.(\d+)\.")
_SHARED = re.compile(r"layer_groups\.(\d+)\.")
_EMBEDDING = re.compile(r"\bembeddings?(_project|_hidden_mapping_in)?\.|word_embeddings")
_PRODUCTS = {"MatMul": (0, 1), "MatMulInteger": (0, 1), "QLinearMatMul": (0, 3), "Gemm": (0, 1)}


@dataclass
class Group:
    """Counts of one layer, the embeddings or the head.

    `bits` is the nominal total; `matrix` and `matrix_nonzero` leave out biases and LayerNorms.
    """

    name: str
    parameters: int = 0
    nonzero: int = 0
    stored: int = 0
    bits: float = 0.0
    matrix: int = 0
    matrix_nonzero: int = 0
    ranks: list[int] = field(default_factory=list)

    def row(self, dense: int | None = None) -> dict[str, Any]:
        """The group as JSON; `dense` is how many weights its matrices had before pruning."""
        before = dense or self.matrix
        row: dict[str, Any] = {
            "name": self.name,
            "parameters": self.parameters,
            "nonzero": self.nonzero,
            "sparsity": max(0.0, 1 - self.matrix_nonzero / before) if before else 0.0,
            "bits": round(self.bits / self.stored, 4) if self.stored else 0.0,
        }
        return {**row, "rank": round(float(np.mean(self.ranks)), 1)} if self.ranks else row


@dataclass(frozen=True)
class Counts:
    """Parameters of a file: embeddings first, then every stored layer, then the head."""

    groups: tuple[Group, ...]

    def total(self, what: str) -> int:
        """The sum of one of Group's counts."""
        return int(sum(getattr(group, what) for group in self.groups))

    @property
    def embedding(self) -> int:
        """Parameters of the embeddings."""
        return sum(group.parameters for group in self.groups if group.name == "embeddings")

    @property
    def mean_bits(self) -> float:
        """Bits per stored weight."""
        return round(sum(g.bits for g in self.groups) / max(1, self.total("stored")), 4)

    def sparsity(self, dense: Mapping[str, int]) -> float:
        """Share of the layers' matrix weights that are gone or zero.

        `dense` maps group names to their weights before pruning, and then names the groups that
        count; without it the file's own layers count, embeddings and head do not.
        """
        outside = {"embeddings", "head"}
        chosen = [g for g in self.groups if (g.name in dense if dense else g.name not in outside)]
        before = sum(dense.get(group.name, group.matrix) for group in chosen)
        left = sum(group.matrix_nonzero for group in chosen)
        return max(0.0, 1 - left / before) if before else 0.0


def count_parameters(path: Path) -> Counts:
    """Count every weight of a model file; helper constants do not count.

    A packed weight counts as its ledger entry says, which is checked against its stored bytes.
    """
    import onnx

    loaded = onnx.load(str(path), load_external_data=False)
    ledger = _ledger(path, loaded)
    groups: dict[str, Group] = {}
    held: dict[str, int] = {}
    for tensor in loaded.graph.initializer:
        owner = tensor.name.rpartition("/")[0]
        if tensor.name.startswith(CONST):
            continue
        array = onnx.numpy_helper.to_array(tensor)
        if owner in ledger:
            held[owner] = held.get(owner, 0) + 8 * array.nbytes
            continue
        nonzero, bits = int(np.count_nonzero(array)), 8 * array.itemsize
        matrix = array.ndim > 1
        group = _add(groups, tensor.name, array.size, nonzero, array.size, bits, matrix)
        if tensor.name.endswith(".left"):
            group.ranks.append(array.shape[-1])
    for name, entry in ledger.items():
        if entry["stored"] * entry["bits"] > held.get(name, 0) or not held.get(name):
            raise BadInput(f'{path} claims more weights for "{name[:80]}" than it holds.')
        counts = (int(entry["parameters"]), int(entry["nonzero"]), int(entry["stored"]))
        _add(groups, name, *counts, entry["bits"], True)
    return Counts(tuple(sorted(groups.values(), key=_place)))


def _ledger(path: Path, loaded: Any) -> dict[str, dict[str, float]]:
    """The packed weights' entries, checked."""
    text = next((one.value for one in loaded.metadata_props if one.key == LEDGER), "{}")
    try:
        ledger = json.loads(text)
        for entry in ledger.values():
            numbers = [float(entry[key]) for key in ("parameters", "nonzero", "stored", "bits")]
            if not all(0 <= number < 1e12 for number in numbers):
                raise ValueError
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise BadInput(f"{path} describes its weights wrongly; export the run again.") from None
    return dict(ledger)


def _add(
    groups: dict[str, Group], name: str, parameters: int, nonzero: int, stored: int, bits: float,
    matrix: bool,
) -> Group:  # fmt: skip
    group = groups.setdefault(group_name(name), Group(group_name(name)))
    group.parameters += parameters
    group.nonzero += nonzero
    group.stored += stored
    group.bits += stored * bits
    if matrix:
        group.matrix += parameters
        group.matrix_nonzero += nonzero
    return group


def group_name(weight: str) -> str:
    """Where a weight belongs: "embeddings", "layer 3", "shared layer 1", "LSTM" or "head"."""
    if found := _SHARED.search(weight):
        return f"shared layer {int(found[1]) + 1}"
    if found := _LAYER.search(weight):
        return f"layer {int(found[1]) + 1}"
    if _EMBEDDING.search(weight):
        return "embeddings"
    return "LSTM" if "lstm" in weight.lower() else "head"


def _place(group: Group) -> tuple[int, int]:
    if group.name == "embeddings":
        return 0, 0
    if group.name == "head":
        return 2, 0
    return 1, int(group.name.rpartition(" ")[2]) if group.name[-1].isdigit() else 0


def macs(path: Path, batch: int = 1, length: int = 32) -> int | None:
    """Multiply-accumulates of one pass over [batch, length] pieces, from the graph's shapes.

    Matrix products and LSTMs count, element-wise work does not. None when the file holds an
    operator whose shapes are unknown.
    """
    import onnx

    model = _shapes_only(onnx.load(str(path), load_external_data=False), batch, length)
    graph = onnx.shape_inference.infer_shapes(model).graph
    sizes = {value.name: _dims(value) for value in [*graph.input, *graph.value_info, *graph.output]}
    sizes |= {tensor.name: list(tensor.dims) for tensor in graph.initializer}
    total = 0
    for node in graph.node:
        work = _work(node, sizes)
        if work is None:
            return None
        total += work
    return total


def _work(node: Any, sizes: dict[str, list[int] | None]) -> int | None:
    """One operator's multiply-accumulates, None when its shapes are unknown."""
    if node.op_type == "LSTM":
        x, weights, state = (sizes.get(name) for name in node.input[:3])
        if not x or not weights or not state:
            return None
        return math.prod(x[:2]) * math.prod(weights[:2]) * (weights[2] + state[2])
    if node.domain and "MatMul" in node.op_type:
        return None
    if node.op_type not in _PRODUCTS:
        return 0
    left, out = sizes.get(node.input[0]), sizes.get(node.output[0])
    return math.prod(out) * left[-1] if left and out is not None else None


def _shapes_only(model: Any, batch: int, length: int) -> Any:
    """The model with concrete input sizes and its large weights reduced to their shapes."""
    from onnx import helper

    graph = model.graph
    kept = [tensor for tensor in graph.initializer if math.prod(tensor.dims) <= _SMALL]
    shapes = [
        helper.make_tensor_value_info(tensor.name, tensor.data_type, list(tensor.dims))
        for tensor in graph.initializer
        if math.prod(tensor.dims) > _SMALL
    ]
    del graph.initializer[:]
    graph.initializer.extend(kept)
    for value in graph.input:
        if value.name in INPUTS:
            for dim, size in zip(value.type.tensor_type.shape.dim, (batch, length), strict=True):
                dim.dim_value = size
    for value in graph.output:
        value.type.tensor_type.shape.dim[0].dim_value = batch
    graph.input.extend(shapes)
    return model


def _dims(value: Any) -> list[int] | None:
    dims = value.type.tensor_type.shape.dim
    return [dim.dim_value for dim in dims] if all(d.HasField("dim_value") for d in dims) else None
