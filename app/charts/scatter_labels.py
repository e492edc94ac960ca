"""Puts the names of the points of the comparison scatter where they cover nothing."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from app.charts.ink import Ink, faded
from app.charts.placing import place_labels
from app.charts.scatter_scene import Frame, Point, Scene
from app.widgets.label import cut

MOST_LABELS = 60
LONGEST_LABEL = 28


def draw_labels(painter: QPainter, frame: Frame, scene: Scene, ink: Ink) -> None:
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


def _taken(frame: Frame, scene: Scene, ink: Ink) -> list[QRectF]:
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
