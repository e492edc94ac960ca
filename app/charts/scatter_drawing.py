"""Paints the comparison scatter: axes, teacher, Pareto front, ranges, markers and labels."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from app.charts import ticks
from app.charts.ink import Ink, draw_marker, faded, family_of
from app.charts.placing import log_range, log_ticks, place_labels, share_range
from app.widgets.label import cut
from engine import wording

MOST_LABELS = 60
LONGEST_LABEL = 28


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
class _Frame:
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
    _draw_labels(painter, frame, scene, ink)
    painter.restore()
    return frame.places


def _frame(area: QRectF, scene: Scene, ink: Ink) -> _Frame:
    """Choose the ranges of both axes and leave room for their numbers."""
    lows = [_low(one, scene) for one in scene.points]
    highs = [_high(one, scene) for one in scene.points]
    wide = QFontMetricsF(ink.font("tick")).horizontalAdvance("100.0 %")
    inner = area.adjusted(wide + ink.px(10), ink.px(8), -ink.px(28), -ink.px(42))
    x_low, x_high = log_range([one.x for one in scene.points])
    y_low, y_high = share_range(lows, highs)
    return _Frame(inner, x_low, x_high, y_low, y_high)


def _low(point: Point, scene: Scene) -> float:
    return point.low if scene.ranges and point.low is not None else point.y


def _high(point: Point, scene: Scene) -> float:
    return point.high if scene.ranges and point.high is not None else point.y


def _draw_axes(painter: QPainter, frame: _Frame, scene: Scene, ink: Ink) -> None:
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


def _draw_teacher(painter: QPainter, frame: _Frame, scene: Scene, ink: Ink) -> None:
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


def _draw_front(painter: QPainter, frame: _Frame, scene: Scene, ink: Ink) -> None:
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


def _crowded(frame: _Frame, left: float, wide: float, y: float, ink: Ink) -> bool:
    """Whether a caption above the line would lie on another caption or a point."""
    box = QRectF(left, y - ink.px(20), wide, ink.px(16))
    near = [QRectF(p.x() - 6, p.y() - 6, 12, 12) for p in frame.places.values()]
    return any(box.intersects(other) for other in [*frame.captions, *near])


def _draw_majority(painter: QPainter, frame: _Frame, scene: Scene, ink: Ink) -> None:
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
    painter: QPainter, frame: _Frame, at: QPointF, words: str, colour: str, ink: Ink
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


def _draw_whisker(painter: QPainter, frame: _Frame, scene: Scene, one: Point, ink: Ink) -> None:
    if not scene.ranges or one.low is None or one.high is None:
        return
    x, top, bottom = frame.places[one.id].x(), frame.y(one.high), frame.y(one.low)
    painter.setPen(QPen(faded(ink.family(family_of(one.family)), 0.55), 1.2))
    cap = ink.px(4)
    painter.drawLine(QPointF(x, top), QPointF(x, bottom))
    for y in (top, bottom):
        painter.drawLine(QPointF(x - cap, y), QPointF(x + cap, y))


def _draw_rings(painter: QPainter, frame: _Frame, scene: Scene, ink: Ink) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for point_id, colour, width in ((scene.pointed, "text2", 1.5), (scene.chosen, "accent", 2.0)):
        if point_id in frame.places:
            painter.setPen(QPen(ink.colour(colour), width))
            half = ink.px(22) / 2
            painter.drawEllipse(frame.places[point_id], half, half)


def _draw_labels(painter: QPainter, frame: _Frame, scene: Scene, ink: Ink) -> None:
    """Names where they fit; the point under the pointer always gets its name."""
    ordered = sorted(scene.points, key=lambda one: _rank(one, scene))[:MOST_LABELS]
    sizes = [_label_size(one, scene, ink) for one in ordered]
    room = frame.area.adjusted(0, -ink.px(6), ink.px(26), 0)
    centres = [frame.places[one.id] for one in ordered]
    places = place_labels(centres, sizes, room, _taken(frame, scene, ink), ink.px(13))
    named = set()
    for one, place in zip(ordered, places, strict=True):
        if place is not None:
            _draw_label(painter, place, one, scene, ink)
            named.add(one.id)
    pointed = scene.point(scene.pointed)
    if pointed is not None and pointed.id not in named:
        at, (wide, high) = frame.places[pointed.id], _label_size(pointed, scene, ink)
        right = at.x() + ink.px(13)
        left = right if right + wide <= room.right() else at.x() - ink.px(13) - wide
        _draw_label(painter, QRectF(left, at.y() - high / 2, wide, high), pointed, scene, ink)


def _rank(one: Point, scene: Scene) -> tuple[bool, bool, bool, float]:
    """Who chooses a place first: the chosen point, the teachers, the front, then by height."""
    return one.id != scene.chosen, not one.reference, one.id not in scene.front, -one.y


def _taken(frame: _Frame, scene: Scene, ink: Ink) -> list[QRectF]:
    """What a label must not cover: captions, markers and whiskers."""
    taken, half = [*frame.captions], ink.px(7)
    for one in scene.points:
        at = frame.places[one.id]
        taken.append(QRectF(at.x() - half, at.y() - half, 2 * half, 2 * half))
        if scene.ranges and one.low is not None and one.high is not None:
            top, bottom = frame.y(one.high), frame.y(one.low)
            taken.append(QRectF(at.x() - 3, top, 6, bottom - top))
    return taken


def _label_size(one: Point, scene: Scene, ink: Ink) -> tuple[float, float]:
    metrics = QFontMetricsF(_label_font(one, scene, ink))
    return metrics.horizontalAdvance(cut(one.name, LONGEST_LABEL)) + 4, metrics.height()


def _label_font(one: Point, scene: Scene, ink: Ink) -> QFont:
    strong = one.reference or one.id in (*scene.front, scene.chosen)
    return ink.font("small-strong" if strong else "small")


def _draw_label(painter: QPainter, box: QRectF, one: Point, scene: Scene, ink: Ink) -> None:
    painter.fillRect(box, faded(ink.colour("surface"), 0.93))
    painter.setFont(_label_font(one, scene, ink))
    painter.setPen(ink.colour("text"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), cut(one.name, LONGEST_LABEL))
