"""Settings: look, size and motion, where runs are kept, the keys, and what Thimble is made of."""

from __future__ import annotations

import shutil
from importlib import metadata

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.context import Context
from app.dialogs.history import open_another
from app.shortcuts import IN_CONTROLS, SHORTCUTS
from app.theme import SCALES, theme
from app.widgets import Button, Card, Switch, combo, line, name, scroll, text
from engine import wording

_PARTS = (
    ("PySide6_Essentials", "Qt for Python", "LGPL-3.0"),
    ("pyqtgraph", "PyQtGraph", "MIT"),
    ("torch", "PyTorch", "BSD-3-Clause"),
    ("transformers", "Transformers", "Apache-2.0"),
    ("tokenizers", "Tokenizers", "Apache-2.0"),
    ("datasets", "Datasets", "Apache-2.0"),
    ("onnx", "ONNX", "Apache-2.0"),
    ("onnxruntime", "ONNX Runtime", "MIT"),
    ("numpy", "NumPy", "BSD-3-Clause"),
    ("pydantic", "Pydantic", "MIT"),
    ("sqlite-utils", "sqlite-utils", "Apache-2.0"),
    ("psutil", "psutil", "BSD-3-Clause"),
    ("platformdirs", "platformdirs", "MIT"),
)


def version(package: str) -> str:
    """The installed version, a dash when it cannot be told."""
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return wording.UNKNOWN


class SettingsPage(QWidget):
    """Every change is at once in force and remembered."""

    title = "Settings"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self.mode = combo(
            "Theme", [("Light", "light"), ("Dark", "dark"), ("As the system", "system")]
        )
        self.scale = combo("Interface size", [(f"{one} %", one) for one in SCALES])
        self.reduced = Switch(
            "Reduce motion", theme().reduced, "Panels open at once instead of sliding."
        )
        self.free = text("body", "", "text2")
        self._column = QVBoxLayout()
        self._column.addWidget(text("title", "Settings"))
        for heading, rows in (
            ("Appearance", self._appearance()),
            ("Runs and files", self._storage()),
            ("Keyboard", self._keyboard()),
            ("About Thimble", self._about()),
        ):
            card = Card()
            card.body.addWidget(text("heading", heading))
            card.body.addLayout(rows)
            self._column.addWidget(card)
        self._column.addStretch()
        self._lay_out()
        self.mode.activated.connect(self._set_mode)
        self.scale.activated.connect(self._set_scale)
        self.reduced.toggled.connect(self._set_reduced)
        theme().follow(self._follow)

    def activated(self) -> None:
        """Ask the disk again each time the page is shown."""
        place = self._context.history_path.parent
        try:
            self.free.set_text(f"{wording.size(shutil.disk_usage(place).free)} free")
        except OSError:
            self.free.set_text(f"{wording.UNKNOWN} (the folder cannot be read)")

    def _lay_out(self) -> None:
        self._inside = QWidget()
        self._inside.setLayout(self._column)
        around = QWidget()
        row = QHBoxLayout(around)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._inside, 100)
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll(around))

    def _appearance(self) -> QGridLayout:
        grid = _grid()
        rows: tuple[tuple[str, QComboBox | Switch, str], ...] = (
            ("Theme", self.mode, "Ctrl+T goes through the three."),
            (
                "Interface size",
                self.scale,
                "Ctrl+Plus and Ctrl+Minus; larger for showing to a room.",
            ),
            ("Reduce motion", self.reduced, "Panels open at once."),
        )
        for at, (words, control, caption) in enumerate(rows):
            label = text("label", words)
            label.setBuddy(control)
            control.setWhatsThis(caption)
            grid.addWidget(label, at, 0)
            grid.addWidget(control, at, 1)
            grid.addWidget(text("small", caption, "text3", wrap=True), at, 2)
        return grid

    def _storage(self) -> QGridLayout:
        grid = _grid()
        where = text("body", str(self._context.history_path), "text2", wrap=True)
        where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.open_folder = Button("Open folder", icon="folder", size="small")
        self.open_folder.clicked.connect(self._open_folder)
        self.open_another = Button("Open another…", size="small")
        name(self.open_another, "Open another history", "Runs that someone sent, in a new window")
        self.open_another.clicked.connect(lambda: open_another(self._context, self))
        grid.addWidget(text("label", "History"), 0, 0)
        grid.addWidget(where, 0, 1)
        grid.addWidget(self.open_another, 0, 2, Qt.AlignmentFlag.AlignRight)
        grid.addWidget(text("label", "Run folders"), 1, 0)
        grid.addWidget(text("body", "Beside the history, in “runs”", "text2"), 1, 1, 1, 2)
        grid.addWidget(text("label", "Disk"), 2, 0)
        grid.addWidget(self.free, 2, 1)
        grid.addWidget(self.open_folder, 2, 2, Qt.AlignmentFlag.AlignRight)
        return grid

    def _keyboard(self) -> QGridLayout:
        grid = _grid(0)
        listed = [(_typed(keys.keys[0]), keys.does) for keys in SHORTCUTS]
        for at, (keys, does) in enumerate([*listed, *IN_CONTROLS]):
            if at:
                grid.addWidget(line(), 2 * at - 1, 0, 1, 3)
            key_label = text("label", keys, wrap=True)
            grid.addWidget(key_label, 2 * at, 0)
            grid.addWidget(text("body", does, "text2", wrap=True), 2 * at, 1, 1, 2)
            grid.setRowMinimumHeight(2 * at, 28)
        return grid

    def _about(self) -> QGridLayout:
        grid = _grid(4)
        grid.addWidget(text("label", "Thimble"), 0, 0)
        grid.addWidget(text("body", version("thimble"), "text2"), 0, 1)
        words = "Makes language models smaller and measures what it costs. Nothing leaves this computer."
        grid.addWidget(text("small", words, "text3", wrap=True), 0, 2)
        for at, (package, title, licence) in enumerate(_PARTS, 1):
            grid.addWidget(text("body", title), at, 0)
            grid.addWidget(text("body", version(package), "text2"), at, 1)
            grid.addWidget(text("small", licence, "text3"), at, 2)
        return grid

    def _set_mode(self) -> None:
        theme().set_mode(self.mode.currentData())
        self._context.remember("theme", theme().mode)

    def _set_scale(self) -> None:
        theme().set_scale(self.scale.currentData())
        self._context.remember("scale", theme().scale)

    def _set_reduced(self, reduced: bool) -> None:
        theme().set_reduced(reduced)
        self._context.remember("reduced", reduced)

    def _open_folder(self) -> None:
        folder = self._context.history_path.parent
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self._context.message.emit("warn", f"No file manager answered; the folder is {folder}.")

    def _follow(self) -> None:
        px = theme().px
        self.mode.setCurrentIndex(self.mode.findData(theme().mode))
        self.scale.setCurrentIndex(self.scale.findData(theme().scale))
        self.reduced.setChecked(theme().reduced)
        for box in (self.mode, self.scale):
            box.setFixedWidth(px(180))
        self._column.setContentsMargins(px(24), px(16), px(24), px(24))
        self._column.setSpacing(px(12))
        self._inside.setMaximumWidth(px(900))


def _grid(gap: int = 10) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(20)
    grid.setVerticalSpacing(gap)
    grid.setColumnMinimumWidth(0, 190)
    grid.setColumnStretch(2, 1)
    return grid


def _typed(keys: str) -> str:
    """ "Ctrl++" as a person says it."""
    return keys.replace("++", "+Plus").replace("+-", "+Minus").replace("+,", "+Comma")
