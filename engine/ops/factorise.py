"""A table of word vectors as a narrower table and a map back, such that LayerNorm goes through."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch


def factorise(
    tables: Sequence[torch.Tensor], counts: Sequence[torch.Tensor], size: int
) -> tuple[list[torch.Tensor], torch.Tensor, float]:
    """Narrow tables [n, size] for `tables` [n, width], the map [width, size], and what is kept.

    `counts` [n] says how often each row of a table is used: rows count as much as they are used,
    and tables alike, as each gives one row to every sum. The last value is the share of squared
    length that is kept. For rows e, one of each table summed, and z the sum of their narrow rows,
    LayerNorm(e) ~ map @ LayerNorm(z) without gains: exact where size >= width, otherwise the
    best in the mean square, which the singular value decomposition gives. LayerNorm takes the
    mean away, so rows are centred and size - 1 directions orthogonal to the ones vector are
    used: the narrow rows are centred too, and only lengths differ, which LayerNorm evens out.
    """
    width = tables[0].shape[1]
    centred = [table.double() - table.double().mean(1, keepdim=True) for table in tables]
    shares = [count.double().unsqueeze(1) / count.sum() for count in counts]
    spreads = [one.T @ (share * one) for one, share in zip(centred, shares, strict=True)]
    spread = torch.stack(spreads).sum(0)
    energy, directions = torch.linalg.eigh(spread)
    rank = min(size, width) - 1
    chosen = directions[:, width - rank :].flip(1)
    frame = _centred_frame(size, rank)
    narrow = [(one @ chosen @ frame.T).to(tables[0].dtype) for one in centred]
    back = math.sqrt(width / size) * chosen @ frame.T
    kept = float(energy[width - rank :].sum() / energy.sum().clamp_min(1e-30))
    return narrow, back.to(tables[0].dtype), kept


def _centred_frame(size: int, rank: int) -> torch.Tensor:
    """Orthonormal columns [size, rank], each with mean zero: cosines of growing frequency."""
    places = torch.arange(size, dtype=torch.float64).unsqueeze(1) + 0.5
    waves = torch.arange(1, rank + 1, dtype=torch.float64)
    return math.sqrt(2 / size) * torch.cos(math.pi * places * waves / size)
