"""What an empty page says: what is here, why it is empty, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.button import Button
from app.widgets.label import text

WIDTH = 520  # of the sentence


class Empty(QWidget):
    """A glyph, a heading, a sentence and the one button that leads on; `acted` when pressed."""

    acted = Signal()

    def __init__(self, icon: str, heading: str, sentence: str, button: str) -> None:
        super().__init__()
        self._glyph = icon
        self._icon = QLabel()
        self.button = Button(button, "primary", size="large")
        self.button.clicked.connect(self.acted)
        self.words = text("lead", sentence, wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setSpacing(16)
        column.addStretch()
        for one in (self._icon, text("title", heading), self.words, self.button):
            column.addWidget(one, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch()
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        self._icon.setPixmap(icons.pixmap(self._glyph, 48, "text3"))
        width = theme().px(WIDTH)
        self.words.ensurePolished()
        # a wrapped label beside stretches gets too little height unless it is said
        self.words.setFixedSize(width, self.words.heightForWidth(width))
