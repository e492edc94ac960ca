"""Patient KD: its limits are fine-tuning and pure imitation; what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import prepared, same_weights, scalars, trained

from engine import loop
from engine.answers import TeacherAnswers
from engine.errors import BadInput
from engine.events import Event
from engine.job import Job
from engine.methods.pkd import PatientKD, check, forecast
from engine.shape import Shape
from engine.spec import make_spec

BASE = Shape("bert", 12, 768, 12, 3072, 30522, 512, 2, 2)


def with_method(run: dict[str, Any], **method: Any) -> dict[str, Any]:
    return {**run, "method": {**run["method"], **method}}


def first_gradient(job: Job, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """The gradient of the method's own loss on the first eight rows, dropout off."""
    found: dict[str, torch.Tensor] = {}

    def fit(job: Job, model: torch.nn.Module, loss: loop.Loss, **_: Any) -> torch.nn.Module:
        model.eval()
        loss(model, job.batch(np.arange(8)))["loss"].backward()
        found.update({n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None})
        return model

    monkeypatch.setattr(loop, "fit", fit)
    job.method.run(job, job.params)
    return found


def test_without_teacher_terms_it_is_fine_tuning_to_the_bit(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    plain = {**tiny_run, "method": {"key": "finetune", "start": "first_layers", "layers": 2}}
    alone = trained(plain, tmp_path / "plain", epochs=1)
    student = trained(with_method(tiny_run, alpha=0, beta=0), tmp_path / "pkd", epochs=1)
    assert same_weights(alone, student)


@pytest.mark.parametrize(("alpha", "same"), [(1.0, True), (0.5, False)])
def test_full_trust_in_the_teacher_ignores_labels(
    alpha: float,
    same: bool,
    tiny_run: dict[str, Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = prepared(with_method(tiny_run, alpha=alpha), tmp_path)
    before = first_gradient(job, monkeypatch)
    job.encoded["train"].labels = 1 - job.encoded["train"].labels
    after = first_gradient(job, monkeypatch)
    assert len(before) > 20
    assert all(torch.equal(before[name], after[name]) for name in before) is same


def test_stored_and_fresh_teacher_answers_agree(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = prepared(tiny_run, tmp_path, precision="float32")
    stored = TeacherAnswers(job, "train", ("cls", "logits"))
    monkeypatch.setattr("engine.answers.LARGEST_CACHE", 0)
    fresh = TeacherAnswers(job, "train", ("cls", "logits"))
    assert stored.stored is not None
    assert fresh.stored is None
    batch = job.batch(np.array([5, 0, 40, 17]))
    for name, value in fresh.of(batch).items():
        assert torch.allclose(stored.of(batch)[name], value, atol=1e-6), name


def test_each_layer_follows_its_own(
    tiny_run: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found: list[torch.Tensor] = []

    def fit(job: Job, model: torch.nn.Module, loss: loop.Loss, **_: Any) -> torch.nn.Module:
        found.append(loss(model.eval(), job.batch(np.arange(8)))["distance"])
        return model

    monkeypatch.setattr(loop, "fit", fit)
    for layers in (4, 2):  # a whole copy follows itself; layer 1 of 2 follows layer 2
        trained(with_method(tiny_run, layers=layers), tmp_path / str(layers), precision="float32")
    assert found[0].tolist() == pytest.approx([0, 0, 0], abs=1e-9)
    assert found[1].item() > 1e-6


def test_each_term_and_each_followed_layer_is_plotted(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run, layers=3), tmp_path, events, epochs=1)
    tables = [event for event in events if event.kind == "layers"]
    assert list(tables[0].values) == ["Layer 1, from 1", "Layer 2, from 2"]
    for name in ("loss/hard", "loss/soft", "loss/patience"):
        assert scalars(events, name)


def test_the_plotted_terms_are_weighted_and_sum_to_the_loss(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run, alpha=0.2, beta=50), tmp_path, events, epochs=1)
    series = [scalars(events, name) for name in ("loss", "loss/hard", "loss/soft", "loss/patience")]
    for loss, hard, soft, patience in zip(*series, strict=True):
        assert loss == pytest.approx(hard + soft + patience, rel=1e-4)


@pytest.mark.parametrize(
    ("method", "plotted"),
    [
        ({"alpha": 0, "beta": 0}, {"hard"}),
        ({"alpha": 1, "beta": 0}, {"soft"}),
        ({"alpha": 0, "beta": 1}, {"hard", "patience"}),
    ],
)
def test_parts_of_weight_zero_are_not_plotted(
    method: dict[str, float], plotted: set[str], tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run, **method), tmp_path, events, epochs=1)
    names = {name for event in events for name in event.values if name.startswith("loss/")}
    assert names == {f"loss/{part}" for part in plotted}


def test_patience_brings_the_layers_nearer(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run, alpha=0, beta=1e4), tmp_path, events, epochs=8)
    patience = scalars(events, "loss/patience")
    assert patience[-1] < 0.7 * patience[0]


def test_plain_distillation_asks_for_no_layers(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    trained(with_method(tiny_run, beta=0, layers=1), tmp_path, events, epochs=1)
    assert not [event for event in events if event.kind == "layers"]
    assert not scalars(events, "loss/patience")


@pytest.mark.parametrize(("layers", "count"), [(6, 66_955_008), (3, 45_691_392)])
def test_forecast_counts_the_papers_students(layers: int, count: int) -> None:
    student = forecast(PatientKD(layers=layers), BASE).student
    assert student.parameters - 769 * 2 == count


def test_forecast_links_teacher_layers_to_student_layers() -> None:
    assert forecast(PatientKD(layers=3), BASE).links == ((4, 1), (8, 2))
    assert forecast(PatientKD(layers=3, beta=0), BASE).links == ()


@pytest.mark.parametrize(
    ("values", "where"), [({"layers": 13}, "method.layers"), ({"layers": 1}, "method.beta")]
)
def test_impossible_students_are_refused(values: dict[str, int], where: str) -> None:
    with pytest.raises(BadInput) as caught:
        check(PatientKD(**values), BASE)
    assert caught.value.where == where


def test_one_layer_is_fine_without_patience() -> None:
    assert check(PatientKD(layers=1, beta=0), BASE) is None


def test_the_papers_schedule_is_the_methods_default(tiny_run: dict[str, Any]) -> None:
    training = make_spec({**tiny_run, "training": {}}).training
    assert (training.epochs, training.batch_size, training.max_length) == (4, 32, 128)
