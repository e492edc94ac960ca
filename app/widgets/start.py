"""The two buttons that begin a run, and what they say while something is missing."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.label import name


class StartButtons(QWidget):
    """Start and Add to queue; both say why they are disabled."""

    start = Signal()
    enqueue = Signal()

    def __init__(self, *, upright: bool) -> None:
        super().__init__()
        size = "large" if upright else "normal"
        self.start_button = Button("Start run", "primary", "play", size=size)  # type: ignore[arg-type]
        self.queue_button = Button("Add to queue", icon="queue")
        self.start_button.clicked.connect(self.start)
        self.queue_button.clicked.connect(self.enqueue)
        self._box = QVBoxLayout(self) if upright else QHBoxLayout(self)
        for one in (
            (self.start_button, self.queue_button)
            if upright
            else (self.queue_button, self.start_button)
        ):
            if upright:
                one.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._box.addWidget(one)
        theme().follow(self._restyle)

    def _restyle(self) -> None:
        px = theme().px
        self._box.setContentsMargins(px(4), px(4), px(4), px(4))
        self._box.setSpacing(px(10))

    def set_missing(self, missing: str) -> None:
        """Let the run start, or say on the button what is missing first."""
        self.start_button.set_words(missing or "Start run")
        self.start_button.set_icon(None if missing else "play")
        self.start_button.set_enabled(not missing, missing)
        self.queue_button.set_enabled(not missing, missing)
        if not missing:
            name(self.start_button, "Start run", "Start the run now (Ctrl+Return)")
            name(self.queue_button, "Add to queue", "Run it after the others (Ctrl+Shift+Return)")
