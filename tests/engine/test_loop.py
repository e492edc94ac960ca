"""The training loop: schedules, weights kept, divergence, tables, and stages that are complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from jobs import prepared, same_weights, scalars
from torch import nn

from engine import checks, loop, models
from engine.batches import Batch
from engine.errors import BadInput, Stopped
from engine.events import Event
from engine.job import Job
from engine.wording import percent

PER_EPOCH = 12


@pytest.fixture
def plain(tiny_run: dict[str, Any]) -> dict[str, Any]:
    """Fine-tuning of two layers."""
    return {**tiny_run, "method": {"key": "finetune", "start": "first_layers", "layers": 2}}


def fit(job: Job, loss: loop.Loss | None = None, **options: Any) -> nn.Module:
    student = models.first_layers(job.teacher, 2, job.spec.seed)
    return loop.fit(job, student, loss or loop.task_loss(job), stage="Train", **options)


def rates(plain: dict[str, Any], folder: Path, **training: Any) -> list[float]:
    """The learning rate's factor in each step of two epochs."""
    job = prepared(plain, folder, **training)
    seen: list[float] = []
    real = torch.optim.AdamW.step

    def step(optimiser: Any, *rest: Any) -> Any:
        seen.append(optimiser.param_groups[0]["lr"] / job.spec.training.learning_rate)
        return real(optimiser, *rest)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(torch.optim.AdamW, "step", step)
        fit(job, validate=False)
    return seen


# Schedules ----------------------------------------------------------------------------------


def test_the_rate_rises_and_falls_in_straight_lines(plain: dict[str, Any], tmp_path: Path) -> None:
    found = rates(plain, tmp_path, warmup=0.25, schedule="linear")
    assert found[:6] == pytest.approx([(i + 1) / 6 for i in range(6)])
    assert found[6:] == pytest.approx([1 - i / 18 for i in range(18)])


def test_the_cosine_starts_high_and_ends_low(plain: dict[str, Any], tmp_path: Path) -> None:
    found = rates(plain, tmp_path, warmup=0.0, schedule="cosine")
    assert (found[0], found[12]) == pytest.approx((1, 0.5))
    assert 0 < found[-1] < 0.01
    assert found == sorted(found, reverse=True)


def test_the_constant_rate_stays(plain: dict[str, Any], tmp_path: Path) -> None:
    found = rates(plain, tmp_path, warmup=0.0, schedule="constant")
    assert found == [1.0] * 2 * PER_EPOCH


def test_a_warm_up_of_the_whole_run_only_rises(plain: dict[str, Any], tmp_path: Path) -> None:
    found = rates(plain, tmp_path, warmup=1.0)
    assert found == pytest.approx([(i + 1) / 24 for i in range(24)])


def test_decay_spares_biases_and_layer_norm() -> None:
    model = nn.Sequential(nn.Linear(3, 2), nn.LayerNorm(2))
    model[0].weight.requires_grad_(True)
    matrices, vectors = loop.decay_groups(model, 0.3)
    assert (matrices["weight_decay"], vectors["weight_decay"]) == (0.3, 0.0)
    assert [tuple(p.shape) for p in matrices["params"]] == [(2, 3)]
    assert len(vectors["params"]) == 3


def test_frozen_weights_are_in_no_group() -> None:
    model = nn.Linear(3, 2)
    model.weight.requires_grad_(False)
    assert [len(group["params"]) for group in loop.decay_groups(model, 0.1)] == [0, 1]


# What is kept -------------------------------------------------------------------------------


def scripted(
    monkeypatch: pytest.MonkeyPatch, accuracies: list[float], losses: list[float]
) -> list[Any]:
    """Let the validation say what is written, and keep the weights of each moment."""
    seen: list[Any] = []

    def evaluate(job: Job, model: nn.Module, encoded: object = None) -> dict[str, float]:
        seen.append({name: value.clone() for name, value in model.state_dict().items()})
        return {"accuracy": accuracies[len(seen) - 1], "loss": losses[len(seen) - 1]}

    monkeypatch.setattr(checks, "evaluate", evaluate)
    return seen


@pytest.mark.parametrize(
    ("keep", "accuracies", "losses", "kept"),
    [
        ("best", [0.5, 0.9, 0.7, 0.6], [1, 1, 1, 1], 1),
        ("best", [0.5, 0.9, 0.9, 0.6], [1, 1, 0.5, 1], 2),
        ("best", [0.9, 0.9, 0.9, 0.9], [1, 1, 1, 1], 0),
        ("last", [0.9, 0.5, 0.5, 0.5], [1, 1, 1, 1], 3),
    ],
)
def test_the_best_weights_are_kept(
    keep: str, accuracies: list[float], losses: list[float], kept: int,
    plain: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    seen = scripted(monkeypatch, accuracies, losses)
    student = fit(prepared(plain, tmp_path, validations=2, keep=keep)).state_dict()
    assert len(seen) == 4
    assert all(torch.equal(student[name], value) for name, value in seen[kept].items())


def test_checks_on_validation_do_not_disturb_training(
    plain: dict[str, Any], tmp_path: Path
) -> None:
    one, other = (
        fit(prepared(plain, tmp_path / str(n), validations=n, keep="last", dropout=0.1))
        for n in (1, 4)
    )
    assert same_weights(one, other)


def test_the_seed_decides_the_weights(plain: dict[str, Any], tmp_path: Path) -> None:
    runs = [
        fit(prepared({**plain, "seed": s}, tmp_path / str(i), epochs=1))
        for i, s in enumerate((1, 1, 2))
    ]
    assert same_weights(runs[0], runs[1])
    assert not same_weights(runs[0], runs[2])


def test_without_validation_nothing_is_checked(plain: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    fit(prepared(plain, tmp_path, events, epochs=1), validate=False)
    assert not scalars(events, "validation/accuracy")
    assert scalars(events, "loss")


# What is said -------------------------------------------------------------------------------


def test_a_loss_that_is_not_finite_is_one_sentence(plain: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(plain, tmp_path)
    real = loop.task_loss(job)

    def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        scale = float("nan") if job.step == 3 else 1.0
        return {"loss": real(model, batch)["loss"] * scale}

    with pytest.raises(BadInput) as caught:
        fit(job, loss)
    assert str(caught.value) == (
        "The training diverged: loss became nan in step 4; try a learning rate ten times smaller than 1e-3."
    )
    assert caught.value.where == "training.learning_rate"


def test_weights_broken_by_the_last_step_are_noticed(
    plain: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scripted(monkeypatch, [0.5] * 8, [1.0] * 7 + [float("nan")])
    with pytest.raises(BadInput, match="the validation loss became nan in step 24"):
        fit(prepared(plain, tmp_path))


def test_terms_are_plotted_and_vectors_are_tables(plain: dict[str, Any], tmp_path: Path) -> None:
    events: list[Event] = []
    job = prepared(plain, tmp_path, events, epochs=1)
    real = loop.task_loss(job)

    def loss(model: nn.Module, batch: Batch) -> dict[str, torch.Tensor]:
        return {
            **real(model, batch),
            "extra": torch.tensor(2.0),
            "distance": torch.tensor([1.0, 3.0]),
        }

    fit(
        job,
        loss,
        tables={"distance": ["First", "Second"]},
        after_step=lambda share: {"sparsity": share},
    )
    assert scalars(events, "loss/extra") == [2.0] * PER_EPOCH
    assert scalars(events, "sparsity") == pytest.approx([(i + 1) / 12 for i in range(12)])
    tables = [event for event in events if event.kind == "layers"]
    assert {event.text for event in tables} == {"distance"}
    assert tables[-1].values == {"First": 1.0, "Second": 3.0}


def test_points_between_two_plots_are_averaged(
    plain: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "POINTS", 6)
    events: list[Event] = []
    job = prepared(plain, tmp_path, events)
    real = loop.task_loss(job)
    fit(job, lambda model, batch: {**real(model, batch), "step": torch.tensor(float(job.step + 1))})
    assert scalars(events, "loss/step") == [1.0, 3.0, 6.5, 10.5, 14.5, 18.5, 22.5]


def test_a_group_of_ones_own_trains_nothing_else(plain: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(plain, tmp_path, epochs=1)
    student: Any = models.first_layers(job.teacher, 2, job.spec.seed)
    before = student.bert.pooler.dense.weight.clone()
    groups = [{"params": list(student.classifier.parameters()), "weight_decay": 0.0}]
    loop.fit(job, student, loop.task_loss(job), stage="Train", groups=groups)
    assert torch.equal(student.bert.pooler.dense.weight, before)


def test_each_check_is_a_line_in_the_log(
    plain: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    events: list[Event] = []
    scripted(monkeypatch, [0.5, 0.75, 0.75], [1.0, 0.5604, 0.6])
    fit(prepared(plain, tmp_path, events, validations=3, epochs=1))
    said = [event.text for event in events if event.text.startswith("Step ")]
    right = f"{percent(0.75)} right on validation"
    assert said[1] == f"Step 8 of 12: loss 0.560, {right} (best so far)."
    assert said[2] == f"Step 12 of 12: loss 0.600, {right}."


# Stopping and going on ----------------------------------------------------------------------


def test_a_complete_stage_returns_at_once(plain: dict[str, Any], tmp_path: Path) -> None:
    first = fit(prepared(plain, tmp_path))
    again = prepared(plain, tmp_path)
    student = fit(again, lambda model, batch: pytest.fail("trained again"))
    assert same_weights(first, student)
    assert again.step == 2 * PER_EPOCH


def test_a_stopped_stage_goes_on_to_the_same_bits(plain: dict[str, Any], tmp_path: Path) -> None:
    alone = fit(prepared(plain, tmp_path / "alone"))
    job = prepared(plain, tmp_path / "stopped")
    with pytest.raises(Stopped):
        fit(job, after_step=lambda share: job._stop.set() or {} if share > 0.6 else {})
    events: list[Event] = []
    resumed = prepared(plain, tmp_path / "stopped", events)
    assert same_weights(fit(resumed), alone)
    assert any("Going on from step 15 of 24." in event.text for event in events)


def test_evaluation_stops_when_asked(plain: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(plain, tmp_path)
    job._stop.set()
    assert checks.evaluate(job, job.teacher.model) is None


def test_the_teacher_agrees_with_itself(plain: dict[str, Any], tmp_path: Path) -> None:
    found = checks.evaluate(
        prepared(plain, tmp_path, precision="float32"), prepared(plain, tmp_path).teacher.model
    )
    assert found is not None
    assert found["agreement"] == 1.0
