"""Where ticks and labels go in a chart: plain arithmetic, no painting."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF

from app.charts.ticks import MOST


def log_ticks(low: float, high: float) -> tuple[list[float], list[float]]:
    """The labelled ticks (1, 2, 5 times a power of ten) and the bare ones of a log axis."""
    if not 0 < low < high or not math.isfinite(high):
        return [], []
    decades = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    every = [factor * 10.0**power for power in decades for factor in range(1, 10)]
    inside = [one for one in every if low * (1 - 1e-9) <= one <= high * (1 + 1e-9)]
    named = [one for one in inside if _leading(one) in (1, 2, 5)]
    if len(named) > MOST:
        named = [one for one in named if _leading(one) == 1]
    if len(named) < 2:
        return inside[:: max(1, math.ceil(len(inside) / MOST))], inside
    return named[:: max(1, math.ceil(len(named) / MOST))], inside


def _leading(value: float) -> int:
    return round(value / 10.0 ** math.floor(math.log10(value) + 1e-9))


def log_range(values: Sequence[float]) -> tuple[float, float]:
    """A range around positive values with room for their labels."""
    low, high = min(values), max(values)
    room = max(math.log10(high / low) * 0.12, 0.1)
    return low * 10**-room, high * 10**room


def share_range(lows: Sequence[float], highs: Sequence[float]) -> tuple[float, float]:
    """A range around shares of 1, with a little room, never beyond 0 and 1 by more than that."""
    low, high = min(lows), max(highs)
    room = max((high - low) * 0.08, 0.004)
    return max(low - room, -room), min(high + room, 1 + room)


def place_labels(
    points: Sequence[QPointF],
    sizes: Sequence[tuple[float, float]],
    area: QRectF,
    taken: Sequence[QRectF],
    gap: float,
) -> list[QRectF | None]:
    """A free place for each label: right, left, above, below, corners; None where all collide.

    `taken` are places already used (markers, whiskers, captions). Labels never cover each other
    and never leave `area`. Of several orders the one that places most is taken, the given first.
    """
    free = [
        [one for one in _tries(at, *size, gap) if area.contains(one) and not _hits(one, taken)]
        for at, size in zip(points, sizes, strict=True)
    ]
    given = list(range(len(points)))
    orders = [
        given,
        sorted(given, key=lambda i: len(free[i])),
        sorted(given, key=lambda i: points[i].x()),
        sorted(given, key=lambda i: -points[i].x()),
    ]
    found = [_place(order, free) for order in orders]
    return max(found, key=lambda places: sum(one is not None for one in places))


def _place(order: Sequence[int], free: Sequence[Sequence[QRectF]]) -> list[QRectF | None]:
    """Each label in this order takes its first place that no earlier one covers."""
    places: list[QRectF | None] = [None] * len(free)
    used: list[QRectF] = []
    for i in order:
        places[i] = next((one for one in free[i] if not _hits(one, used)), None)
        used += [one for one in (places[i],) if one is not None]
    return places


def _hits(box: QRectF, others: Sequence[QRectF]) -> bool:
    return any(box.intersects(other) for other in others)


def _tries(at: QPointF, width: float, height: float, gap: float) -> list[QRectF]:
    """The places around a point, the best first; above and below also shifted past a whisker."""
    x, y, near = at.x(), at.y(), gap * 0.4
    right, left = x + gap, x - gap - width
    middle = y - height / 2
    return [
        QRectF(right, middle, width, height),
        QRectF(left, middle, width, height),
        QRectF(right, y - near - height, width, height),
        QRectF(left, y - near - height, width, height),
        QRectF(right, y + near, width, height),
        QRectF(left, y + near, width, height),
        QRectF(x - width / 2, y - gap - height, width, height),
        QRectF(x - width / 2, y + gap, width, height),
    ]
