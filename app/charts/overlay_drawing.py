"""Paints the curves of several runs over one another, each named at its end or told by its dash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from app.charts import ticks
from app.charts.ink import Ink
from app.charts.plot_axis import spread
from app.widgets.label import cut
from engine import wording

DASHES: tuple[tuple[list[float], float], ...] = (  # pattern in pixels, width
    ([], 2.0), ([6, 3], 2.0), ([2, 3], 2.0), ([8, 3, 2, 3], 2.0), ([], 2.6), ([6, 3], 2.6),
)  # fmt: skip
FEW = 3  # up to here lines are solid: their names at the end tell them apart
LONGEST_NAME = 22


@dataclass(frozen=True)
class Curve:
    """One run's values of a metric: `x` and `y` of the same length, `place` its colour."""

    id: str
    name: str
    place: int
    x: np.ndarray
    y: np.ndarray


@dataclass(frozen=True)
class Curves:
    """All that the chart shows. `shares` writes values as percentages, `whole` x as 0 to 1."""

    lines: tuple[Curve, ...] = ()
    title: str = ""
    across: str = "Step"
    shares: bool = False
    training: bool = False

    @property
    def x_words(self) -> Callable[[float], str]:
        """How a place along the axis is written."""
        return ticks.percent if self.training else ticks.steps

    @property
    def y_words(self) -> Callable[[float], str]:
        """How a value is written."""
        return wording.percent if self.shares else wording.significant

    def ranges(self) -> tuple[float, float, float, float]:
        """Smallest and largest x, smallest and largest finite y, with a little room."""
        x = np.concatenate([one.x for one in self.lines])
        y = np.concatenate([one.y for one in self.lines])
        y = y[np.isfinite(y)]
        low, high = (float(y.min()), float(y.max())) if len(y) else (0.0, 1.0)
        room = (high - low) * 0.06 or max(abs(high), 1e-3) * 0.05
        left, right = float(x.min()), float(x.max())
        return left, max(right, left + 1e-9), low - room, high + room


def plot_area(area: QRectF, curves: Curves, ink: Ink) -> QRectF:
    """The part of `area` that the lines get, beside the numbers and the names."""
    metrics = QFontMetricsF(ink.font("small-strong"))
    names = [metrics.horizontalAdvance(cut(one.name, LONGEST_NAME)) for one in curves.lines]
    return area.adjusted(ink.px(52), ink.px(10), -max([*names, 0.0]) - ink.px(40), -ink.px(44))


def draw(
    painter: QPainter, area: QRectF, curves: Curves, ink: Ink, at: float | None = None
) -> None:
    """Paint the chart; `at` is the x under the pointer, where every run's value is written."""
    if not curves.lines:
        return
    inner = plot_area(area, curves, ink)
    left, right, low, high = curves.ranges()

    def place(x: float, y: float) -> QPointF:
        across = (x - left) / (right - left) * inner.width()
        return QPointF(
            inner.left() + across, inner.bottom() - (y - low) / (high - low) * inner.height()
        )

    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_axes(painter, inner, curves, (left, right, low, high), place, ink)
    ends = [_draw_line(painter, one, len(curves.lines), place, ink) for one in curves.lines]
    _draw_names(painter, inner, curves, ends, ink)
    if at is not None:
        _draw_values(painter, inner, curves, at, place, ink)
    painter.restore()


_Place = Callable[[float, float], QPointF]


def _draw_axes(
    painter: QPainter, inner: QRectF, curves: Curves, ranges: tuple[float, float, float, float],
    place: _Place, ink: Ink,
) -> None:  # fmt: skip
    left, right, low, high = ranges
    metrics = QFontMetricsF(ink.font("tick"))
    painter.setFont(ink.font("tick"))
    for value in ticks.nice(low, high):
        y = round(place(left, value).y()) + 0.5
        painter.setPen(QPen(ink.colour("line"), 1))
        painter.drawLine(QPointF(inner.left(), y), QPointF(inner.right(), y))
        words = ticks.percent(value) if curves.shares else ticks.plain(value)
        painter.setPen(ink.colour("text3"))
        wide = metrics.horizontalAdvance(words)
        painter.drawText(
            QPointF(inner.left() - ink.px(8) - wide, y + metrics.capHeight() / 2), words
        )
    for value in ticks.nice(left, right):
        words = curves.x_words(value)
        at = place(value, low)
        wide = metrics.horizontalAdvance(words)
        painter.drawText(
            QPointF(at.x() - wide / 2, inner.bottom() + ink.px(6) + metrics.ascent()), words
        )
    painter.setFont(ink.font("small"))
    painter.setPen(ink.colour("text2"))
    below = QRectF(inner.left(), inner.bottom() + ink.px(20), inner.width(), ink.px(22))
    painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), curves.across)


def pen_of(place: int, count: int, ink: Ink) -> QPen:
    """The pen of a run's line; dashes from four lines on."""
    dashes, width = DASHES[place] if place < len(DASHES) else ([], 1.5)
    pen = QPen(ink.series(place), width if count > FEW else 2.0)
    if dashes and count > FEW:
        pen.setDashPattern([one / width for one in dashes])
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    return pen


def _draw_line(
    painter: QPainter, one: Curve, count: int, place: _Place, ink: Ink
) -> QPointF | None:
    """One line, broken where values are missing; returns its end."""
    painter.setPen(pen_of(one.place, count, ink))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    finite = np.isfinite(one.y)
    run: list[QPointF] = []
    end = None
    for x, y, good in zip(one.x.tolist(), one.y.tolist(), finite.tolist(), strict=True):
        if good:
            end = place(x, y)
            run.append(end)
        else:
            painter.drawPolyline(QPolygonF(run))
            run = []
    painter.drawPolyline(QPolygonF(run))
    if end is not None:
        painter.setPen(QPen(ink.colour("surface"), 2))
        painter.setBrush(ink.series(one.place))
        painter.drawEllipse(end, ink.px(4) + 1, ink.px(4) + 1)
    return end


def _draw_names(
    painter: QPainter, inner: QRectF, curves: Curves, ends: list[QPointF | None], ink: Ink
) -> None:
    """Names right of the plot, in their colour, pushed apart; a short line shows their dash."""
    metrics = QFontMetricsF(ink.font("small-strong"))
    pairs = [(one, end) for one, end in zip(curves.lines, ends, strict=True) if end is not None]
    pairs.sort(key=lambda pair: pair[1].y())
    heights = [metrics.height()] * len(pairs)
    wanted = [end.y() for _, end in pairs]
    room = metrics.height() / 2
    tops = spread(wanted, heights, inner.top() - room, inner.bottom() + room)
    painter.setFont(ink.font("small-strong"))
    for (one, _), top in zip(pairs, tops, strict=True):
        middle = top + metrics.height() / 2
        painter.setPen(pen_of(one.place, len(curves.lines), ink))
        start = inner.right() + ink.px(10)
        painter.drawLine(QPointF(start, middle), QPointF(start + ink.px(20), middle))
        painter.setPen(ink.series(one.place))
        at = QPointF(start + ink.px(26), top + metrics.ascent())
        painter.drawText(at, cut(one.name, LONGEST_NAME))


def _draw_values(
    painter: QPainter, inner: QRectF, curves: Curves, at: float, place: _Place, ink: Ink
) -> None:
    """A line at `at`, a dot on every curve, and a box with the values."""
    x = place(at, 0.0).x()
    painter.setPen(QPen(ink.colour("control"), 1))
    painter.drawLine(QPointF(x, inner.top()), QPointF(x, inner.bottom()))
    read: list[tuple[QColor, str]] = []
    for one in curves.lines:
        known = np.flatnonzero(np.isfinite(one.y))
        if not len(known):
            continue
        nearest = known[int(np.abs(one.x[known] - at).argmin())]
        value = float(one.y[nearest])
        painter.setPen(QPen(ink.colour("surface"), 1.5))
        painter.setBrush(ink.series(one.place))
        painter.drawEllipse(place(float(one.x[nearest]), value), ink.px(4), ink.px(4))
        read.append(
            (ink.series(one.place), f"{cut(one.name, LONGEST_NAME)}  {curves.y_words(value)}")
        )
    metrics = QFontMetricsF(ink.font("small"))
    words = [f"{curves.across} {curves.x_words(at)}", *(line for _, line in read)]
    wide = max(metrics.horizontalAdvance(one) for one in words) + ink.px(20)
    tall = metrics.height() * len(words) + ink.px(12)
    left = x + ink.px(10) if x + ink.px(10) + wide < inner.right() else x - ink.px(10) - wide
    box = QRectF(left, inner.top() + ink.px(4), wide, tall)
    painter.setPen(QPen(ink.colour("line"), 1))
    painter.setBrush(ink.colour("surface"))
    painter.drawRoundedRect(box, ink.px(6), ink.px(6))
    painter.setFont(ink.font("small"))
    inks = [ink.colour("text3"), *(colour for colour, _ in read)]
    for row, (colour, line) in enumerate(zip(inks, words, strict=True)):
        painter.setPen(colour)
        base = box.top() + ink.px(6) + row * metrics.height() + metrics.ascent()
        painter.drawText(QPointF(box.left() + ink.px(10), base), line)
