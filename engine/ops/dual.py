"""A teacher that reads two vocabularies at once, and a student that trains beside it."""

from __future__ import annotations

import inspect
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Guess = tuple[torch.Tensor, torch.Tensor]  # scores [places, pieces] and targets [places]


class PieceTable(nn.Module):
    """The teacher's own table for the student's pieces, [pieces, width] (Zhao et al. 2019, 3.2)."""

    def __init__(self, start: torch.Tensor) -> None:
        super().__init__()
        self.weight = nn.Parameter(start.clone())

    def forward(self) -> torch.Tensor:
        """The table as the teacher reads it."""
        return self.weight


class MappedTable(nn.Module):
    """The student's narrow table [pieces, narrow], widened for the teacher by an affine map.

    Version 2 of the paper, stage I: the map is dropped afterwards and the table stays.
    """

    def __init__(self, narrow: torch.Tensor, widen: torch.Tensor) -> None:
        super().__init__()
        # An SVD gives columns in a row; a resumed optimiser knows rows in a row only
        self.weight = nn.Parameter(narrow.clone(memory_format=torch.contiguous_format))
        self.widen = nn.Linear(*widen.shape)
        with torch.no_grad():
            self.widen.weight.copy_(widen.T)
            self.widen.bias.zero_()

    def forward(self) -> torch.Tensor:
        """The table as the teacher reads it."""
        made: torch.Tensor = self.widen(self.weight)
        return made


class MixedTeacher(nn.Module):
    """An encoder with a second table of pieces: in and out, one softmax per vocabulary.

    `head` is the masked-word head of the teacher's own vocabulary (dense, activation, norm,
    bias). `output` is a second table for guessing; None uses `second` there too, as BERT ties
    its own.
    """

    def __init__(
        self, encoder: nn.Module, head: nn.Module, second: nn.Module, pieces: int,
        output: torch.Tensor | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.encoder, self.head, self.second = encoder, head, second
        self.second_bias = nn.Parameter(torch.zeros(pieces))
        self.output = None if output is None else nn.Parameter(output.clone())
        self._types = "token_type_ids" in inspect.signature(encoder.forward).parameters

    @property
    def table(self) -> torch.Tensor:
        """The table of the teacher's own vocabulary."""
        encoder: Any = self.encoder
        found: torch.Tensor = encoder.get_input_embeddings().weight
        return found

    def forward(
        self, ids: torch.Tensor, by_student: torch.Tensor, mask: torch.Tensor,
        targets: torch.Tensor,
    ) -> tuple[Guess, Guess]:  # fmt: skip
        """Scores and targets at the hidden places, first of the teacher's pieces, then of the
        student's; all inputs are [batch, length], `by_student` says whose id stands there, and
        targets are negative where nothing is to be guessed.
        """
        second = self.second()
        own = functional.embedding(ids.masked_fill(by_student, 0), self.table)
        other = functional.embedding(ids.masked_fill(~by_student, 0), second)
        given = {"inputs_embeds": torch.where(by_student.unsqueeze(-1), other, own)}
        if self._types:
            given["token_type_ids"] = torch.zeros_like(ids)
        states = self.encoder(attention_mask=mask, **given).last_hidden_state
        hidden = targets >= 0
        here, there = hidden & ~by_student, hidden & by_student
        head: Any = self.head
        guess = head.norm(head.activation(head.dense(states[there])))
        output = second if self.output is None else self.output
        return (
            (head(states[here], self.table), targets[here]),
            (functional.linear(guess, output, self.second_bias), targets[there]),
        )


class DualModel(nn.Module):
    """Everything that one stage trains; `progress`, 0..1, is stored so that a ramp can resume."""

    progress: torch.Tensor
    teacher: MixedTeacher
    student: Any
    projection: Any

    def __init__(
        self, teacher: MixedTeacher, student: nn.Module | None,
        projection: nn.Module | None,
    ) -> None:  # fmt: skip
        super().__init__()
        self.teacher, self.student, self.projection = teacher, student, projection
        self.register_buffer("progress", torch.zeros(()))


def mixed_loss(own: Guess, other: Guess) -> torch.Tensor:
    """Mean cross-entropy over all hidden pieces, each by the softmax of its own vocabulary."""
    parts = [
        functional.cross_entropy(scores.float(), targets, reduction="sum")
        for scores, targets in (own, other)
    ]
    return (parts[0] + parts[1]) / (len(own[1]) + len(other[1]))


def start_table(
    table: torch.Tensor, pieces: list[list[int]], spread: float, seed: int
) -> torch.Tensor:
    """Rows for the student's pieces: the mean of the teacher's rows that spell each, [pieces, width].

    A piece with no spelling gets a random row of standard deviation `spread`.
    """
    generator = torch.Generator().manual_seed(seed)
    made = spread * torch.randn(len(pieces), table.shape[1], generator=generator)
    for place, ids in enumerate(pieces):
        if ids:
            made[place] = table[ids].mean(0).to(made)
    return made


def factors(table: torch.Tensor, narrow: int) -> tuple[torch.Tensor, torch.Tensor]:
    """The best product [pieces, narrow] x [narrow, width] of that rank for a table (by SVD)."""
    left, sizes, right = torch.linalg.svd(table, full_matrices=False)
    return left[:, :narrow] * sizes[:narrow], right[:narrow]
