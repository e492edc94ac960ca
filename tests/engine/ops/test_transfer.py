"""Losses on a teacher's answers and states, and the reduced word table, against closed forms."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from engine.ops.transfer import best_rank, logit_loss, logit_target, representation_loss

SEEDS = st.integers(0, 2**31 - 1)
few = settings(deadline=None, max_examples=20)


def draw(seed: int, *shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return 3 * torch.randn(*shape, generator=generator, dtype=torch.float64)


@few
@given(SEEDS)
def test_logit_loss_is_zero_only_at_the_log_probabilities(seed: int) -> None:
    teacher = draw(seed, 4, 3)
    target = logit_target(teacher, "log_softmax")
    assert torch.allclose(target.exp().sum(-1), torch.ones(4).double())
    assert logit_loss(target, target).item() == 0
    shifted = target + 0.1  # the same answers, but not the same logits: the loss sees it
    assert logit_loss(shifted, target).item() == pytest.approx(0.5 * 3 * 0.01)


@few
@given(SEEDS)
def test_log_odds_invert_the_sigmoid(seed: int) -> None:
    teacher = draw(seed, 5, 4)
    found = logit_target(teacher, "log_odds")
    assert torch.allclose(torch.sigmoid(found), functional.softmax(teacher, -1))


def test_log_odds_of_a_certain_teacher_are_finite() -> None:
    found = logit_target(torch.tensor([[200.0, -200.0]]), "log_odds")
    assert found.tolist() == [[400, -400]]


def test_raw_targets_are_the_teachers_logits() -> None:
    teacher = draw(0, 2, 3)
    assert torch.equal(logit_target(teacher, "raw"), teacher)


@few
@given(SEEDS, st.integers(2, 6))
def test_paper_logit_loss_is_half_the_classes_times_the_codes(seed: int, classes: int) -> None:
    student, target = draw(seed, 4, classes), draw(seed + 1, 4, classes)
    paper, repo = (logit_loss(student, target, one) for one in ("paper", "repo"))
    assert paper.item() == pytest.approx(0.5 * classes * repo.item())


@few
@given(SEEDS)
def test_layer_divergence_is_the_teachers_kl(seed: int) -> None:
    student, teacher = draw(seed, 4, 8), draw(seed + 1, 4, 8)
    p, q = functional.softmax(teacher, -1), functional.softmax(student, -1)
    expected = (p * (p / q).log()).sum(-1).mean()
    assert representation_loss(student, teacher, "divergence").item() == pytest.approx(
        expected.item()
    )


@pytest.mark.parametrize("kind", ["divergence", "squared", "cosine"])
@few
@given(SEEDS)
def test_layer_distance_is_zero_for_equal_states_and_never_negative(kind, seed: int) -> None:
    student, teacher = draw(seed, 4, 8), draw(seed + 1, 4, 8)
    assert representation_loss(teacher, teacher, kind).item() == pytest.approx(0, abs=1e-12)
    assert representation_loss(student, teacher, kind).item() > 0


@pytest.mark.parametrize(("kind", "blind"), [("divergence", True), ("squared", False)])
def test_only_divergence_ignores_a_constant_added_to_all_features(kind, blind: bool) -> None:
    student, teacher = draw(0, 4, 8), draw(1, 4, 8)
    there = representation_loss(student + 5, teacher, kind).item()
    assert (there == pytest.approx(representation_loss(student, teacher, kind).item())) is blind


@pytest.mark.parametrize("kind", ["divergence", "squared"])
def test_the_codes_layer_distance_is_a_mean_over_features(kind) -> None:
    student, teacher = draw(0, 4, 8), draw(1, 4, 8)
    paper, repo = (representation_loss(student, teacher, kind, one) for one in ("paper", "repo"))
    assert paper.item() == pytest.approx(8 * repo.item())


@few
@given(SEEDS, st.integers(1, 8))
def test_reduced_table_leaves_out_the_smallest_singular_values(seed: int, width: int) -> None:
    table = draw(seed, 20, 8)
    rows, basis = best_rank(table, width)
    dropped = torch.linalg.svdvals(table)[width:]
    error = torch.linalg.matrix_norm(table - rows @ basis)
    assert rows.shape == (20, width)
    assert error.item() == pytest.approx(dropped.square().sum().sqrt().item(), abs=1e-9)


def test_reduced_rows_are_the_left_vectors_by_their_singular_values() -> None:
    table = draw(3, 20, 8)
    left, values, _ = torch.linalg.svd(table, full_matrices=False)
    rows, _ = best_rank(table, 3)
    assert torch.allclose(rows.abs(), (left * values)[:, :3].abs())
