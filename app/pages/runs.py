"""The Runs page: the list of runs, and one of them with its stages, charts and log."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from app.charts.board import Board
from app.charts.feed import Feed
from app.charts.live import LiveFeeds
from app.clock import timer
from app.context import Context
from app.pages.run_actions import RunActions
from app.theme import theme
from app.widgets import line, scroll
from app.widgets.empty import Empty
from app.widgets.log import Log
from app.widgets.message import Notice
from app.widgets.run_cards import ProgressCard, ResultCard
from app.widgets.run_header import RunHeader
from app.widgets.run_panel import RunPanel
from app.widgets.run_words import fraction, notice, remaining
from engine.errors import BadInput
from engine.events import ENDINGS, Event
from engine.method import methods
from engine.records import RunRecord

TICK = 100  # milliseconds: one chart at a time, each at most twice a second
WORDS = 3  # ticks between two changes of words
LOOK = 3000  # milliseconds between two looks for what another process has done
NARROW = 1190  # page width below which the list is smaller and the log closed
EMPTY = "Runs appear here as soon as one is started."
_MOMENTS = ("started", "stage", "result", *ENDINGS)


class RunsPage(QWidget):
    """Draws only while it is shown; live and finished runs go the same way."""

    title = "Runs"

    def __init__(self, context: Context) -> None:
        super().__init__()
        self.context = context
        self.record: RunRecord | None = None
        self.feed: Feed | None = None
        self.feeds = LiveFeeds(context, self)
        self._version, self._ticks = -1, 0
        self._narrow: bool | None = None
        self.actions_for = RunActions(context, self)
        self.empty = Empty("nav-runs", "No run is open", EMPTY, "Choose a method")
        self.empty.acted.connect(lambda: context.navigate.emit("compress"))
        self._build_list()
        self._build_detail()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self.panel)
        row.addWidget(line(vertical=True))
        row.addWidget(self.right, 1)
        self._clock = timer(self, TICK, self._tick)
        self._looker = timer(self, LOOK, self._look)
        self._soon = timer(self, 0, self.refresh, once=True)
        context.run_events.connect(self._hear)
        context.runs_changed.connect(lambda: self._soon.start(0))
        context.history_opened.connect(self.refresh)
        theme().follow(self._restyle)

    def _build_list(self) -> None:
        self.panel = RunPanel()
        self.list, self.filter = self.panel.list, self.panel.filter
        self.panel.fresh.connect(lambda: self.context.new_run.emit(None))
        self.list.chosen.connect(self.open_run)
        self.list.resumed.connect(self.actions_for.resume)
        self.list.actions_of = self.actions_for.of

    def _build_detail(self) -> None:
        self.header, self.progress, self.result = RunHeader(), ProgressCard(), ResultCard()
        self.board, self.log = Board(), Log()
        self.header.paused.connect(self.pause_or_resume)
        self.header.resumed.connect(self.pause_or_resume)
        self.header.stopped.connect(self.stop)
        self.header.renamed.connect(lambda words: self.actions_for.rename(self._id(), words))
        self.header.menu_wanted.connect(self._open_menu)
        self.actions_for.rename_wanted.connect(self._rename)
        self.log.file_wanted.connect(lambda: self.actions_for.open_log(self._id()))
        self.log.arrow.clicked.connect(lambda: self.context.remember("log_open", self.log.open))
        self._told = QVBoxLayout()
        inside = QWidget()
        inside.setLayout(self._told)
        self.charts = scroll(inside, across=True)
        self._upper = QVBoxLayout()
        self._upper.addWidget(self.header)
        self.notice = Notice()
        self.notice.acted.connect(self._act)
        for widget in (self.progress, self.notice, self.result):
            self._told.addWidget(widget)
        self._told.addWidget(self.board, 1)
        self._told.setContentsMargins(0, 0, 0, 0)
        self._upper.addWidget(self.charts, 1)
        self.detail = QWidget()
        column = QVBoxLayout(self.detail)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._upper, 1)
        column.addWidget(self.log)
        self.right = QStackedWidget()
        self.right.addWidget(self.empty)
        self.right.addWidget(self.detail)

    # --- what the window and its keys ask -----------------------------------------------------

    def activated(self) -> None:
        """The page is shown, or the history has been opened."""
        self.refresh()

    def open_run(self, run_id: str) -> None:
        """Show a run."""
        if not self.context.ready:
            return
        try:
            self.record = self.context.history.run(run_id)
            self.feed = self.feeds.of(self.record.id)
        except BadInput as error:
            self.record = self.feed = None
            self.context.message.emit("bad", str(error))
        self.header.leave_field()
        if self.record is not None:
            self.board.set_run(self.record, methods().get(self.record.method))
            self.panel.choose(self.record.id)
        self._show_run()
        self._hurry()

    def pause_or_resume(self) -> None:
        """Ctrl+Shift+P and the buttons of the header."""
        if self.record is not None:
            self.actions_for.pause_or_resume(self.record)

    def stop(self) -> None:
        """Ctrl+. and the button of the header."""
        if self.record is not None:
            self.actions_for.stop(self.record)

    def export(self) -> None:
        """Ctrl+E."""
        if self.record is not None:
            self.actions_for.export(self.record)

    def toggle_log(self) -> None:
        """Ctrl+L."""
        self.log.arrow.click()

    def focus_filter(self) -> None:
        """Ctrl+F."""
        self.filter.setFocus()
        self.filter.selectAll()

    def escape(self) -> bool:
        """Esc leaves the name's field, then clears the filter."""
        if self.header.leave_field():
            return True
        if self.filter.hasFocus() and self.filter.text():
            self.filter.clear()
            return True
        return False

    # --- the list -----------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the list and the open run again."""
        if not self.context.ready or not self.isVisible():
            return
        try:
            history = self.context.history
            self._version = history.version()
            records = history.runs()
            known = {one.id for one in records}
            if self.record is not None:
                self.record = history.run(self.record.id) if self.record.id in known else None
        except BadInput as error:
            self.context.message.emit("bad", str(error))
            return
        if self.record is None and records:
            self.open_run(self.context.active() or records[0].id)
        self.panel.show_records(records, self._id())
        self._show_run()

    def _look(self) -> None:
        """Another process may have written; the wait grows with what reading costs."""
        begun = time.monotonic()
        try:
            changed = self.context.ready and self.context.history.version() != self._version
            if changed and self.context.active() is None:
                if self.feed and self.record and self.record.status == "running":
                    self.feeds.load(self.feed)
                self.refresh()
        except BadInput as error:
            self.context.message.emit("bad", str(error))
        self._looker.setInterval(max(LOOK, round(20_000 * (time.monotonic() - begun))))

    # --- the open run -------------------------------------------------------------------------

    def _hear(self, run_id: str, events: list[Event]) -> None:
        if any(event.kind in _MOMENTS for event in events):
            self._soon.start(0)

    def _show_run(self) -> None:
        """All of the open run."""
        record, feed = self.record, self.feed
        self.right.setCurrentIndex(0 if record is None else 1)
        if record is None or feed is None:
            return
        if record.id == self.context.active() and not self.feeds.is_live(feed):
            self.feed = feed = self.feeds.of(record.id)
        ours = record.id == self.context.active()
        self.header.show_run(record, ours, self.context.runner.ending() if ours else "")
        self.result.setVisible(record.status == "finished" and record.accuracy is not None)
        if not self.result.isHidden():
            self.result.show_run(record)
        self.notice.show_notice(notice(record))
        self.log.file.set_enabled(
            self.actions_for.log_file(record).is_file(), "There is no file yet."
        )
        self._show_progress()

    def _show_progress(self) -> None:
        if self.record and self.feed:
            self.progress.show_run(self.record, self.feed)
            self.log.set_notes(self.feed.notes)

    def _act(self) -> None:
        """The button of the bar above the charts."""
        if self.record is not None and self.record.status == "failed":
            self.actions_for.again(self.record)
        elif self.record is not None:
            self.actions_for.resume(self.record.id)

    def _tick(self) -> None:
        """Live charts one after the other, and live words a few times a second."""
        self._ticks += 1
        if self.feed is not None:
            self.board.draw_next(self.feed)
        if self._ticks % WORDS == 0:
            self._tell()

    def _hurry(self) -> None:
        """A run that was just opened: its charts at once, with a turn for the window between."""
        if self.feed is not None and self.isVisible() and self.board.draw_next(self.feed):
            QTimer.singleShot(0, self, self._hurry)

    def _tell(self) -> None:
        """What the run at work says, in its row and in its card."""
        feed = self.feeds.live
        if self.feed is feed or self.feeds.loading:
            self._show_progress()
        listed = self.panel.record(feed.run_id) if feed is not None else None
        if listed is not None:
            share, left = fraction(listed, feed), remaining(listed, feed)
            self.list.rows.replace(replace(listed, fraction=share, remaining=left))

    def _id(self) -> str:
        return self.record.id if self.record is not None else ""

    def _open_menu(self) -> None:
        more = self.header.more
        self.list.menu(self._id(), self).popup(more.mapToGlobal(more.rect().bottomLeft()))

    def _rename(self, run_id: str) -> None:
        if run_id != self._id():
            self.open_run(run_id)
        self.header.rename()

    # --- size and sight -----------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._clock.start()
        self._looker.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._clock.stop()
        self._looker.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        narrow = self.width() < theme().px(NARROW)
        if narrow != self._narrow:
            self._narrow = narrow
            self.panel.set_narrow(narrow)
            self.log.set_open(not narrow and self.context.recall("log_open", True))

    def _restyle(self) -> None:
        px = theme().px
        self._upper.setContentsMargins(px(24), px(16), px(24), px(12))
        self._upper.setSpacing(px(12))
        self._told.setSpacing(px(12))
