"""The queue and the pump, with real child processes that only pretend to learn."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.runner import Runner
from engine.history import History
from engine.spec import RunSpec, make_spec

# Says what it is told to in the run's name; "slow" waits for the end of its input.
WORKER = """
import json, sys, time
job = json.loads(sys.stdin.readline())
def say(kind, **more):
    print(json.dumps({"kind": kind, "time": time.time(), **more}), flush=True)
if job["task"] == "check":
    say("result", data={"check": {"accuracy": 0.9, "teacher": "t", "data": "d"}})
    say("finished", text="Finished.")
    sys.exit()
name = job["spec"]["name"]
say("started", data={})
for step in range(50):
    say("scalar", step=step, values={"loss": 1.0 / (step + 1)})
if name == "slow":
    say("note", text="waiting")
    sys.stdin.read()
    say("stopped", text="Saved.")
elif name == "bad":
    say("failed", text="The data is empty; choose another.")
elif name == "dies":
    sys.exit(3)
else:
    say("finished", text="Finished.")
"""


def a_spec(name: str) -> RunSpec:
    return make_spec(
        {
            "name": name, "method": {"key": "pkd"},
            "teacher": {"source": "bundled", "name": "t"}, "data": {"source": "bundled", "name": "d"},
        }
    )  # fmt: skip


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.sqlite") as one:
        yield one


@pytest.fixture
def runner(qapp: object, history: History) -> Iterator[Runner]:
    one = Runner(history.path, command=[sys.executable, "-c", WORKER])
    yield one
    one.shutdown()


@pytest.fixture
def reaches(qtbot: object, history: History) -> Callable[[str, str], None]:
    """Wait until a run has a status."""

    def wait(run_id: str, status: str) -> None:
        qtbot.waitUntil(lambda: history.run(run_id).status == status, timeout=20_000)  # type: ignore[attr-defined]

    return wait


def test_run_is_recorded_to_its_end(runner: Runner, history: History, reaches: Callable) -> None:
    run_id = runner.start(a_spec("good"))
    assert runner.active() == run_id
    reaches(run_id, "finished")
    assert len(history.series(run_id, "loss")[0]) == 50


def test_events_come_in_batches(runner: Runner, qtbot: object) -> None:
    batches: list[int] = []
    runner.events.connect(lambda run_id, events: batches.append(len(events)))
    runner.start(a_spec("good"))
    qtbot.waitUntil(lambda: runner.active() is None, timeout=20_000)  # type: ignore[attr-defined]
    assert sum(batches) == 52
    assert len(batches) < 10


def test_runs_follow_each_other(runner: Runner, history: History, reaches: Callable) -> None:
    first, second = runner.start(a_spec("good")), runner.enqueue(a_spec("good"))
    assert history.run(second).status == "queued"
    reaches(second, "finished")
    assert history.run(first).status == "finished"


def test_pause_and_resume(runner: Runner, history: History, reaches: Callable) -> None:
    run_id = runner.start(a_spec("slow"))
    reaches(run_id, "running")
    runner.pause(run_id)
    reaches(run_id, "paused")
    assert runner.active() is None
    runner.resume(run_id)
    reaches(run_id, "running")
    assert runner.active() == run_id


def test_paused_run_holds_the_queue(
    runner: Runner, history: History, reaches: Callable, qtbot: object
) -> None:
    run_id, waiting = runner.start(a_spec("slow")), runner.enqueue(a_spec("good"))
    reaches(run_id, "running")
    runner.pause(run_id)
    qtbot.waitUntil(lambda: runner.active() is None, timeout=20_000)  # type: ignore[attr-defined]
    assert history.run(waiting).status == "queued"


def test_stopped_run_lets_the_next_begin(
    runner: Runner, history: History, reaches: Callable
) -> None:
    run_id, waiting = runner.start(a_spec("slow")), runner.enqueue(a_spec("good"))
    reaches(run_id, "running")
    runner.stop(run_id)
    reaches(waiting, "finished")
    assert history.run(run_id).status == "stopped"


def test_stop_takes_a_run_out_of_the_queue(
    runner: Runner, history: History, reaches: Callable
) -> None:
    runner.start(a_spec("slow"))
    waiting = runner.enqueue(a_spec("good"))
    runner.stop(waiting)
    assert history.run(waiting).status == "stopped"


def test_queue_can_be_reordered(runner: Runner) -> None:
    runner.start(a_spec("slow"))
    one, two, three = (runner.enqueue(a_spec("good")) for _ in range(3))
    runner.move(three, -1)
    runner.move(one, +5)
    assert [run for run in runner.queue() if run in (one, two, three)] == [three, two, one]


def test_start_goes_before_the_queue(runner: Runner) -> None:
    runner.start(a_spec("slow"))
    queued = runner.enqueue(a_spec("good"))
    first = runner.start(a_spec("good"))
    waiting = runner.queue()
    assert waiting.index(first) < waiting.index(queued)


def test_failure_keeps_its_sentence(runner: Runner, history: History, reaches: Callable) -> None:
    run_id = runner.start(a_spec("bad"))
    reaches(run_id, "failed")
    assert history.run(run_id).error == "The data is empty; choose another."


def test_death_is_a_failure_in_words(runner: Runner, history: History, reaches: Callable) -> None:
    run_id = runner.start(a_spec("dies"))
    reaches(run_id, "failed")
    assert "exit code 3" in history.run(run_id).error


def test_missing_teacher_fails_in_words(
    runner: Runner, history: History, reaches: Callable
) -> None:
    spec = a_spec("good")
    earlier = history.add_run(spec, status="failed")
    values = {**spec.model_dump(mode="json"), "teacher": {"source": "run", "id": earlier}}
    run_id = runner.start(make_spec(values))
    reaches(run_id, "failed")
    assert "no finished package" in history.run(run_id).error


def test_shutdown_pauses_the_active_run(
    runner: Runner, history: History, reaches: Callable
) -> None:
    run_id = runner.start(a_spec("slow"))
    reaches(run_id, "running")
    runner.shutdown()
    assert history.run(run_id).status == "paused"
    assert runner.active() is None


def test_check_is_answered_and_kept(runner: Runner, history: History, qtbot: object) -> None:
    with qtbot.waitSignal(runner.checked, timeout=20_000) as heard:  # type: ignore[attr-defined]
        runner.check_teacher(a_spec("good"))
    assert heard.args[0]["accuracy"] == 0.9
    assert history.saved_check("t", "d") == heard.args[0]


def test_check_of_a_missing_run_is_a_sentence(runner: Runner, qtbot: object) -> None:
    values = {**a_spec("good").model_dump(mode="json"), "teacher": {"source": "run", "id": "gone"}}
    with qtbot.waitSignal(runner.checked, timeout=20_000) as heard:  # type: ignore[attr-defined]
        runner.check_teacher(make_spec(values))
    assert "gone" in heard.args[0]["error"]
