"""Time estimates: only from finished runs of the same kind."""

from __future__ import annotations

import time

import pytest

from app.estimate import Estimate, Speeds
from engine.events import Event
from engine.history import History
from engine.spec import make_spec

STAGES = (("Prepare", 10.0), ("Train", 200.0), ("Measure", 10.0))


@pytest.fixture
def history(tmp_path):
    """An empty history."""
    with History.open(tmp_path / "history.sqlite") as one:
        yield one


def finish(history, values, stages=STAGES):
    run_id = history.add_run(make_spec(values), status="finished")
    events = [
        Event(kind="stage", time=time.time(), stage=title,
              data={"index": index, "state": "done", "seconds": seconds})
        for index, (title, seconds) in enumerate(stages)
    ]  # fmt: skip
    history.record(run_id, events)
    history.set_status(run_id, "finished")


def test_nothing_is_known_of_a_first_run(history, tiny_run):
    assert Speeds().estimate(history, make_spec(tiny_run)) is None


def test_time_grows_with_the_epochs(history, tiny_run):
    finish(history, tiny_run)  # 2 epochs
    tiny_run["training"]["epochs"] = 4
    found = Speeds().estimate(history, make_spec(tiny_run))
    assert (found.low + found.high) / 2 == pytest.approx(420)
    assert found.runs == 1


@pytest.mark.parametrize(("block", "key", "value"), [
    ("training", "batch_size", 4), ("method", "layers", 3), ("data", "test", None),
])  # fmt: skip
def test_other_kinds_of_run_say_nothing(history, tiny_run, block, key, value):
    finish(history, tiny_run)
    other = {**tiny_run, block: {**tiny_run[block], key: value}}
    assert Speeds().estimate(history, make_spec(other)) is None


def test_history_is_read_again_after_forget(history, tiny_run):
    speeds, spec = Speeds(), make_spec(tiny_run)
    assert speeds.estimate(history, spec) is None
    finish(history, tiny_run)
    assert speeds.estimate(history, spec) is None
    speeds.forget()
    assert speeds.estimate(history, spec).runs == 1


def test_words():
    words = [one.replace("\N{NO-BREAK SPACE}", " ") for one in
             (Estimate(960, 1440, 2).headline, Estimate(960, 1440, 2).detail, Estimate(5, 9, 1).headline)]  # fmt: skip
    assert words == ["About 20 min", "16 to 24 min, judged by 2 earlier runs", "Less than 1 min"]
