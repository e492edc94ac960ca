"""What one can do with a run: the buttons, menus and keys of the Runs page all end here."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from app import icons
from app.context import Context
from app.copying import Copying
from app.widgets.ask import ask
from app.widgets.run_rows import RESUMABLE
from engine import wording
from engine.errors import BadInput
from engine.records import RunRecord

LOG = "log.txt"
_F = TypeVar("_F", bound=Callable[..., Any])


def _in_words(method: _F) -> _F:
    """A refusal becomes a message of the window."""

    @functools.wraps(method)
    def careful(self: RunActions, *given: Any) -> Any:
        try:
            return method(self, *given)
        except BadInput as error:
            self.context.message.emit("bad", str(error))
            return None

    return careful  # type: ignore[return-value]


class RunActions(QObject):
    """Acts on runs by their id or record; `rename_wanted(id)` asks the page for its field."""

    rename_wanted = Signal(str)

    def __init__(self, context: Context, page: QWidget) -> None:
        super().__init__(page)
        self.context, self._page = context, page
        self._copying: list[Copying] = []

    # --- work ---------------------------------------------------------------------------------

    @_in_words
    def resume(self, run_id: str) -> None:
        """Go on with a run, or start a queued one next."""
        self.context.runner.resume(run_id)

    @_in_words
    def pause_or_resume(self, record: RunRecord) -> None:
        """Pause what runs, resume what waits."""
        if record.status == "running":
            self.context.runner.pause(record.id)
        elif record.status in (*RESUMABLE, "queued"):
            self.context.runner.resume(record.id)

    @_in_words
    def stop(self, record: RunRecord) -> None:
        """Stop the run at work after asking; a queued one leaves the queue at once."""
        if record.status == "queued":
            self.context.runner.stop(record.id)
        elif record.id == self.context.active() and not self.context.runner.ending():
            done = wording.percent(self._fraction(record), 0)
            answer = ask(
                self._page, "Stop this run",
                f"It is at {done}. Its curves, its log and what it has learnt are kept, and Resume"
                " can go on from there. There will be no finished model until then.",
                [("keep", "Keep running", "secondary"), ("stop", "Stop", "primary")],
            )  # fmt: skip
            if answer == "stop":
                self.context.runner.stop(record.id)

    @_in_words
    def move(self, run_id: str, steps: int) -> None:
        """Move a queued run up or down."""
        self.context.runner.move(run_id, steps)

    def again(self, record: RunRecord) -> None:
        """Show the run's settings on Compress, ready to start."""
        self.context.new_run.emit(self.context.history.run(record.id).spec)

    # --- what a person keeps ------------------------------------------------------------------

    @_in_words
    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        self.context.history.rename(run_id, name)
        self.context.runs_changed.emit()

    @_in_words
    def delete(self, record: RunRecord) -> None:
        """Take a run out of the list; the message that says so can undo it."""
        self.context.history.trash(record.id)
        self.context.runs_changed.emit()
        words = f'"{record.name}" is deleted.'
        self.context.offer("info", words, "Undo", lambda: self.restore(record.id))

    @_in_words
    def restore(self, run_id: str) -> None:
        """Bring a deleted run back and show it."""
        self.context.history.restore(run_id)
        self.context.runs_changed.emit()
        self.context.open_run.emit(run_id)

    def export(self, record: RunRecord) -> None:
        """Ask for a folder and copy the finished model there."""
        if record.package is None or not record.package.is_dir():
            self.context.message.emit("info", "Only a finished run has a model to export.")
            return
        chosen = QFileDialog.getExistingDirectory(self._page, "Export the model to a folder")
        if chosen:
            self.copy(record, Path(chosen))

    def copy(self, record: RunRecord, folder: Path) -> Copying:
        """Copy the finished model to a folder below `folder`, in the background."""
        assert record.package is not None
        copying = Copying(record.package, folder, record.name, self)
        copying.finished.connect(lambda: self._copied(copying))
        self._copying.append(copying)
        copying.start()
        return copying

    def _copied(self, copying: Copying) -> None:
        copying.wait()
        self._copying.remove(copying)
        self.context.message.emit(copying.kind, copying.sentence)

    def open_folder(self, record: RunRecord) -> None:
        """Show the run's files."""
        self._open(record.folder)

    def open_log(self, run_id: str) -> None:
        """Show the whole log of a run."""
        self._open(self.log_file(self.context.history.run(run_id)))

    def log_file(self, record: RunRecord) -> Path:
        """Where the child process writes what it has to say."""
        return record.folder / LOG

    # --- the menu -----------------------------------------------------------------------------

    @_in_words
    def of(self, run_id: str) -> list[QAction]:
        """What the menu of a run offers now."""
        record = self.context.history.run(run_id)
        found = self._for_state(record)
        found += [
            ("Run again", "reset", lambda: self.again(record)),
            ("Rename", "", lambda: self.rename_wanted.emit(record.id)),
            ("Open folder", "folder", lambda: self.open_folder(record)),
        ]
        if record.status != "running":
            found.append(("Delete", "close", lambda: self.delete(record)))
        return [self._action(*one) for one in found]

    def _for_state(self, record: RunRecord) -> list[tuple[str, str, Callable[[], object]]]:
        status = record.status
        if status == "running" and record.id == self.context.active():
            return [
                ("Pause", "pause", lambda: self.pause_or_resume(record)),
                ("Stop…", "stop", lambda: self.stop(record)),
            ]
        if status == "queued":
            return [
                ("Start next", "play", lambda: self.resume(record.id)),
                ("Move up", "chevron-up", lambda: self.move(record.id, -1)),
                ("Move down", "chevron-down", lambda: self.move(record.id, 1)),
                ("Take out of the queue", "stop", lambda: self.stop(record)),
            ]
        if status == "finished":
            return [
                ("Compare", "nav-compare", lambda: self.context.compare_runs.emit([record.id])),
                (
                    "Try in the Playground",
                    "nav-playground",
                    lambda: self.context.try_runs.emit([record.id]),
                ),
                ("Export…", "export", lambda: self.export(record)),
            ]
        if status in RESUMABLE:
            return [("Resume", "play", lambda: self.resume(record.id))]
        return []

    def _action(self, words: str, icon: str, act: Callable[[], object]) -> QAction:
        action = QAction(words)
        if icon:
            action.setIcon(icons.icon(icon, "text2", 16))
        action.triggered.connect(lambda checked=False: act())
        return action

    def _fraction(self, record: RunRecord) -> float:
        latest = self.context.latest(record.id)
        heard = latest.data.get("fraction") if latest is not None else None
        return float(heard) if isinstance(heard, int | float) else record.fraction or 0.0

    def _open(self, path: Path) -> None:
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(path))):
            self.context.message.emit("warn", f"{path} could not be opened.")
