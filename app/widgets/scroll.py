"""A scroll area without a frame that keeps the control in focus in sight."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QWidget


class _Scroll(QScrollArea):
    def __init__(self, inside: QWidget, across: bool) -> None:
        super().__init__()
        self._inside = inside
        inside.setProperty("scrolled", True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        if not across:
            self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        app = QApplication.instance()
        if isinstance(app, QApplication):
            app.focusChanged.connect(self._follow)

    def _follow(self, old: QWidget | None, new: QWidget | None) -> None:
        if new is not None and self._inside.isAncestorOf(new):
            self.ensureWidgetVisible(new, 0, 24)


def scroll(inside: QWidget, *, across: bool = False) -> QScrollArea:
    """Put `inside` in a scroll area on the ground of the page; `across` for what may be too wide."""
    return _Scroll(inside, across)
