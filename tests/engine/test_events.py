"""Event lines: what was said comes back, and what is no event is None."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.events import LONGEST_LINE, METRICS, Event, label, parse

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.none()
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@settings(deadline=None, max_examples=50)
@given(WORDS, st.dictionaries(WORDS, NUMBERS))
def test_what_is_said_comes_back(text: str, values: dict[str, float | None]) -> None:
    event = Event(kind="note", time=1.5, step=3, stage=text, text=text, values=values)
    assert parse(event.line()) == event
    assert "\n" not in event.line()


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_not_finite_become_null(value: float) -> None:
    event = Event(
        kind="result", time=1.0, values={"loss": value}, data={"a": [{"b": value}], "c": 1.5}
    )
    body = json.loads(event.line())
    assert body["values"] == {"loss": None}
    assert body["data"] == {"a": [{"b": None}], "c": 1.5}


def test_defaults_are_not_written() -> None:
    assert json.loads(Event(kind="finished", time=2.0).line()) == {"kind": "finished", "time": 2.0}


def test_half_a_character_does_not_break_the_line() -> None:
    event = parse(Event(kind="failed", time=1.0, text="a\ud800b").line())
    assert event is not None
    assert event.text == "a?b"


LINE = Event(kind="scalar", time=1.0, step=2, values={"loss": 0.5}).line()
STRAY = [
    "", "\n", "Downloading 100%", "null", "3", "[]", "{}", '{"kind": "scalar"}',
    '{"kind": "dance", "time": 1}', '{"kind": "note", "time": "soon"}', '{"kind":"note","time":1,"more":1}',
    '{"kind":"scalar","time":1,"values":{"loss":"low"}}', "[" * 100_000, "9" * 10_000,
]  # fmt: skip


@pytest.mark.parametrize("line", STRAY, ids=range(len(STRAY)))
def test_stray_lines_are_no_events(line: str) -> None:
    assert parse(line) is None


def test_a_torn_line_is_no_event() -> None:
    assert [parse(LINE[:cut]) for cut in range(len(LINE))] == [None] * len(LINE)
    assert parse(LINE) is not None


def test_a_line_without_end_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.events.LONGEST_LINE", len(LINE) - 1)
    assert LONGEST_LINE > 10**6
    assert parse(LINE) is None


def test_metrics_have_plain_names() -> None:
    assert label("validation/agreement") == METRICS["validation/agreement"][0]
    assert label("loss/hidden_states") == "Hidden states"
