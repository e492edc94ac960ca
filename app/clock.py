"""Timers in one line."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


def timer(
    parent: QObject, milliseconds: int, act: Callable[[], object], *, once: bool = False
) -> QTimer:
    """A timer that is not yet started and calls `act`."""
    made = QTimer(parent)
    made.setInterval(milliseconds)
    made.setSingleShot(once)
    made.timeout.connect(act)
    return made
