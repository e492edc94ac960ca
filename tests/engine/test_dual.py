"""Teacher copies, tables and pairs: what starts where, what moves, what the projection sees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import model_folder, prepared, same_weights
from tokenizers import Tokenizer

from engine import dual, guessing, mlm
from engine.errors import BadInput
from engine.job import Job
from engine.mixed import mixers
from engine.mixing import learn_vocabulary
from engine.models import Loaded
from engine.shape import Shape


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path) -> Job:
    return prepared(tiny_run, tmp_path)


@pytest.fixture
def pieces(job: Job) -> Tokenizer:
    return learn_vocabulary(job.text.sentences, 48, job.teacher.tokenizer)


def small(job: Job, pieces: Tokenizer, hidden: int = 8, positions: int = 32) -> Loaded:
    shape = Shape("bert", 4, hidden, 2, 4 * hidden, 48, positions, 2, 2)
    return dual.small_bert(job, pieces, shape)


def version_one(job: Job, student: Loaded, **changes: Any) -> tuple[dual.DualModel, dual.Pairs]:
    settings = {"start": "teacher", "sliced": False, "tied": True, "frozen": False, **changes}
    return dual.version_one(job, dual.teacher_copy(job), student, "down", **settings)


def test_the_copy_is_the_teacher_and_not_the_same_tensors(job: Job) -> None:
    copy, own = dual.teacher_copy(job).encoder, job.teacher.model.base_model
    assert same_weights(copy, own)
    with torch.no_grad():
        next(copy.parameters()).add_(1)
    assert not same_weights(copy, own)


def test_a_shared_piece_starts_from_the_teachers_row(job: Job, pieces: Tokenizer) -> None:
    copy = dual.teacher_copy(job)
    table = dual.piece_table(job, copy, pieces, "teacher").weight
    wide = copy.encoder.get_input_embeddings().weight
    mask = pieces.token_to_id("[MASK]"), job.teacher.tokenizer.token_to_id("[MASK]")
    assert torch.equal(table[mask[0]], wide[mask[1]])
    drawn = dual.piece_table(job, copy, pieces, "random").weight
    assert not torch.equal(drawn[mask[0]], wide[mask[1]])


def test_every_variable_of_a_layer_is_paired(job: Job, pieces: Tokenizer) -> None:
    _, pairs = version_one(job, small(job, pieces))
    assert len(pairs) == 4
    assert all(len(layer) == 16 for layer in pairs)
    student = sum(own.numel() for layer in pairs for _, own in layer)
    assert student == 4 * Shape("bert", 4, 8, 2, 32, 48, 32, 2, 2).layer_parameters


def test_the_matrices_are_few_and_shared(job: Job, pieces: Tokenizer) -> None:
    model, _ = version_one(job, small(job, pieces))
    assert sorted(model.projection.left) == ["16-8", "32-32"]
    assert len(list(model.projection.parameters())) == 4


def test_a_sliced_student_starts_with_no_distance(job: Job, pieces: Tokenizer) -> None:
    model, pairs = version_one(job, small(job, pieces), sliced=True)
    assert float(model.projection(pairs).sum().detach()) == 0
    narrow = model.student.encoder.get_input_embeddings().weight
    table = model.projection.table_distance(model.teacher.second(), narrow)
    assert float(table.detach()) == 0


@pytest.mark.parametrize("frozen", [True, False])
def test_a_frozen_teacher_keeps_its_own_weights(job: Job, pieces: Tokenizer, frozen: bool) -> None:
    model, _ = version_one(job, small(job, pieces), frozen=frozen)
    assert all(one.requires_grad != frozen for one in dual.own_parameters(model.teacher))
    assert model.teacher.second.weight.requires_grad
    assert model.teacher.second_bias.requires_grad


def test_the_teacher_moves_at_its_own_rate(job: Job, pieces: Tokenizer) -> None:
    model, _ = version_one(job, small(job, pieces))
    groups = dual.groups(model, 0.01, 1e-6)
    own = {id(one) for one in dual.own_parameters(model.teacher)}
    every = [id(one) for group in groups for one in group["params"]]
    assert len(every) == len(set(every)) == len(list(model.parameters()))
    for group in groups:
        assert {id(one) in own for one in group["params"]} == {group.get("lr") == 1e-6}


def test_the_students_table_widens_to_the_teachers(job: Job, pieces: Tokenizer) -> None:
    student, copy = small(job, pieces, hidden=16), dual.teacher_copy(job)
    model = dual.version_two(job, copy, student, start="teacher", frozen=True)
    wide = dual.piece_table(job, copy, pieces, "teacher").weight
    assert torch.allclose(model.teacher.second(), wide, atol=1e-4)
    dual.take_table(student, model)
    taken: Any = student.model
    assert torch.equal(taken.bert.embeddings.word_embeddings.weight, model.teacher.second.weight)


@pytest.mark.parametrize("key", ["electra", "distilbert", "albert"])
@pytest.mark.parametrize("sliced", [True, False])
def test_every_family_with_word_pieces_can_teach(
    key: str, sliced: bool, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / key, key)
    job = prepared({**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}, tmp_path)
    pieces = learn_vocabulary(job.text.sentences, 48, job.teacher.tokenizer)
    shape = Shape("bert", job.info.shape.layers, 8, 2, 32, 48, 32, 2, 2)
    model, pairs = version_one(job, dual.small_bert(job, pieces, shape), sliced=sliced)
    mixer = mixers(job, pieces, (job.text, job.text), 0.3)[0]
    batch = mixer.batch(np.arange(8), 0.5, np.random.default_rng(0))
    parts = guessing.dual_loss(job, pairs, 1e-3, False)(model, batch)
    parts["loss"].backward()
    assert float(parts["projection"].detach()) >= 0
    assert model.teacher.second.weight.grad is not None


def test_a_model_stores_every_tensor_once(job: Job, pieces: Tokenizer) -> None:
    model, _ = version_one(job, small(job, pieces))
    places = [one.data_ptr() for one in model.state_dict().values()]
    assert len(places) == len(set(places))


def test_too_few_positions_are_refused(job: Job, pieces: Tokenizer) -> None:
    with pytest.raises(BadInput, match="at least 16 positions"):
        small(job, pieces, positions=8)


@pytest.mark.parametrize(
    ("hidden", "heads", "positions", "count"),
    [(48, 12, 128, 591_970), (96, 12, 512, 1_888_642), (192, 12, 128, 6_389_698)],
)
def test_published_students_have_their_plain_counts(
    hidden: int, heads: int, positions: int, count: int
) -> None:
    from engine.architectures import ARCHITECTURES
    from engine.models import build

    sizes = {
        "vocab_size": 4928, "hidden_size": hidden, "num_hidden_layers": 12,
        "num_attention_heads": heads, "intermediate_size": 4 * hidden,
        "max_position_embeddings": positions,
    }  # fmt: skip
    bert = ARCHITECTURES["bert"]
    with torch.device("meta"):
        # Two answers take the place of the next-sentence head, which is as large
        model = build(bert, bert.fields(**sizes).model_dump(), ("no", "yes"), 0, blank=True)
        masked = mlm.MaskedHead(hidden, hidden, 4928, "gelu")
    found = [*model.parameters(), *masked.parameters()]
    assert sum(one.numel() for one in found) == count
    assert all(one.is_meta for one in found)
