"""Store weights with few bits or many zeros compactly; the runtime unpacks them once when it loads.

Unpacking is ordinary operators over constants, which ONNX Runtime folds when a session opens:
the file is small, the speed that of the unpacked weight.
"""

from __future__ import annotations

import math

import numpy as np

from engine.graph import Graph


def packed(graph: Graph, name: str, codes: np.ndarray, bits: int, zeros: int = 0) -> str:
    """Store whole numbers 0 to 2**bits - 1 in exactly `bits` bits each; return the uint8 tensor.

    `bits` is 1 to 8; 3, 5, 6 and 7 are split into planes of 4, 2 and 1. `zeros` is how many of
    the codes mean a weight of exactly 0. For Graph.weight(store=partial(packed, bits=...)).
    """
    if not 1 <= bits <= 8 or codes.min() < 0 or codes.max() >= 2**bits:
        raise ValueError(f"codes of {name} do not fit {bits} bits")
    flat, shift, joined = codes.astype(np.uint8).ravel(), 0, ""
    for width in (8, 4, 2, 1):
        if not bits & width:
            continue
        plane = (flat >> shift) & np.uint8(2**width - 1)
        part = _unpack(graph, f"{name}/bits{shift}", plane, width)
        if shift:
            up = graph.constant(shift, np.uint8)
            part = graph.op("BitShift", part, up, direction="LEFT")
            part = graph.op("Add", joined, part)  # the planes share no bit, so a sum joins them
        joined, shift = part, shift + width
    entry = {"parameters": flat.size, "nonzero": flat.size - zeros, "stored": flat.size}
    graph.ledger[name] = {**entry, "bits": bits}
    return graph.op("Reshape", joined, graph.whole(*codes.shape))


def sparse(graph: Graph, name: str, array: np.ndarray) -> str:
    """Store a float32 array as one bit per entry and its non-zero values; return the full tensor."""
    from onnx import TensorProto

    flat = array.ravel()
    here = flat != 0
    mask = _unpack(graph, f"{name}/mask", here.astype(np.uint8), 1)
    whole = graph.op("Cast", mask, to=TensorProto.INT32)
    counted = graph.op("CumSum", whole, graph.constant(0, np.int64))
    # Entry 0 of the values is 0, and every zero of the array points to it.
    values = graph.tensor(f"{name}/values", np.concatenate([[0], flat[here]]).astype(np.float32))
    full = graph.gather(values, graph.op("Mul", counted, whole))
    kept = int(here.sum())
    graph.ledger[name] = {"parameters": flat.size, "nonzero": kept, "stored": kept, "bits": 32}
    return graph.op("Reshape", full, graph.whole(*array.shape))


def _unpack(graph: Graph, name: str, values: np.ndarray, width: int) -> str:
    """Store `values` [n] of `width` bits each in bytes; return the uint8 tensor [n]."""
    per = 8 // width
    if per == 1:
        return graph.tensor(name, values)
    length = math.ceil(values.size / per)
    rows = np.zeros((per, length), np.uint8)
    rows.ravel()[: values.size] = values
    shifts = (width * np.arange(per, dtype=np.uint8))[:, None]
    stored = graph.tensor(name, np.bitwise_or.reduce(rows << shifts, axis=0))
    parts = []
    for i in range(per):
        # Shifting left first drops the higher bits, so no operator newer than opset 11 is needed.
        left, right = (graph.constant(n, np.uint8) for n in (8 - width * (i + 1), 8 - width))
        up = graph.op("BitShift", stored, left, direction="LEFT")
        parts.append(graph.op("BitShift", up, right, direction="RIGHT"))
    joined = graph.op("Concat", *parts, axis=0)
    return graph.op("Slice", joined, graph.whole(0), graph.whole(values.size), graph.whole(0))
