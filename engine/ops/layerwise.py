"""Losses that bring a student's states and attention scores near its teacher's, layer by layer."""

from __future__ import annotations

from typing import Literal

import torch
from torch import nn

Padding = Literal["none", "valid_only"]
Maps = Literal["shared", "embedding_apart", "separate"]


class LearnedMaps(nn.Module):
    """Biased linear maps from the student's width to the teacher's, for its states 0..M.

    shared: one for all states (TinyBERT's code). embedding_apart: W_e for the embedding output
    and W_h for all layers (Jiao et al. 2020, eqs. 8 and 9). separate: one for each state. Weights
    depend on `seed` alone, or every map begins as `begin` [teacher's width, width].
    """

    def __init__(
        self, layers: int, width: int, teacher_width: int, kind: Maps, seed: int,
        begin: torch.Tensor | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        count = {"shared": 1, "embedding_apart": 2, "separate": layers + 1}[kind]
        self.maps = nn.ModuleList(nn.Linear(width, teacher_width) for _ in range(count))
        generator = torch.Generator().manual_seed(seed)
        for one in self.maps:
            assert isinstance(one, nn.Linear)
            nn.init.zeros_(one.bias)
            nn.init.normal_(one.weight, std=0.02, generator=generator)
            if begin is not None:
                one.weight.data.copy_(begin)

    def forward(self, state: torch.Tensor, layer: int) -> torch.Tensor:
        """The state after `layer` (0 is the embedding output) in the teacher's width."""
        mapped: torch.Tensor = self.maps[min(layer, len(self.maps) - 1)](state.float())
        return mapped


def state_distance(
    student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, padding: Padding
) -> torch.Tensor:
    """Mean squared difference of states [batch, length, width]; `mask` [batch, length].

    none: over every element, padding included (Jiao et al. 2020, eqs. 8 and 9, and its code).
    valid_only: over the real pieces.
    """
    squares = (student.float() - teacher.float()).square()
    if padding == "none":
        return squares.mean()
    kept = mask.to(squares.dtype)
    return (squares.sum(-1) * kept).sum() / (kept.sum() * squares.shape[-1])


def attention_distance(
    student: torch.Tensor, teacher: torch.Tensor, mask: torch.Tensor, padding: Padding,
    *, normalised: bool = False,
) -> torch.Tensor:  # fmt: skip
    """Mean squared difference of attention scores [batch, heads, length, length].

    The scores are QK^T / sqrt(d_k), of which masked keys count as 0 in both (Jiao et al. 2020,
    eq. 7, and its code); `normalised` compares their softmax over the real keys instead.
    none: over every element, the rows of padding included. valid_only: over pairs of real
    pieces, that is divided by heads times the sum of squared lengths.
    """
    keys = mask[:, None, None, :].bool()
    squares = (_scores(student, keys, normalised) - _scores(teacher, keys, normalised)).square()
    if padding == "none":
        return squares.mean()
    kept = mask.to(squares.dtype)
    by_row = squares.sum((1, 3)) * kept  # masked keys are 0 already
    return by_row.sum() / (squares.shape[1] * kept.sum(1).square().sum())


def _scores(scores: torch.Tensor, keys: torch.Tensor, normalised: bool) -> torch.Tensor:
    if normalised:
        return scores.float().masked_fill(~keys, -torch.inf).softmax(-1)
    return scores.float().masked_fill(~keys, 0.0)


def main_directions(table: torch.Tensor, width: int) -> torch.Tensor:
    """The `width` orthonormal directions [columns, width] that keep most of `table` [rows, columns].

    They are the right singular vectors of the largest singular values: no other map to so few
    columns and back, A A^T, changes the table less.
    """
    wide = table.detach().double().cpu()
    _, directions = torch.linalg.eigh(wide.T @ wide)
    kept: torch.Tensor = directions[:, -width:].flip(1)
    return kept.to(table.dtype).to(table.device)
