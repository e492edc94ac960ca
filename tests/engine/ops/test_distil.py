"""The losses of distillation against their closed forms and limits."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from engine.ops.distil import (
    cls_states,
    patience_distances,
    patience_loss,
    soft_cross_entropy,
    soft_label_loss,
)

SEEDS = st.integers(0, 2**31 - 1)
few = settings(deadline=None, max_examples=20)


def logits(seed: int, rows: int = 4, classes: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    made = [
        torch.randn(rows, classes, generator=generator, dtype=torch.float64) * 3 for _ in range(2)
    ]
    return made[0].requires_grad_(), made[1]


def states(seed: int, *shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return tuple(torch.randn(*shape, generator=generator, dtype=torch.float64) for _ in range(2))  # type: ignore[return-value]


# Patience -----------------------------------------------------------------------------------


@few
@given(SEEDS, st.floats(1e-3, 1e3), st.floats(1e-3, 1e3))
def test_normalised_patience_ignores_length(seed: int, mine: float, theirs: float) -> None:
    student, teacher = states(seed, 5, 2, 8)
    scales = torch.linspace(mine, mine * 2, 10, dtype=torch.float64).reshape(5, 2, 1)
    plain = patience_distances(student, teacher, True)
    assert torch.allclose(patience_distances(student * scales, teacher * theirs, True), plain)


@few
@given(SEEDS)
def test_normalised_patience_is_two_minus_two_cosines(seed: int) -> None:
    student, teacher = states(seed, 1, 3, 8)
    cosines = functional.cosine_similarity(student, teacher, dim=-1)[0]
    found = patience_distances(student, teacher, True)
    assert torch.allclose(found, 2 - 2 * cosines)
    assert (found >= 0).all()
    assert (found <= 4).all()


def test_opposite_states_are_four_apart_and_equal_ones_none() -> None:
    student, _ = states(0, 4, 2, 8)
    assert torch.allclose(
        patience_distances(student, -student, True), torch.full((2,), 4.0).double()
    )
    assert torch.allclose(patience_distances(student, student * 7, True), torch.zeros(2).double())


def test_random_states_are_about_two_apart() -> None:
    student, teacher = states(0, 2000, 3, 768)
    assert patience_distances(student, teacher, True) == pytest.approx([2, 2, 2], abs=0.02)


def test_patience_without_normalising_is_the_squared_distance() -> None:
    student, teacher = states(0, 4, 2, 8)
    expected = [(student[:, i] - teacher[:, i]).norm(dim=-1).square().mean().item() for i in (0, 1)]
    assert patience_distances(student, teacher, False).tolist() == pytest.approx(expected)


@few
@given(SEEDS, st.integers(1, 5), st.integers(1, 64))
def test_the_codes_patience_is_the_papers_over_layers_and_width(
    seed: int, layers: int, width: int
) -> None:
    distances = patience_distances(*states(seed, 4, layers, width), True)
    paper, repo = (patience_loss(distances, width, mode) for mode in ("paper", "repo"))
    assert repo.item() == pytest.approx(paper.item() / (layers * width))


def test_cls_states_leave_the_embedding_out() -> None:
    hidden = tuple(torch.full((2, 4, 3), float(i)) for i in range(3))
    found = cls_states(hidden)
    assert found.shape == (2, 2, 3)
    assert found[0, :, 0].tolist() == [1.0, 2.0]


# Soft labels --------------------------------------------------------------------------------


@few
@given(SEEDS, st.integers(2, 9))
def test_the_codes_divergence_times_classes_is_the_batch_mean(seed: int, classes: int) -> None:
    student, teacher = logits(seed, classes=classes)
    said, wanted = ((x / 5).log_softmax(-1) for x in (student, teacher))
    batchmean = functional.kl_div(said, wanted, log_target=True, reduction="batchmean")
    repo = soft_label_loss(student, teacher, 5.0, "repo")
    assert (repo * classes / 25).item() == pytest.approx(batchmean.item(), abs=1e-12)


@few
@given(SEEDS, st.floats(0.5, 50))
def test_the_papers_gradient_is_the_difference_of_soft_answers(
    seed: int, temperature: float
) -> None:
    student, teacher = logits(seed)
    soft_label_loss(student, teacher, temperature, "paper").backward()
    soft = [(x.detach() / temperature).softmax(-1) for x in (student, teacher)]
    assert torch.allclose(
        student.grad, (soft[0] - soft[1]) / (temperature * len(teacher)), atol=1e-12
    )


@few
@given(SEEDS, st.floats(0.5, 50))
def test_both_averages_pull_the_same_way(seed: int, temperature: float) -> None:
    pulls = []
    for mode in ("paper", "repo"):
        student, teacher = logits(seed)
        soft_label_loss(student, teacher, temperature, mode).backward()
        pulls.append(student.grad)
    assert torch.allclose(pulls[0] * temperature**2 / 3, pulls[1], atol=1e-10)


@few
@given(SEEDS)
def test_at_high_temperature_the_logits_themselves_are_matched(seed: int) -> None:
    student, teacher = logits(seed, rows=4, classes=3)
    (soft_label_loss(student, teacher, 1e5, "repo") * 3).backward()
    gap = (student - teacher).detach()
    limit = (gap - gap.mean(-1, keepdim=True)) / (3 * len(teacher))
    assert torch.allclose(student.grad, limit, atol=1e-4)


def test_equal_answers_are_no_distance_apart() -> None:
    student, _ = logits(3)
    assert soft_label_loss(student, student.detach(), 10.0, "repo").item() == pytest.approx(
        0, abs=1e-12
    )


def test_equal_answers_give_no_pull() -> None:
    student, _ = logits(3)
    soft_label_loss(student, student.detach().clone(), 10.0, "paper").backward()
    assert torch.allclose(student.grad, torch.zeros_like(student), atol=1e-12)


def test_extreme_logits_stay_finite() -> None:
    student = torch.tensor([[1e4, -1e4]], requires_grad=True)
    loss = soft_label_loss(student, -student.detach(), 1.0, "repo")
    loss.backward()
    assert loss.isfinite()
    assert student.grad.isfinite().all()


# Soft cross-entropy -------------------------------------------------------------------------


@few
@given(SEEDS, st.integers(2, 6))
def test_tinyberts_gradient_is_the_difference_of_answers(seed: int, classes: int) -> None:
    student, teacher = logits(seed, classes=classes)
    gap = (student.detach().softmax(-1) - teacher.softmax(-1)) / len(teacher)
    for reduction, scale in (("paper", 1), ("repo", classes)):
        student.grad = None
        soft_cross_entropy(student, teacher, 1.0, reduction).backward()  # type: ignore[arg-type]
        assert torch.allclose(student.grad, gap / scale, atol=1e-12)


def test_soft_cross_entropy_is_not_scaled_by_the_temperature() -> None:
    student, teacher = logits(4)
    expected = soft_cross_entropy(student / 5, teacher / 5, 1.0, "paper")
    assert torch.allclose(soft_cross_entropy(student, teacher, 5.0, "paper"), expected)
