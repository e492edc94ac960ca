"""What the dialogs that choose something share: tabs, a place for the answer, and two buttons."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from app.later import Later
from app.theme import theme
from app.widgets.button import Button
from app.widgets.card import ChoiceCard
from app.widgets.field import edit
from app.widgets.label import line, name, text


class Chooser(QDialog):
    """Tabs at the top, "Use" and Cancel at the bottom. `block` is what was chosen, or None.

    Whatever is picked is read in a thread; `block` is taken over only when that went well.
    """

    def __init__(self, parent: QWidget | None, title: str, use: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.block: Any = None
        self._reading: Later | None = None
        self.tabs, self.stack = QTabBar(), QStackedWidget()
        self.tabs.setExpanding(False)
        self.tabs.setDrawBase(False)
        name(self.tabs, "Where from")
        self.tabs.currentChanged.connect(self._turn)
        self.problem = text("body", "", "bad", wrap=True)
        self.use = Button(use, "primary")
        self.use.setDefault(True)
        self.use.clicked.connect(self.accept)
        self.cancel = Button("Cancel")
        self.cancel.clicked.connect(self.reject)
        self._column = QVBoxLayout(self)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        px = theme().px
        self._column.setContentsMargins(px(24), px(16), px(24), px(20))
        self._column.setSpacing(px(12))

    def lay_out(self, pages: Sequence[tuple[str, QWidget]], beside: QWidget) -> None:
        """Put the pages in tabs and `beside`, which shows the answer, next to them."""
        self._column.addWidget(self.tabs)
        self._column.addWidget(line())
        for title, page in pages:
            self.stack.addWidget(page)
            self.tabs.addTab(title)
        middle = QHBoxLayout()
        middle.setSpacing(20)
        middle.addWidget(self.stack, 1)
        middle.addWidget(beside, 1)
        self._column.addLayout(middle, 1)
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.problem, 1)
        foot.addWidget(self.cancel)
        foot.addWidget(self.use)
        self._column.addLayout(foot)

    def read(self, block: Any, work: Callable[[], Any], waiting: str) -> None:
        """Read what was picked, and show it or the sentence that says why it cannot be used."""
        self.forget()
        self.problem.set_tone("text2")
        self.problem.set_text(waiting)

        def done(answer: Any) -> None:
            self._reading, self.block = None, block
            self.problem.set_text("")
            self.use.set_enabled(True)
            self.show_answer(answer)

        self._reading = Later(self, work, done, self.refuse)

    def forget(self) -> None:
        """Nothing is chosen."""
        if self._reading is not None:
            self._reading.cancel()
        self._reading, self.block = None, None
        self.problem.set_text("")
        self.use.set_enabled(False, "Choose one first")
        self.show_answer(None)

    def refuse(self, sentence: str) -> None:
        """Say why nothing is chosen."""
        self.forget()
        self.problem.set_tone("bad")
        self.problem.set_text(sentence)

    def show_answer(self, answer: Any) -> None:
        """Show what was read, or nothing for None."""
        raise TypeError(f"{type(self).__name__} shows no answers")

    def pick_again(self, index: int) -> None:
        """A tab was turned to: read what is picked on it, if anything."""

    def _turn(self, index: int) -> None:
        self.stack.setCurrentIndex(index)
        self.forget()
        self.pick_again(index)

    def done(self, result: int) -> None:
        if self._reading is not None:
            self._reading.cancel()
        super().done(result)


class Options(QWidget):
    """A few choices below each other, one of them chosen; arrows move, Space chooses."""

    chosen = Signal(str)

    def __init__(self, options: Sequence[tuple[str, str, str]], none: str) -> None:
        super().__init__()
        self.cards: dict[str, ChoiceCard] = {}
        self.value = ""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for key, title, sentence in options:
            card = ChoiceCard(f"{title}. {sentence}")
            inside = QVBoxLayout(card)
            inside.setContentsMargins(14, 10, 40, 10)
            inside.setSpacing(2)
            inside.addWidget(text("name", title))
            inside.addWidget(text("small", sentence, wrap=True))
            card.clicked.connect(lambda checked=False, key=key: self.choose(key))
            self.cards[key] = card
            column.addWidget(card)
        if not options:
            column.addWidget(text("body", none, "text2", wrap=True))
        column.addStretch()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self.cards:
            self.cards.get(self.value, next(iter(self.cards.values()))).setFocus()
        if len(self.cards) == 1 and not self.value:
            self.choose(next(iter(self.cards)))

    def choose(self, key: str) -> None:
        """Choose one and tell."""
        self.value = key
        for own, card in self.cards.items():
            card.setChecked(own == key)
        self.chosen.emit(key)


class PathField(QWidget):
    """A path one can type or pick; `picked(path)` when it is complete."""

    picked = Signal(str)

    def __init__(
        self, label: str, kinds: str = "", *, folder: bool = False, hint: str = ""
    ) -> None:
        super().__init__()
        self._label, self._kinds, self._folder = label, kinds, folder
        self._last = ""
        self.field: QLineEdit = edit(label, "", hint, longest=4096)
        self.field.editingFinished.connect(self._finished)
        button = Button("Choose…", label=f"Choose {label.lower()}…")
        button.clicked.connect(self._ask)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(button)

    @property
    def path(self) -> str:
        """What is written now."""
        return self.field.text().strip()

    def set_path(self, path: str) -> None:
        """Write a path and tell."""
        self.field.setText(path)
        self.field.setCursorPosition(len(path))
        self._finished()

    def _finished(self) -> None:
        if self.path != self._last:
            self._last = self.path
            self.picked.emit(self.path)

    def _ask(self) -> None:
        if self._folder:
            found = QFileDialog.getExistingDirectory(self, self._label, self.path)
        else:
            found = QFileDialog.getOpenFileName(self, self._label, self.path, self._kinds)[0]
        if found:
            self.set_path(found)


def labelled(label: str, field: QWidget, caption: str = "") -> QWidget:
    """A field below its label, with a caption below."""
    whole = QWidget()
    column = QVBoxLayout(whole)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(3)
    column.addWidget(text("label", label))
    column.addWidget(field)
    if caption:
        column.addWidget(text("small", caption, "text3", wrap=True))
    column.setAlignment(Qt.AlignmentFlag.AlignTop)
    return whole
