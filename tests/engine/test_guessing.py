"""Stages on hidden words: what is judged, the head of the teacher's file, and the sums of the loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import prepared
from safetensors.torch import load_file, save_file
from small import small_method

from engine import dual, guessing, mixed
from engine.events import Event
from engine.job import Job
from engine.mixing import learn_vocabulary
from engine.shape import Shape


def made(job: Job) -> tuple[dual.DualModel, dual.Pairs, mixed.Mixer]:
    pieces = learn_vocabulary(job.text.sentences, 48, job.teacher.tokenizer)
    student = dual.small_bert(job, pieces, Shape("bert", 4, 8, 2, 32, 48, 32, 2, 2))
    model, pairs = dual.version_one(
        job, dual.teacher_copy(job), student, "down", start="teacher", sliced=False, tied=True,
        frozen=False,
    )  # fmt: skip
    return model.eval(), pairs, mixed.mixers(job, pieces, (job.text, job.text), 0.3)[0]


def test_text_to_judge_by_is_not_learned_from(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(tiny_run, tmp_path)
    train, held_out = guessing.texts(job, 30)
    assert 30 <= len(train.sentences) < 40
    assert 1 <= len(held_out.sentences) <= 4


@pytest.mark.parametrize("averaged", [True, False])
def test_the_loss_is_the_sum_of_its_parts(
    averaged: bool, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(tiny_run, tmp_path, precision="float32")
    model, pairs, mixer = made(job)
    batch = mixer.batch(np.arange(8), 0.5, np.random.default_rng(0))
    found = guessing.dual_loss(job, pairs, 2.0, averaged)(model, batch)
    parts = [found[name] for name in ("student", "teacher", "projection")]
    assert torch.allclose(found["loss"], torch.stack(parts).sum())
    assert torch.allclose(found["projection"], found["distance"].sum())
    assert found["distance"].shape == (5,)


def test_the_mean_divides_the_sum_by_the_students_elements(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(tiny_run, tmp_path)
    model, pairs, mixer = made(job)
    batch = mixer.batch(np.arange(8), 0.5, np.random.default_rng(0))
    found = [
        guessing.dual_loss(job, pairs, 1.0, averaged)(model, batch)["projection"]
        for averaged in (False, True)
    ]
    elements = 48 * 8 + 4 * Shape("bert", 4, 8, 2, 32, 48, 32, 2, 2).layer_parameters
    assert torch.allclose(found[0] / elements, found[1])


def test_a_head_in_the_teachers_file_is_used(
    tiny_run: dict[str, Any], tiny_teacher: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "with head"
    folder.mkdir()
    for path in tiny_teacher.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    state = load_file(folder / "model.safetensors")
    place = "cls.predictions"
    state[f"{place}.transform.dense.weight"] = torch.eye(16)
    state[f"{place}.transform.dense.bias"] = torch.zeros(16)
    state[f"{place}.transform.LayerNorm.weight"] = torch.ones(16)
    state[f"{place}.transform.LayerNorm.bias"] = torch.zeros(16)
    state[f"{place}.bias"] = torch.zeros(17)
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    events: list[Event] = []
    run = {
        **tiny_run,
        "teacher": {"source": "folder", "path": str(folder)},
        "method": small_method("extreme"),
    }
    job = prepared(run, tmp_path, events)
    fit = {"epochs": 1, "batch_size": 16, "learning_rate": 1e-3}
    copy = guessing.guessing_teacher(
        job, guessing.texts(job, 30), 30, stage="Teacher's head", rate=0.15, **fit
    )
    assert torch.equal(copy.head.dense.weight, torch.eye(16))
    assert any("holds a head" in event.text for event in events if event.kind == "note")


def test_a_new_head_is_trained_and_the_encoder_is_not(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared({**tiny_run, "method": small_method("extreme")}, tmp_path)
    fit = {"epochs": 1, "batch_size": 16, "learning_rate": 1e-2}
    before = dual.teacher_copy(job)
    copy = guessing.guessing_teacher(
        job, guessing.texts(job, None), 60, stage="Teacher's head", rate=0.15, **fit
    )
    assert not torch.equal(copy.head.dense.weight, before.head.dense.weight)
    for own, old in zip(copy.encoder.parameters(), before.encoder.parameters(), strict=True):
        assert torch.equal(own, old)
