"""Paints the comparison scatter: axes, teacher, Pareto front, ranges, markers and labels."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from app.charts import ticks
from app.charts.ink import Ink, draw_marker, faded, family_of
from app.charts.placing import log_range, log_ticks, share_range
from app.charts.scatter_labels import draw_labels
from app.charts.scatter_scene import Frame, Point, Scene
from engine import wording


def draw(painter: QPainter, area: QRectF, scene: Scene, ink: Ink) -> dict[str, QPointF]:
    """Paint the chart into `area` and return where each point lies."""
    if not scene.points:
        return {}
    frame = _frame(area, scene, ink)
    frame.places = {one.id: QPointF(frame.x(one.x), frame.y(one.y)) for one in scene.points}
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    _draw_axes(painter, frame, scene, ink)
    _draw_teacher(painter, frame, scene, ink)
    _draw_front(painter, frame, scene, ink)
    _draw_majority(painter, frame, scene, ink)
    for one in scene.points:
        _draw_whisker(painter, frame, scene, one, ink)
    for one in scene.points:
        draw_marker(painter, frame.places[one.id], one.family, ink, hollow=not one.comparable)
    _draw_rings(painter, frame, scene, ink)
    draw_labels(painter, frame, scene, ink)
    painter.restore()
    return frame.places


def _frame(area: QRectF, scene: Scene, ink: Ink) -> Frame:
    """Choose the ranges of both axes and leave room for their numbers."""
    lows = [_low(one, scene) for one in scene.points]
    highs = [_high(one, scene) for one in scene.points]
    wide = QFontMetricsF(ink.font("tick")).horizontalAdvance("100.0 %")
    inner = area.adjusted(wide + ink.px(10), ink.px(8), -ink.px(28), -ink.px(42))
    x_low, x_high = log_range([one.x for one in scene.points])
    y_low, y_high = share_range(lows, highs)
    return Frame(inner, x_low, x_high, y_low, y_high)


def _low(point: Point, scene: Scene) -> float:
    return point.low if scene.ranges and point.low is not None else point.y


def _high(point: Point, scene: Scene) -> float:
    return point.high if scene.ranges and point.high is not None else point.y


def _draw_axes(painter: QPainter, frame: Frame, scene: Scene, ink: Ink) -> None:
    area, metrics = frame.area, QFontMetricsF(ink.font("tick"))
    painter.setFont(ink.font("tick"))
    for value in ticks.nice(frame.y_low, frame.y_high):
        y = round(frame.y(value)) + 0.5
        painter.setPen(QPen(ink.colour("line"), 1))
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
        words = ticks.percent(value)
        painter.setPen(ink.colour("text3"))
        left = area.left() - ink.px(8) - metrics.horizontalAdvance(words)
        painter.drawText(QPointF(left, y + metrics.capHeight() / 2), words)
    bottom = round(area.bottom()) + 0.5
    painter.setPen(QPen(ink.colour("control"), 1))
    painter.drawLine(QPointF(area.left(), bottom), QPointF(area.right(), bottom))
    named, bare = log_ticks(frame.x_low, frame.x_high)
    for value in {*bare, *named}:
        x, long = round(frame.x(value)) + 0.5, value in named
        painter.setPen(QPen(ink.colour("control"), 1))
        painter.drawLine(QPointF(x, bottom), QPointF(x, bottom + ink.px(5 if long else 3)))
        if long:
            words = scene.across_words(value).replace(".0\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}")
            painter.setPen(ink.colour("text3"))
            left = x - metrics.horizontalAdvance(words) / 2
            painter.drawText(QPointF(left, bottom + ink.px(7) + metrics.ascent()), words)
    painter.setFont(ink.font("small"))
    painter.setPen(ink.colour("text2"))
    title = f"{scene.across}, smaller to the left (log scale)"
    below = QRectF(area.left(), bottom + ink.px(20), area.width(), ink.px(22))
    painter.drawText(below, int(Qt.AlignmentFlag.AlignCenter), title)


def _draw_teacher(painter: QPainter, frame: Frame, scene: Scene, ink: Ink) -> None:
    """A dashed line per teacher; a band for its range when there is only one."""
    teachers = [one for one in scene.points if one.reference]
    area, line = frame.area, ink.colour("teacher")
    for one in teachers:
        if len(teachers) == 1 and scene.ranges and one.low is not None and one.high is not None:
            top, bottom = frame.y(one.high), frame.y(one.low)
            band = QRectF(area.left(), top, area.width(), bottom - top)
            painter.fillRect(band, faded(line, 0.07))
        y = frame.y(one.y)
        pen = QPen(line, 1.5)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    if len(teachers) == 1:
        one = teachers[0]
        words = f"teacher {wording.percent(one.y)}"
        if scene.ranges and one.low is not None:
            words += ", band is its 95 % range"
        above = QPointF(area.left() + ink.px(8), frame.y(one.y) - ink.px(5))
        _caption(painter, frame, above, words, "text2", ink)


def _draw_front(painter: QPainter, frame: Frame, scene: Scene, ink: Ink) -> None:
    """Steps that are flat from each point to the next larger model."""
    front = [frame.places[one] for one in scene.front if one in frame.places]
    if len(front) < 2:
        return
    pen = QPen(ink.colour("accent"), 2)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    corners = [front[0]]
    for here, after in pairwise(front):
        corners += [QPointF(after.x(), here.y()), after]
    corners.append(QPointF(frame.area.right(), front[-1].y()))
    painter.drawPolyline(corners)
    flat = max(
        zip(front, [one.x() for one in front[1:]] + [frame.area.right()], strict=True),
        key=lambda pair: pair[1] - pair[0].x(),
    )
    words = "best accuracy at each size (Pareto front)"
    if (scene.across, scene.up) != ("Size on disk", "Accuracy"):
        words = "the best of both (Pareto front)"
    wide = QFontMetricsF(ink.font("small")).horizontalAdvance(words)
    if flat[1] - flat[0].x() > wide + ink.px(24):
        left = flat[1] - wide - ink.px(16)
        below = ink.px(15) if _crowded(frame, left, wide, flat[0].y(), ink) else -ink.px(5)
        _caption(painter, frame, QPointF(left, flat[0].y() + below), words, "accent", ink)


def _crowded(frame: Frame, left: float, wide: float, y: float, ink: Ink) -> bool:
    """Whether a caption above the line would lie on another caption or a point."""
    box = QRectF(left, y - ink.px(20), wide, ink.px(16))
    near = [QRectF(p.x() - 6, p.y() - 6, 12, 12) for p in frame.places.values()]
    return any(box.intersects(other) for other in [*frame.captions, *near])


def _draw_majority(painter: QPainter, frame: Frame, scene: Scene, ink: Ink) -> None:
    """The majority class as a dotted line, or in words when it lies outside the axis."""
    if scene.majority is None:
        return
    area, words = frame.area, f"always the commonest answer {wording.percent(scene.majority)}"
    wide = QFontMetricsF(ink.font("small")).horizontalAdvance(words)
    inside = frame.y_low <= scene.majority <= frame.y_high
    y = frame.y(scene.majority) if inside else area.bottom()
    if inside:
        pen = QPen(ink.colour("text3"), 1.5)
        pen.setDashPattern([1, 3])
        painter.setPen(pen)
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    else:
        words += ", below this axis" if scene.majority < frame.y_low else ", above this axis"
        wide = QFontMetricsF(ink.font("small")).horizontalAdvance(words)
    at = QPointF(area.right() - wide - ink.px(4), y - ink.px(6))
    _caption(painter, frame, at, words, "text3", ink)


def _caption(
    painter: QPainter, frame: Frame, at: QPointF, words: str, colour: str, ink: Ink
) -> None:
    """Words on a surface patch with their base line's left end `at`; labels keep clear of them."""
    font = ink.font("small")
    metrics = QFontMetricsF(font)
    size = (metrics.horizontalAdvance(words), metrics.height())
    box = QRectF(at.x() - 3, at.y() - metrics.ascent() - 1, size[0] + 6, size[1] + 1)
    frame.captions.append(box)
    painter.fillRect(box, faded(ink.colour("surface"), 0.93))
    painter.setFont(font)
    painter.setPen(ink.colour(colour))
    painter.drawText(at, words)


def _draw_whisker(painter: QPainter, frame: Frame, scene: Scene, one: Point, ink: Ink) -> None:
    if not scene.ranges or one.low is None or one.high is None:
        return
    x, top, bottom = frame.places[one.id].x(), frame.y(one.high), frame.y(one.low)
    painter.setPen(QPen(faded(ink.family(family_of(one.family)), 0.55), 1.2))
    cap = ink.px(4)
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    for y in (top, bottom):
        painter.drawLine(QPointF(x - cap, y), QPointF(x + cap, y))


def _draw_rings(painter: QPainter, frame: Frame, scene: Scene, ink: Ink) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for point_id, colour, width in ((scene.pointed, "text2", 1.5), (scene.chosen, "accent", 2.0)):
        if point_id in frame.places:
            painter.setPen(QPen(ink.colour(colour), width))
            half = ink.px(22) / 2
            painter.drawEllipse(frame.places[point_id], half, half)
