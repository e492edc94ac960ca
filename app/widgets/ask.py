"""A question with a few buttons, and a sheet of plain words."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button, Kind
from app.widgets.label import cut, text


class Question(QDialog):
    """A title, a sentence and buttons; `answer` is the key of the one pressed, "" after Esc."""

    def __init__(
        self,
        parent: QWidget | None,
        title: str,
        sentence: str,
        buttons: Sequence[tuple[str, str, Kind]],
    ) -> None:
        super().__init__(parent)
        self.answer = ""
        self.buttons: dict[str, Button] = {}
        self.setWindowTitle(cut(title, 80))
        self.setModal(True)
        px = theme().px
        column = QVBoxLayout(self)
        column.setContentsMargins(px(24), px(20), px(24), px(20))
        column.setSpacing(px(12))
        column.addWidget(text("heading", title, wrap=True))
        words = text("body", sentence, "text2", wrap=True)
        words.setMinimumWidth(px(380))
        column.addWidget(words)
        row = QHBoxLayout()
        row.setSpacing(px(12))
        row.addStretch()
        for key, label, kind in buttons:
            button = Button(label, kind)
            button.clicked.connect(lambda checked=False, key=key: self._choose(key))
            self.buttons[key] = button
            row.addWidget(button)
        column.addLayout(row)
        next(iter(self.buttons.values())).setFocus()

    def _choose(self, key: str) -> None:
        self.answer = key
        self.accept()


def ask(
    parent: QWidget | None,
    title: str,
    sentence: str,
    buttons: Sequence[tuple[str, str, Kind]],
) -> str:
    """Ask and wait: the key of the (key, words, kind) pressed, or "" after Esc."""
    question = Question(parent, title, sentence, buttons)
    question.exec()
    answer = question.answer
    question.deleteLater()
    return answer
