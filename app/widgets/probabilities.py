"""Probability bars: how sure a model is of its likeliest answers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen

from app.charts.ink import faded
from app.theme import theme
from app.widgets.label import cut
from engine import wording

MOST = 3  # bars of a model with many classes
_NAME, _FIGURE, _BAR = 130, 52, 14


def shown_classes(probabilities: np.ndarray) -> list[int]:
    """Class ids to draw: both of two in their own order, else the likeliest three."""
    if len(probabilities) == 2:
        return [0, 1]
    return [int(one) for one in np.argsort(-probabilities, kind="stable")[:MOST]]


def in_words(labels: Sequence[str], probabilities: np.ndarray) -> str:
    """The bars as words, for a screen reader and for tooltips."""
    return ", ".join(
        f"{cut(labels[one], 80)} {wording.probability(float(probabilities[one]))}"
        for one in shown_classes(probabilities)
    )


def colour_of(class_id: int, classes: int) -> QColor:
    """Series 1 and 2 for the two answers of a two-class model, series 1 for more classes."""
    return theme().series(class_id if classes == 2 else 0)


def paint_bars(
    painter: QPainter, area: QRectF, labels: Sequence[str], probabilities: np.ndarray
) -> None:
    """Paint names, bars and figures into `area`; the winner is strong, the others at half."""
    look, classes = theme(), len(probabilities)
    shown = shown_classes(probabilities)
    winner = int(np.argmax(probabilities))
    gap = area.height() / len(shown)
    tall = min(float(look.px(_BAR)), gap - 3)
    metrics = QFontMetricsF(_font("name"))
    longest = max(
        metrics.horizontalAdvance(cut(labels[one], 40)) for one in range(min(classes, 100))
    )
    name = min(longest + look.px(12), float(look.px(_NAME)), area.width() * 0.35)
    figures = [wording.probability(float(probabilities[one])) for one in shown]
    widest = max(metrics.horizontalAdvance(one) for one in figures)
    figure = max(float(look.px(_FIGURE)), widest + look.px(8))
    track = QRectF(area.left() + name, 0, max(20.0, area.width() - name - figure), tall)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for place, one in enumerate(shown):
        middle = area.top() + gap * (place + 0.5)
        track.moveTop(middle - tall / 2)
        share = min(1.0, max(0.0, float(probabilities[one])))
        colour = colour_of(one, classes)
        _bar(painter, track, share, colour if one == winner else faded(colour, 0.5))
        role, tone = ("name", "text") if one == winner else ("body", "text2")
        words = QRectF(area.left(), middle - gap / 2, name - look.px(6), gap)
        _line(painter, words, labels[one], role, tone, Qt.AlignmentFlag.AlignLeft)
        number = QRectF(track.right() + look.px(6), middle - gap / 2, figure - look.px(6), gap)
        _line(painter, number, figures[place], role, tone, Qt.AlignmentFlag.AlignRight)
    if classes == 2:
        _middle(painter, track.center().x(), area)
    painter.restore()


def _bar(painter: QPainter, track: QRectF, share: float, colour: QColor) -> None:
    look = theme()
    painter.setPen(QPen(look.colour("line"), 1))
    painter.setBrush(look.colour("sunken"))
    painter.drawRoundedRect(track.adjusted(0.5, 0.5, -0.5, -0.5), look.px(3), look.px(3))
    if share > 0:
        filled = QRectF(track)
        filled.setWidth(max(2.0, track.width() * share))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(filled, min(look.px(3), filled.width() / 2), look.px(3))


def _middle(painter: QPainter, x: float, area: QRectF) -> None:
    """Half: where a two-class answer turns."""
    pen = QPen(theme().colour("text3"), 1)
    pen.setDashPattern([2, 3])
    painter.setPen(pen)
    x = round(x) + 0.5
    painter.drawLine(QPointF(x, area.top() - 3), QPointF(x, area.bottom() + 3))


def _line(
    painter: QPainter, area: QRectF, words: str, role: str, tone: str, side: Qt.AlignmentFlag
) -> None:
    look = theme()
    font = _font(role)
    painter.setFont(font)
    painter.setPen(look.colour(tone))
    line = " ".join(cut(words, 200).split())
    shown = QFontMetricsF(font).elidedText(line, Qt.TextElideMode.ElideRight, area.width())
    painter.drawText(area, int(side | Qt.AlignmentFlag.AlignVCenter), shown)


def _font(role: str) -> QFont:
    """A role's weight at 12 px."""
    font = theme().font(role)
    font.setPixelSize(theme().px(12))
    return font
