"""Mixed vocabulary: both versions run, the teacher stays as it was, nothing of it is exported."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from jobs import prepared, same_weights, scalars
from onnx import load as load_onnx
from safetensors import safe_open
from small import small_method

from engine import finish
from engine.errors import BadInput, Stopped
from engine.events import Event
from engine.job import Job
from engine.methods.extreme import Extreme, alone, check, forecast, stages
from engine.models import Loaded
from engine.package import Package
from engine.shape import Shape
from engine.spec import make_spec

BASE = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)


def with_method(run: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**run, "method": small_method("extreme", **changes)}


def student_of(
    run: dict[str, Any], folder: Path, events: list[Event] | None = None, **changes: Any
) -> Loaded:
    job = prepared(with_method(run, **changes), folder, events, epochs=1)
    found = job.method.run(job, job.params)
    assert isinstance(found, Loaded)
    return found


# Before training ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "where"),
    [
        ({"hidden": 100, "heads": 3}, "method.heads"),
        ({"hidden": 1024}, "method.hidden"),
        ({"layers": 6}, "method.layers"),
        ({"learn_from": "text", "alpha": 0.5}, "method.alpha"),
    ],
)
def test_sizes_that_do_not_fit_are_refused(settings: dict[str, Any], where: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(Extreme(**settings), BASE)
    assert caught.value.where == where


def test_byte_pieces_are_refused() -> None:
    with pytest.raises(BadInput, match="RoBERTa"):
        check(Extreme(), Shape("roberta", 12, 768, 12, 3072, 50265, 514, 1, 2))


@pytest.mark.parametrize("settings", [{"projection": "none"}, {"mode": "v2_mixed_vocabulary"}])
def test_another_depth_needs_no_projection(settings: dict[str, Any]) -> None:
    check(Extreme(layers=6, **settings), BASE)
    assert forecast(Extreme(layers=6, **settings), BASE).student.layers == 6
    assert forecast(Extreme(layers=6, **settings), BASE).links == ()


@pytest.mark.parametrize(("hidden", "heads"), [(192, 3), (96, 12), (48, 12), (50, 10)])
def test_heads_divide_the_width(hidden: int, heads: int) -> None:
    assert forecast(Extreme(hidden=hidden), BASE).student.heads == heads


def test_layers_are_linked_one_to_one() -> None:
    assert forecast(Extreme(), BASE).links == tuple((i, i) for i in range(1, 13))


def test_each_version_has_its_stages() -> None:
    assert "Learn together" in stages(Extreme())
    assert {"Mix vocabularies", "Read text"} <= set(stages(Extreme(mode="v2_mixed_vocabulary")))
    without = stages(Extreme(**alone(Extreme())))
    assert without == ("Prepare", "Read text", "Fine-tune", "Measure")


def test_a_vocabulary_that_the_text_cannot_give_is_refused_before_training(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    with pytest.raises(BadInput, match="gives a vocabulary of") as caught:
        student_of(tiny_run, tmp_path, events, vocabulary=4928)
    assert caught.value.where == "method.vocabulary"
    assert scalars(events, "loss") == []


# Runs -----------------------------------------------------------------------------------------

VARIANTS: dict[str, dict[str, Any]] = {
    "up": {"projection": "up"},
    "none": {"projection": "none", "layers": 2},
    "frozen": {"train_teacher": False, "projection_average": "mean"},
    "sliced": {"start": "teacher", "ramp": True},
    "two tables": {"tied": False, "table_start": "random"},
    "version 2": {"mode": "v2_mixed_vocabulary", "layers": 2},
    "alone": {"learn_from": "text", "alpha": 0.0},
}


@pytest.mark.parametrize("name", list(VARIANTS))
def test_each_variant_makes_the_student_of_its_forecast(
    name: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(with_method(tiny_run, **VARIANTS[name]), tmp_path, epochs=1)
    before = {key: one.clone() for key, one in job.teacher.model.state_dict().items()}
    student = job.method.run(job, job.params)
    assert isinstance(student, Loaded)
    expected = forecast(job.params, job.info.shape).student
    assert sum(one.numel() for one in student.model.parameters()) == expected.parameters
    after = job.teacher.model.state_dict()
    assert all(torch.equal(before[key], after[key]) for key in before)


@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("sliced", "Learn together"), ("version 2", "Mix vocabularies"), ("version 2", "Read text"),
        ("alone", "Read text"), ("alone", "Fine-tune"),
    ],
)  # fmt: skip
def test_a_stopped_run_goes_on_to_the_same_bits(
    name: str, stage: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    run = with_method(tiny_run, **VARIANTS[name])
    whole = student_of(tiny_run, tmp_path / "whole", **VARIANTS[name])
    stop = threading.Event()

    def stop_there(event: Event) -> None:
        if event.kind == "scalar" and event.stage == stage and event.step > 2:
            stop.set()

    def job(events: Callable[[Event], None]) -> Job:
        training = {**run["training"], "epochs": 1}
        spec = make_spec({**run, "training": training})
        made = Job(spec, tmp_path / "run", tmp_path / "cache", events, stop=stop)
        made.prepare()
        return made

    first = job(stop_there)
    with pytest.raises(Stopped):
        first.method.run(first, first.params)
    stop.clear()
    second = job(lambda event: None)
    resumed = second.method.run(second, second.params)
    assert isinstance(resumed, Loaded)
    assert same_weights(resumed.model, whole.model)


def test_the_parts_of_the_loss_are_shown_and_add_up(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    student_of(tiny_run, tmp_path, events)
    together = [one for one in events if one.stage == "Learn together"]
    parts = [scalars(together, f"loss/{name}") for name in ("student", "teacher", "projection")]
    assert scalars(together, "loss") == pytest.approx(
        [sum(one) for one in zip(*parts, strict=True)]
    )
    assert len(scalars(events, "mixing/overlap")) == 1
    assert all(0 <= one <= 1 for one in scalars(together, "mixing/student_pieces"))
    assert scalars(together, "masked/student")
    assert scalars(together, "masked/teacher")
    assert scalars(together, "norm/projection")


def test_without_the_teacher_it_is_never_asked(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = with_method(tiny_run, learn_from="text", alpha=0.0)
    first = prepared(run, tmp_path / "first", epochs=1)
    one = first.method.run(first, first.params)
    second = prepared(run, tmp_path / "second", epochs=1)
    with torch.no_grad():
        for parameter in second.teacher.model.parameters():
            parameter.normal_()
    other = second.method.run(second, second.params)
    assert isinstance(one, Loaded)
    assert isinstance(other, Loaded)
    assert same_weights(one.model, other.model)


def test_the_teacher_reaches_the_student_through_the_projection(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    found = [
        student_of(tiny_run, tmp_path / str(weight), alpha=0.0, epsilon=weight).model
        for weight in (0.0, 10.0)
    ]
    assert not same_weights(*found)


def test_the_package_holds_the_students_pieces_and_nothing_else(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(with_method(tiny_run), tmp_path, epochs=1)
    student = job.method.run(job, job.params)
    package: Package = finish.student_package(job, student, tmp_path / "package")
    body = (tmp_path / "package" / "tokenizer.json").read_text("utf-8")
    assert student.tokenizer.from_str(body).get_vocab() == student.tokenizer.get_vocab()
    assert package.manifest.shape.vocabulary == 48
    with safe_open(tmp_path / "package" / "weights" / "model.safetensors", "pt") as file:
        names = set(file.keys())
    graph = load_onnx(tmp_path / "package" / "model.onnx").graph
    sizes = {size for one in graph.initializer for size in one.dims}
    assert names == set(student.model.state_dict())
    assert all(name.startswith(("bert.", "classifier.")) for name in names)
    assert not sizes & {16, 17}  # the teacher's width and vocabulary
