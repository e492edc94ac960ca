"""The child process: clean event lines, one ending, and every failure in a sentence."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from engine import worker
from engine.errors import BadInput, Stopped
from engine.events import ENDINGS, Event, parse

COMMAND = [sys.executable, "-m", "engine", "worker"]
LOUD = """
import os, sys
from engine import worker
def loud(job, send, stop):
    print("a stray line"); os.write(1, b"a raw line\\n"); os.system("echo from a grandchild")
    raise ValueError("first line\\nsecond")
worker._run = loud
worker._load_heavy = lambda: None
sys.exit(worker.main())
"""


def serve(
    failure: BaseException | None, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, list[Event]]:
    """Serve one job whose task ends with `failure`."""

    def task(job: Any, send: Any, stop: Any) -> None:
        if failure is not None:
            raise failure

    monkeypatch.setattr(worker, "_run", task)
    events: list[Event] = []
    return worker.serve({"task": "run"}, events.append, threading.Event()), events


@pytest.mark.parametrize(
    ("failure", "status", "kind", "words"),
    [
        (None, 0, "finished", "Finished."),
        (Stopped(), 1, "stopped", "Stopped on request; the state is saved."),
        (BadInput("The file is empty."), 1, "failed", "The file is empty."),
        (MemoryError(), 1, "failed", "There was not enough memory."),
        (RuntimeError("CUDA out of memory. Tried"), 1, "failed", "There was not enough memory."),
        (
            RuntimeError("DefaultCPUAllocator: can't allocate memory"),
            1,
            "failed",
            "There was not enough memory.",
        ),
        (
            PermissionError(13, "Permission denied", "/home/me/x"),
            1,
            "failed",
            "refused a file (Permission denied)",
        ),
        (
            ZeroDivisionError("division by zero"),
            1,
            "failed",
            "(ZeroDivisionError: division by zero)",
        ),
    ],
)
def test_each_end_is_one_event(
    failure: Exception | None, status: int, kind: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, events = serve(failure, monkeypatch)
    assert code == status
    assert [event.kind for event in events] == [kind]
    assert words in events[0].text


@pytest.mark.parametrize(
    "text",
    [
        "cannot open /home/me/private/file.txt",
        'Error at "/opt/thimble/engine/loop.py": bad',
        r"cannot open C:\Users\me\file.txt now",
        "x" * 10**6,
        "one\n  File '/a/b.py', line 3\nTraceback",
        "",
    ],
)
def test_a_surprise_is_one_sentence_without_paths(
    text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, events = serve(ValueError(text), monkeypatch)
    sentence = events[0].text
    assert sentence.startswith("The run hit an error inside Thimble (ValueError: ")
    assert sentence.endswith("); the log has the details.")
    assert len(sentence) < 300
    for part in ("\n", "/home", "/opt", "Users", "Traceback"):
        assert part not in sentence
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_reader_that_is_gone_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    assert serve(BrokenPipeError(), monkeypatch) == (1, [])


def test_an_unknown_task_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[Event] = []
    assert worker.serve({"task": "dance"}, events.append, threading.Event()) == 1
    assert [event.kind for event in events] == ["failed"]


def test_prints_never_reach_the_events(tmp_path: Path) -> None:
    job = json.dumps({"task": "run", "log": str(tmp_path / "logs" / "run.log")})
    found = subprocess.run(
        [sys.executable, "-c", LOUD], input=job + "\n", capture_output=True, text=True
    )
    events = [parse(line) for line in found.stdout.splitlines()]
    log = (tmp_path / "logs" / "run.log").read_text()
    assert [event and event.kind for event in events] == ["failed"]
    assert all(
        line in log
        for line in ("a stray line", "a raw line", "from a grandchild", "Traceback", "second")
    )
    assert (found.returncode, found.stderr) == (1, "")


def test_without_a_log_prints_go_to_the_error_stream() -> None:
    found = subprocess.run(
        [sys.executable, "-c", LOUD], input='{"task": "run"}\n', capture_output=True, text=True
    )
    assert [event and event.kind for event in map(parse, found.stdout.splitlines())] == ["failed"]
    assert "a raw line" in found.stderr


def test_closed_before_a_job_there_is_nothing_to_do() -> None:
    found = subprocess.run(COMMAND, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (0, "")


def test_a_real_run_speaks_events_alone(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = {
        "task": "run", "run": "r", "folder": str(tmp_path / "run"), "cache": str(tmp_path / "cache"),
        "spec": {**tiny_run, "training": {**tiny_run["training"], "epochs": 1}}, "log": str(tmp_path / "log"),
    }  # fmt: skip
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        child.stdin.write(json.dumps(job) + "\n")
        child.stdin.flush()
        events = [parse(line) for line in child.stdout]
    assert None not in events
    kinds = [event.kind for event in events if event]
    assert kinds[0] == "started"
    assert kinds[-1] == "finished"
    assert sum(kind in ENDINGS for kind in kinds) == 1


def test_a_check_says_whether_the_teacher_is_any_good(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    job = {"task": "check", "spec": tiny_run, "cache": str(tmp_path / "cache")}
    assert worker.serve(job, events.append, threading.Event()) == 0
    (result,) = [event for event in events if event.kind == "result"]
    assert result.data["check"]["untrained"] is True
    assert result.data["check"]["majority"] == 0.5
    assert events[-1].kind == "finished"
