"""Push buttons of the five kinds, with icons that follow the theme and a focus ring."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QFocusEvent, QIcon, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget

from app import icons
from app.theme import theme
from app.widgets.label import cut, name, plain_tip

Kind = Literal["primary", "secondary", "link", "icon", "quiet"]
_INK = {
    "primary": "on_accent",
    "secondary": "text",
    "link": "accent",
    "icon": "text",
    "quiet": "text2",
}


class _Ring(QWidget):
    """The ring with a gap around a primary button; it lies on the parent, outside the button."""

    def __init__(self, button: QPushButton) -> None:
        super().__init__(button.parentWidget())
        self._button = button
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        button.installEventFilter(self)
        self._place()
        self.show()
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Move, QEvent.Type.Resize):
            self._place()
        return False

    def _place(self) -> None:
        gap = theme().px(4)
        self.setGeometry(self._button.geometry().adjusted(-gap, -gap, gap, gap))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme().colour("accent"), 2))
        radius = theme().px(9)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)


class Button(QPushButton):
    """A verb one can press.

    `kind`: primary (one per page), secondary, link, icon (framed, no words), quiet (no frame).
    `size`: "small" 28 px, "normal" 32, "large" 40. `label` is the accessible name, required
    when there are no words.
    """

    def __init__(
        self,
        words: str = "",
        kind: Kind = "secondary",
        icon: str | None = None,
        *,
        size: Literal["small", "normal", "large"] = "normal",
        label: str = "",
        tip: str = "",
    ) -> None:
        super().__init__(cut(words, 120).replace("&", "&&"))
        if not (words or label):
            raise ValueError("A button without words needs a label.")
        self._icon = icon
        self._ring: _Ring | None = None
        self.setProperty("kind", kind)
        self.setProperty("measure", size)  # "size" is taken by QWidget
        self.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
        self.setAutoDefault(False)
        name(self, label or words, tip or ("" if words else label))
        theme().follow(self._restyle)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses it as Space does, also outside a dialog."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
        else:
            super().keyPressEvent(event)

    def set_words(self, words: str) -> None:
        """Show other words, which are also the accessible name."""
        self.setText(cut(words, 120).replace("&", "&&"))
        self.setAccessibleName(cut(words, 120))

    def set_icon(self, icon: str | None) -> None:
        """Show another glyph of `assets/glyphs`, or none."""
        self._icon = icon
        self._restyle()

    def set_kind(self, kind: Kind) -> None:
        """Become another kind of button."""
        self.setProperty("kind", kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._restyle()

    def set_enabled(self, enabled: bool, why: str = "") -> None:
        """Enable, or disable and say why in the tooltip."""
        self.setEnabled(enabled)
        plain_tip(self, "" if enabled else why)

    def _restyle(self) -> None:
        gap = 5 if self.text() else 0
        self.setIconSize(QSize(theme().px(16) + theme().px(gap), theme().px(16)))
        if self._icon:
            ink = _INK[str(self.property("kind"))]
            self.setIcon(icons.icon(self._icon, ink, 16, gap=gap))
        else:
            self.setIcon(QIcon())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.property("kind") == "primary" and self._ring is None and self.parentWidget():
            self._ring = _Ring(self)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if self._ring is not None:
            self._ring.deleteLater()
            self._ring.hide()
            self._ring = None
