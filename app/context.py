"""What the pages share: the history, the runner, and the words they say to each other."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QSettings, Signal

from engine import paths
from engine.errors import BadInput
from engine.events import ENDINGS

if TYPE_CHECKING:
    from app.runner import Runner
    from engine.events import Event
    from engine.history import History


class Context(QObject):
    """Shared by every page; no page knows another.

    `message(kind, sentence)` shows an inline bar at the top of the window; `offer` one with a
    button. `navigate(page)` takes compress, runs, compare, playground or settings. `run_events`
    brings every event of the active run in batches, at most ten a second; `run_event` only the
    newest progress of a batch, and each stage, note, result and change of state. `open_file`
    asks for a second window on the history at a path.
    """

    history_opened = Signal()
    runs_changed = Signal()
    run_event = Signal(str, object)
    run_events = Signal(str, list)
    message = Signal(str, str)
    offered = Signal(str, str, str, object)
    navigate = Signal(str)
    open_run = Signal(str)
    compare_runs = Signal(list)
    try_runs = Signal(list)
    new_run = Signal(object)
    open_file = Signal(Path)

    def __init__(
        self,
        history_path: Path | None = None,
        settings: QSettings | None = None,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.history_path = history_path or paths.default_history()
        self._settings = settings
        self._history: History | None = None
        self._runner: Runner | None = None
        self._latest: dict[str, Event] = {}

    @property
    def ready(self) -> bool:
        """True once the history is open."""
        return self._history is not None

    @property
    def history(self) -> History:
        """The open history of the window's thread; wait for `history_opened`."""
        if self._history is None:
            raise BadInput("The history of runs is not open; choose another history file.")
        return self._history

    @property
    def runner(self) -> Runner:
        """Starts and stops runs; made on first use."""
        if self._runner is None:
            from app.runner import Runner

            self._runner = Runner(self.history_path, self)
            self._runner.events.connect(self._hear)
            self._runner.changed.connect(self.runs_changed)
        return self._runner

    def open_history(self) -> None:
        """Open the history and mark runs whose process is gone; says so, never raises."""
        if self._history is not None:
            return
        from engine.history import History

        try:
            self.history_path.parent.mkdir(parents=True, exist_ok=True)
            self._history = History.open(self.history_path)
            lost = self._history.mark_interrupted()
        except BadInput as error:
            self.message.emit("bad", str(error))
            return
        except OSError as error:
            reason = error.strerror or "it cannot be opened"
            self.message.emit("bad", f"The history {self.history_path} is not usable: {reason}.")
            return
        if lost:
            runs = "1 run was" if len(lost) == 1 else f"{len(lost)} runs were"
            self.offer(
                "warn", f"{runs} interrupted. Nothing is lost.", "Show",
                lambda: self.open_run.emit(lost[0]),
            )  # fmt: skip
        self.history_opened.emit()

    def open_another(self, path: Path) -> None:
        """Open a history that someone sent in a window of its own, or say why that cannot be."""
        from engine.history import History

        try:
            History.open(path, create=False).close()
        except BadInput as error:
            self.message.emit("bad", str(error))
        else:
            self.open_file.emit(path)

    def close(self) -> None:
        """Pause what is at work, keep it, and close the history; the window calls it last."""
        if self._runner is not None:
            self._runner.shutdown()
            self._runner = None
        if self._history is not None:
            self._history.close()
            self._history = None

    def active(self) -> str | None:
        """The id of the run at work, if any, without starting a runner to find out."""
        return self._runner.active() if self._runner is not None else None

    def latest(self, run_id: str) -> Event | None:
        """The last progress event of a run in this session."""
        return self._latest.get(run_id)

    def offer(self, kind: str, sentence: str, button: str, action: Callable[[], object]) -> None:
        """Show a message whose one button calls `action`."""
        self.offered.emit(kind, sentence, button, action)

    def recall(self, key: str, default: Any) -> Any:
        """A remembered preference, as the default's own type; the default when there is none."""
        if self._settings is None:
            return default
        try:
            return self._settings.value(key, default, type(default))
        except (TypeError, ValueError):  # the file was edited by hand
            return default

    def remember(self, key: str, value: Any) -> None:
        """Remember a preference beside the history; nothing is written without a settings file."""
        if self._settings is not None:
            self._settings.setValue(key, value)

    def _hear(self, run_id: str, events: list[Event]) -> None:
        """A batch of the active run: all of it for the charts, what matters for everyone else."""
        last = next((one for one in reversed(events) if one.kind == "progress"), None)
        if last is not None:
            self._latest[run_id] = last
        self.run_events.emit(run_id, events)
        for event in events:
            if event.kind in ENDINGS:
                self._latest.pop(run_id, None)
            if event is last or event.kind not in ("progress", "scalar", "layers"):
                self.run_event.emit(run_id, event)
