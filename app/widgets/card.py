"""Cards: a plain frame, and a card one can choose."""

from __future__ import annotations

from PySide6.QtCore import QChildEvent, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QEnterEvent, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QFrame, QLabel, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import name


class Card(QFrame):
    """A surface with a thin border and a vertical layout, `self.body`, 16 px inside."""

    def __init__(self, margin: int = 16, gap: int = 8, *, accent: bool = False) -> None:
        super().__init__()
        self.setProperty("card", "accent" if accent else "true")
        self._margin, self._gap = margin, gap
        self.body = QVBoxLayout(self)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        margin = theme().px(self._margin)
        self.body.setContentsMargins(margin, margin, margin, margin)
        self.body.setSpacing(theme().px(self._gap))


def paint_card(
    painter: QPainter,
    area: QRectF,
    *,
    hovered: bool = False,
    focused: bool = False,
    selected: bool = False,
    enabled: bool = True,
) -> None:
    """Paint the ground, border and tick of a card in one of the states of the design."""
    look = theme()
    fill, border, width = "surface", "line", 1
    if not enabled:
        fill = "app"
    elif selected:
        fill, border, width = "accent_soft", "accent", 3 if focused else 2
    elif focused:
        border, width = "accent", 2
    elif hovered:
        fill, border = "hover", "control"
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(look.colour(border), width))
    painter.setBrush(look.colour(fill))
    half, radius = width / 2, look.px(8) - width / 2
    painter.drawRoundedRect(area.adjusted(half, half, -half, -half), radius, radius)
    if selected:
        side = look.px(18)
        corner = QPointF(area.right() - look.px(9) - side, area.top() + look.px(9))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("accent"))
        painter.drawEllipse(QRectF(corner, QPointF(corner.x() + side, corner.y() + side)))
        tick = icons.pixmap("check", 14, "on_accent")
        inset = (side - look.px(14)) / 2
        painter.drawPixmap(corner + QPointF(inset, inset), tick)
    painter.restore()


class ChoiceCard(QAbstractButton):
    """A card that is chosen with a click, Space or Return; lay widgets out inside it.

    Words inside take no mouse. `set_available(False, why)` greys it and puts the reason in the
    tooltip. The size comes from the layout inside.
    """

    def __init__(self, label: str, tip: str = "") -> None:
        super().__init__()
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        name(self, label, tip)
        theme().follow(self.update)

    def set_available(self, available: bool, why: str = "") -> None:
        """Enable, or disable and say why in the tooltip."""
        self.setEnabled(available)
        name(self, self.accessibleName(), " " if available else why)
        if available:
            self.setToolTip("")

    def childEvent(self, event: QChildEvent) -> None:
        super().childEvent(event)
        if event.type() == QEvent.Type.ChildPolished:
            for one in self.findChildren(QWidget):
                if isinstance(one, QLabel) or one.focusPolicy() == Qt.FocusPolicy.NoFocus:
                    one.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        inside = self.layout()
        return inside.sizeHint() if inside else super().sizeHint()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_card(
            painter, QRectF(self.rect()), hovered=self.underMouse(), focused=self.hasFocus(),
            selected=self.isChecked(), enabled=self.isEnabled(),
        )  # fmt: skip
