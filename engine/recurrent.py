"""A bidirectional LSTM over word pieces that classifies sentences, and its ONNX file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from engine.export import embedding, linear
from engine.graph import INPUTS, Graph
from engine.shape import Shape

LABELS, LOGITS = "labels", "logits"  # the heads: answers for people, and what follows the teacher


@dataclass(frozen=True)
class Said:
    """What the model says to a batch.

    `logits` [batch, classes] are its answers, `heads` those of every head, and `projected`
    [batch, teacher's width] the projected sentence vector, None without a projection.
    """

    logits: torch.Tensor
    heads: dict[str, torch.Tensor]
    projected: torch.Tensor | None


class Direction(nn.LSTM):
    """One direction of one layer, initialised as Keras does: forget gates begin open."""

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__(width, hidden, batch_first=True)
        for name, value in self.named_parameters():
            if "bias" in name:
                nn.init.zeros_(value)
            elif "_hh_" in name:
                nn.init.orthogonal_(value)
            else:
                nn.init.xavier_uniform_(value)
            if name == "bias_ih_l0":
                nn.init.ones_(value.detach()[hidden : 2 * hidden])


class Layer(nn.Module):
    """Both directions: [batch, length, width] to [batch, length, 2 hidden].

    The backward direction reads every sentence from its own last piece, so padding is never read
    before the sentence. This equals packed sequences and is faster on a CPU.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.ahead, self.back = Direction(width, hidden), Direction(width, hidden)

    def forward(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        turned = _turned(x.shape[1], lengths)
        ahead, _ = self.ahead(x)
        back, _ = self.back(_rows(x, turned))
        return torch.cat([ahead, _rows(back, turned)], -1)

    def last(self, x: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """The last state of either direction, [batch, 2 hidden]."""
        end = (lengths - 1).unsqueeze(1)
        ahead, _ = self.ahead(x)
        back, _ = self.back(_rows(x, _turned(x.shape[1], lengths)))
        return torch.cat([_rows(ahead, end), _rows(back, end)], -1).squeeze(1)

    def to_graph(self, graph: Graph, name: str, x: str, lengths: str) -> tuple[str, str]:
        """One LSTM operator; states [length, 2, batch, hidden] and last states [2, batch, hidden].

        `x` is [length, batch, width]; `lengths` keeps the backward direction out of the padding.
        """

        both = self.ahead, self.back

        def gates(one: Direction, kind: str) -> np.ndarray:
            return _gates(one.get_parameter(f"{kind}_l0"))

        def stacked(kind: str) -> str:
            return graph.weight(f"{name}.{kind}", np.stack([gates(one, kind) for one in both]))

        biases = [np.concatenate([gates(one, "bias_ih"), gates(one, "bias_hh")]) for one in both]
        bias = graph.weight(f"{name}.bias", np.stack(biases))
        states = graph.op(
            "LSTM", x, stacked("weight_ih"), stacked("weight_hh"), bias, lengths, outputs=2,
            hidden_size=self.ahead.hidden_size, direction="bidirectional",
        )  # fmt: skip
        return states, f"{states}:1"


class BiLSTM(nn.Module):
    """Word-piece embedding, BiLSTM layers, the last states as sentence vector, and heads.

    `shape` gives the sizes: `embedding`, `layers`, `hidden` (both directions together) and
    `feed_forward`, the width of a projection that the heads read, 0 where they read the sentence
    vector. `projected` is the width of a projection that is trained on the side. Weights depend
    on `seed` alone.
    """

    title = "BiLSTM"

    def __init__(
        self, shape: Shape, heads: Collection[str], *, projected: int = 0, dropout: float = 0.0,
        lookup: np.ndarray | None = None, seed: int = 0,
    ) -> None:  # fmt: skip
        super().__init__()
        self.shape, self.classes = shape, shape.labels
        self.answering = next(iter(heads))
        width = shape.feed_forward or projected
        reads = shape.feed_forward or shape.hidden
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.embedding = nn.Embedding(shape.vocabulary, shape.embedding)
            nn.init.normal_(self.embedding.weight, std=shape.embedding**-0.5)
            widths = [shape.embedding] + [shape.hidden] * (shape.layers - 1)
            self.lstm = nn.ModuleList(Layer(one, shape.hidden // 2) for one in widths)
            self.projection = nn.Linear(shape.hidden, width) if width else None
            self.heads = nn.ModuleDict({one: nn.Linear(reads, shape.labels) for one in heads})
        self.dropout = nn.Dropout(dropout)
        self.lookup: torch.Tensor | None
        kept = None if lookup is None else torch.from_numpy(lookup.astype(np.int32))
        self.register_buffer("lookup", kept)

    def sentence(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        """The sentence vector [batch, hidden]; padding is on the right and is never read."""
        ids = input_ids if self.lookup is None else self.lookup[input_ids]
        lengths = attention_mask.sum(1)
        x = self.dropout(self.embedding(ids))
        for layer in self.lstm[:-1]:
            x = self.dropout(layer(x, lengths))
        last: Any = self.lstm[-1]
        state: torch.Tensor = self.dropout(last.last(x, lengths))
        return state

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Said:
        # LSTMs gain nothing from half precision here and lose digits over long sentences.
        with torch.autocast(input_ids.device.type, enabled=False):
            state = self.sentence(input_ids, attention_mask)
            projected = None if self.projection is None else functional.gelu(self.projection(state))
            read = projected if self.shape.feed_forward else state
            heads = {name: head(read) for name, head in self.heads.items()}
        return Said(heads[self.answering], heads, projected)

    def parts(self) -> dict[str, nn.Module]:
        """What can be frozen, from the top down."""
        heads = dict(self.heads.items())
        middle = {} if self.projection is None else {"projection": self.projection}
        return {**heads, **middle, "lstm": self.lstm, "embedding": self.embedding}

    def learn(self, names: Collection[str]) -> None:
        """Train these parts alone and freeze the others."""
        for name, part in self.parts().items():
            part.requires_grad_(name in names)

    def finished(self) -> BiLSTM:
        """The model with what its answers need and nothing else, every weight thawed."""
        made = BiLSTM(self.shape, (self.answering,), lookup=_array(self.lookup))
        state = self.state_dict()
        made.load_state_dict({name: state[name] for name in made.state_dict()})
        return made.eval()

    def to_graph(self, graph: Graph) -> str:
        """The answers as operators; one LSTM operator per layer, told each sentence's length."""
        from onnx import TensorProto

        lengths = graph.op(
            "Cast", graph.op("ReduceSum", INPUTS[1], graph.whole(1), keepdims=0),
            to=TensorProto.INT32,
        )  # fmt: skip
        ids = INPUTS[0]
        if self.lookup is not None:
            ids = graph.gather(graph.constant(_array(self.lookup), np.int32), ids)
        x = embedding(graph, "embedding", self.embedding, ids)
        x = graph.op("Transpose", x, perm=[1, 0, 2])
        last = ""
        layers: Any = self.lstm
        for number, layer in enumerate(layers):
            states, last = layer.to_graph(graph, f"lstm.{number}", x, lengths)
            if number + 1 < len(self.lstm):
                x = graph.op("Transpose", states, perm=[0, 2, 1, 3])
                x = graph.op("Reshape", x, graph.whole(0, 0, -1))
        vector = graph.op("Transpose", last, perm=[1, 0, 2])
        vector = graph.op("Reshape", vector, graph.whole(0, -1))
        if self.shape.feed_forward:
            vector = graph.activation("gelu", linear(graph, "projection", self.projection, vector))
        name = self.answering
        return linear(graph, f"heads.{name}", self.heads[name], vector)


def kept_pieces(seen: Sequence[np.ndarray], always: Collection[int], size: int) -> np.ndarray:
    """The ids of pieces that occur, with those in `always`, in order; all below `size`."""
    found = np.unique(np.concatenate([*seen, np.asarray(sorted(always), np.int32)]))
    return found[found < size].astype(np.int64)


def lookup_for(kept: np.ndarray, size: int, unknown: int) -> np.ndarray:
    """Where each of `size` ids stands in a table of the `kept` ones; others are the unknown piece."""
    places = np.full(size, int(np.searchsorted(kept, unknown)), np.int32)
    places[kept] = np.arange(len(kept), dtype=np.int32)
    return places


def _turned(length: int, lengths: torch.Tensor) -> torch.Tensor:
    """Positions [batch, length] that turn each sentence round and leave its padding in place."""
    steps = torch.arange(length, device=lengths.device).unsqueeze(0)
    ends = lengths.unsqueeze(1)
    return torch.where(steps < ends, ends - 1 - steps, steps)


def _rows(x: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """x [batch, length, width] at places [batch, n]: [batch, n, width]."""
    return x.gather(1, places.unsqueeze(-1).expand(-1, -1, x.shape[-1]))


def _gates(value: torch.Tensor) -> np.ndarray:
    """Torch keeps the gates as input, forget, cell, output; ONNX as input, output, forget, cell."""
    first, forget, cell, output = value.detach().to("cpu", torch.float32).chunk(4)
    return torch.cat([first, output, forget, cell]).numpy()


def _array(value: torch.Tensor | None) -> np.ndarray | None:
    return None if value is None else value.detach().cpu().numpy()
