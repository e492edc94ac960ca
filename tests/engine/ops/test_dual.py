"""A teacher that reads two vocabularies: whose row stands where, and which softmax guesses."""

from __future__ import annotations

import torch
from jobs import config_for, tiny_model
from torch.nn import functional

from engine.mlm import MaskedModel
from engine.ops.dual import MappedTable, MixedTeacher, PieceTable, factors, mixed_loss, start_table

IDS = torch.tensor([[2, 5, 6, 7, 3]])
NONE = torch.zeros(1, 5, dtype=torch.bool)
MASK = torch.ones(1, 5, dtype=torch.long)
TARGETS = torch.tensor([[-100, 5, -100, 7, -100]])


def made(pieces: int = 11, output: torch.Tensor | None = None) -> MixedTeacher:
    copy = MaskedModel(tiny_model("bert"), 0).eval()
    second = PieceTable(torch.randn(pieces, 16))
    return MixedTeacher(copy.encoder, copy.head, second, pieces, output).eval()


def test_without_student_pieces_it_is_the_teacher_itself() -> None:
    teacher = made()
    own, other = teacher(IDS, NONE, MASK, TARGETS)
    states = teacher.encoder(input_ids=IDS, attention_mask=MASK).last_hidden_state[0, [1, 3]]
    assert torch.allclose(own[0], teacher.head(states, teacher.table), atol=1e-6)
    assert own[1].tolist() == [5, 7]
    assert len(other[1]) == 0


def test_a_place_is_guessed_by_the_vocabulary_that_cut_it() -> None:
    flags = torch.tensor([[False, False, False, True, False]])
    own, other = made(pieces=11)(IDS, flags, MASK, TARGETS)
    assert own[0].shape == (1, config_for("bert")["vocab_size"])
    assert other[0].shape == (1, 11)
    assert (own[1].tolist(), other[1].tolist()) == ([5], [7])


def test_the_students_rows_are_read_where_it_cut() -> None:
    teacher = made()
    flags = torch.tensor([[False, False, True, False, False]])
    before = teacher(IDS, flags, MASK, TARGETS)[0][0]
    with torch.no_grad():
        teacher.second.weight[6] += torch.randn(16)
    assert not torch.equal(before, teacher(IDS, flags, MASK, TARGETS)[0][0])
    plain = teacher(IDS, NONE, MASK, TARGETS)[0][0]
    with torch.no_grad():
        teacher.second.weight[6] += torch.randn(16)
    assert torch.equal(plain, teacher(IDS, NONE, MASK, TARGETS)[0][0])


def test_a_second_output_table_is_used_when_given() -> None:
    output = torch.zeros(11, 16)
    flags = torch.tensor([[False, False, False, True, False]])
    scores = made(output=output)(IDS, flags, MASK, TARGETS)[1][0]
    assert torch.equal(scores, torch.zeros(1, 11))


def test_the_loss_is_the_mean_over_all_hidden_pieces() -> None:
    own = (torch.randn(3, 9), torch.tensor([1, 2, 3]))
    other = (torch.randn(1, 5), torch.tensor([4]))
    each = [functional.cross_entropy(*own, reduction="sum"), functional.cross_entropy(*other)]
    assert torch.allclose(mixed_loss(own, other), sum(each) / 4)


def test_a_mapped_table_is_affine() -> None:
    narrow, widen = torch.randn(11, 4), torch.randn(4, 16)
    table = MappedTable(narrow, widen)
    assert torch.allclose(table(), narrow @ widen, atol=1e-6)
    with torch.no_grad():
        table.widen.bias.fill_(1)
    assert torch.allclose(table(), narrow @ widen + 1, atol=1e-6)


def test_factors_rebuild_a_table_of_that_rank() -> None:
    table = torch.randn(20, 3) @ torch.randn(3, 16)
    narrow, widen = factors(table, 3)
    assert torch.allclose(narrow @ widen, table, atol=1e-4)


def test_rows_start_from_their_spelling() -> None:
    table = torch.arange(12.0).view(4, 3)
    made = start_table(table, [[1], [0, 2], []], 0.02, 0)
    assert torch.equal(made[0], table[1])
    assert torch.equal(made[1], table[[0, 2]].mean(0))
    assert 0 < float(made[2].abs().max()) < 0.2
