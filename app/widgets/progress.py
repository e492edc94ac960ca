"""A thin progress bar."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.theme import theme


def paint_progress(painter: QPainter, area: QRectF, share: float, colour: str = "accent") -> None:
    """Paint a rounded track filled up to `share` (0 to 1); delegates use it too."""
    look = theme()
    radius = min(area.height() / 2, look.px(3))
    share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("line"))
    painter.drawRoundedRect(area, radius, radius)
    if share > 0:
        filled = QRectF(area)
        filled.setWidth(max(2 * radius, area.width() * share))
        painter.setBrush(look.colour(colour))
        painter.drawRoundedRect(filled, radius, radius)
    painter.restore()


class Progress(QWidget):
    """A bar `height` scaled pixels high; `width` fixes its width, 0 lets it stretch."""

    def __init__(self, label: str, height: int = 6, width: int = 0) -> None:
        super().__init__()
        self._share, self._label = 0.0, label
        self._height, self._width = height, width
        wide = QSizePolicy.Policy.Fixed if width else QSizePolicy.Policy.Expanding
        self.setSizePolicy(wide, QSizePolicy.Policy.Fixed)
        self.set_share(0.0)
        theme().follow(self._restyle)

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self._share

    def set_share(self, share: float) -> None:
        """Show how much is done, 0 to 1; anything else is brought into that range."""
        self._share = min(1.0, max(0.0, share)) if math.isfinite(share) else 0.0
        self.setAccessibleName(f"{self._label}, {self._share:.0%}")
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(theme().px(self._width or 120), theme().px(self._height))

    def _restyle(self) -> None:
        self.setFixedHeight(theme().px(self._height))
        self.updateGeometry()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        paint_progress(QPainter(self), QRectF(self.rect()), self._share)
