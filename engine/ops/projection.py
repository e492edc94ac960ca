"""Shared projections: a few matrices that map every layer's weights between two widths."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import torch
from torch import nn

Direction = Literal["down", "up"]
Pair = tuple[torch.Tensor, torch.Tensor]


def squared(difference: torch.Tensor) -> torch.Tensor:
    """The squared Frobenius norm."""
    return difference.square().sum()


class SharedProjection(nn.Module):
    """Matrices U and V, one of each per pair of widths, shared by all layers (Zhao et al. 2019, 3.3).

    `widths` are (teacher, student). Down maps the teacher's variables to the student's shape,
    up the student's to the teacher's. With a `seed` the start is random and keeps the size of
    what is mapped; without one, the matrices keep the first coordinates as they are.
    """

    def __init__(
        self, widths: Iterable[tuple[int, int]], direction: Direction, seed: int | None
    ) -> None:
        super().__init__()
        self.direction = direction
        self.left, self.right = nn.ParameterDict(), nn.ParameterDict()
        generator = torch.Generator().manual_seed(seed or 0)
        for teacher, student in sorted(set(widths)):
            source, target = (teacher, student) if direction == "down" else (student, teacher)
            name = f"{teacher}-{student}"
            self.left[name], self.right[name] = torch.eye(target, source), torch.eye(source, target)
            if seed is not None:
                self.left[name] = source**-0.5 * torch.randn(target, source, generator=generator)
                self.right[name] = source**-0.5 * torch.randn(source, target, generator=generator)

    def distance(self, teacher: torch.Tensor, student: torch.Tensor) -> torch.Tensor:
        """|| U W_t V - W_s ||^2 (down) or || W_t - U W_s V ||^2 (up), summed over all elements.

        A vector has one factor, U.
        """
        source, target = self._ends(teacher, student)
        left = self.left[f"{teacher.shape[0]}-{student.shape[0]}"]
        if teacher.dim() == 1:
            return squared(left @ source - target)
        right = self.right[f"{teacher.shape[1]}-{student.shape[1]}"]
        return squared(torch.linalg.multi_dot([left, source, right]) - target)

    def table_distance(self, teacher: torch.Tensor, student: torch.Tensor) -> torch.Tensor:
        """The same for two tables of the same pieces, [pieces, width]: rows need no map, so V alone."""
        source, target = self._ends(teacher, student)
        right = self.right[f"{teacher.shape[1]}-{student.shape[1]}"]
        return squared(source @ right - target)

    def forward(self, layers: Sequence[Sequence[Pair]]) -> torch.Tensor:
        """The distance of each layer, [layers], from its pairs of variables (teacher, student)."""
        return torch.stack(
            [torch.stack([self.distance(*pair) for pair in pairs]).sum() for pairs in layers]
        )

    def norm(self) -> torch.Tensor:
        """The root of the sum of squares of all matrices: near zero, the down form has collapsed."""
        return torch.stack([one.detach().square().sum() for one in self.parameters()]).sum().sqrt()

    def _ends(self, teacher: torch.Tensor, student: torch.Tensor) -> Pair:
        """What is mapped, and what it should become."""
        return (teacher, student) if self.direction == "down" else (student, teacher)
