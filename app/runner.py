"""Starts, pauses, stops and follows runs: one at work, the others waiting in a queue."""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QThread, Signal

from app.clock import timer
from app.waiting import move, teachers, to_front, waiting
from engine import launch, paths
from engine.errors import BadInput
from engine.events import Event
from engine.history import History
from engine.spec import RunSpec

EVERY = 100  # milliseconds between two hand-overs of events to the window
WARM_AFTER = 4000  # milliseconds; a start-up or a starting run has the processor to itself
PATIENCE = 3000  # milliseconds that a thread has to end after its process was killed


class Pump(QThread):
    """Follows one run in its own thread; the window's thread takes the events with `take`."""

    def __init__(self, history: Path, run_id: str, worker: launch.Worker) -> None:
        super().__init__()
        self.run_id, self.worker = run_id, worker
        self.intent = ""  # "paused" or "stopped" once asked for
        self._history = history
        self._events: deque[Event] = deque()

    def take(self) -> list[Event]:
        """The events since the last call, oldest first."""
        return [self._events.popleft() for _ in range(len(self._events))]

    def end(self, intent: str) -> None:
        """Ask the run to save and leave; `intent` is the status it gets then."""
        self.intent = intent
        self.worker.stop()

    def run(self) -> None:
        """Thread: begin the run, record it to its end, and write how it was meant to end."""
        try:
            with History.open(self._history) as history:
                self._follow(history)
        except (BadInput, OSError) as error:
            self._fail(f"{error}")
        finally:
            self.worker.close()

    def _follow(self, history: History) -> None:
        try:
            launch.start_run(history, self.run_id, self.worker)
        except BadInput as error:
            history.set_status(self.run_id, "failed", str(error))
            self._fail(str(error))
            return
        status = launch.record(self.worker, history, self.run_id, self._events.append)
        if status == "stopped" and self.intent == "paused":
            history.set_status(self.run_id, "paused")

    def _fail(self, sentence: str) -> None:
        self._events.append(Event(kind="failed", time=time.time(), text=sentence))


class Check(QThread):
    """Asks a child process about a teacher; `answer` is ready when the thread has finished."""

    def __init__(self, job: dict[str, Any], worker: launch.Worker) -> None:
        super().__init__()
        self.job, self.worker = job, worker
        self.answer: dict[str, Any] = {}

    def run(self) -> None:
        """Thread: submit the job and wait for its result or its sentence."""
        try:
            self.worker.submit(self.job)
            for event in self.worker.events():
                if event.kind == "result" and isinstance(event.data.get("check"), dict):
                    self.answer = event.data["check"]
                elif event.kind == "failed":
                    self.answer = {"error": event.text}
        finally:
            self.worker.close()


class Runner(QObject):
    """The queue of runs. Methods raise BadInput where the history refuses.

    `events(run id, list of Events)` comes at most ten times a second; `changed` when a run begins,
    ends or moves; `checked(dict)` answers `check_teacher`: the teacher's health or {"error": ...}.
    """

    events = Signal(str, list)
    changed = Signal()
    checked = Signal(dict)

    def __init__(
        self,
        history: Path,
        parent: QObject | None = None,
        command: Sequence[str] | None = None,
    ) -> None:
        super().__init__(parent)
        self._path = history
        self._command = command
        self._warm = launch.Warm(command)
        self._opened: History | None = None
        self._pump: Pump | None = None
        self._check: Check | None = None
        self._old_checks: list[Check] = []
        self._held = False
        self._closed = False
        self._clock = timer(self, EVERY, self._hand_over)
        self._warmer = timer(self, WARM_AFTER, self._refill, once=True)

    # --- what a person asks for ---------------------------------------------------------------

    def start(self, spec: RunSpec, demo: bool = False) -> str:
        """Store a run and begin it now, or next where another one is at work; return its id."""
        run_id = self._history.add_run(spec, demo=demo)
        self._to_front(run_id)
        return run_id

    def enqueue(self, spec: RunSpec) -> str:
        """Store a run at the end of the queue and return its id."""
        run_id = self._history.add_run(spec)
        self.changed.emit()
        self._next()
        return run_id

    def resume(self, run_id: str) -> None:
        """Go on with a paused, interrupted, stopped or failed run, or start a queued one next."""
        if run_id != self.active():
            self._to_front(run_id)

    def pause(self, run_id: str) -> None:
        """Save the active run and leave it paused; the queue waits until a run is resumed."""
        if self._pump is not None and run_id == self._pump.run_id and not self._pump.intent:
            self._held = True
            self._pump.end("paused")
            self.changed.emit()

    def stop(self, run_id: str) -> None:
        """End the active run, keeping what it saved, or take a run out of the queue."""
        if self._pump is not None and run_id == self._pump.run_id:
            self._pump.end("stopped")
        elif run_id in self.queue():
            self._history.set_status(run_id, "stopped")
        self.changed.emit()

    def move(self, run_id: str, steps: int) -> None:
        """Move a queued run up (negative) or down the queue."""
        move(self._history, run_id, steps)
        self.changed.emit()

    def check_teacher(self, spec: RunSpec) -> None:
        """Ask a child process how good the spec's teacher is on its data; `checked` answers."""
        self.cancel_check()
        job = {
            "task": "check", "spec": spec.model_dump(mode="json"),
            "cache": str(paths.cache_folder(self._path)),
        }  # fmt: skip
        try:
            job["teachers"] = teachers(self._history, spec)
            worker = self._take()
        except BadInput as error:
            self.checked.emit({"error": str(error)})
            return
        self._check = Check(job, worker)
        self._check.finished.connect(self._check_ended)
        self._check.start()

    def cancel_check(self) -> None:
        """Forget the check at work, if any; nothing is said about it."""
        if self._check is not None:
            self._check.worker.kill()
            self._old_checks.append(self._check)
            self._check = None

    # --- how things stand ---------------------------------------------------------------------

    def active(self) -> str | None:
        """The id of the run at work, if any."""
        return self._pump.run_id if self._pump is not None else None

    def ending(self) -> str:
        """ "paused" or "stopped" while the active run saves its state, else ""."""
        return self._pump.intent if self._pump is not None else ""

    def queue(self) -> list[str]:
        """The ids of the waiting runs in their order."""
        return waiting(self._history)

    # --- start-up and the end -----------------------------------------------------------------

    def keep_warm(self) -> None:
        """Have an idle child ready a few seconds from now; call it once the window is shown."""
        if not self._closed:
            self._warmer.start()

    def shutdown(self) -> None:
        """Pause the active run and end every child and thread; takes up to ten seconds."""
        self._closed = True
        self._warmer.stop()
        self.cancel_check()
        if self._pump is not None:
            pump = self._pump
            pump.end(pump.intent or "paused")
            if not pump.wait(int(1000 * launch.GRACE) + PATIENCE):
                pump.worker.kill()
                pump.wait()
            self._run_ended()
        for check in self._old_checks:
            check.wait()
        self._old_checks.clear()
        self._warm.close()
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    # --- inside -------------------------------------------------------------------------------

    @property
    def _history(self) -> History:
        """This thread's own connection, opened on first use."""
        if self._opened is None:
            self._opened = History.open(self._path)
        return self._opened

    def _to_front(self, run_id: str) -> None:
        to_front(self._history, run_id)
        self._held = False
        self.changed.emit()
        self._next()

    def _next(self) -> None:
        """Begin the first waiting run unless one is at work or the queue is held."""
        if self._pump is not None or self._held or self._closed:
            return
        line = self.queue()
        if not line:
            return
        try:
            worker = self._take()
        except BadInput as error:
            self._history.set_status(line[0], "failed", str(error))
            self.changed.emit()
            return
        self._pump = Pump(self._path, line[0], worker)
        self._pump.finished.connect(self._run_ended)
        self._pump.start()
        self._clock.start()
        self.changed.emit()

    def _take(self) -> launch.Worker:
        worker = self._warm.take()
        self.keep_warm()
        return worker

    def _refill(self) -> None:
        with contextlib.suppress(BadInput):  # the next run says why no child can be started
            self._warm.refill()

    def _hand_over(self) -> None:
        if self._pump is not None:
            events = self._pump.take()
            if events:
                self.events.emit(self._pump.run_id, events)

    def _run_ended(self) -> None:
        """The pump has finished: tell its last events and begin the next run."""
        if self._pump is None:
            return  # shutdown was here first
        self._clock.stop()
        self._hand_over()
        pump, self._pump = self._pump, None
        pump.wait()
        self.changed.emit()
        self._next()

    def _check_ended(self) -> None:
        check = self._check
        self._old_checks = [one for one in self._old_checks if not one.isFinished()]
        if check is None or not check.isFinished():
            return  # a check that was cancelled
        self._check = None
        check.wait()
        prints = [check.answer.get(key) for key in ("teacher", "data")]
        if all(isinstance(one, str) and one for one in prints):
            # an answer that cannot be kept is shown all the same, and measured again next time
            with contextlib.suppress(BadInput):
                self._history.save_check(str(prints[0]), str(prints[1]), check.answer)
        self.checked.emit(check.answer)
