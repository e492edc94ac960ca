"""Help for the control in focus, as plain words in a small popup."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.label import cut, text, tip_words


class Help(QFrame):
    """Closes on Esc, on a click anywhere, and when the focus goes on."""

    def __init__(self, heading: str, words: str, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
        self.words = text("small", words, "text", wrap=True)
        self.words.setMinimumWidth(theme().px(260))
        self.words.setMaximumWidth(theme().px(360))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        if heading:
            column.addWidget(text("name", heading, wrap=True))
        column.addWidget(self.words)
        self.setAccessibleName(cut(f"Help: {words}", 300))

    @classmethod
    def about(cls, widget: QWidget, parent: QWidget) -> Help:
        """Show what `widget` is for, just below it."""
        words = widget.whatsThis() or tip_words(widget)
        heading = widget.accessibleName()
        if words == heading:
            heading = ""
        popup = cls(heading, words or "There is no more to say about this control.", parent)
        popup.adjustSize()
        popup.move(popup.place_for(widget))
        popup.show()
        return popup

    def place_for(self, widget: QWidget) -> QPoint:
        """Below the widget, or above where there is no room; never beyond its window."""
        window = widget.window().frameGeometry()
        place = widget.mapToGlobal(QPoint(0, widget.height() + 6))
        if place.y() + self.height() > window.bottom():
            place = widget.mapToGlobal(QPoint(0, -self.height() - 6))
        place.setX(max(window.left(), min(place.x(), window.right() - self.width() - 8)))
        return place

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setPen(theme().colour("control"))
        painter.setBrush(theme().colour("surface"))
        painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
