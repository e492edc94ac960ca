"""An axis whose ticks and words are ours, and names that never overlap."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pyqtgraph as pg
from PySide6.QtGui import QPainter


class Axis(pg.AxisItem):
    """An axis without lines whose ticks and words are ours."""

    def __init__(
        self,
        side: str,
        places: Callable[[float, float], list[float]],
        words: Callable[[float], str],
    ) -> None:
        super().__init__(side)
        self.places, self.words = places, words

    def tickValues(
        self, minVal: float, maxVal: float, size: float
    ) -> list[tuple[float, list[float]]]:
        return [(1.0, self.places(min(minVal, maxVal), max(minVal, maxVal)))]

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        return [self.words(value) for value in values]

    def generateDrawSpecs(self, p: QPainter) -> tuple[Any, Any, Any] | None:
        specs = super().generateDrawSpecs(p)
        return None if specs is None else (specs[0], [], specs[2])  # words without strokes


def spread(
    wanted: Sequence[float], heights: Sequence[float], low: float, high: float
) -> list[float]:
    """Tops of names centred on `wanted` (rising), pushed apart so that none overlaps."""
    tops: list[float] = []
    edge = low
    for middle, height in zip(wanted, heights, strict=True):
        edge = max(edge, middle - height / 2)
        tops.append(edge)
        edge += height
    edge = high
    for place in range(len(tops) - 1, -1, -1):
        tops[place] = max(low, min(tops[place], edge - heights[place]))
        edge = tops[place]
    return tops
