"""A run's process is started, heard, stopped, and has one ending in words however it dies."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from engine import paths, store
from engine.deaths import how_it_died, last_words
from engine.errors import BadInput
from engine.events import Event
from engine.history import History
from engine.launch import Warm, Worker, record, run_job, start_run
from engine.spec import BundledData, BundledTeacher, RunSpec, RunTeacher
from engine.training import Training

SAY = """
import json, os, signal, subprocess, sys, time
def say(kind, **more):
    print(json.dumps({"kind": kind, "time": 1.0, **more}), flush=True)
"""
Start = Callable[..., Worker]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts a worker that runs the given Python lines."""
    workers: list[Worker] = []

    def begin(lines: str, *, log: Path | None = None, grace: float = 10.0) -> Worker:
        script = tmp_path / f"worker{len(workers)}.py"
        script.write_text(SAY + lines, "utf-8")
        worker = Worker([sys.executable, str(script)], grace=grace)
        workers.append(worker.start(log))
        return worker

    yield begin
    for worker in workers:
        worker.kill()
        worker.close()


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.sqlite") as opened:
        yield opened


def add(history: History) -> str:
    spec = RunSpec(
        name="a run", teacher=BundledTeacher(source="bundled", name="t"),
        data=BundledData(source="bundled", name="d"), method={"key": "pkd"}, training=Training(),
    )  # fmt: skip
    return history.add_run(spec)


def kinds(worker: Worker) -> list[str]:
    return [event.kind for event in worker.events()]


# --- talking --------------------------------------------------------------------------------------


def test_events_arrive_and_stray_lines_do_not(start: Start) -> None:
    worker = start(
        "say('started'); print('hello'); print('{\"kind\": 3}'); print('\\udcff[1', flush=True)\n"
        "sys.stdout.buffer.write(b'\\xff\\xfe\\n'); say('note', text='größe'); say('finished')"
    )
    events = list(worker.events())
    assert [event.kind for event in events] == ["started", "note", "finished"]
    assert events[1].text == "größe"


def test_the_job_is_one_line_and_nothing_comes_after_the_ending(start: Start) -> None:
    worker = start(
        "job = json.loads(sys.stdin.readline()); say('note', text=job['name'])\n"
        "say('finished'); say('failed'); say('note')"
    )
    worker.submit({"name": "two\nlines, größe"})
    assert [(event.kind, event.text) for event in worker.events()] == [
        ("note", "two\nlines, größe"), ("finished", ""),
    ]  # fmt: skip


def test_a_stop_closes_stdin_and_the_run_says_stopped(start: Start) -> None:
    worker = start("say('started'); sys.stdin.read(); say('stopped', text='Saved.')")
    assert [event.kind for event in worker.read(10)] == ["started"]
    worker.stop()
    assert [event.text for event in worker.events()] == ["Saved."]


def test_the_engine_is_found_from_any_folder(tmp_path: Path) -> None:
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "__init__.py").write_text("raise SystemExit(9)")
    code = (
        "import sys; from engine.launch import Worker\n"
        "worker = Worker([sys.executable, '-c', 'import engine.events as e; print(e.__file__)'])\n"
        "worker.start(); worker.wait(30); print(worker._lines.get().decode()); worker.close()"
    )
    root = str(Path(store.__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": root, "PYTHONSAFEPATH": "1"}
    found = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert found.stdout.strip().startswith(root), found.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="sessions are a POSIX notion")
def test_ctrl_c_in_the_terminal_does_not_reach_the_worker(start: Start) -> None:
    worker = start("sys.stdin.read()")
    assert os.getsid(worker.pid) == worker.pid != os.getsid(0)


def test_a_worker_stops_when_its_parent_is_killed(tmp_path: Path) -> None:
    child = "import sys; sys.stdin.read(); open(sys.argv[1], 'w').write('saved')"
    mark = tmp_path / "mark"
    code = (
        "import os, signal, sys; from engine.launch import Worker\n"
        "from pathlib import Path\n"
        f"worker = Worker([sys.executable, '-c', {child!r}, {str(mark)!r}])\n"
        f"worker.start(Path({str(tmp_path / 'log.txt')!r}))\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    subprocess.run([sys.executable, "-c", code], check=False)
    limit = time.monotonic() + 20
    while not (mark.exists() and mark.read_text()) and time.monotonic() < limit:
        time.sleep(0.05)
    assert mark.read_text() == "saved"


# --- dying ----------------------------------------------------------------------------------------


def test_a_killed_worker_is_told_as_out_of_memory(start: Start) -> None:
    worker = start("say('started'); os.kill(os.getpid(), signal.SIGKILL)")
    *_, last = worker.events()
    assert last.kind == "failed"
    assert last.text.startswith("The run was killed by the system, most likely out of memory.")


def test_an_exit_code_and_the_last_line_of_the_log_are_told(start: Start, tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_text("an earlier life\n")
    worker = start("print('no room in /home/me/x.bin', file=sys.stderr); sys.exit(3)", log=log)
    (event,) = worker.events()
    assert event.text == (
        "The run ended with exit code 3 and no further word. The log ends with: no room in x.bin"
    )
    assert log.read_text().splitlines() == ["an earlier life", "no room in /home/me/x.bin"]


def test_a_traceback_becomes_its_last_line(start: Start) -> None:
    (event,) = start("raise ValueError('it is too small')").events()
    assert event.text.endswith("The log ends with: ValueError: it is too small")
    assert "Traceback" not in event.text
    assert "worker0.py" not in event.text


def test_a_torn_last_line_is_no_event(start: Start) -> None:
    worker = start("say('note'); sys.stdout.write('{\"kind\": \"fini'); sys.stdout.flush()")
    assert kinds(worker) == ["note", "failed"]


def test_a_silent_good_exit_is_still_a_failure(start: Start) -> None:
    (event,) = start("pass").events()
    assert (event.kind, event.text[:46]) == (
        "failed",
        "The run ended without saying whether it finish",
    )


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-signal.SIGSEGV, "memory access error"), (-signal.SIGTERM, "from outside"),
        (-signal.SIGABRT, "an abort"), (-63, "from outside"), (0xC0000005, "memory access error"),
        (-1073741819, "memory access error"), (3221226505, "an abort"),
    ],
)  # fmt: skip
def test_every_way_to_die_has_words(code: int, words: str) -> None:
    assert words in how_it_died(code, "")


def test_last_words_are_one_plain_line() -> None:
    assert last_words("a\n  File x\n\x1b[31mbad\x07 C:\\Users\\me\\a.bin\n\n") == "[31mbad  a.bin"
    assert len(last_words("x" * 1000)) < 300
    assert last_words("Traceback (most recent call last):\n  File 'x'\n") == ""


def test_a_worker_that_does_not_stop_is_ended_and_says_so(start: Start) -> None:
    worker = start(
        "say('started')\nwhile True: say('note', text='busy'); time.sleep(.01)", grace=0.3
    )
    worker.read(10)
    worker.stop()
    *_, note, last = worker.events()
    assert (note.kind, note.data, last.kind) == ("note", {"level": "warning"}, "stopped")
    assert "did not stop within 0.3 seconds" in last.text
    assert not worker.alive


def test_a_kill_takes_what_the_worker_started_along(start: Start) -> None:
    worker = start(
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "say('note', text=str(child.pid)); time.sleep(60)"
    )
    (event,) = worker.read(10)
    worker.kill()
    assert kinds(worker) == ["note", "stopped"]
    assert gone(int(event.text))


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_run(start: Start) -> None:
    worker = start(
        "lines = 'import time\\nwhile 1: print(\"left over\", flush=True); time.sleep(.05)'\n"
        "child = subprocess.Popen([sys.executable, '-c', lines])\n"
        "say('note', text=str(child.pid)); os._exit(5)"
    )
    note, last = worker.events()
    assert "exit code 5" in last.text
    assert gone(int(note.text))


def gone(pid: int) -> bool:
    """Whether a process is dead soon (init may take a moment to bury it)."""
    limit = time.monotonic() + 10
    while time.monotonic() < limit:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


# --- warm workers ---------------------------------------------------------------------------------


def test_a_warm_worker_waits_and_is_replaced_when_dead() -> None:
    warm = Warm([sys.executable, "-c", "import sys; sys.stdin.readline()"])
    warm.refill()
    first = warm._idle
    assert first is not None
    first.kill()
    first.wait(10)
    second = warm.take()
    assert second is not first
    assert second.alive
    second.close()
    first.close()
    warm.refill()
    third = warm.take()
    warm.refill()
    warm.close()
    third.kill()
    third.close()


def test_a_warm_worker_s_early_words_end_in_the_run_s_log(start: Start, tmp_path: Path) -> None:
    worker = start(
        "print('early', file=sys.stderr, flush=True); job = json.loads(sys.stdin.readline())\n"
        "print('late', file=open(job['log'], 'a')); say('finished')"
    )
    spare = worker.log
    worker.submit({"folder": str(tmp_path)})
    assert kinds(worker) == ["finished"]
    worker.close()
    assert (tmp_path / "log.txt").read_text() == "late\nearly\n"
    assert spare is not None
    assert not spare.exists()


# --- into the history -----------------------------------------------------------------------------


def test_a_run_is_recorded_to_its_end(start: Start, history: History) -> None:
    run_id = add(history)
    worker = start(
        "job = json.loads(sys.stdin.readline()); say('started', data={'versions': {'torch': '2'}})\n"
        "for step in range(50): say('scalar', step=step, values={'loss': step / 2})\n"
        "say('note', text=job['run']); say('finished')"
    )
    start_run(history, run_id, worker)
    heard: list[Event] = []
    assert record(worker, history, run_id, heard.append) == "finished"
    assert history.series(run_id, "loss")[1].tolist() == [step / 2 for step in range(50)]
    assert history.notes(run_id)[0][2] == run_id
    assert (len(heard), heard[-1].kind) == (53, "finished")
    assert history.mark_interrupted() == []


def test_what_a_killed_recorder_missed_is_recorded_on_resume(
    start: Start, history: History
) -> None:
    run_id = add(history)
    told = paths.told_file(history.run(run_id).folder)
    told.parent.mkdir()
    points = [Event(kind="scalar", time=1, step=s, values={"loss": float(s)}) for s in (1, 2)]
    told.write_text("\n" + points[0].line() + '\n{"kind": "sca\n' + points[1].line(), "utf-8")
    worker = start(
        "sys.stdin.readline(); say('scalar', step=3, values={'loss': 3.0}); say('failed')"
    )
    start_run(history, run_id, worker)
    record(worker, history, run_id)
    assert history.series(run_id, "loss")[1].tolist() == [1.0, 2.0, 3.0]


def test_what_only_an_unfinished_run_needs_is_removed_at_the_end(
    start: Start, history: History
) -> None:
    for ending in ("failed", "finished"):
        run_id = add(history)
        work = paths.work_folder(history.run(run_id).folder)
        work.mkdir()
        (work.parent / ".package-0").mkdir()
        worker = start(f"sys.stdin.readline(); say('{ending}')")
        start_run(history, run_id, worker)
        assert record(worker, history, run_id) == ending
        assert work.exists() == (work.parent / ".package-0").exists() == (ending == "failed")


def test_points_are_written_while_the_run_works(start: Start, history: History) -> None:
    run_id = add(history)
    worker = start(
        "say('scalar', step=1, values={'loss': 1.0}); say('note'); time.sleep(0.6)\n"
        "say('note'); sys.stdin.read(); say('stopped')"
    )
    start_run(history, run_id, worker)
    seen: list[list[str]] = []

    def look(event: Event) -> None:
        seen.append(history.metric_names(run_id))
        if len(seen) == 3:
            worker.stop()

    assert record(worker, history, run_id, look) == "stopped"
    assert seen[-1] == ["loss"]


def test_a_dead_run_is_recorded_as_failed(start: Start, history: History) -> None:
    run_id = add(history)
    worker = start("sys.stdin.readline(); os.kill(os.getpid(), signal.SIGKILL)")
    start_run(history, run_id, worker)
    assert record(worker, history, run_id) == "failed"
    assert "out of memory" in history.run(run_id).error


def test_a_history_locked_for_a_while_loses_nothing(
    start: Start, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = add(history)
    worker = start(
        "sys.stdin.readline(); say('started')\n"
        "say('scalar', step=1, values={'loss': 1.0}); sys.stdin.read(); say('finished')"
    )
    start_run(history, run_id, worker)
    history._db.execute("PRAGMA busy_timeout = 20")
    locker = sqlite3.connect(history.path, isolation_level=None, check_same_thread=False)
    locker.execute("BEGIN IMMEDIATE")

    def listen(event: Event) -> None:
        if event.kind == "scalar":
            worker.stop()
        if event.kind == "finished":
            locker.close()

    assert record(worker, history, run_id, listen) == "finished"
    assert history.metric_names(run_id) == ["loss"]


def test_a_listener_s_error_stops_the_worker(start: Start, history: History) -> None:
    run_id = add(history)
    worker = start("say('started'); sys.stdin.read(); say('stopped')")
    start_run(history, run_id, worker)

    def break_down(event: Event) -> None:
        raise RuntimeError("the window is gone")

    with pytest.raises(RuntimeError, match="the window"):
        record(worker, history, run_id, break_down)
    assert not worker.alive
    assert history.mark_interrupted() == [run_id]


def test_a_job_names_the_package_of_an_earlier_run(history: History) -> None:
    earlier = add(history)
    spec = RunSpec(
        name="next", teacher=RunTeacher(source="run", id=earlier),
        data=BundledData(source="bundled", name="d"), method={"key": "pkd"}, training=Training(),
    )  # fmt: skip
    run_id = history.add_run(spec)
    with pytest.raises(BadInput, match="has no finished package"):
        run_job(history, run_id)
    (history.run(earlier).folder / "package").mkdir()
    history.record(earlier, [Event(kind="result", time=1, data={"package": "package"})])
    job = run_job(history, run_id)
    assert json.loads(json.dumps(job))["teachers"] == {earlier: str(history.run(earlier).package)}
    assert job["folder"] == str(history.run(run_id).folder)


def test_a_command_that_cannot_start_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="could not be started"):
        Worker([str(tmp_path / "none")]).start(tmp_path / "log.txt")
