"""Which teacher layer each student layer follows; plain numbers, shared by forecast and training."""

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
