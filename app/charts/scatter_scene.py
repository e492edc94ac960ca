"""What the comparison scatter shows, and how its values become places."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF

from app.widgets.label import cut
from engine import wording


@dataclass(frozen=True)
class Point:
    """One model in the chart. `y`, `low` and `high` are shares of 1; `x` is above zero."""

    id: str
    name: str
    family: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None
    reference: bool = False
    comparable: bool = True


@dataclass(frozen=True)
class Scene:
    """All that the chart shows; `front` holds the ids on the Pareto front, smallest x first."""

    points: tuple[Point, ...] = ()
    front: tuple[str, ...] = ()
    across: str = "Size on disk"
    up: str = "Accuracy"
    across_words: Callable[[float], str] = wording.size
    ranges: bool = True
    majority: float | None = None
    chosen: str = ""
    pointed: str = ""

    def point(self, point_id: str) -> Point | None:
        """The point with this id."""
        return next((one for one in self.points if one.id == point_id), None)

    def words(self, point: Point) -> str:
        """A point in words: name, both values, and its range when there is one."""
        said = [cut(point.name, 80), self.across_words(point.x), wording.percent(point.y)]
        if point.low is not None and point.high is not None:
            said.append(f"95 % range {wording.span(point.low, point.high)}")
        if not point.comparable:
            said.append("other examples, not comparable")
        return ", ".join(said)


@dataclass
class Frame:
    """The plot area and how values become places in it."""

    area: QRectF
    x_low: float
    x_high: float
    y_low: float
    y_high: float
    places: dict[str, QPointF] = field(default_factory=dict)
    captions: list[QRectF] = field(default_factory=list)

    def x(self, value: float) -> float:
        share = math.log10(value / self.x_low) / math.log10(self.x_high / self.x_low)
        return self.area.left() + share * self.area.width()

    def y(self, value: float) -> float:
        share = (value - self.y_low) / (self.y_high - self.y_low)
        return self.area.bottom() - share * self.area.height()
