"""The window: rail, pages made on their first visit, messages, status bar and keys."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QByteArray, QRect, Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QMainWindow,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.context import Context
from app.help import Help
from app.rail import Rail
from app.shortcuts import SHORTCUTS, Keys
from app.status import StatusBar
from app.theme import theme
from app.widgets.ask import ask
from app.widgets.message import Messages
from engine.errors import BadInput

SMALLEST = (1100, 700)
FIRST = (1440, 900)


@dataclass(frozen=True)
class Place:
    """A page of the rail and where its class is, imported on the first visit."""

    key: str
    words: str
    icon: str
    keys: str
    module: str
    name: str


PLACES = (
    Place("compress", "Compress", "nav-compress", "Ctrl+1", "app.pages.compress", "CompressPage"),
    Place("runs", "Runs", "nav-runs", "Ctrl+2", "app.pages.runs", "RunsPage"),
    Place("compare", "Compare", "nav-compare", "Ctrl+3", "app.pages.compare", "ComparePage"),
    Place(
        "playground", "Playground", "nav-playground", "Ctrl+4",
        "app.pages.playground", "PlaygroundPage",
    ),
    Place("settings", "Settings", "settings", "Ctrl+,", "app.pages.settings", "SettingsPage"),
)  # fmt: skip


class Window(QMainWindow):
    """One window for one history; `place` names its file where it is not the person's own."""

    def __init__(
        self,
        context: Context,
        page: str = "compress",
        places: tuple[Place, ...] = PLACES,
        place: str = "",
    ) -> None:
        super().__init__()
        self._file = f" – {place}" if place else ""
        self.context = context
        self._places = {one.key: one for one in places}
        self.pages: dict[str, QWidget] = {}
        self.rail = Rail([(one.key, one.words, one.icon, one.keys) for one in places])
        self.stack = QStackedWidget()
        self.messages = Messages()
        self.status = StatusBar(context)
        self._help: Help | None = None
        self._build()
        self._connect()
        self._add_shortcuts()
        self._place()
        try:
            self.go(page if page in self._places else places[0].key)
        except Exception:
            # A page that cannot be made is logged and told; the others stay within reach.
            sys.excepthook(*sys.exc_info())

    def _build(self) -> None:
        self._page_column = QVBoxLayout()
        self._page_column.setSpacing(0)
        self._page_column.addWidget(self.messages)
        self._page_column.addWidget(self.stack, 1)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.rail)
        row.addLayout(self._page_column, 1)
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row, 1)
        column.addWidget(self.status)
        self.setCentralWidget(whole)
        self.setWindowTitle("Thimble")
        theme().follow(self._restyle)

    def _connect(self) -> None:
        context = self.context
        self.rail.chosen.connect(self.go)
        context.navigate.connect(self.go)
        context.message.connect(self._say)
        context.offered.connect(self._say)
        context.open_run.connect(lambda run_id: self._hand_over("runs", "open_run", run_id))
        context.compare_runs.connect(lambda ids: self._hand_over("compare", "compare_runs", ids))
        context.try_runs.connect(lambda ids: self._hand_over("playground", "try_runs", ids))
        context.new_run.connect(lambda spec: self._hand_over("compress", "new_run", spec))
        context.runs_changed.connect(self._count_active)
        context.history_opened.connect(self._opened)

    def _add_shortcuts(self) -> None:
        for one in SHORTCUTS:
            for keys in one.keys:
                shortcut = QShortcut(QKeySequence(keys), self)
                shortcut.activated.connect(lambda one=one: self.press(one))

    def press(self, keys: Keys) -> None:
        """Do what a shortcut says: on the window, or on the shown page if it knows the word."""
        if keys.window:
            getattr(self, keys.window)()
        else:
            call(self.stack.currentWidget(), keys.page)

    def go(self, key: str) -> None:
        """Show a page by its key, making it on the first visit."""
        if key not in self._places:
            return
        page = self.pages.get(key)
        if page is None:
            page = self._make(self._places[key])
        self.rail.choose(key)
        self.stack.setCurrentWidget(page)
        self.setWindowTitle(
            f"{getattr(page, 'title', self._places[key].words)}{self._file} – Thimble"
        )
        call(page, "activated")
        focus = self.focusWidget()
        if focus is None or (self.rail.isAncestorOf(focus) and focus is not self.rail.items[key]):
            page.setFocus(Qt.FocusReason.OtherFocusReason)  # not on the button of another page

    def _make(self, place: Place) -> QWidget:
        page: QWidget = getattr(importlib.import_module(place.module), place.name)(self.context)
        self.pages[place.key] = page
        self.stack.addWidget(page)
        return page

    def _hand_over(self, key: str, method: str, value: object) -> None:
        self.go(key)
        call(self.pages[key], method, value)

    def show_compress(self) -> None:
        """Ctrl+1."""
        self.go("compress")

    def show_runs(self) -> None:
        """Ctrl+2."""
        self.go("runs")

    def show_compare(self) -> None:
        """Ctrl+3."""
        self.go("compare")

    def show_playground(self) -> None:
        """Ctrl+4."""
        self.go("playground")

    def show_settings(self) -> None:
        """Ctrl+comma."""
        self.go("settings")

    def new_run(self) -> None:
        """Ctrl+N: an empty form on Compress."""
        self.context.new_run.emit(None)

    def next_theme(self) -> None:
        """Ctrl+T: light, dark, as the system."""
        self.context.remember("theme", theme().next_mode())

    def larger(self) -> None:
        """Ctrl+Plus."""
        theme().step_scale(1)
        self.context.remember("scale", theme().scale)

    def smaller(self) -> None:
        """Ctrl+Minus."""
        theme().step_scale(-1)
        self.context.remember("scale", theme().scale)

    def plain_size(self) -> None:
        """Ctrl+0."""
        theme().set_scale(100)
        self.context.remember("scale", theme().scale)

    def help(self) -> None:
        """F1: what the control in focus is for, in plain words."""
        focus = QApplication.focusWidget()
        self._help = Help.about(focus, self) if focus is not None else None

    def escape(self) -> None:
        """Esc: close what is open, then leave the field."""
        if self._help is not None and self._help.isVisible():
            self._help.close()
        elif not call(self.stack.currentWidget(), "escape"):
            focus = QApplication.focusWidget()
            if focus is not None:
                focus.clearFocus()

    def _say(
        self, kind: str, sentence: str, button: str = "", action: Callable[[], object] | None = None
    ) -> None:
        self.messages.show_message(kind, sentence, button, action)

    def _opened(self) -> None:
        self.context.runner.keep_warm()
        self._count_active()
        call(self.stack.currentWidget(), "activated")

    def _count_active(self) -> None:
        active = 1 if self.context.active() else 0
        if self.context.ready:
            try:
                active = max(active, len(self.context.history.runs(("running",))))
            except BadInput as error:
                self._say("bad", str(error))
        self.rail.items["runs"].set_badge(active)

    def _restyle(self) -> None:
        px = theme().px
        self.messages.set_margins(px(24), px(12), 0)

    def _place(self) -> None:
        """First size 1440 by 900 or 90 % of the screen; later as it was left."""
        screen = QApplication.primaryScreen().availableGeometry()
        self.setMinimumSize(min(SMALLEST[0], screen.width()), min(SMALLEST[1], screen.height()))
        kept = self.context.recall("geometry", "")
        if kept and self.restoreGeometry(QByteArray.fromBase64(kept.encode("ascii", "ignore"))):
            return
        width = max(self.minimumWidth(), min(FIRST[0], round(0.9 * screen.width())))
        height = max(self.minimumHeight(), min(FIRST[1], round(0.9 * screen.height())))
        area = QRect(0, 0, width, height)
        area.moveCenter(screen.center())
        self.setGeometry(area)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        # The first paint must not wait for the database library.
        QTimer.singleShot(0, self.context.open_history)

    def closeEvent(self, event: QCloseEvent) -> None:
        if self.context.active() is not None and not self._may_close():
            event.ignore()
            return
        QApplication.setOverrideCursor(Qt.CursorShape.WaitCursor)  # a run may take seconds to save
        geometry = bytes(self.saveGeometry().toBase64().data()).decode("ascii")
        self.context.remember("geometry", geometry)
        self.context.close()
        QApplication.restoreOverrideCursor()
        event.accept()

    def _may_close(self) -> bool:
        answer = ask(
            self,
            "A run is at work",
            "Thimble can pause it, keep everything learnt so far, and go on when you press Resume.",
            [
                ("pause", "Pause it and close", "primary"),
                ("stay", "Keep the window open", "secondary"),
            ],
        )
        return answer == "pause"


def call(page: QWidget | None, method: str, *values: object) -> object:
    """Call a method that a page may have; None where it has not."""
    found = getattr(page, method, None)
    return found(*values) if callable(found) else None
