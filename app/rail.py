"""The rail at the left: one item a page, with an icon, a word and for Runs a badge."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from app import icons
from app.theme import theme
from app.widgets.label import name

WIDTH = 88


class RailItem(QAbstractButton):
    """One page of the window."""

    def __init__(self, key: str, words: str, icon: str, keys: str) -> None:
        super().__init__()
        self.key = key
        self._icon, self._keys = icon, keys
        self._badge = 0
        self.setText(words)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_badge(0)
        theme().follow(self._restyle)

    def set_badge(self, count: int) -> None:
        """Show how many runs are active; none at 0."""
        self._badge = count
        active = f", {count} active" if count else ""
        name(self, self.text() + active, f"{self.text()} ({self._keys})")
        self.update()

    @property
    def badge(self) -> int:
        """The number shown, 0 for none."""
        return self._badge

    def sizeHint(self) -> QSize:
        return QSize(theme().px(WIDTH - 9), theme().px(57))

    def _restyle(self) -> None:
        self.setFixedSize(self.sizeHint())
        self.update()

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look, chosen = theme(), self.isChecked()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if chosen or self.underMouse():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("accent_soft" if chosen else "hover"))
            painter.drawRoundedRect(area, look.px(8), look.px(8))
        if self.hasFocus():
            painter.setPen(QPen(look.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), look.px(7), look.px(7))
        ink = "accent" if chosen else "text2"
        side = look.px(22)
        middle = area.center().x()
        painter.drawPixmap(
            QPointF(middle - side / 2, look.px(7)), icons.pixmap(self._icon, 22, ink)
        )
        painter.setPen(look.colour(ink))
        font = look.font("small")
        font.setWeight(font.Weight.DemiBold if chosen else font.Weight.Medium)
        painter.setFont(font)
        words = QRectF(0, look.px(31), area.width(), look.px(20))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignCenter), self.text())
        if self._badge:
            self._paint_badge(painter, QPointF(middle + look.px(19), look.px(12)))

    def _paint_badge(self, painter: QPainter, centre: QPointF) -> None:
        look, radius = theme(), theme().px(8)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent"))
        painter.drawEllipse(centre, radius, radius)
        font = look.font("tick")
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(look.colour("on_accent"))
        around = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
        shown = str(self._badge) if self._badge < 10 else "9+"
        painter.drawText(around, int(Qt.AlignmentFlag.AlignCenter), shown)


class Rail(QWidget):
    """The items from top to bottom, Settings last; `chosen(key)` when one is pressed."""

    chosen = Signal(str)

    def __init__(self, items: list[tuple[str, str, str, str]]) -> None:
        super().__init__()
        self._logo = QLabel()
        self._logo.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._column = QVBoxLayout(self)
        self._column.addWidget(self._logo)
        self._column.addSpacing(14)
        self.items: dict[str, RailItem] = {}
        self._group = QButtonGroup(self)
        for place, (key, words, icon, keys) in enumerate(items):
            item = RailItem(key, words, icon, keys)
            item.clicked.connect(lambda checked=False, key=key: self.chosen.emit(key))
            self.items[key] = item
            self._group.addButton(item)
            if place == len(items) - 1:
                self._column.addStretch()
            self._column.addWidget(item, 0, Qt.AlignmentFlag.AlignHCenter)
        theme().follow(self._restyle)

    def choose(self, key: str) -> None:
        """Show `key` as the present page."""
        self.items[key].setChecked(True)

    def _restyle(self) -> None:
        look = theme()
        self.setFixedWidth(look.px(WIDTH))
        self._column.setContentsMargins(0, look.px(14), 1, look.px(5))
        self._column.setSpacing(look.px(5))
        accent, ink = look.colour("accent"), look.colour("on_accent")
        self._logo.setPixmap(icons.logo(look.px(36), accent, ink))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().colour("rail"))
        painter.fillRect(self.width() - 1, 0, 1, self.height(), theme().colour("line"))
