"""The log below a run: a header of 34 px and, when it is open, the run's own words."""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from app.theme import theme
from app.widgets.button import Button
from app.widgets.label import cut, line, name, text

MOST_LINES = 5000
Note = tuple[float, str, str]  # when, "info" or "warning", words


class Log(QWidget):
    """`toggled(bool)` when it is opened or closed, `file_wanted` for the whole log."""

    toggled = Signal(bool)
    file_wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Note] = []
        self.arrow = Button("", "quiet", "chevron-right", label="Show the log (Ctrl+L)")
        self.arrow.clicked.connect(lambda: self.set_open(not self.open))
        self.count = text("small", "no warnings", "text3")
        self.follow = QCheckBox("Follow new lines")
        self.follow.setChecked(True)
        self.file = Button("Open as file", "link", size="small")
        self.file.clicked.connect(self.file_wanted)
        self.lines = QPlainTextEdit()
        self.lines.setProperty("log", True)
        self.lines.setReadOnly(True)
        self.lines.setMaximumBlockCount(MOST_LINES)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.lines.setTabChangesFocus(True)
        name(self.lines, "Log")
        self._head = QHBoxLayout()
        self._head.addWidget(self.arrow)
        self._head.addWidget(text("name", "Log"))
        self._head.addWidget(self.count, 1)
        self._head.addWidget(self.follow)
        self._head.addWidget(self.file)
        self._body = QVBoxLayout()
        self._body.addWidget(self.lines)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._column.addWidget(line())
        self._column.addLayout(self._head)
        self._column.addLayout(self._body)
        self.set_open(False)
        theme().follow(self._restyle)

    @property
    def open(self) -> bool:
        """True while the lines are shown."""
        return not self.lines.isHidden()

    def set_open(self, shown: bool) -> None:
        """Show or hide the lines."""
        changed = shown != self.open
        self.lines.setVisible(shown)
        self.follow.setVisible(shown)
        self.arrow.set_icon("chevron-down" if shown else "chevron-right")
        name(self.arrow, f"{'Hide' if shown else 'Show'} the log (Ctrl+L)", "Ctrl+L")
        if changed:
            self.toggled.emit(shown)
        if shown:
            self._to_end()

    def set_notes(self, notes: Sequence[Note]) -> None:
        """Show these lines; ones that only come after those shown are added to them."""
        fresh = list(notes)
        known = len(self._shown)
        if fresh[:known] != self._shown:
            self.lines.clear()
            known = 0
        elif len(fresh) == known:
            return
        self._shown = fresh
        words = [_worded(one) for one in fresh[known:]][-MOST_LINES:]
        if words:
            self.lines.appendPlainText("\n".join(words))
        warnings = sum(level == "warning" for _, level, _ in fresh)
        plural = "" if warnings == 1 else "s"
        self.count.set_text(f"{warnings} warning{plural}" if warnings else "no warnings")
        self.count.set_tone("warn" if warnings else "text3")
        self._to_end()

    def _to_end(self) -> None:
        if self.follow.isChecked():
            bar = self.lines.verticalScrollBar()
            bar.setValue(bar.maximum())

    def _restyle(self) -> None:
        px = theme().px
        self._head.setContentsMargins(px(20), px(3), px(24), px(3))
        self._head.setSpacing(px(8))
        self._body.setContentsMargins(0, 0, 0, 0)
        self.lines.setFont(theme().font("log"))
        self.lines.setFixedHeight(px(94))
        self.lines.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)


def _worded(note: Note) -> str:
    moment, level, words = note
    try:
        clock = time.strftime("%H:%M:%S", time.localtime(moment))
    except (OverflowError, ValueError, OSError):  # a foreign history may hold any number
        clock = "--:--:--"
    plain = " ".join(cut(words, 500).splitlines())
    return f"{clock}  {'WARN' if level == 'warning' else 'INFO'}   {plain}"
