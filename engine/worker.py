"""The child process: imports torch, waits for one job line, works, and tells events on stdout."""

from __future__ import annotations

import json
import os
import re
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from engine.errors import BadInput, Stopped
from engine.events import Event

Send = Callable[[Event], None]


def main() -> int:
    """Serve the one job that arrives on stdin; end of input before it means nothing to do."""
    lines = _take_stdout()
    _load_heavy()
    first = sys.stdin.readline()
    if not first.strip():
        return 0
    job = json.loads(first)
    if job.get("log"):
        _log_to(Path(job["log"]))
    stop = threading.Event()
    threading.Thread(target=_watch, args=(stop,), daemon=True, name="stop-watch").start()
    lock = threading.Lock()

    def send(event: Event) -> None:
        with lock:
            lines.write(event.line() + "\n")
            lines.flush()

    return serve(job, send, stop)


def serve(job: dict[str, Any], send: Send, stop: threading.Event) -> int:
    """Do one job and end with exactly one of finished, failed, stopped."""
    try:
        task = {"run": _run, "check": _check}[job["task"]]
        task(job, send, stop)
    except Stopped as stopped:
        return _end(send, "stopped", str(stopped) or "Stopped on request; the state is saved.")
    except BadInput as error:
        return _end(send, "failed", str(error))
    except MemoryError:
        return _end(send, "failed", _NO_MEMORY)
    except BrokenPipeError:
        return 1
    except Exception as error:  # the process boundary: whatever it is, the person gets a sentence
        traceback.print_exc()
        return _end(send, "failed", _words(error))
    return _end(send, "finished", "Finished.")


_PATH = re.compile(r"""(?:[A-Za-z]:)?[\\/][^\s'":]*[\\/][^\s'":]*""")
_NO_MEMORY = "There was not enough memory. Try a smaller batch or a shorter longest sentence."


def _words(error: Exception) -> str:
    if "out of memory" in str(error).lower() or "can't allocate memory" in str(error).lower():
        return _NO_MEMORY
    if isinstance(error, OSError):
        return f"The system refused a file ({error.strerror or error}); the log has the details."
    first = _PATH.sub("a file", (str(error).splitlines() or [""])[0])[:200]
    return f"The run hit an error inside Thimble ({type(error).__name__}: {first}); the log has the details."


def _end(send: Send, kind: Any, text: str) -> int:
    send(Event(kind=kind, time=time.time(), text=text))
    return 0 if kind == "finished" else 1


def _run(job: dict[str, Any], send: Send, stop: threading.Event) -> None:
    """Prepare, let the method train, export and measure."""
    from engine.finish import announce, measure, prepare
    from engine.job import Job
    from engine.spec import make_spec

    spec = make_spec(job["spec"])
    packages = {run: Path(folder) for run, folder in job.get("teachers", {}).items()}
    work = Job(spec, Path(job["folder"]), Path(job["cache"]), send, stop=stop, packages=packages)
    announce(work)
    prepare(work)
    student = work.method.run(work, work.params)
    measure(work, student)


def _check(job: dict[str, Any], send: Send, stop: threading.Event) -> None:
    """Measure the teacher on the validation split and say whether it is worth learning from."""
    import tempfile

    from engine.finish import check_teacher
    from engine.job import Job
    from engine.spec import make_spec

    packages = {run: Path(folder) for run, folder in job.get("teachers", {}).items()}
    with tempfile.TemporaryDirectory(prefix="thimble-check-") as folder:
        work = Job(
            make_spec(job["spec"]),
            Path(folder),
            Path(job["cache"]),
            send,
            stop=stop,
            packages=packages,
        )
        work.stage_title = work.stages[0]
        work.prepare()
        work.send("result", data={"check": check_teacher(work)})


def _take_stdout() -> IO[str]:
    """Keep stdout for events; whatever else prints goes to stderr, which is the log."""
    own = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(own, "w", encoding="utf-8", newline="\n")


def _log_to(path: Path) -> None:
    """Send everything that is printed to the end of the run's log."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    os.dup2(handle, 1)
    os.dup2(handle, 2)
    os.close(handle)


def _load_heavy() -> None:
    """Import what every run needs, while the person is still choosing."""
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    import engine.finish
    import engine.loop  # noqa: F401


def _watch(stop: threading.Event) -> None:
    """The end of stdin is the word for stop: from the button, or because the parent is gone."""
    while sys.stdin.readline():
        pass
    stop.set()
