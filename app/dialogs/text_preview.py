"""A look at a plain text before it is used: how much it is, and how it begins."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.texts import TextLook
from app.theme import theme
from app.widgets.label import cut, name, text

LONGEST_LINE = 300


class TextPane(QWidget):
    """Filled by `show_look`; empty for None."""

    def __init__(self) -> None:
        super().__init__()
        self.title = text("name", "", elide=True)
        self.counts = text("small", "", "text2", wrap=True)
        self.head = text("label", "First sentences")
        self.lines = QPlainTextEdit()
        self.lines.setReadOnly(True)
        self.lines.setTabChangesFocus(True)
        self.lines.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        name(self.lines, "First sentences")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        for one in (self.title, self.counts, self.head):
            column.addWidget(one)
        column.addWidget(self.lines, 1)
        self._spare = QWidget()
        column.addWidget(self._spare, 1)
        theme().follow(self._restyle)
        self.show_look(None)

    def show_look(self, found: TextLook | None) -> None:
        """Show a text, or that none is chosen."""
        for one in (self.counts, self.head, self.lines):
            one.setVisible(found is not None)
        self._spare.setVisible(found is None)
        if found is None:
            self.title.set_text("Choose a text to see how it begins.")
            return
        self.title.set_text(found.title)
        self.counts.set_text(found.counts)
        shown = (" ".join(cut(one, LONGEST_LINE).split()) for one in found.first)
        self.lines.setPlainText("\n".join(shown))

    def _restyle(self) -> None:
        self.lines.setFont(theme().font())
