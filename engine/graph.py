"""A small builder for ONNX files: every weight stored once under its own name, plain operators."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import BadInput

OPSET = 17
IR_VERSION = 10  # the oldest runtimes that know opset 17 refuse newer file layouts
LARGEST_FILE = 2**31 - 1  # protobuf cannot write more into one file
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OUTPUT = "logits"
CONST = "const/"
LEDGER = "weights"
Store = Callable[["Graph", str, np.ndarray], str]


class Graph:
    """A classifier under construction; each method adds operators and returns a tensor's name.

    Weights carry the name of their parameter, helper constants a name that starts with "const/",
    so that parameters are counted from the file alone. A weight in a packed form is written as
    "<parameter>/<part>" tensors and described in `ledger` under its own name: engine.packing.
    """

    def __init__(self) -> None:
        self.ledger: dict[str, dict[str, float]] = {}
        self._nodes: list[Any] = []
        self._tensors: dict[str, Any] = {}
        self._stored: dict[Hashable, str] = {}
        self._constants: dict[Hashable, str] = {}
        self._domains: set[str] = set()

    def op(
        self, kind: str, *inputs: str, outputs: int = 1, domain: str = "", **attributes: Any
    ) -> str:
        """Add one operator and return its first output; further ones are "<name>:1" and so on."""
        from onnx import helper

        name = f"{kind}_{len(self._nodes)}"
        made = [name, *(f"{name}:{i}" for i in range(1, outputs))]
        self._nodes.append(
            helper.make_node(kind, list(inputs), made, name=name, domain=domain, **attributes)
        )
        self._domains.add(domain)
        return name

    def tensor(self, name: str, array: np.ndarray) -> str:
        """Store an array under exactly this name."""
        from onnx import numpy_helper

        if name in self._tensors:
            raise ValueError(f"two tensors are called {name}")
        # np.ascontiguousarray would turn a scalar into a vector; np.array does not.
        self._tensors[name] = numpy_helper.from_array(np.array(array, order="C"), name)
        return name

    def weight(
        self,
        name: str,
        array: np.ndarray,
        *,
        key: Hashable = None,
        transposed: bool = False,
        store: Store | None = None,
    ) -> str:
        """Store a weight, once per `key` (by default its name), and return the tensor to use.

        `transposed` hands out array.T: the layout of a product x @ W.T without work at run time.
        `store(graph, name, array)` writes it in a packed form of its own.
        """
        key = name if key is None else key
        if (key, transposed) not in self._stored:
            other = self._stored.get((key, not transposed))
            self._stored[key, transposed] = (
                self.op("Transpose", other, perm=[1, 0])
                if other
                else (store or Graph.tensor)(self, name, array.T if transposed else array)
            )
        return self._stored[key, transposed]

    def constant(self, value: Any, dtype: Any = np.float32) -> str:
        """Store a helper number or list; equal ones share one tensor."""
        array = np.array(value, dtype)
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._constants:
            self._constants[key] = self.tensor(f"{CONST}{len(self._constants)}", array)
        return self._constants[key]

    def whole(self, *values: int) -> str:
        """A one-dimensional int64 constant."""
        return self.constant(values, np.int64)

    def gather(self, table: str, ids: str) -> str:
        """Rows of `table` [n, width] for `ids` [...]: [..., width]."""
        return self.op("Gather", table, ids, axis=0)

    def product(self, x: str, weight: str, bias: str | None = None) -> str:
        """x [..., a] @ weight [a, b] + bias [b]."""
        y = self.op("MatMul", x, weight)
        return self.op("Add", y, bias) if bias else y

    def layer_norm(self, x: str, weight: str, bias: str, epsilon: float) -> str:
        """LayerNorm over the last axis."""
        return self.op("LayerNormalization", x, weight, bias, axis=-1, epsilon=float(epsilon))

    def activation(self, kind: str, x: str) -> str:
        """One of `ACTIVATIONS`, named as transformers names them."""
        if kind not in ACTIVATIONS:
            raise BadInput(
                f'The activation "{str(kind)[:60]}" cannot be exported; use one of '
                f"{', '.join(ACTIVATIONS)}."
            )
        return ACTIVATIONS[kind](self, x)

    def counted_positions(self) -> str:
        """Position ids 0, 1, 2 ... [1, length]."""
        length = self.op("Shape", INPUTS[0], start=1, end=2)
        scalar = self.op("Squeeze", length, self.whole(0))
        zero, one = self.constant(0, np.int64), self.constant(1, np.int64)
        return self.op("Unsqueeze", self.op("Range", zero, scalar, one), self.whole(0))

    def positions_after(self, padding: int) -> str:
        """RoBERTa's position ids: pieces that are not padding count up from padding + 1."""
        from onnx import TensorProto

        pad = self.constant(padding, np.int64)
        real = self.op("Not", self.op("Equal", INPUTS[0], pad))
        mask = self.op("Cast", real, to=TensorProto.INT64)
        counted = self.op("CumSum", mask, self.constant(1, np.int64))
        return self.op("Add", self.op("Mul", counted, mask), pad)

    def attention_mask(self) -> str:
        """What is added to scores [batch, 1, 1, length]: 0 for pieces, lowest for padding."""
        from onnx import TensorProto

        mask = self.op("Unsqueeze", INPUTS[1], self.whole(1, 2))
        lowest = self.constant(np.finfo(np.float32).min)
        return self.op(
            "Where", self.op("Cast", mask, to=TensorProto.BOOL), self.constant(0.0), lowest
        )

    def attention(
        self, query: str, key: str, value: str, mask: str, *, head_size: int, scale: float
    ) -> str:
        """Scaled dot-product attention (Vaswani et al. 2017, eq. 1) over as many heads as fit.

        All of [batch, length, heads * head_size]; the number of heads is read from the width, so
        a layer that lost heads needs nothing special.
        """
        q, v = (self._heads(x, head_size, [0, 2, 1, 3]) for x in (query, value))
        k = self._heads(key, head_size, [0, 2, 3, 1])
        scores = self.op("Mul", self.op("MatMul", q, k), self.constant(scale))
        weights = self.op("Softmax", self.op("Add", scores, mask), axis=-1)
        mixed = self.op("Transpose", self.op("MatMul", weights, v), perm=[0, 2, 1, 3])
        return self.op("Reshape", mixed, self.whole(0, 0, -1))

    def _heads(self, x: str, head_size: int, order: list[int]) -> str:
        split = self.op("Reshape", x, self.whole(0, 0, -1, head_size))
        return self.op("Transpose", split, perm=order)

    def first_piece(self, x: str) -> str:
        """The state of the first word piece: [batch, length, width] -> [batch, width]."""
        return self.op("Gather", x, self.constant(0, np.int64), axis=1)

    def save(self, path: Path, logits: str, classes: int) -> None:
        """Write the file with `logits` [batch, classes] as its only output.

        Raises BadInput when the weights do not fit into one file.
        """
        from onnx import TensorProto, helper

        self._nodes.append(helper.make_node("Identity", [logits], [OUTPUT], name=OUTPUT))
        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"])
            for name in INPUTS
        ]
        output = helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", classes])
        graph = helper.make_graph(
            self._nodes, "classifier", inputs, [output], list(self._tensors.values())
        )
        domains = [helper.make_opsetid("", OPSET)]
        domains += [helper.make_opsetid(one, 1) for one in sorted(self._domains - {""})]
        model = helper.make_model(graph, opset_imports=domains, producer_name="Thimble")
        model.ir_version = IR_VERSION
        if self.ledger:
            helper.set_model_props(model, {LEDGER: json.dumps(self.ledger)})
        if model.ByteSize() > LARGEST_FILE:
            raise BadInput(
                f"The model needs {model.ByteSize() / 1e9:.1f} GB, more than the 2.1 GB an ONNX "
                "file can hold; choose a smaller student or teacher."
            )
        path.write_bytes(model.SerializeToString())


def _gelu(graph: Graph, x: str) -> str:
    """x/2 (1 + erf(x/√2)), in the order that ONNX Runtime fuses into one kernel."""
    erf = graph.op("Erf", graph.op("Div", x, graph.constant(math.sqrt(2))))
    scaled = graph.op("Mul", x, graph.op("Add", erf, graph.constant(1.0)))
    return graph.op("Mul", scaled, graph.constant(0.5))


def _gelu_tanh(graph: Graph, x: str) -> str:
    """x/2 (1 + tanh(√(2/π) (x + 0.044715 x³)))."""
    cube = graph.op("Mul", graph.op("Pow", x, graph.constant(3.0)), graph.constant(0.044715))
    inner = graph.op("Mul", graph.op("Add", x, cube), graph.constant(math.sqrt(2 / math.pi)))
    one = graph.op("Add", graph.op("Tanh", inner), graph.constant(1.0))
    return graph.op("Mul", graph.op("Mul", x, one), graph.constant(0.5))


ACTIVATIONS: dict[str, Callable[[Graph, str], str]] = {
    "gelu": _gelu,
    "gelu_new": _gelu_tanh,
    "gelu_pytorch_tanh": _gelu_tanh,
    "relu": lambda graph, x: graph.op("Relu", x),
    "silu": lambda graph, x: graph.op("Mul", x, graph.op("Sigmoid", x)),
    "tanh": lambda graph, x: graph.op("Tanh", x),
}
