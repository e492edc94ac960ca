"""What the teacher gave: runs and their no-teacher baselines, one by one and over seeds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import compared
import pytest

from engine.baselines import find_pairs
from engine.compare import compare
from engine.history import History
from engine.pairing import without_teacher
from engine.report import write_report
from engine.report_baselines import beside_its_baseline
from engine.seeds import common_name

PKD = {"key": "pkd"}


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(tmp_path / "history.sqlite") as one:
        yield one


def pair(history: History, seed: int = 1, taught: int = 2, alone: int = 14) -> tuple[str, str]:
    """A run that is wrong `taught` times in 40, and its baseline."""
    spec = compared.spec(f"small seed {seed}", method=PKD, seed=seed)
    theirs = without_teacher(spec).model_dump(mode="json")["method"]
    first = compared.finished(
        history, f"small seed {seed}", set(range(taught)), method=PKD, seed=seed
    )
    name = f"small seed {seed} (no teacher)"
    return first, compared.finished(history, name, set(range(alone)), method=theirs, seed=seed)


def told(history: History) -> list[str]:
    records = [history.run(one.id) for one in history.runs()]
    return [
        one.text.replace("\N{NO-BREAK SPACE}", " ") for one in compare(records, history).remarks
    ]


def test_a_baseline_is_found_by_its_settings(history: History) -> None:
    taught, alone = pair(history)
    other, _ = pair(history, seed=2)
    specs = {one: history.run(one).spec for one in (taught, alone, other)}
    assert find_pairs(specs) == {taught: alone}


def test_a_spec_of_another_version_has_no_partner() -> None:
    assert find_pairs({"a": {"method": {"key": "gone"}}, "b": {}}) == {}


def test_the_gain_is_tested_on_the_stored_answers(history: History) -> None:
    taught, alone = pair(history)
    found = compare([history.run(taught), history.run(alone)], history)
    (gain,) = found.gains
    assert gain.difference == pytest.approx(0.3)
    assert gain.p == pytest.approx(2 * 0.5**12)
    rows = {row.id: row for row in found.rows}
    assert (rows[taught].baseline, rows[alone].baseline_of) == (alone, taught)


def test_words_say_both_sides_and_the_test(history: History) -> None:
    pair(history)
    assert any(
        one == "small seed 1: with teacher 95.0 %, without 65.0 %: +30.0 points (p < 0.001)."
        for one in told(history)
    )


def test_chance_is_not_praised(history: History) -> None:
    pair(history, alone=3)
    assert any(one.endswith("+2.5 points (p = 1.00, chance explains it).") for one in told(history))


def test_seeds_stand_together_with_mean_and_deviation(history: History) -> None:
    for seed, wrong in ((1, 2), (2, 4)):
        pair(history, seed, wrong)
    assert any(
        one == "small: with teacher 92.5 ± 3.5 %, without 65.0 ± 0.0 % over 2 seeds each: "
        "+27.5 points, a clear gain in 2 of 2."
        for one in told(history)
    )


def test_rows_out_of_sight_are_not_spoken_of(history: History) -> None:
    taught, alone = pair(history)
    found = compare([history.run(taught), history.run(alone)], history)
    assert not any(one.heading == "What the teacher gave" for one in found.said({taught}))


def test_a_run_on_other_examples_gives_no_gain(history: History) -> None:
    taught, _ = pair(history)
    theirs = without_teacher(compared.spec("x", method=PKD, seed=1)).model_dump(mode="json")
    far = compared.finished(history, "far", {1}, method=theirs["method"], seed=1, print_="other")
    assert compare([history.run(taught), history.run(far)], history).gains == ()


def test_the_report_says_it_of_both(history: History) -> None:
    for one in pair(history):
        assert "<h2>What the teacher gave</h2>" in write_report(history.run(one), history)
        assert "+30.0 points" in beside_its_baseline(history.run(one), history)[0]


@pytest.mark.parametrize(
    ("names", "common"),
    [
        (["Small seed 1", "Small seed 12"], "Small"),
        (["x", "y"], "x"),
        (["tiny-1", "tiny-2"], "tiny"),
    ],
)
def test_seeds_share_a_name(names: list[str], common: str) -> None:
    assert common_name(names) == common
