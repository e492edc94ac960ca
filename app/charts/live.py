"""Keeps feeds up to date: the live one by events, the others read from the history in parts."""

from __future__ import annotations

import time
from collections.abc import Iterator

from PySide6.QtCore import QObject, QTimer

from app.charts.feed import Feed
from app.context import Context
from engine.errors import BadInput
from engine.events import Event

SLICE = 0.02  # seconds of loading before the window has its turn
WRITTEN = 1000  # milliseconds after which what was said a moment ago is in the history


class LiveFeeds(QObject):
    """Feeds of the runs that are shown or at work, by their id."""

    def __init__(self, context: Context, parent: QObject) -> None:
        super().__init__(parent)
        self._context = context
        self._live: dict[str, Feed] = {}
        self._loading: dict[str, Iterator[None]] = {}
        self._loader = QTimer(self)
        self._loader.setSingleShot(True)
        self._loader.timeout.connect(self._load_some)
        context.run_events.connect(self._hear)

    @property
    def live(self) -> Feed | None:
        """The feed of the run at work, once it has been asked for."""
        return self._live.get(self._context.active() or "")

    @property
    def loading(self) -> bool:
        """True until every point has been read."""
        return bool(self._loading)

    def of(self, run_id: str) -> Feed:
        """The feed of a run: the live one, or a new one that is being read."""
        for gone in set(self._live) - {self._context.active()}:
            del self._live[gone]
        if run_id in self._live:
            return self._live[run_id]
        feed = Feed(run_id)
        self._loading.clear()
        self.load(feed)
        if run_id == self._context.active():
            self._live[run_id] = feed
            feed.progress = self._context.latest(run_id)
            QTimer.singleShot(WRITTEN, self, lambda: self._load_again(feed))
        return feed

    def is_live(self, feed: Feed) -> bool:
        """Whether events reach this feed."""
        return self._live.get(feed.run_id) is feed

    def load(self, feed: Feed) -> None:
        """Read a run's points from the history, a part at a time."""
        self._loading[feed.run_id] = feed.loading(self._context.history)
        self._load_some()

    def _load_again(self, feed: Feed) -> None:
        if self.is_live(feed) and self._context.ready:
            self.load(feed)

    def _load_some(self) -> None:
        limit = time.monotonic() + SLICE
        if not self._context.ready:
            self._loading.clear()
        try:
            for run_id, parts in list(self._loading.items()):
                for _ in parts:
                    if time.monotonic() > limit:
                        self._loader.start(0)
                        return
                del self._loading[run_id]
        except BadInput as error:
            self._loading.clear()
            self._context.message.emit("bad", str(error))

    def _hear(self, run_id: str, events: list[Event]) -> None:
        if run_id in self._live:
            self._live[run_id].add(events)
