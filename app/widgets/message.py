"""Inline messages: a bar with an icon, one sentence and at most one button that fixes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.button import Button
from app.widgets.label import cut, text
from app.widgets.pill import tone_colours

_ICONS = {"warn": "warning", "bad": "close", "good": "check", "info": "info"}


class Message(QWidget):
    """A bar that stays until dismissed; kind is warn, bad, good or info.

    `acted` when its button is pressed, `dismissed` when it is closed.
    """

    acted = Signal()
    dismissed = Signal()

    def __init__(self, kind: str, sentence: str, button: str = "", *, dismiss: bool = True) -> None:
        super().__init__()
        self._kind = kind
        self.sentence = text("body", sentence, wrap=True)
        self._icon = QLabel()
        self._row = row = QHBoxLayout(self)
        row.addWidget(self._icon)
        row.addWidget(self.sentence, 1)
        self.button = Button(button, size="small") if button else None
        if self.button is not None:
            self.button.clicked.connect(self.acted)
            row.addWidget(self.button)
        if dismiss:
            close = Button("", "quiet", "close", label="Dismiss this message")
            close.clicked.connect(self.dismissed)
            row.addWidget(close)
        self.setAccessibleName(cut(sentence, 300))
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        look = theme()
        self._row.setContentsMargins(look.px(16), look.px(6), look.px(12), look.px(6))
        self._row.setSpacing(look.px(12))
        tone = "accent" if self._kind == "info" else self._kind
        self._icon.setPixmap(icons.pixmap(_ICONS[self._kind], 18, tone))
        self.setMinimumHeight(look.px(42))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        look = theme()
        ground, ink = tone_colours("accent" if self._kind == "info" else self._kind)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.colour(ink), 1))
        painter.setBrush(look.colour(ground))
        radius = look.px(8)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)


class Messages(QWidget):
    """A column of messages; hidden when there are none. The same sentence is shown once."""

    MOST = 3

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setSpacing(8)
        self.set_margins(0, 0, 0)
        self._shown: list[Message] = []
        self.hide()

    def show_message(
        self, kind: str, sentence: str, button: str = "", action: Callable[[], object] | None = None
    ) -> Message:
        """Add a message; pressing its button closes it and calls `action`."""
        for one in [one for one in self._shown if one.sentence.text() == cut(sentence)]:
            self.remove(one)
        while len(self._shown) >= self.MOST:
            self.remove(self._shown[0])
        made = Message(kind, sentence, button)
        made.dismissed.connect(lambda: self.remove(made))
        made.acted.connect(lambda: self._act(made, action))
        self._shown.append(made)
        self._column.addWidget(made)
        self.show()
        return made

    def set_margins(self, side: int, top: int, bottom: int) -> None:
        """Leave room around the column, in pixels."""
        self._column.setContentsMargins(side, top, side, bottom)

    def sentences(self) -> list[str]:
        """What is shown now, oldest first."""
        return [one.sentence.text() for one in self._shown]

    def remove(self, message: Message) -> None:
        """Take a message away."""
        if message in self._shown:
            self._shown.remove(message)
            self._column.removeWidget(message)
            message.hide()
            message.deleteLater()
        self.setVisible(bool(self._shown))

    def _act(self, message: Message, action: Callable[[], object] | None) -> None:
        self.remove(message)
        if action is not None:
            action()


class Notice(QWidget):
    """Room for one message that comes from how things stand and so cannot be dismissed."""

    acted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._known: tuple[str, str, str] | None = None
        self._message: Message | None = None
        self.hide()

    def show_notice(self, wanted: tuple[str, str, str] | None) -> None:
        """Show a kind, sentence and button; None shows nothing."""
        if wanted == self._known:
            return
        self._known = wanted
        if self._message is not None:
            self._column.removeWidget(self._message)
            self._message.hide()
            self._message.deleteLater()
        self._message = Message(*wanted, dismiss=False) if wanted is not None else None
        if self._message is not None:
            self._message.acted.connect(self.acted)
            self._column.addWidget(self._message)
        self.setVisible(self._message is not None)

    def words(self) -> str:
        """The sentence that is shown, "" for none."""
        return self._message.sentence.text() if self._message is not None else ""
