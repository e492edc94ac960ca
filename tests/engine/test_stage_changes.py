"""Stages in the history, in the report, and the plain names of what a method plots."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from engine.events import Event
from engine.history import History
from engine.method import methods
from engine.metric_names import is_share, metric_name, term_name
from engine.report import write_report
from engine.spec import make_spec
from engine.stage_changes import changes_of, parts_of, stage_changes
from engine.svg import Curve, curves

TITLES = {0: "Prepare", 1: "Learn", 2: "Tune"}


def test_stages_that_begin_at_one_step_count_once() -> None:
    assert stage_changes([0, 0, 50, 50], [0, 1, 0, 2], TITLES) == [(50, "Tune")]


def test_a_resumed_stage_is_no_change() -> None:
    assert stage_changes([0, 10, 40], [1, 1, 2], TITLES) == [(40, "Tune")]


def test_the_last_step_belongs_to_its_stage() -> None:
    assert parts_of(np.array([1, 50, 51]), np.array([50])).tolist() == [0, 0, 1]


@pytest.fixture
def page(tmp_path: Path) -> str:
    with History.open(tmp_path / "history.sqlite") as history:
        block = {"source": "bundled", "name": "x"}
        spec = {"name": "two", "teacher": block, "data": block, "method": {"key": "pkd"}}
        run = history.add_run(make_spec(spec))
        told = []
        for place in (1, 2):
            data = {"index": place, "state": "begun"}
            told.append(
                Event(kind="stage", time=1.0, step=50 * place - 50, stage=TITLES[place], data=data)
            )
            told += [
                Event(kind="scalar", time=1.0, step=50 * place - 50 + step, values={"loss": 1.0, "loss/soft": 10.0**-place})
                for step in (10, 30, 50)
            ]  # fmt: skip
        history.record(run, told)
        assert changes_of(history, run) == [(50, "Tune")]
        return write_report(history.run(run), history)


def test_the_report_draws_where_a_stage_begins_and_joins_nothing(page: str) -> None:
    assert "<title>Tune</title>" in page
    assert "Stages: 1 Tune from step 50." in page
    paths = re.findall(r'class="line s\d" d="(.*?)"', page)
    assert {path.count("M") for path in paths} == {2}


def test_the_report_has_the_methods_own_names(page: str) -> None:
    assert methods()["pkd"].terms["soft"].replace("'", "&#x27;") in page


def test_more_lines_than_colours_are_dashed() -> None:
    lines = [Curve(f"{i}", np.arange(3), np.ones(3) * i) for i in range(8)]
    assert curves("many", lines).count(" again") == 2


def test_metrics_are_named_by_their_method() -> None:
    pkd = [methods()["pkd"]]
    assert metric_name("loss/soft", pkd) == f"Loss: {term_name('loss/soft', pkd)}"
    assert metric_name("validation/accuracy", []) == "Validation accuracy"
    assert is_share("validation/accuracy", [])
    assert not is_share("loss/soft", pkd)
