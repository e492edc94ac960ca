"""Runs in child processes: a warm worker, the start of a run, and the pump into the history."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engine import paths
from engine.child import GRACE, LOG_NAME, Worker, worker_command
from engine.errors import BadInput
from engine.events import Event, parse
from engine.history import History
from engine.recording import STATE_CHANGES

__all__ = [
    "GRACE", "LOG_NAME", "Warm", "Worker", "record", "run_job", "start_run", "worker_command",
]  # fmt: skip

FLUSH = 0.25  # seconds between two writes of points into the history


class Warm:
    """Keeps one idle worker ready, so that a run starts without waiting for torch."""

    def __init__(self, command: Sequence[str] | None = None) -> None:
        self._command = command
        self._idle: Worker | None = None

    def refill(self) -> None:
        """Start a worker unless a living one waits already."""
        if self._idle and self._idle.alive:
            return
        self.close()
        self._idle = Worker(self._command).start()

    def take(self) -> Worker:
        """The waiting worker, or a fresh one; call `refill` when there is time for the next."""
        self.refill()
        worker, self._idle = self._idle, None
        assert worker is not None
        return worker

    def close(self) -> None:
        """End the waiting worker; it has nothing to save."""
        if self._idle:
            self._idle.kill()
            self._idle.close()
        self._idle = None


def run_job(history: History, run_id: str) -> dict[str, Any]:
    """The job line of a run; a teacher that is an earlier run is looked up here."""
    run = history.run(run_id)
    teacher = run.spec.get("teacher", {})
    teachers: dict[str, str] = {}
    if teacher.get("source") == "run":
        earlier = history.run(str(teacher.get("id")))
        if earlier.package is None or not earlier.package.is_dir():
            raise BadInput(
                f'The teacher "{earlier.name}" has no finished package; finish that run first.',
                "teacher.id",
            )
        teachers[teacher["id"]] = str(earlier.package)
    return {
        "task": "run", "run": run.id, "folder": str(run.folder), "spec": run.spec,
        "history": str(history.path), "cache": str(paths.cache_folder(history.path)),
        "teachers": teachers,
    }  # fmt: skip


def start_run(history: History, run_id: str, worker: Worker | None = None) -> Worker:
    """Begin or continue a run in `worker` (a warm one), or in a fresh process."""
    job = run_job(history, run_id)
    _catch_up(history, run_id, Path(job["folder"]))
    if worker is None:
        worker = Worker().start(None)
    try:
        history.begin(run_id, worker.pid)
    except BaseException:
        worker.kill()
        worker.close()
        raise
    worker.submit(job)
    return worker


def _catch_up(history: History, run_id: str, folder: Path) -> None:
    """Record what the run said before a kill, when nobody wrote it into the history any more."""
    try:
        lines = paths.told_file(folder).read_text("utf-8", "replace").split("\n")
    except OSError:
        return  # a new run
    told = [event for event in map(parse, lines) if event]
    history.record(run_id, [event for event in told if event.kind in ("scalar", "layers", "note")])


def record(
    worker: Worker,
    history: History,
    run_id: str,
    on_event: Callable[[Event], None] | None = None,
) -> str:
    """Pump a worker's events into the history until it ends; return the run's final status.

    A history that cannot be written for a while (locked, disk full) is tried again at every
    flush; only when that still fails at the end is BadInput raised. If `on_event` raises, the
    worker is asked to stop and the error goes on.
    """
    waiting: list[Event] = []
    due = time.monotonic() + FLUSH
    try:
        while not worker.ended:
            fresh = worker.read(FLUSH)
            waiting += fresh
            if on_event:
                for event in fresh:
                    on_event(event)
            urgent = any(one.kind in STATE_CHANGES for one in fresh)
            if waiting and (urgent or time.monotonic() >= due):
                with contextlib.suppress(BadInput):
                    history.record(run_id, waiting)
                    waiting = []
                due = time.monotonic() + FLUSH
        if waiting:
            history.record(run_id, waiting)
    finally:
        worker.close()
    run = history.run(run_id)
    if run.status == "finished":
        _tidy(run.folder)
    return run.status


def _tidy(folder: Path) -> None:
    """Remove what only an unfinished run needs, and the drafts of exports that were killed."""
    for one in (paths.work_folder(folder), *folder.glob(".package-*")):
        shutil.rmtree(one, ignore_errors=True)
