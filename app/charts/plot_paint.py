"""What stands over the curves of a plot: stage changes, level rules, ends of lines and their names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPen

from app.charts.plot_axis import spread
from app.theme import theme
from app.widgets.label import cut

Place = Callable[[float, float], QPointF]
COLOURS = 6  # of the design; later lines take them again with dashes
DASHES: tuple[tuple[float, ...], ...] = ((), (3, 2), (1, 1.5))
NARROWEST = 36  # pixels that a stage needs for the beginning of its name


@dataclass
class Line:
    """A curve; `raw` is drawn thin behind it, `label` at its end, `name` when it is pointed at."""

    x: np.ndarray
    y: np.ndarray
    place: int = 0
    label: str = ""
    raw: tuple[np.ndarray, np.ndarray] | None = None
    fill: bool = False
    dot: bool = True
    marks: bool = False
    name: str = ""

    @property
    def colour(self) -> QColor:
        """The colour of its place."""
        return colour_of(self.place)

    def near(self, x: float) -> float | None:
        """The value of the nearest point, None where the line has none within its ends."""
        known = np.flatnonzero(np.isfinite(self.y))
        if not len(known):
            return None
        spare = 0.02 * float(self.x[known[-1]] - self.x[known[0]]) + 1
        if not self.x[known[0]] - spare <= x <= self.x[known[-1]] + spare:
            return None
        return float(self.y[known[int(np.abs(self.x[known] - x).argmin())]])


@dataclass
class Rule:
    """A level across the plot, named at its right end; style is "dash" or "dot"."""

    level: float
    label: str
    colour: str = "teacher"
    style: str = "dash"


@dataclass
class Mark:
    """Words at the end of a line or rule: where they would like to stand, and their colour."""

    at: QPointF
    words: str
    colour: QColor


def colour_of(place: int) -> QColor:
    """The colour of the line at this place; grey beyond all dashes."""
    return theme().series(place % COLOURS if place < COLOURS * len(DASHES) else COLOURS)


def dash_of(place: int) -> tuple[float, ...]:
    """The dash of the line at this place, in widths of the line."""
    return DASHES[min(place // COLOURS, len(DASHES) - 1)]


def pen_of(place: int, width: float = 2) -> QPen:
    """Colour and dash of the line at this place."""
    pen = QPen(colour_of(place), width)
    pen.setCosmetic(True)
    if dash_of(place):
        pen.setDashPattern(list(dash_of(place)))
    return pen


def paint_stages(
    painter: QPainter, area: QRectF, stages: Sequence[tuple[int, str]], place: Place
) -> None:
    """A dotted line where a stage begins, with as much of its name as the stage is wide."""
    look = theme()
    painter.setFont(look.font("tick"))
    metrics = QFontMetrics(look.font("tick"))
    starts = [place(float(step), 0.0).x() for step, _ in stages]
    ends = [*starts, area.right()][1:]
    for (step, words), x, end in zip(stages, starts, ends, strict=True):
        if not area.left() - 1 <= x <= area.right():
            continue
        if step > 0:
            painter.setPen(QPen(look.colour("text3"), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        room = min(end, area.right()) - x - look.px(9)
        if room < look.px(NARROWEST):
            continue  # narrow stages are named when they are pointed at
        shown = metrics.elidedText(cut(words, 60), Qt.TextElideMode.ElideRight, int(room))
        painter.setPen(look.colour("text3"))
        painter.drawText(QPointF(x + look.px(5), area.top() + look.px(10)), shown)


def paint_rules(painter: QPainter, area: QRectF, rules: Sequence[Rule], place: Place) -> list[Mark]:
    """Levels across the plot; returns their names."""
    marks = []
    for rule in rules:
        y = place(0.0, rule.level).y()
        if not area.top() - 1 <= y <= area.bottom() + 1:
            continue
        pen = QPen(theme().colour(rule.colour), 1.5)
        pen.setDashPattern([4, 2.7] if rule.style == "dash" else [1, 2])
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        marks.append(Mark(QPointF(area.right(), y), rule.label, theme().colour(rule.colour)))
    return marks


def paint_ends(painter: QPainter, area: QRectF, lines: Sequence[Line], place: Place) -> list[Mark]:
    """The last point of every line; returns their names."""
    look, marks = theme(), []
    for line in lines:
        finite = np.flatnonzero(np.isfinite(line.y))
        if not len(finite):
            continue
        end = place(float(line.x[finite[-1]]), float(line.y[finite[-1]]))
        if not area.adjusted(-1, -9, 1, 9).contains(end):
            continue
        size = look.px(8) / 2
        if line.dot:
            painter.setPen(QPen(look.colour("surface"), 2))
            painter.setBrush(line.colour)
            painter.drawEllipse(end, size + 0.5, size + 0.5)
        if line.label:
            marks.append(Mark(end, line.label, line.colour))
    return marks


def paint_names(painter: QPainter, area: QRectF, marks: list[Mark]) -> None:
    """Names beside their ends, pushed apart so that none overlaps."""
    look = theme()
    font = look.font("small-strong")
    painter.setFont(font)
    height = QFontMetrics(font).height()
    marks.sort(key=lambda one: one.at.y())
    heights = [height * (one.words.count("\n") + 1) for one in marks]
    tops = spread(
        [one.at.y() for one in marks], heights, area.top() - height, area.bottom() + height
    )
    for mark, top, tall in zip(marks, tops, heights, strict=True):
        place = QRectF(mark.at.x() + look.px(8), top, 400, tall)
        painter.setPen(mark.colour)
        painter.drawText(place, int(Qt.AlignmentFlag.AlignLeft), mark.words)
