"""What a student of another kind learns from a teacher's answers and states on unlabelled text."""

from __future__ import annotations

from typing import Literal

import torch
from torch.nn import functional

LogitTarget = Literal["log_softmax", "log_odds", "raw"]
Distance = Literal["divergence", "squared", "cosine"]
Reduction = Literal["paper", "repo"]


def logit_target(teacher: torch.Tensor, kind: LogitTarget) -> torch.Tensor:
    """What the student's logit head should say, from the teacher's logits [batch, classes].

    log_softmax: log p, the reading of Mukherjee and Awadallah (2020). log_odds: log(p / (1 - p)),
    the literal meaning of logit(p). raw: the teacher's logits as they are.
    """
    if kind == "raw":
        return teacher
    if kind == "log_softmax":
        return functional.log_softmax(teacher, dim=-1)
    own = torch.eye(teacher.shape[-1], dtype=torch.bool, device=teacher.device)
    others = teacher.unsqueeze(-2).masked_fill(own, float("-inf"))
    return teacher - others.logsumexp(-1)


def logit_loss(
    student: torch.Tensor, target: torch.Tensor, reduction: Reduction = "paper"
) -> torch.Tensor:
    """L_LL: how far the logit head is from its target, both [batch, classes].

    paper: half the squared distance, mean over the batch (eq. 5). repo: mean squared error over
    batch and classes. Zero exactly where student and target are equal.
    """
    squared = (student - target).square()
    return 0.5 * squared.sum(-1).mean() if reduction == "paper" else squared.mean()


def representation_loss(
    student: torch.Tensor, teacher: torch.Tensor, kind: Distance, reduction: Reduction = "paper"
) -> torch.Tensor:
    """L_RL: how far the projected sentence vector is from the teacher's state, [batch, width].

    divergence: the paper's divergence. Between raw states it is none, so both are read as distributions
    over their features (softmax), and the teacher's is the one to be covered: KL(teacher ||
    student). squared: squared distance. cosine: 1 - cos. paper sums over features, repo means over
    them; both mean over the batch. Never negative, zero for equal states.
    """
    if kind == "cosine":
        return (1 - functional.cosine_similarity(student, teacher, dim=-1)).mean()
    if kind == "squared":
        rows = (student - teacher).square()
    else:
        said = functional.log_softmax(student, dim=-1)
        wanted = functional.log_softmax(teacher, dim=-1)
        rows = wanted.exp() * (wanted - said)
    return rows.sum(-1).mean() if reduction == "paper" else rows.mean()


def best_rank(table: torch.Tensor, width: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The best table of a smaller width: rows [n, width] and basis [width, full].

    rows @ basis is the rank-`width` matrix nearest to `table` [n, full] (Eckart and Young); its
    error is the root of the sum of the squared singular values left out. The rows are U S of the
    singular value decomposition.
    """
    exact = table.double()
    # The right singular vectors are the eigenvectors of a small matrix, found much faster.
    _, vectors = torch.linalg.eigh(exact.T @ exact)
    basis = vectors.flip(-1)[:, :width]
    return (exact @ basis).to(table.dtype), basis.T.to(table.dtype)
