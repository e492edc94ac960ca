"""The head of a run: glyph, name that can be edited, state, one sentence, and its buttons."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app import icons
from app.theme import theme
from app.widgets.button import Button
from app.widgets.field import edit
from app.widgets.label import text
from app.widgets.pill import StatePill
from app.widgets.run_rows import RESUMABLE
from app.widgets.run_words import headline
from engine.method import methods
from engine.records import LONGEST_NAME, RunRecord


class RunHeader(QWidget):
    """Says `paused`, `resumed`, `stopped`, `menu_wanted` and `renamed(name)`."""

    paused = Signal()
    resumed = Signal()
    stopped = Signal()
    menu_wanted = Signal()
    renamed = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._glyph_name = "thimble"
        self.glyph = QLabel()
        self.name = text("title", "", elide=True)
        self.field = edit("Name of the run", longest=LONGEST_NAME)
        self.field.hide()
        self.field.editingFinished.connect(self._finish)
        self.state = StatePill()
        self.words = text("body", "", "text2", elide=True)
        self.pause = Button("Pause", icon="pause", tip="Ctrl+Shift+P")
        self.pause.clicked.connect(self.paused)
        self.resume = Button("Resume", icon="play", tip="Ctrl+Shift+P")
        self.resume.clicked.connect(self.resumed)
        self.stop = Button("Stop…", icon="stop", tip="Ctrl+.")
        self.stop.clicked.connect(self.stopped)
        self.more = Button("", "icon", "more", label="More to do with this run")
        self.more.clicked.connect(self.menu_wanted)
        self._build()
        theme().follow(self._restyle)

    def _build(self) -> None:
        self._title = QHBoxLayout()
        self._title.addWidget(self.name)
        self._title.addWidget(self.field, 1)
        self._title.addWidget(self.state)
        self._title.addStretch(1)
        lines = QVBoxLayout()
        lines.setSpacing(2)
        lines.addLayout(self._title)
        lines.addWidget(self.words)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.addWidget(self.glyph)
        self._row.addLayout(lines, 1)
        for button in (self.pause, self.resume, self.stop, self.more):
            self._row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)

    def show_run(self, record: RunRecord, ours: bool, ending: str) -> None:
        """Show a run; `ours` when this window works on it, `ending` while it is being saved."""
        method = methods().get(record.method)
        glyph = method.glyph if method is not None else "thimble"
        if glyph != self._glyph_name:
            self._glyph_name = glyph
            self._paint_glyph()
        self.name.set_text(record.name)
        self.state.set_status(record.status)
        words = {"paused": "saving, then pausing", "stopped": "saving, then stopping"}
        self.words.set_text(words.get(ending) or headline(record))
        running = record.status == "running"
        self.pause.setVisible(running)
        self.stop.setVisible(running or record.status == "queued")
        self.resume.setVisible(record.status in (*RESUMABLE, "queued"))
        self.resume.set_words("Start next" if record.status == "queued" else "Resume")
        why = "It is being saved." if ending else "Another Thimble works on this run."
        for button in (self.pause, self.stop):
            button.set_enabled(not running or (ours and not ending), why)

    def rename(self) -> None:
        """Turn the name into a field."""
        self.field.setText(self.name.text())
        self.name.hide()
        self.field.show()
        self.field.selectAll()
        self.field.setFocus()

    def leave_field(self) -> bool:
        """Give up renaming; False when there was nothing to give up."""
        if self.field.isHidden():
            return False
        self.field.hide()
        self.name.show()
        return True

    def _finish(self) -> None:
        if not self.field.isHidden():
            words = self.field.text()
            self.leave_field()
            if words != self.name.text():
                self.renamed.emit(words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.leave_field():
            return
        super().keyPressEvent(event)

    def _restyle(self) -> None:
        px = theme().px
        self._row.setSpacing(px(12))
        self._title.setSpacing(px(10))
        self._paint_glyph()

    def _paint_glyph(self) -> None:
        try:
            self.glyph.setPixmap(icons.glyph(self._glyph_name, 40))
        except KeyError:
            self.glyph.clear()  # a method may come without a drawing
