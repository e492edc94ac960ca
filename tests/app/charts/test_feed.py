"""A feed from the history and from events is the same feed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.charts.feed import Feed
from engine.events import Event
from engine.history import History
from engine.spec import make_spec

EVENTS = [
    Event(kind="started", time=1.0),
    Event(kind="stage", time=1.0, stage="Prepare", data={"index": 0, "state": "begun"}),
    Event(
        kind="stage", time=2.0, stage="Prepare", data={"index": 0, "state": "done", "seconds": 1.0}
    ),
    Event(kind="scalar", time=3.0, step=1, values={"loss": 0.5, "loss/soft": None}),
    Event(kind="scalar", time=3.0, step=2, values={"loss": 0.4}),
    Event(kind="layers", time=3.0, step=2, text="distance", values={"Layer 1": 0.1}),
    Event(kind="note", time=4.0, text="Careful.", data={"level": "warning"}),
]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.sqlite") as one:
        yield one


@pytest.fixture
def run_id(history: History) -> str:
    block = {"source": "bundled", "name": "x"}
    made = history.add_run(make_spec({"method": {"key": "pkd"}, "teacher": block, "data": block}))
    history.begin(made, os.getpid())
    history.record(made, EVENTS)
    return made


def test_history_and_events_agree(history: History, run_id: str) -> None:
    read, heard = Feed(run_id), Feed(run_id)
    read.load(history)
    heard.add(EVENTS)
    assert read.series["loss"].values.tolist() == heard.series["loss"].values.tolist()
    assert read.tables == heard.tables
    assert read.stages == heard.stages
    assert read.notes == heard.notes


def test_loading_again_adds_nothing(history: History, run_id: str) -> None:
    feed = Feed(run_id)
    feed.add(EVENTS)
    feed.load(history)
    assert feed.series["loss"].steps.tolist() == [1, 2]
    assert len(feed.notes) == 1


def test_missing_value_is_no_reading() -> None:
    feed = Feed("x")
    feed.add(EVENTS)
    assert feed.last("loss/soft") is None
    assert feed.get("unheard") is None


def test_stage_change_has_its_step() -> None:
    feed = Feed("x")
    for step, place in ((0, 0), (0, 1), (300, 2)):
        data = {"index": place, "state": "begun"}
        feed.add([Event(kind="stage", time=1.0, step=step, stage=f"Part {place}", data=data)])
    assert feed.stage_steps() == [(300, "Part 2")]


def test_end_of_the_stage_is_foreseen() -> None:
    feed = Feed("x")
    feed.add([Event(kind="progress", time=1.0, step=150, data={"done": 50, "total": 200})])
    assert feed.end_step() == 300


def test_done_stage_is_not_undone_by_older_news(history: History, run_id: str) -> None:
    feed = Feed(run_id)
    feed.load(history)
    feed.add([EVENTS[1]])
    assert feed.stages["Prepare"].state == "done"


def test_resumed_stage_is_no_change_of_stage() -> None:
    feed = Feed("x")
    for step in (0, 10, 40):
        data = {"index": 1, "state": "begun"}
        feed.add([Event(kind="stage", time=1.0, step=step, stage="Train", data=data)])
    assert feed.stage_steps() == []
