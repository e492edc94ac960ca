"""The status bar: the run at work on the left, the computer on the right."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app import icons
from app.context import Context
from app.theme import theme
from app.widgets.label import name, text
from app.widgets.pill import Pill
from app.widgets.progress import Progress
from engine import wording
from engine.errors import BadInput

if TYPE_CHECKING:
    from engine.events import Event

_REFRESH_MS = 250  # progress text at most four times a second


def computer() -> str:
    """The processor in words, without asking torch."""
    if hasattr(os, "sched_getaffinity"):
        cores = len(os.sched_getaffinity(0))
    else:
        cores = os.cpu_count() or 1
    return f"Processor, {cores} core" + ("" if cores == 1 else "s")


class StatusBar(QWidget):
    """Follows `context.run_event` and `context.runs_changed`."""

    def __init__(self, context: Context) -> None:
        super().__init__()
        self._context = context
        self._run: str | None = None
        self._pending: Event | None = None
        self._activity, self._chip = QLabel(), QLabel()
        self.job = text("small", "No run active", "text2", elide=True)
        self.stage = text("small", "", "text2", elide=True)
        self.progress = Progress("Progress of the run", 6, 120)
        self.percent = text("small", "", "text")
        self.left = text("small", "", "text2")
        self.computer = text("small", computer(), "text2")
        self.sample = Pill("sample data", "warn")
        self._row = QHBoxLayout(self)
        run = (self.job, self.stage, self.progress, self.percent, self.left)
        self._row.addWidget(self._activity)
        for part in run:
            self._row.addWidget(part)
        self._row.addStretch(1)
        for widget in (self._chip, self.computer, self.sample):
            self._row.addWidget(widget)
        name(self, "Status")
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._show_pending)
        context.run_event.connect(self._heard)
        context.runs_changed.connect(self.refresh)
        context.history_opened.connect(self.refresh)
        theme().follow(self._restyle)
        self.refresh()

    def refresh(self) -> None:
        """Show the run at work as the runner and the history know it now."""
        self._run = self._context.active()
        self._pending = None
        busy = self._run is not None
        for widget in (self.stage, self.progress, self.percent, self.left):
            widget.setVisible(busy)
        self.sample.setVisible(False)
        if self._run is None:
            self.job.set_text("No run active")
            return
        self.job.set_text("A run is active")
        for label in (self.stage, self.percent, self.left):
            label.set_text("")
        if self._context.ready:
            try:
                record = self._context.history.run(self._run)
            except BadInput:
                return  # deleted a moment ago; the next change says so
            self.job.set_text(record.name)
            self.stage.set_text(record.stage)
            self._show(record.fraction, record.remaining)
            self.sample.setVisible(record.demo)
        latest = self._context.latest(self._run)
        if latest is not None:
            self._heard(self._run, latest)
            self._show_pending()

    def _heard(self, run_id: str, event: Event) -> None:
        if run_id != self._run:
            if event.kind == "started":
                self.refresh()
            return
        if event.kind == "progress":
            self._pending = event
            if not self._timer.isActive():
                self._timer.start()
        elif event.kind == "stage" and event.data.get("state") == "begun":
            self.stage.set_text(event.stage)

    def _show_pending(self) -> None:
        event, self._pending = self._pending, None
        if event is None or self._run is None:
            return
        if event.stage:
            self.stage.set_text(event.stage)
        self._show(_number(event.data.get("fraction")), _number(event.data.get("remaining")))

    def _show(self, fraction: float | None, remaining: float | None) -> None:
        self.progress.set_share(fraction or 0.0)
        self.percent.set_text("" if fraction is None else wording.percent(min(fraction, 0.99), 0))
        self.left.set_text("" if remaining is None else f"{wording.remaining(remaining)} left")

    def _restyle(self) -> None:
        look = theme()
        self.setFixedHeight(look.px(28))
        self._row.setContentsMargins(look.px(14), 1, look.px(14), 0)
        self._row.setSpacing(look.px(8))
        self._activity.setPixmap(icons.pixmap("nav-runs", 14, "accent"))
        self._chip.setPixmap(icons.pixmap("chip", 14, "text2"))
        self.job.setMaximumWidth(look.px(320))
        self.stage.setMaximumWidth(look.px(220))
        for label in (self.stage, self.left):
            label.setContentsMargins(look.px(10), 0, look.px(4), 0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme().colour("rail"))
        painter.fillRect(0, 0, self.width(), 1, theme().colour("line"))


def _number(value: object) -> float | None:
    """A number from an event, None for anything else: events come from another process."""
    return float(value) if isinstance(value, int | float) else None
