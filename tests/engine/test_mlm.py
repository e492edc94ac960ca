"""Masked-language-model training: batches by seed, a tied head, losses, checks, stored heads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import VOCABULARY, prepared, tiny_model
from safetensors.torch import load_file, save_file
from torch.nn import functional

from engine import loop, mlm
from engine.job import Job
from engine.ops.masking import IGNORED


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path) -> Job:
    return prepared(tiny_run, tmp_path)


def rows_of(job: Job, **options: Any) -> mlm.Rows:
    return mlm.rows(job.teacher.tokenizer, job.text, 16, 0, **options)


def batch_of(job: Job, seed: int = 0, **options: Any) -> mlm.MaskedBatch:
    return mlm.feed(job, rows_of(job, **options)).batch(np.arange(12), seed)


def test_masks_depend_on_the_seed_of_the_step(job: Job) -> None:
    one, same, other = (batch_of(job, seed) for seed in (3, 3, 4))
    assert torch.equal(one.input_ids, same.input_ids)
    assert torch.equal(one.targets, same.targets)
    assert not torch.equal(one.targets, other.targets)


def test_targets_are_the_pieces_that_stood_there(job: Job) -> None:
    rows, batch = rows_of(job), batch_of(job)
    for place, row in enumerate(batch.rows):
        size, wanted = rows.lengths[row], torch.from_numpy(rows.ids[row].astype(np.int64))
        hidden = batch.targets[place, :size] != IGNORED
        assert torch.equal(batch.targets[place, :size][hidden], wanted[hidden])
        assert torch.equal(batch.input_ids[place, :size][~hidden], wanted[~hidden])
        assert not hidden[[0, size - 1]].any()
    assert (batch.targets[batch.attention_mask == 0] == IGNORED).all()


def test_segments_have_their_types(job: Job) -> None:
    batch = batch_of(job, task="sop")
    assert batch.order is not None
    assert set(batch.order.tolist()) == {0, 1}
    assert batch.token_type_ids.max() == 1
    assert batch_of(job).order is None


@pytest.mark.parametrize("key", ["bert", "roberta", "electra", "albert", "distilbert"])
def test_the_decoder_is_the_word_table(key: str, job: Job) -> None:
    classifier: Any = tiny_model(key)
    model = mlm.MaskedModel(classifier, 0, order=True).eval()
    table = classifier.base_model.get_input_embeddings().weight
    own = sum(p.numel() for p in model.parameters()) - sum(
        p.numel() for p in classifier.base_model.parameters()
    )
    hidden, width = 16, table.shape[1]
    assert own == (hidden + 1) * width + 2 * width + len(VOCABULARY) + 2 * (hidden + 1)
    scores, targets, order = model(batch_of(job, task="sop"))
    assert scores.shape == (len(targets), len(VOCABULARY))
    assert order is not None
    assert order.shape == (12, 2)


def test_training_the_head_trains_the_classifiers_encoder(job: Job) -> None:
    classifier: Any = tiny_model("albert")
    model = mlm.MaskedModel(classifier, 0)
    mlm.loss(job)(model, batch_of(job))["loss"].backward()
    assert classifier.albert.embeddings.word_embeddings.weight.grad.abs().sum() > 0
    assert classifier.classifier.weight.grad is None


@torch.no_grad()
def test_the_loss_is_the_sum_of_two_mean_cross_entropies(job: Job) -> None:
    model, batch = (
        mlm.MaskedModel(tiny_model("bert"), 0, order=True).eval(),
        batch_of(job, task="sop"),
    )
    parts = {name: float(value) for name, value in mlm.loss(job)(model, batch).items()}
    scores, targets, order = model(batch)
    masked, swapped = (
        float(functional.cross_entropy(a, b)) for a, b in ((scores, targets), (order, batch.order))
    )
    assert parts["masked"] == pytest.approx(masked, rel=0.01)
    assert parts["order"] == pytest.approx(swapped, rel=0.01)
    assert parts["loss"] == pytest.approx(parts["masked"] + parts["order"])


def test_a_check_uses_the_same_masks_each_time(job: Job) -> None:
    model = mlm.MaskedModel(tiny_model("bert"), 0, order=True)
    check = mlm.check(job, rows_of(job, task="sop"))
    one, other = check(model), check(model)
    assert one is not None
    assert one == other
    assert set(one.values) == {"masked/accuracy", "masked/loss", "order/accuracy"}
    assert one.rank == (-one.values["masked/loss"],)


def test_guessing_is_learned(job: Job) -> None:
    rows = rows_of(job)
    model, check = mlm.MaskedModel(tiny_model("bert"), 0), mlm.check(job, rows)
    before = check(model)
    loop.fit(
        job, model, mlm.loss(job), stage="Train", feed=mlm.feed(job, rows), epochs=8,
        learning_rate=3e-3, check=check,
    )  # fmt: skip
    after = check(model)
    assert before is not None
    assert after is not None
    assert after.values["masked/loss"] < before.values["masked/loss"] - 0.2


def test_a_stored_head_is_taken_from_the_teachers_file(job: Job, tmp_path: Path) -> None:
    path = job.info.folder / "model.safetensors"
    model = mlm.MaskedModel(job.teacher.model, 0)
    assert not mlm.load_head(job, model)
    folder = tmp_path / "with-head"
    folder.mkdir()
    place = "cls.predictions"
    head = {
        f"{place}.transform.dense.weight": torch.ones(16, 16),
        f"{place}.transform.dense.bias": torch.ones(16),
        f"{place}.transform.LayerNorm.weight": torch.ones(16),
        f"{place}.transform.LayerNorm.bias": torch.zeros(16),
        f"{place}.bias": torch.full((len(VOCABULARY),), 3.0),
    }
    save_file({**load_file(path), **head}, folder / "model.safetensors")
    object.__setattr__(job.info, "folder", folder)
    assert mlm.load_head(job, model)
    assert model.head.bias.tolist() == [3.0] * len(VOCABULARY)
