"""The report stands alone, escapes everything, and survives stored values that make no sense."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.events import Event
from engine.history import History
from engine.report import write_report
from engine.spec import make_spec
from engine.svg import MOST_POINTS, Curve, curves, thinned, ticks

NASTY = "<script>alert('x')</script>\"&\x1b"
RESULT = {
    "split": "test", "examples": 872, "accuracy": 0.895, "accuracy_low": 0.873, "accuracy_high": 0.914,
    "bytes": 5_000_000, "data_fingerprint": "f", "latency_ms": {"median": 1.0, "p95": 2.0},
    "agreement": 0.93, "mcnemar": {"p": 0.06}, "majority": {"label": "good", "accuracy": 0.509},
}  # fmt: skip
TEACHER = {
    "name": "big", "accuracy": 0.913, "accuracy_low": 0.892, "accuracy_high": 0.93,
    "bytes": 60_000_000, "latency_ms": {"median": 10.0, "p95": 11.0},
}  # fmt: skip
LAYERS = [{"name": "layer 1", "parameters": 1000, "sparsity": 0.6, "bits": 2.5}]


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.sqlite") as opened:
        yield opened


def add(history: History, name: str = "small", **result: Any) -> str:
    bundled = {"source": "bundled", "name": name}
    values = {"name": name, "teacher": bundled, "data": bundled, "method": {"key": "pkd"}}
    run = history.add_run(make_spec(values))
    told = [
        Event(kind="started", time=1.0, data={"versions": {"torch": name}}),
        Event(kind="note", time=1.0, text=name, data={"level": "warning"}),
    ]
    told += [
        Event(
            kind="scalar",
            time=1.0,
            step=i,
            values={"loss": 1 / i, "validation/accuracy": i / 10, name: i},
        )
        for i in range(1, 9)
    ]
    told += [Event(kind="layers", time=1.0, step=i, text=name, values={name: i}) for i in (1, 2)]
    told.append(
        Event(
            kind="result",
            time=2.0,
            data={"result": RESULT, "teacher": TEACHER, "layers": LAYERS} | result,
        )
    )
    history.record(run, [*told, Event(kind="finished", time=2.0)])
    return run


def page(history: History, run: str) -> str:
    return write_report(history.run(run), history)


def test_the_sentence_says_size_speed_accuracy_and_chance(history: History) -> None:
    words = page(history, add(history)).replace("\N{NO-BREAK SPACE}", " ")
    assert (
        "small is 12.0× smaller and 10.0× faster than its teacher and answers 89.5 % of 872 test "
        "sentences rightly, 1.8 points less than the teacher (p = 0.06, no clear loss)." in words
    )


def test_every_section_is_there(history: History) -> None:
    found = re.findall(r"<h2>(.*?)</h2>", page(history, add(history)))
    assert found == [
        "Accuracy", "Figures", "Curves", "Layers over time", "Layers", "Notes", "Settings",
        "Versions and machine",
    ]  # fmt: skip


class Tags(HTMLParser):
    """Collects elements, attributes, and whether every element is closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()
        self.attributes: set[str] = set()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attributes}
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        self.attributes |= {name for name, _ in attributes}

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_text_from_data_stays_text(history: History) -> None:
    teacher, layers = {**TEACHER, "name": NASTY}, [{**LAYERS[0], "name": NASTY}]
    run = add(history, NASTY, teacher=teacher, layers=layers)
    history.set_note(run, NASTY)
    text = page(history, run)
    assert "\x1b" not in text
    tags = Tags()
    tags.feed(text)
    assert tags.open == []
    assert not {"script", "img", "link", "iframe", "a", "object"} & tags.seen
    assert not {"src", "href", "style"} & tags.attributes


def test_the_page_reaches_for_nothing(history: History) -> None:
    text = page(history, add(history))
    assert "default-src 'none'" in text
    assert not re.search(r"https?://|url\(|@import", text)


def test_a_run_without_result_has_a_report_too(history: History) -> None:
    bundled = {"source": "bundled", "name": "x"}
    spec = make_spec(
        {"name": "early", "teacher": bundled, "data": bundled, "method": {"key": "pkd"}}
    )
    text = page(history, history.add_run(spec, status="stopped"))
    assert "early is stopped and has no result yet." in text
    assert "<svg" not in text


@pytest.mark.parametrize("value", [None, "12", [], {}, True])
def test_stored_figures_of_the_wrong_kind_read_as_unknown(history: History, value: Any) -> None:
    result = {**dict.fromkeys(RESULT, value), "accuracy": 0.5, "examples": 3, "split": "test"}
    layers = [value, {"name": value, "bits": value, "parameters": 3}]
    run = add(history, result=result, teacher=dict.fromkeys(TEACHER, value), layers=layers)
    assert "<h2>Figures</h2>" in page(history, run)


# --- charts ---------------------------------------------------------------------------------------


def test_a_value_that_is_not_finite_leaves_a_gap() -> None:
    line = Curve("loss", np.arange(5), np.array([1.0, 2.0, np.nan, 2.0, 1.0]))
    (path,) = re.findall(r' d="(.*?)"', curves("Loss", [line]))
    assert path.count("M") == 2
    assert "nan" not in path


def test_thinning_keeps_peaks_and_ends() -> None:
    values = np.zeros(100_000)
    values[54_321] = 9.0
    kept = thinned(Curve("loss", np.arange(100_000), values))
    assert len(kept.steps) <= MOST_POINTS
    assert (kept.steps[0], kept.steps[-1], kept.values.max()) == (0, 99_999, 9.0)


@pytest.mark.parametrize(
    ("low", "high"), [(0, 1), (0.62, 0.913), (5, 5), (0, 0), (-3, 1e9), (1e-9, 2e-9)]
)
def test_ticks_enclose_the_values(low: float, high: float) -> None:
    found = ticks(low, high)
    assert found == sorted(found)
    assert found[0] <= low
    assert found[-1] >= high
    assert 2 <= len(found) <= 7
