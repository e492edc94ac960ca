"""`run` and `resume`: a run in a child process, recorded in the history, told on the terminal."""

from __future__ import annotations

import argparse
import queue
import signal
import sys
import threading
import time
from pathlib import Path
from types import FrameType
from typing import Any

from engine import launch, wording
from engine.cli.opening import open_history, package_folder
from engine.cli.output import blank, facts, say, write_line
from engine.cli.progress import Screen, make_screen
from engine.data import load_data
from engine.errors import BadInput
from engine.events import Event
from engine.files import anchored_run, check_files
from engine.history import History
from engine.pairing import without_teacher
from engine.records import RunRecord
from engine.sentence import sentence
from engine.spec import HubData, HubTeacher, HubText, RunSpec, RunTeacher, read_spec
from engine.teacher import inspect_teacher
from engine.text import load_text

STATUS = {"finished": 0, "stopped": 130, "paused": 130}


def run(given: argparse.Namespace) -> int:
    """Start a run file's run and stay with it; bad input leaves no run behind.

    With `--baseline` the same student is trained without its teacher afterwards.
    """
    spec = read_spec(given.spec)
    with open_history(given, create=True) as history:
        worker = launch.Worker().start()
        try:
            # The child imports torch meanwhile.
            spec = _checked(_pinned(spec, given.spec.parent, history), history)
            baseline = without_teacher(spec) if given.baseline else None
            # Not "queued": an open window would start it too.
            run_id = history.add_run(spec, status="interrupted")
            status = _follow(given, history, run_id, worker)
        finally:
            worker.kill()
            worker.close()
        return status if baseline is None else _then(given, history, baseline, status)


def _then(given: argparse.Namespace, history: History, baseline: RunSpec, status: int) -> int:
    """Go on with the baseline if its run has finished; return the exit status of both."""
    if status:
        Screen().say(f'"{baseline.name}" was not begun: the run before it did not finish.')
        return status
    if not given.json:
        blank()
    run_id = history.add_run(baseline, status="interrupted")
    return _follow(given, history, run_id, None)


def resume(given: argparse.Namespace) -> int:
    """Continue a run that has not finished from its last checkpoint."""
    with open_history(given) as history:
        found = history.run(given.run)
        if found.status == "finished":
            raise BadInput(f'The run "{found.name}" is finished; there is nothing to resume.')
        if found.status == "running":
            raise BadInput(f'The run "{found.name}" is at work in another process; stop it there.')
        return _follow(given, history, found.id, None)


def _pinned(spec: RunSpec, folder: Path, history: History) -> RunSpec:
    """The spec with full paths and run ids, so that a resume elsewhere means the same files."""
    spec = anchored_run(spec, folder)
    teacher = spec.teacher
    if isinstance(teacher, RunTeacher):
        teacher = teacher.model_copy(update={"id": history.run(teacher.id).id})
    return spec.model_copy(update={"teacher": teacher})


def _checked(spec: RunSpec, history: History) -> RunSpec:
    """Refuse what the run could not use; what lies on the hub is left to the run itself."""
    check_files(spec.descriptor, spec.params)
    if not isinstance(spec.teacher, HubTeacher):
        packages = {}
        if isinstance(spec.teacher, RunTeacher):
            packages[spec.teacher.id] = package_folder(history.run(spec.teacher.id))
        spec.descriptor.check(spec.params, inspect_teacher(spec.teacher, packages).shape)
    data = None if isinstance(spec.data, HubData) else load_data(spec.data, spec.seed)
    wants_text = spec.descriptor.reads_text(spec.params) and not isinstance(spec.text, HubText)
    if wants_text and data is not None:
        load_text(spec.text, data)
    return spec


def _follow(
    given: argparse.Namespace, history: History, run_id: str, worker: launch.Worker | None
) -> int:
    """Begin the run, tell and record it to its end, and return the exit status."""
    name = history.run(run_id).name
    screen = make_screen(quiet=given.json and sys.stdout.isatty())
    with screen, StopKeys(screen) as keys:
        worker = launch.start_run(history, run_id, worker)
        keys.follow(worker)
        teller = Teller(given.json, screen, worker)
        teller.introduce(run_id, name)
        try:
            launch.record(worker, history, run_id, teller)
        except BadInput as error:  # the history could not be written; the run's folder is whole
            screen.say(f"{error} Then thimble resume {run_id} goes on from here.")
            return 1
    found = history.run(run_id)
    if teller.unheard:
        raise BrokenPipeError
    _conclude(found, screen, given.json)
    return STATUS.get(found.status, 1)


def _conclude(found: RunRecord, screen: Screen, as_json: bool) -> None:
    """Say how it ended: the result to stdout, everything else to stderr."""
    if found.status == "failed":
        screen.say(found.error)
    elif found.status != "finished":
        screen.say(f"Stopped; thimble resume {found.id} goes on from here.")
    elif not as_json:
        print_result(found)


def print_result(found: RunRecord) -> None:
    """The run's sentence, and where its package lies."""
    result = found.result
    span = wording.span(found.accuracy_low, found.accuracy_high)
    say(sentence(found))
    facts(
        [
            ("Run", found.id),
            ("Accuracy", f"{wording.percent(found.accuracy)} (95 % range {span})"),
            ("Size", f"{wording.size(found.bytes)}, teacher {wording.size(found.teacher_bytes)}"),
            ("Parameters", wording.parameters(result.get("parameters"))),
            ("Latency", wording.latency(found.latency)),
            ("Package", found.package or ""),
        ]
    )


class Teller:
    """Hears each event: the screen shows it, and with --json it is a line on stdout.

    When nobody reads the lines any more the run is stopped safely and `unheard` is True.
    """

    def __init__(self, as_json: bool, screen: Screen, worker: launch.Worker) -> None:
        self._json, self._screen, self._worker = as_json, screen, worker
        self.unheard = False

    def introduce(self, run_id: str, name: str) -> None:
        """Name the run; in JSON as a first note with data.run."""
        self._screen.say(f"{name}: run {run_id}")
        if self._json:
            data = {"level": "info", "run": run_id}
            self._write(Event(kind="note", time=time.time(), text=f"Run {run_id}", data=data))

    def __call__(self, event: Event) -> None:
        self._screen.show(event)
        if self._json and not self.unheard:
            self._write(event)

    def _write(self, event: Event) -> None:
        try:
            write_line(event.line())
        except BrokenPipeError:
            self.unheard = True
            self._worker.stop()


class StopKeys:
    """Ctrl+C and SIGTERM stop the run safely; a second one ends it at once."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM)

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._asked: queue.SimpleQueue[bool] = queue.SimpleQueue()  # safe to use in a handler
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> StopKeys:
        if threading.current_thread() is threading.main_thread():
            for one in self.SIGNALS:
                self._before[one] = signal.signal(one, self._note)
        return self

    def __exit__(self, *_: object) -> None:
        for one, handler in self._before.items():
            signal.signal(one, handler)
        self._asked.put(False)

    def follow(self, worker: launch.Worker) -> None:
        """From now on, and for what was asked before, stop this worker."""
        threading.Thread(target=self._serve, args=(worker,), daemon=True, name="stop-keys").start()

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._asked.put(True)

    def _serve(self, worker: launch.Worker) -> None:
        if self._asked.get():
            self._screen.say("Saving and stopping; once more ends the run at once.")
            worker.stop()
            while self._asked.get():
                worker.kill()
