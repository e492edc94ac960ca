"""Size against accuracy: one marker per model with its 95 % range, the teacher, the best line."""

from __future__ import annotations

import html
from dataclasses import replace

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QToolTip, QWidget

from app.charts.scatter_drawing import draw
from app.charts.scatter_scene import Scene
from app.theme import theme

REACH = 16


class Scatter(QWidget):
    """The chart as a control: point, click, or walk through the models with the arrow keys.

    `pointed(id)` follows the pointer ("" when it is over none), `chosen(id)` a click or a key;
    `table_asked` is emitted by "Show as table".
    """

    pointed = Signal(str)
    chosen = Signal(str)
    table_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.scene = Scene()
        self._places: dict[str, QPointF] = {}
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(320, 200)
        self.set_scene(self.scene)
        theme().follow(self.update)

    def set_scene(self, scene: Scene) -> None:
        """Show other points; what is chosen or pointed at goes with them."""
        self.scene = scene
        chosen = scene.point(scene.chosen)
        count = len(scene.points)
        said = f"{scene.across} against {scene.up.lower()}, {count} model{'s' * (count != 1)}"
        if chosen is not None:
            said += f". Chosen: {scene.words(chosen)}"
        self.setAccessibleName(said)
        self.update()

    def set_chosen(self, point_id: str) -> None:
        """Draw the ring round a point."""
        if point_id != self.scene.chosen:
            self.set_scene(replace(self.scene, chosen=point_id))

    def set_pointed(self, point_id: str) -> None:
        """Mark the point whose table row is under the pointer."""
        if point_id != self.scene.pointed:
            self.set_scene(replace(self.scene, pointed=point_id))

    def place_of(self, point_id: str) -> QPointF | None:
        """Where a point was last painted."""
        return self._places.get(point_id)

    def _near(self, at: QPointF) -> str:
        reach = theme().px(REACH)
        near = {
            one: (place - at).manhattanLength() for one, place in self._places.items()
            if (place - at).manhattanLength() <= 1.5 * reach
        }  # fmt: skip
        return min(near, key=lambda one: near[one]) if near else ""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._places = draw(painter, QRectF(self.rect()), self.scene, theme())
        if self.hasFocus():
            painter.setPen(QPen(theme().colour("accent"), 2))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        near = self._near(event.position())
        if near == self.scene.pointed:
            return
        self.set_pointed(near)
        self.pointed.emit(near)
        point = self.scene.point(near)
        words = html.escape(self.scene.words(point)) if point else ""
        QToolTip.showText(event.globalPosition().toPoint(), f"<qt>{words}</qt>" if words else "")

    def leaveEvent(self, event: QEvent) -> None:
        self.set_pointed("")
        self.pointed.emit("")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        near = self._near(event.position())
        if event.button() == Qt.MouseButton.LeftButton and near:
            self.chosen.emit(near)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Left: -1}.get(Qt.Key(event.key()))
        if step is None or not self.scene.points:
            super().keyPressEvent(event)
            return
        ordered = sorted(self.scene.points, key=lambda one: one.x)
        at = next((i for i, one in enumerate(ordered) if one.id == self.scene.chosen), -1)
        self.chosen.emit(ordered[max(0, min(at + step, len(ordered) - 1))].id)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.addAction("Show as table", self.table_asked.emit)
        menu.exec(event.globalPos())
