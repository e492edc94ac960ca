"""An on/off switch that says its state in a word."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from app.theme import theme
from app.widgets.label import name


class Switch(QAbstractButton):
    """Checkable; `toggled(bool)` tells. Space flips it."""

    def __init__(self, label: str, on: bool = False, tip: str = "") -> None:
        super().__init__()
        self.setCheckable(True)
        self.setChecked(on)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        name(self, label, tip)
        theme().follow(self._restyle)

    def sizeHint(self) -> QSize:
        words = QFontMetrics(theme().font()).horizontalAdvance("Off")
        return QSize(theme().px(36 + 9) + words + 2, theme().px(32))

    def _restyle(self) -> None:
        self.updateGeometry()
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, on, alive = theme(), self.isChecked(), self.isEnabled()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        height, middle = look.px(20), self.height() / 2
        track = QRectF(1, middle - height / 2, look.px(34), height)
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            ring = QRectF(track).adjusted(0, -3, 0, 3)
            painter.drawRoundedRect(ring, ring.height() / 2, ring.height() / 2)
            track = track.adjusted(3, 0, -3, 0)
        hover = self.underMouse()
        fill, edge, knob = "surface", "text2" if hover else "control", "control"
        if on:
            fill = edge = "accent_hover" if hover else "accent"
            knob = "on_accent"
        if not alive:
            fill, edge, knob = ("line" if on else "app"), "line", "disabled"
        painter.setPen(QPen(look.colour(edge), 1.5))
        painter.setBrush(look.colour(fill))
        painter.drawRoundedRect(track.adjusted(0.75, 0.75, -0.75, -0.75), height / 2, height / 2)
        radius = look.px(5)
        x = track.right() - height / 2 if on else track.left() + height / 2
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(knob))
        painter.drawEllipse(QPointF(x, middle), radius, radius)
        painter.setPen(look.colour("text" if alive else "disabled"))
        painter.setFont(look.font())
        words = self.rect().adjusted(look.px(34 + 9), 0, 0, 0)
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), "On" if on else "Off")
