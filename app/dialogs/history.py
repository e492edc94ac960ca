"""Asks which history file to look into."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from app.context import Context

_FILES = "Histories of runs (*.sqlite);;All files (*)"


def open_another(context: Context, parent: QWidget) -> None:
    """Ask for a history that someone sent and open it in a window of its own."""
    chosen = QFileDialog.getOpenFileName(parent, "Open finished runs", "", _FILES)[0]
    if chosen:
        context.open_another(Path(chosen))
