"""A student that is its teacher is no distance away, in every family and with either padding."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import model_folder, prepared, same_weights

from engine import answers, models
from engine.following import (
    Following,
    Pupil,
    chosen_layers,
    layer_loss,
    layers_check,
    reduce_embeddings,
    text_feed,
)
from engine.job import Job
from engine.ops.layerwise import LearnedMaps
from engine.parts import FAMILIES

ALL = Following((1, 2, 3, 4), True, True, True)


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path) -> Job:
    return prepared(tiny_run, tmp_path, precision="float32")


def twin(job: Job, layers: int = 4, **changes: bool) -> Pupil:
    """The teacher's first layers with maps that change nothing, in eval mode."""
    student = chosen_layers(job.teacher, range(1, layers + 1), 0)
    width = job.info.shape.hidden
    return Pupil(student, LearnedMaps(layers, width, width, "shared", 0, torch.eye(width))).eval()


@pytest.mark.parametrize("padding", ["none", "valid_only"])
@pytest.mark.parametrize("normalised", [False, True])
def test_a_copy_of_the_teacher_is_exactly_no_distance_away(
    padding: Any, normalised: bool, job: Job
) -> None:
    follow = replace(ALL, padding=padding, normalised=normalised)
    found = layer_loss(job, follow, None)(twin(job), job.batch(np.arange(12)))
    assert set(found) == {"loss", "embedding", "hidden", "attention", "distance"}
    for name in ("loss", "embedding", "hidden", "attention"):
        assert found[name].item() == 0.0, name
    assert found["distance"].tolist() == [0.0] * 5


@pytest.mark.parametrize("family", [*FAMILIES])
def test_every_family_follows_itself(family: str, tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", family)
    run = {**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}
    run["method"] = {"key": "finetune"}
    own = prepared(run, tmp_path, precision="float32")
    layers = own.info.shape.layers
    follow = Following(tuple(range(1, layers + 1)), True, True, True)
    pupil, batch = twin(own, layers), own.batch(np.arange(8))
    assert layer_loss(own, follow, None)(pupil, batch)["loss"].item() == 0.0
    with torch.no_grad():
        next(pupil.student.parameters()).mul_(1.5)
    assert layer_loss(own, follow, None)(pupil, batch)["loss"].item() > 0.0


def test_layers_are_chosen_in_their_order(job: Job) -> None:
    student = chosen_layers(job.teacher, (2, 4), 0)
    theirs = job.teacher.model.bert.encoder.layer
    assert [len(student.bert.encoder.layer), student.config.num_hidden_layers] == [2, 2]
    assert same_weights(student.bert.encoder.layer[0], theirs[1])
    assert same_weights(student.bert.encoder.layer[1], theirs[3])
    assert same_weights(student.classifier, job.teacher.model.classifier)


def test_reduced_embeddings_keep_what_the_directions_span(job: Job) -> None:
    student = models.resized(job.teacher, 0, hidden=12, heads=2, feed_forward=16)
    directions = reduce_embeddings(student, job.teacher)
    assert directions.shape == (16, 12)
    for name in ("word_embeddings", "position_embeddings", "token_type_embeddings"):
        own, theirs = (
            getattr(m.bert.embeddings, name).weight for m in (student, job.teacher.model)
        )
        assert torch.allclose(own, theirs @ directions, atol=1e-6)


def test_stored_and_fresh_states_give_the_same_loss(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow = Following((2, 4), True, True, True, padding="valid_only")
    pupil, batch = twin(job, 2), job.batch(np.array([5, 0, 40, 17]))
    stored = layer_loss(job, follow, "train")(pupil, batch)
    (kept,) = job._answers.values()
    assert kept.stored is not None
    monkeypatch.setattr("engine.answers.LARGEST_CACHE", 0)
    job._answers.clear()
    fresh = layer_loss(job, follow, "train")(pupil, batch)
    assert next(iter(job._answers.values())).stored is None
    for name, value in fresh.items():
        assert torch.allclose(stored[name], value, atol=1e-6), name


@pytest.mark.parametrize("change", [{"padding": "none"}, {"dropout": True}])
def test_what_differs_from_step_to_step_is_not_stored(change: dict[str, Any], job: Job) -> None:
    follow = replace(ALL, **{"padding": "valid_only", **change})
    layer_loss(job, follow, "train")(twin(job), job.batch(np.arange(4)))
    assert not job._answers


def test_the_teacher_drops_units_only_when_asked(job: Job) -> None:
    batch = job.batch(np.arange(4))
    names = ("attention/1,4", "hidden/0,4", "logits")
    plain, again = (answers.ask(job, batch, names) for _ in range(2))
    dropped = answers.ask(job, batch, names, dropout=True)
    assert all(torch.equal(plain[name], again[name]) for name in names)
    assert not any(torch.equal(plain[name], dropped[name]) for name in names)
    assert not job.teacher.model.training


@pytest.mark.parametrize("terms", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0, 1)])
def test_only_the_terms_asked_for_are_there(terms: tuple[int, ...], job: Job) -> None:
    names = [n for n, on in zip(("embedding", "hidden", "attention"), terms, strict=True) if on]
    follow = Following((1, 2, 3, 4), *map(bool, terms))
    found = layer_loss(job, follow, None)(twin(job), job.batch(np.arange(4)))
    assert set(found) == {"loss", "distance", *names}
    assert len(found["distance"]) == len(follow.titles)


def test_rows_of_the_table_name_both_layers() -> None:
    follow = Following((2, 4), True, True, True)
    assert follow.titles == ["Embedding", "Layer 1, from 2", "Layer 2, from 4"]
    assert replace(follow, embedding=False, hidden=False).titles == follow.titles[1:]


def test_nearer_layers_rank_higher(job: Job) -> None:
    check, pupil = layers_check(job, ALL), twin(job)
    at_start = check(pupil)
    with torch.no_grad():
        pupil.maps.maps[0].weight.mul_(1.1)
    later = check(pupil)
    assert at_start is not None
    assert later is not None
    assert at_start.values == {"validation/distance": 0.0}
    assert at_start.rank > later.rank


def test_plain_text_is_fed_without_masks(job: Job) -> None:
    feed = text_feed(job)
    batch = feed.batch(np.arange(3), 0)
    mask = job.teacher.tokenizer.token_to_id("[MASK]")
    assert batch.labels is None
    assert not (batch.input_ids == mask).any()
    assert batch.input_ids.shape[1] <= job.max_length
