"""Runs and their baselines: what is changed, and who belongs to whom."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadInput
from engine.pairing import is_baseline, without_teacher
from engine.spec import RunSpec, make_spec


def spec(**changes: Any) -> RunSpec:
    base = {
        "name": "small", "teacher": {"source": "bundled", "name": "t"},
        "data": {"source": "bundled", "name": "reviews"}, "method": {"key": "pkd", "layers": 2},
        "training": {"epochs": 2}, "seed": 7,
    }  # fmt: skip
    return make_spec(base | changes)


def test_only_the_teachers_part_and_the_name_change() -> None:
    run = spec()
    alone = without_teacher(run)
    assert alone.name == "small (no teacher)"
    changed = {key for key in run.method if run.method[key] != alone.method[key]}
    assert changed == {"alpha", "beta"}
    same = {"name": run.name, "method": run.method}
    assert alone.model_copy(update=same) == run


def test_a_long_name_keeps_its_end() -> None:
    assert without_teacher(spec(name="x" * 200)).name.endswith("x (no teacher)")


def test_a_method_without_a_teacher_has_no_baseline() -> None:
    with pytest.raises(BadInput, match="no teacher to leave out"):
        without_teacher(spec(method={"key": "finetune"}))


def test_a_baseline_has_no_baseline() -> None:
    with pytest.raises(BadInput, match="already"):
        without_teacher(without_teacher(spec()))


def test_a_baseline_is_known_under_any_name() -> None:
    run, alone = spec(), without_teacher(spec(name="other"))
    assert is_baseline(alone, run)
    assert not is_baseline(run, alone)
    assert not is_baseline(run, run)
    assert not is_baseline(alone, alone)


@pytest.mark.parametrize("changes", [{"seed": 8}, {"training": {"epochs": 3}}, {"method": {"key": "pkd", "layers": 3}}])  # fmt: skip
def test_runs_that_differ_in_more_are_no_pair(changes: dict[str, Any]) -> None:
    alone, other = without_teacher(spec()), spec(**changes)
    assert not is_baseline(alone, other)
    assert not is_baseline(other, alone)


def test_specs_of_a_history_will_do_even_old_ones() -> None:
    old = spec().model_dump(mode="json")
    del old["text"], old["training"]["labels_per_class"]
    assert is_baseline(without_teacher(spec()).model_dump(mode="json"), old)
    for strange in ({}, {"method": {"key": "gone"}}):
        assert not is_baseline(strange, old)
        assert not is_baseline(old, strange)
