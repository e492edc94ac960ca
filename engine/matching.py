"""Which layers belong together: a student's and a teacher's, or those stored once for a group."""

from __future__ import annotations

from typing import Literal


def matched_layers(
    student: int, teacher: int, strategy: Literal["skip", "last"]
) -> tuple[int, ...]:
    """The teacher layers I(j), counted from 1, that student layers 1..k-1 follow.

    Skip takes every (N/k)-th layer, last the k-1 layers below the top (Sun et al. 2019, 3.2).
    """
    followed = student - 1
    if strategy == "skip":
        return tuple(j * teacher // student for j in range(1, followed + 1))
    return tuple(range(teacher - followed, teacher))


def mapped_layers(
    student: int, teacher: int, strategy: Literal["uniform", "top", "bottom"]
) -> tuple[int, ...]:
    """The teacher layers g(m), counted from 1, that student layers 1..M follow.

    Uniform takes every (N/M)-th layer, which must come out even; top the last M, bottom the
    first M layers (Jiao et al. 2020, section 5.3.3).
    """
    if strategy == "uniform":
        return tuple(m * teacher // student for m in range(1, student + 1))
    return tuple(m + (teacher - student) * (strategy == "top") for m in range(1, student + 1))


def group_of(layer: int, layers: int, groups: int) -> int:
    """The group, from 0, whose weights layer `layer` (from 0) of `layers` uses.

    ALBERT's rule as transformers computes it, rounding of the quotient included.
    """
    return int(layer / (layers / groups))


def members(group: int, layers: int, groups: int) -> list[int]:
    """The layers, from 0, that use the weights of `group`."""
    return [layer for layer in range(layers) if group_of(layer, layers, groups) == group]
