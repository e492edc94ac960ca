"""One worker process: start, talk, stop, and an ending in words however it dies."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import sysconfig
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engine.deaths import how_it_died
from engine.errors import BadInput
from engine.events import ENDINGS, LONGEST_LINE, Event, parse
from engine.processes import end_group

GRACE = 10.0  # seconds a stopped run has for saving, and a finished one for leaving
LOG_NAME = "log.txt"
_TICK = 0.1
_SILENCE = 0.5  # a dead worker's last lines arrive within this time
_AT_ONCE = 1000  # events handed out in one go
_LONGEST_TAIL = 20_000


def worker_command() -> list[str]:
    """The command line of a worker; a frozen build would name its own executable here."""
    return [sys.executable, "-m", "engine", "worker"]


class Worker:
    """One child process that imports torch, waits for a job line and then tells events.

    Its stdin stays open while it may work: closing it, or dying, is the word for stop. `stop`,
    `kill`, `pid` and `alive` may be used from any thread, the rest from one.
    """

    def __init__(self, command: Sequence[str] | None = None, grace: float = GRACE) -> None:
        self.command = list(command) if command else worker_command()
        self.grace = grace
        self.log: Path | None = None
        self.ended = False  # the ending event has been read
        self._process: subprocess.Popen[bytes] | None = None
        self._lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self._reader: threading.Thread | None = None
        self._log_start = 0
        self._spare_log: Path | None = None
        self._stop_asked = 0.0
        self._killed = ""

    def start(self, log: Path | None = None) -> Worker:
        """Start the process; its words go to the end of `log`, else to a temporary file."""
        if log is None:
            handle, name = tempfile.mkstemp(prefix="thimble-", suffix=".log")
            os.close(handle)
            log = self._spare_log = Path(name)
        try:
            with log.open("ab") as stderr:
                self._log_start = stderr.tell()
                self._process = subprocess.Popen(
                    self.command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
                    env=_environment(), bufsize=-1, **_own_group(),
                )  # fmt: skip
        except OSError as error:
            raise BadInput(f"The run could not be started: {error.strerror or error}.") from None
        self.log = log
        self._reader = threading.Thread(target=self._read_lines, daemon=True, name="worker-lines")
        self._reader.start()
        return self

    def submit(self, job: dict[str, Any]) -> None:
        """Send the one job line; a job with a folder moves the log there ("log" in the job)."""
        if self._spare_log and job.get("folder"):
            self.log = Path(job["folder"]) / LOG_NAME
            self._log_start = self.log.stat().st_size if self.log.exists() else 0
            job = {**job, "log": str(self.log)}
        line = json.dumps(job, allow_nan=False) + "\n"
        stdin = self._running.stdin
        assert stdin is not None
        with contextlib.suppress(OSError, ValueError):  # a dead worker shows as a failed event
            stdin.write(line.encode())
            stdin.flush()

    def events(self) -> Iterator[Event]:
        """Every event until the ending, which comes exactly once, whatever happens."""
        while not self.ended:
            yield from self.read(_TICK)

    def read(self, timeout: float) -> list[Event]:
        """The events that are there, waiting up to `timeout` seconds for a first one.

        The last event of a worker is its ending; a worker that dies or hangs gets one invented.
        """
        limit = time.monotonic() + timeout
        found: list[Event] = []
        while not self.ended and not found:
            self._end_if_late()
            left = limit - time.monotonic()
            found = self._arrived(max(0.0, min(_TICK, left))) or self._invented()
            self.ended = any(one.kind in ENDINGS for one in found)
            if left <= 0:
                break
        return found

    def stop(self) -> None:
        """Ask the run to save its state and leave."""
        self._stop_asked = self._stop_asked or time.monotonic()
        process = self._process
        if process and process.stdin:
            with contextlib.suppress(OSError, ValueError):
                process.stdin.close()

    def kill(self, why: str = "The run was ended at once.") -> None:
        """End the process and everything it started."""
        process = self._process
        if process and process.poll() is None:
            self._killed = self._killed or why
            end_group(process.pid)

    def wait(self, timeout: float) -> bool:
        """Wait for the process to leave; False when it is still there."""
        try:
            self._running.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        return True

    def close(self) -> None:
        """Let the process leave within the grace period, else end it; frees every handle."""
        self.stop()
        if self._process is None:
            return
        if not self.wait(self.grace):
            self.kill()
            self.wait(self.grace)
        self._end_leftovers()
        self._join_logs()
        if self._spare_log:
            self._spare_log.unlink(missing_ok=True)

    @property
    def pid(self) -> int:
        """The process id."""
        return self._running.pid

    @property
    def alive(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise RuntimeError("the worker was not started")
        return self._process

    def _read_lines(self) -> None:
        """Reader thread: whole lines into the queue until nobody holds the pipe."""
        stdout = self._running.stdout
        assert stdout is not None
        with stdout, contextlib.suppress(OSError, ValueError):
            while line := stdout.readline(LONGEST_LINE):
                self._lines.put(line)

    def _arrived(self, timeout: float) -> list[Event]:
        """What is in the queue, at most up to an ending; lines that are no events are dropped."""
        found: list[Event] = []
        with contextlib.suppress(queue.Empty):
            for place in range(_AT_ONCE):
                line = self._lines.get(block=place == 0, timeout=timeout)
                event = parse(line.decode("utf-8", "replace"))
                if event:
                    found.append(event)
                    if event.kind in ENDINGS:
                        break
        return found

    def _end_if_late(self) -> None:
        """End a worker that was asked to stop and has used up its grace period."""
        if self._stop_asked and time.monotonic() - self._stop_asked > self.grace:
            self.kill(
                f"The run did not stop within {self.grace:g} seconds and was ended; what it did"
                " since its last checkpoint is lost."
            )

    def _invented(self) -> list[Event]:
        """The ending of a worker that is gone without a word; nothing while it lives."""
        if self.alive:
            return []
        self._end_leftovers()
        last_words = self._arrived(0)
        if last_words:
            return last_words
        now = time.time()
        if self._killed:
            warning = Event(kind="note", time=now, text=self._killed, data={"level": "warning"})
            return [warning, Event(kind="stopped", time=now, text=self._killed)]
        self._join_logs()
        reason = how_it_died(self._running.returncode, _tail(self.log, self._log_start))
        return [Event(kind="failed", time=now, text=reason)]

    def _end_leftovers(self) -> None:
        """Wait for a dead worker's last lines, then end what it started and left behind."""
        if self._reader:
            self._reader.join(_SILENCE)
            if self._reader.is_alive():  # someone holds the pipe, so the group still exists
                end_group(self._running.pid)
                self._reader.join(_SILENCE)

    def _join_logs(self) -> None:
        """Carry over to the run's log what a warm worker said before it knew the run."""
        spare = self._spare_log
        if spare is None or self.log is None or self.log == spare:
            return
        with contextlib.suppress(OSError):
            with self.log.open("ab") as target:
                target.write(spare.read_bytes())
            spare.unlink()
            self._spare_log = None


def _environment() -> dict[str, str]:
    """UTF-8 everywhere, and the engine found wherever the child's working folder is."""
    # Spinning OpenMP threads make a shared processor ten times slower; passive ones cost little.
    found = {"OMP_WAIT_POLICY": "PASSIVE", **os.environ}
    found |= {"PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1", "PYTHONSAFEPATH": "1"}
    root = str(Path(__file__).resolve().parent.parent)
    if root not in (sysconfig.get_path("purelib"), sysconfig.get_path("platlib")):
        found["PYTHONPATH"] = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return found


def _own_group() -> dict[str, Any]:
    """Ctrl+C in the terminal must not reach the child before it has saved."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
    return {"start_new_session": True}


def _tail(log: Path | None, start: int) -> str:
    """What a worker wrote to its log last."""
    if log is None:
        return ""
    try:
        with log.open("rb") as file:
            end = file.seek(0, os.SEEK_END)
            file.seek(max(start, end - _LONGEST_TAIL))
            return file.read(_LONGEST_TAIL).decode("utf-8", "replace")
    except OSError:
        return ""
