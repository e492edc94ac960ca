"""Open the Thimble window and answer for its mishaps."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QSettings, Qt, QTimer
from PySide6.QtWidgets import QApplication

from app import icons
from app.context import Context
from app.theme import MODES, theme
from app.window import PLACES, Window
from engine import paths
from engine.errors import BadInput

_LOG = logging.getLogger("thimble")


def arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    """What the command line says."""
    parser = argparse.ArgumentParser(prog="thimble", description="Open the Thimble window.")
    parser.add_argument("--history", type=Path, help="history file (default: the user's own)")
    parser.add_argument("--theme", choices=MODES, help="light, dark, or as the system")
    parser.add_argument("--page", choices=[one.key for one in PLACES], default="compress")
    return parser.parse_args(argv)


class Mishaps:
    """Logs what nobody foresaw beside the history and says one plain sentence."""

    MOST = 50

    def __init__(self, context: Context) -> None:
        self._context = context
        self.log = context.history_path.with_name("thimble.log")
        self._seen = 0

    def __call__(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        """Take the place of `sys.excepthook`."""
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        if isinstance(error, BadInput):
            sentence = str(error)
        else:
            self._seen += 1
            written = self._seen <= self.MOST and self._write(kind, error, trace)
            sentence = "Something went wrong in the window; runs and history are safe."
            if written:
                sentence += f" What happened is in {self.log}."
        # Not at once: the mishap may have come out of a paint event.
        QTimer.singleShot(0, lambda: self._context.message.emit("bad", sentence))

    def _write(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> bool:
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            if not _LOG.handlers:
                handler = RotatingFileHandler(
                    self.log, maxBytes=1_000_000, backupCount=1, encoding="utf-8", delay=True
                )
                handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
                _LOG.addHandler(handler)
                _LOG.propagate = False
            _LOG.error("Unforeseen in the window", exc_info=(kind, error, trace))
        except OSError:
            return False
        return True


def dress(context: Context, app: QApplication, mode: str | None) -> None:
    """Give the application its remembered or named look."""
    remembered = context.recall("theme", "system")
    chosen = mode or remembered
    look = theme()
    look.set_scale(context.recall("scale", 100))
    look.set_reduced(context.recall("reduced", still()))
    look.set_mode(next((one for one in MODES if one == chosen), "system"))
    look.install(app)


def still() -> bool:
    """Whether the system asks for less motion; Qt can tell on Windows only."""
    effects = QApplication.isEffectEnabled(Qt.UIEffect.UI_General)
    return sys.platform == "win32" and not effects


class Desk:
    """The windows of this process: one for each open history."""

    def __init__(self, settings: QSettings, own: Path) -> None:
        self._settings, self._own = settings, own
        self.windows: list[Window] = []

    def open(self, history: Path, page: str) -> Window:
        """Show a window on a history; those of other people say which file it is."""
        context = Context(history, self._settings)
        if not self.windows:
            sys.excepthook = Mishaps(context)
        window = Window(context, page, place="" if history == self._own else history.name)
        context.open_file.connect(lambda path: self.open(path, "runs"))
        self.windows.append(window)
        window.show()
        return window


def open_window(words: Sequence[str]) -> int:
    """Open the window and work until it is closed; returns the exit status."""
    given = arguments(words)
    app = QApplication(sys.argv[:1])
    app.setApplicationName("Thimble")
    app.setDesktopFileName("thimble")
    history = Path(os.path.abspath((given.history or paths.default_history()).expanduser()))
    settings = QSettings(str(history.with_name("thimble.ini")), QSettings.Format.IniFormat)
    dress(Context(history, settings), app, given.theme)
    app.setWindowIcon(icons.app_icon())
    desk = Desk(settings, history)
    desk.open(history, given.page)
    return app.exec()
