"""The input for a local file: a path one can type, pick or clear."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.field import edit
from app.widgets.label import name
from engine.schema import Setting


class FileBox(QWidget):
    """A path, full once it is told; empty is no file."""

    edited = Signal(object)

    def __init__(self, setting: Setting) -> None:
        super().__init__()
        self._setting = setting
        self.field = edit(setting.label, "", "no file", longest=4096)
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(lambda text: self.edited.emit(self.shown()))
        self.setFocusProxy(self.field)
        name(self, setting.label)
        self.button = Button("", "icon", "folder", label=f"Choose {setting.label.lower()}…")
        self.button.clicked.connect(self._ask)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.field, 1)
        self._row.addWidget(self.button)
        theme().follow(self._restyle)

    def shown(self) -> str | None:
        """The full path written; None for no file."""
        written = self.field.text().strip()
        return str(_full(written)) if written else None

    def show_value(self, value: str | None) -> None:
        """Show a path without telling; what is being typed stays as it is."""
        if self.shown() != value:
            self.field.blockSignals(True)
            self.field.setText(value or "")
            self.field.setCursorPosition(len(value or ""))
            self.field.blockSignals(False)

    def _ask(self) -> None:
        endings = self._setting.endings
        kinds = (
            f"{self._setting.label} ({' '.join(f'*{one}' for one in endings)})" if endings else ""
        )
        begin = self.shown() or ""
        found = QFileDialog.getOpenFileName(self, self._setting.label, begin, kinds)[0]
        if found:
            self.field.setText(found)

    def _restyle(self) -> None:
        self._row.setSpacing(theme().px(6))


def _full(written: str) -> Path:
    try:
        return Path(written).expanduser().absolute()
    except RuntimeError:  # a "~name" without a home
        return Path(written).absolute()
