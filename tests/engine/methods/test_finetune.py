"""Fine-tuning: where a model starts, and which sizes it may have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jobs import prepared, same_weights, trained

from engine import checks, loop
from engine.errors import BadInput
from engine.methods.finetune import FineTune, check, forecast
from engine.shape import Shape

TEACHER = Shape("bert", 4, 16, 2, 32, 17, 32, 2, 2)
REFUSED = [
    ({"hidden_size": 8}, "method.start"),
    ({"start": "first_layers", "heads": 4}, "method.start"),
    ({"layers": 2}, "method.layers"),
    ({"start": "first_layers", "layers": 5}, "method.layers"),
    ({"start": "scratch", "hidden_size": 17}, "method.hidden_size"),
    ({"start": "scratch", "heads": 3}, "method.hidden_size"),
]


def run_with(run: dict[str, Any], **method: Any) -> dict[str, Any]:
    return {**run, "method": {"key": "finetune", **method}}


@pytest.mark.parametrize(("values", "where"), REFUSED)
def test_sizes_the_start_cannot_have_are_refused(values: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(FineTune(**values), TEACHER)
    assert caught.value.where == where


@pytest.mark.parametrize(
    "values",
    [
        {},
        {"layers": 4},
        {"start": "first_layers", "layers": 4},
        {"start": "scratch", "layers": 9, "hidden_size": 24, "heads": 3, "feed_forward": 8},
    ],
)
def test_sizes_it_can_have_pass(values: dict[str, Any]) -> None:
    assert check(FineTune(**values), TEACHER) is None


def test_a_new_model_has_the_sizes_asked_for(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "fit", lambda job, model, *_, **__: model)
    sizes = {"layers": 1, "hidden_size": 24, "heads": 3, "feed_forward": 40}
    student: Any = trained(run_with(tiny_run, start="scratch", **sizes), tmp_path)
    assert (
        student.num_parameters()
        == forecast(FineTune(start="scratch", **sizes), TEACHER).student.parameters
    )


def test_the_whole_model_starts_as_it_is(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "fit", lambda job, model, *_, **__: model)
    job = prepared(run_with(tiny_run), tmp_path)
    student = job.method.run(job, job.params)
    assert student is not job.teacher.model
    assert same_weights(student, job.teacher.model)


def test_first_layers_keep_as_many_as_asked(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "fit", lambda job, model, *_, **__: model)
    student = trained(run_with(tiny_run, start="first_layers", layers=3), tmp_path)
    assert len(student.bert.encoder.layer) == 3


def test_it_learns_the_tiny_data(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(run_with(tiny_run), tmp_path, epochs=12, learning_rate=5e-3)
    student = job.method.run(job, job.params)
    found = checks.evaluate(job, student)
    assert found is not None
    assert found["accuracy"] >= 0.9
