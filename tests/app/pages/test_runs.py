"""The Runs page with a real history, and a real child process that only pretends to learn."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt

from app.charts.feed import Feed
from app.context import Context
from app.pages import run_actions
from app.pages.runs import RunsPage
from app.widgets import run_words, unnamed
from engine.events import Event
from engine.spec import RunSpec, make_spec

WORKER = """
import json, sys, time
sys.stdin.readline()
def say(kind, **more):
    print(json.dumps({"kind": kind, "time": time.time(), **more}), flush=True)
say("started", data={})
for step in range(30):
    say("scalar", step=step, values={"loss": 1.0 / (step + 1)})
say("progress", step=29, stage="Train", data={"fraction": 0.4, "done": 29, "total": 100})
sys.stdin.read()
say("stopped", text="Saved.")
"""
RESULT = {
    "result": {
        "accuracy": 0.913, "accuracy_low": 0.892, "accuracy_high": 0.93, "bytes": 57_400_000,
        "latency_ms": {"median": 5.2}, "compression": 7.6, "speedup": 3.1, "mcnemar": {"p": 0.06},
    },
    "teacher": {"accuracy": 0.931, "bytes": 437_900_000, "latency_ms": {"median": 16.1}},
    "layers": [],
}  # fmt: skip


def a_spec(name: str = "reviews") -> RunSpec:
    block = {"source": "bundled", "name": "reviews"}
    return make_spec({"name": name, "method": {"key": "pkd"}, "teacher": block, "data": block})


def a_run(context: Context, status: str, *events: Event, name: str = "reviews") -> str:
    history = context.history
    run_id = history.add_run(a_spec(name))
    if status != "queued":
        history.begin(run_id, os.getpid())
        history.record(run_id, [Event(kind="started", time=1.0), *events])
        if history.run(run_id).status != status:
            history.set_status(run_id, status)
    return run_id


@pytest.fixture
def page(context: Context, qtbot: object) -> RunsPage:
    one = RunsPage(context)
    qtbot.addWidget(one)  # type: ignore[attr-defined]
    one.resize(1350, 860)
    one.show()
    one.activated()
    return one


@pytest.fixture
def open_run(page: RunsPage) -> Callable[[str], RunsPage]:
    """Open a run that was made after the page."""

    def show(run_id: str) -> RunsPage:
        page.refresh()
        page.open_run(run_id)
        return page

    return show


def notice(page: RunsPage) -> str:
    return page.notice.words()


def test_empty_history_says_so(page: RunsPage) -> None:
    assert page.right.currentIndex() == 0
    assert unnamed(page) == []


def test_list_has_its_groups_in_order(context: Context, page: RunsPage) -> None:
    for status in ("failed", "finished", "queued", "interrupted", "paused", "running"):
        a_run(context, status)
    page.refresh()
    words = [one.words for one in page.list.rows.rows if hasattr(one, "words")]
    assert words == ["Running", "Paused", "Interrupted", "Queued", "Finished", "Failed or stopped"]


def test_filter_finds_by_name_and_method(context: Context, page: RunsPage) -> None:
    a_run(context, "finished", name="alpha")
    a_run(context, "finished", name="beta")
    page.refresh()
    page.filter.setText("ALPH")
    assert page.list.rows.rowCount() == 2
    page.filter.setText("patient")
    assert page.list.rows.rowCount() == 3


def test_finished_run_shows_its_result(
    context: Context, open_run: Callable[[str], RunsPage]
) -> None:
    ending = [Event(kind="result", time=2.0, data=RESULT), Event(kind="finished", time=3.0)]
    page = open_run(a_run(context, "finished", *ending))
    assert page.result.difference.value.text() == "−1.8 points"
    assert page.result.difference.pill.accessibleName() == "no clear loss"
    assert page.result.file.more.text() == "7.6× smaller than 437.9\N{NO-BREAK SPACE}MB"
    assert notice(page) == ""


def test_failed_run_says_why(context: Context, open_run: Callable[[str], RunsPage]) -> None:
    sentence = "Not enough memory. Try a batch of 16 sentences."
    page = open_run(a_run(context, "failed", Event(kind="failed", time=2.0, text=sentence)))
    assert notice(page) == sentence


def test_markup_in_a_name_is_shown_as_it_is(
    context: Context, open_run: Callable[[str], RunsPage]
) -> None:
    page = open_run(a_run(context, "finished", name="<b>bold</b>"))
    assert page.header.name.text() == "<b>bold</b>"
    assert page.header.name.textFormat() == Qt.TextFormat.PlainText


def test_points_of_a_finished_run_are_drawn(
    context: Context, open_run: Callable[[str], RunsPage], qtbot: object
) -> None:
    points = [Event(kind="scalar", time=1.0, step=step, values={"loss": 0.5}) for step in range(9)]
    page = open_run(a_run(context, "finished", *points))
    qtbot.waitUntil(lambda: bool(page.board.losses.plot.lines))  # type: ignore[attr-defined]
    assert page.board.losses.value.text() == "0.500"


def test_resume_is_pressed_in_the_row(context: Context, page: RunsPage, qtbot: object) -> None:
    run_id = a_run(context, "interrupted")
    page.refresh()
    area = page.list.visualRect(page.list.rows.index(page.list.rows.row_of(run_id)))
    middle: QPoint = page.list.rows_delegate.button(area).center()
    page.list.resumed.disconnect()
    with qtbot.waitSignal(page.list.resumed) as heard:  # type: ignore[attr-defined]
        qtbot.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=middle)  # type: ignore[attr-defined]
    assert heard.args == [run_id]


def test_rename_is_kept(
    context: Context, open_run: Callable[[str], RunsPage], qtbot: object
) -> None:
    run_id = a_run(context, "finished")
    page = open_run(run_id)
    page.header.rename()
    page.header.field.setText("better")
    qtbot.keyClick(page.header.field, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    assert context.history.run(run_id).name == "better"


def test_delete_can_be_undone(context: Context, open_run: Callable[[str], RunsPage]) -> None:
    run_id = a_run(context, "finished")
    page = open_run(run_id)
    offers: list[tuple] = []
    context.offered.connect(lambda *given: offers.append(given))
    page.actions_for.delete(context.history.run(run_id))
    assert context.history.runs() == []
    offers[0][3]()
    assert [one.id for one in context.history.runs()] == [run_id]


def test_export_copies_the_model(
    context: Context, open_run: Callable[[str], RunsPage], tmp_path: Path, qtbot: object
) -> None:
    body = {**RESULT, "package": "package"}
    run_id = a_run(context, "finished", Event(kind="result", time=2.0, data=body), name="a/b")
    record = context.history.run(run_id)
    assert record.package is not None
    record.package.mkdir()
    (record.package / "model.onnx").write_bytes(b"model")
    page, target = open_run(run_id), tmp_path / "out"
    target.mkdir()
    with qtbot.waitSignal(context.message) as heard:  # type: ignore[attr-defined]
        page.actions_for.copy(record, target)
    assert heard.args[0] == "good"
    assert (target / "a-b" / "model.onnx").read_bytes() == b"model"


@pytest.fixture
def working(context: Context) -> Context:
    """A context whose runner starts pretended runs."""
    context.runner._warm._command = [sys.executable, "-c", WORKER]
    return context


def test_live_run_is_drawn_paused_and_resumed(
    working: Context, page: RunsPage, qtbot: object
) -> None:
    run_id = working.runner.start(a_spec())
    qtbot.waitUntil(lambda: page.progress.percent.text().startswith("40"), timeout=20_000)  # type: ignore[attr-defined]
    plot = page.board.losses.plot
    qtbot.waitUntil(lambda: sum(len(one.x) for one in plot.lines) == 30, timeout=20_000)  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: page.progress.position.text() == "Step 29 of 100", timeout=20_000)  # type: ignore[attr-defined]
    page.pause_or_resume()
    qtbot.waitUntil(lambda: notice(page).startswith("Paused at 40"), timeout=20_000)  # type: ignore[attr-defined]
    page.pause_or_resume()
    qtbot.waitUntil(lambda: working.active() == run_id, timeout=20_000)  # type: ignore[attr-defined]


def test_only_a_yes_stops_a_run(
    working: Context, page: RunsPage, qtbot: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = working.runner.start(a_spec())
    qtbot.waitUntil(
        lambda: page.record is not None and page.record.status == "running", timeout=20_000
    )  # type: ignore[attr-defined]
    monkeypatch.setattr(run_actions, "ask", lambda *given: "keep")
    page.stop()
    assert working.runner.ending() == ""
    monkeypatch.setattr(run_actions, "ask", lambda *given: "stop")
    page.stop()
    qtbot.waitUntil(lambda: working.active() is None, timeout=20_000)  # type: ignore[attr-defined]
    assert working.history.run(run_id).status == "stopped"


def test_hidden_page_draws_nothing(working: Context, page: RunsPage, qtbot: object) -> None:
    page.hide()
    run_id = working.runner.start(a_spec())
    qtbot.waitUntil(lambda: len(working.history.series(run_id, "loss")[0]) == 30, timeout=20_000)  # type: ignore[attr-defined]
    assert page.board.losses.plot.lines == []
    assert page.list.rows.rowCount() == 0


def test_small_page_closes_the_log(page: RunsPage, qtbot: object) -> None:
    assert page.log.open
    page.resize(1000, 640)
    assert not page.log.open
    assert page.panel.width() == 240


def test_a_run_is_at_100_percent_only_when_finished(context: Context) -> None:
    run = context.history.run(a_run(context, "running"))
    feed = Feed(run.id)
    feed.add([Event(kind="progress", time=1.0, data={"fraction": 0.998, "elapsed": 252.4})])
    assert run_words.fraction(replace(run, status="running"), feed) == 0.99
    assert run_words.so_far(replace(run, status="running"), feed) == "4:12 so far"
    assert run_words.so_far(replace(run, status="finished"), feed) == ""


def test_small_page_scrolls_its_cards_whole(
    context: Context, open_run: Callable[[str], RunsPage]
) -> None:
    page = open_run(a_run(context, "failed"))
    page.resize(1012, 420)
    page.show()
    bar, words = page.progress.bar, page.progress.percent
    assert (
        words.mapTo(page, words.rect().topLeft()).y()
        >= bar.mapTo(page, bar.rect().bottomLeft()).y()
    )
    assert page.charts.verticalScrollBar().maximum() > 0
