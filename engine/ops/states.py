"""Record the attention scores of an encoder's layers while it runs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch
from torch import nn

Projections = Sequence[tuple[nn.Module, nn.Module]]


class Scores:
    """What `recorded` has seen: the query and key vectors of every layer."""

    def __init__(self, projections: Projections, heads: int) -> None:
        self._projections, self._heads = projections, heads
        self._seen: dict[nn.Module, list[torch.Tensor]] = {
            module: [] for pair in projections for module in pair
        }

    def note(self, module: nn.Module, _: object, output: torch.Tensor) -> None:
        """Forward hook of a query or key map."""
        self._seen[module].append(output)

    def of(self, layers: Sequence[int]) -> list[torch.Tensor]:
        """QK^T / sqrt(d_k) of the given layers, counted from 1: [batch, heads, length, length].

        A module that several layers share has been seen once for each of them, in their order.
        """
        found = []
        for layer in layers:
            query, key = self._projections[layer - 1]
            turn = sum(one is query for one, _ in self._projections[: layer - 1])
            q, k = self._split(self._seen[query][turn]), self._split(self._seen[key][turn])
            found.append(q @ k.transpose(-1, -2) / math.sqrt(q.shape[-1]))
        return found

    def _split(self, vectors: torch.Tensor) -> torch.Tensor:
        """[batch, length, width] by heads, float32."""
        batch, length, _ = vectors.shape
        return vectors.float().view(batch, length, self._heads, -1).transpose(1, 2)


@contextmanager
def recorded(projections: Projections, heads: int) -> Iterator[Scores]:
    """Record one pass: `projections` are the (query, key) maps of the layers in their order."""
    scores = Scores(projections, heads)
    unique = {module for pair in projections for module in pair}
    hooks = [module.register_forward_hook(scores.note) for module in unique]
    try:
        yield scores
    finally:
        for hook in hooks:
            hook.remove()
