"""Losses with which a student learns from a teacher."""

from __future__ import annotations

from typing import Literal

import torch
from torch.nn import functional

Reduction = Literal["paper", "repo"]


def soft_label_loss(
    student: torch.Tensor, teacher: torch.Tensor, temperature: float, reduction: Reduction
) -> torch.Tensor:
    """How far the student's softened answers are from the teacher's; logits are [batch, classes].

    paper: soft cross-entropy, summed over classes, mean over the batch (Sun et al. 2019, eq. 3).
    repo:  Kullback-Leibler divergence, mean over batch and classes, times temperature squared.
    Both pull the student the same way; they differ in scale.
    """
    wanted = functional.log_softmax(teacher / temperature, dim=-1)
    said = functional.log_softmax(student / temperature, dim=-1)
    if reduction == "paper":
        return -(wanted.exp() * said).sum(-1).mean()
    return (
        functional.kl_div(said, wanted, log_target=True, reduction="none").mean() * temperature**2
    )


def soft_cross_entropy(
    student: torch.Tensor, teacher: torch.Tensor, temperature: float, reduction: Reduction
) -> torch.Tensor:
    """Cross-entropy of softened answers to the teacher's; logits are [batch, classes].

    paper: summed over classes, mean over the batch (Jiao et al. 2020, eq. 10). repo: mean over
    batch and classes. Neither is multiplied by the temperature squared.
    """
    wanted = functional.softmax(teacher / temperature, dim=-1)
    said = functional.log_softmax(student / temperature, dim=-1)
    if reduction == "paper":
        return -(wanted * said).sum(-1).mean()
    return -(wanted * said).mean()


def patience_distances(
    student: torch.Tensor, teacher: torch.Tensor, normalise: bool
) -> torch.Tensor:
    """Squared distance of matched [CLS] states, mean over the batch: [layers].

    Both are [batch, layers, width]. With `normalise`, each state is divided by its length
    first, so a distance lies in 0..4 and equals 2 - 2 cos (Sun et al. 2019, eq. 7).
    """
    if normalise:
        student = functional.normalize(student, dim=-1)
        teacher = functional.normalize(teacher, dim=-1)
    return (student - teacher).square().sum(-1).mean(0)


def patience_loss(distances: torch.Tensor, width: int, reduction: Reduction) -> torch.Tensor:
    """The patience term from per-layer distances [layers].

    paper: sum over layers and width. repo: mean over layers and width, which is the scale that
    the published beta of 10 to 1000 belongs to.
    """
    if reduction == "paper":
        return distances.sum()
    return distances.mean() / width


def cls_states(hidden_states: tuple[torch.Tensor, ...]) -> torch.Tensor:
    """The [CLS] state after every layer, [batch, layers, width]; the embedding output is left out."""
    return torch.stack([state[:, 0].float() for state in hidden_states[1:]], 1)
