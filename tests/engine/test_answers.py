"""The teacher's answers: kept once for all runs, equal to asking, and never half written."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from jobs import SIZES, model_folder, prepared

from engine import answers, checkpoint
from engine.answers import TeacherAnswers
from engine.errors import BadInput
from engine.job import Job

NAMES = ("cls", "logits")


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path) -> Job:
    return prepared(tiny_run, tmp_path, precision="float32")


def folders(job: Job) -> list[Path]:
    return sorted((job.cache / "answers").iterdir())


@pytest.mark.parametrize("key", list(SIZES))
def test_stored_answers_are_those_of_the_model(
    key: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "model", key)
    teacher = {"source": "folder", "path": str(folder)}
    job = prepared(
        {**tiny_run, "teacher": teacher, "method": {"key": "finetune"}},
        tmp_path,
        precision="float32",
    )
    batch = job.batch(np.array([3, 90, 11]))
    asked = answers.ask(job, batch, NAMES)
    for name, value in TeacherAnswers(job, "train", NAMES).of(batch).items():
        assert torch.allclose(value, asked[name], atol=1e-6), name
    assert asked["cls"].shape == (3, job.info.shape.layers, 16)


def test_a_second_run_asks_nothing(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    TeacherAnswers(job, "train", NAMES)
    monkeypatch.setattr(answers, "ask", lambda *_: pytest.fail("asked again"))
    again = TeacherAnswers(job, "train", NAMES)
    assert again.of(job.batch(np.array([1])))["logits"].shape == (1, 2)
    assert len(folders(job)) == 1


def test_another_split_or_other_outputs_are_kept_apart(job: Job) -> None:
    for split, names in (("train", NAMES), ("validation", NAMES), ("train", ("logits",))):
        TeacherAnswers(job, split, names)
    assert len(folders(job)) == 3


@pytest.mark.parametrize("part", ["max_length", "labels", "precision"])
def test_what_changes_the_answers_changes_their_place(part: str, job: Job) -> None:
    def key() -> str:
        return TeacherAnswers(job, "train", ("logits",))._key()

    before = key()
    if part == "max_length":
        job.max_length -= 1
    elif part == "labels":
        job.data = type(job.data)(**{**vars(job.data), "labels": job.data.labels[::-1]})
    else:
        job.setup = type(job.setup)("cpu", 1, "bfloat16")
    assert key() != before


def test_a_half_written_folder_is_filled_again(job: Job) -> None:
    TeacherAnswers(job, "train", ("logits",))
    (folder,) = folders(job)
    (folder / checkpoint.MARKER).unlink()
    (folder / "logits.npy").write_bytes(b"half")
    stored = TeacherAnswers(job, "train", ("logits",)).stored
    assert stored is not None
    assert stored["logits"].shape == (96 * 2,)


def test_answers_dropped_by_another_run_are_asked_again(job: Job) -> None:
    TeacherAnswers(job, "train", ("logits",))
    (folder,) = folders(job)
    (folder / "logits.npy").unlink()  # the mark is still there
    found = TeacherAnswers(job, "train", ("logits",))
    assert found.of(job.batch(np.array([1, 2])))["logits"].shape == (2, 2)


def test_the_faster_of_two_runs_is_believed(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    first = TeacherAnswers(job, "train", ("logits",))
    (folder,) = folders(job)
    before = (folder / "logits.npy").stat().st_ino
    first._fill(folder)
    assert (folder / "logits.npy").stat().st_ino == before
    assert len(folders(job)) == 1


def test_what_a_killed_run_left_is_swept(job: Job) -> None:
    left = job.cache / "answers" / ".0123.999999999"
    left.mkdir(parents=True)
    TeacherAnswers(job, "train", ("logits",))
    assert not left.exists()


def test_a_failure_half_way_leaves_nothing(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(answers, "ask", full)
    with pytest.raises(BadInput, match="is full; free some space"):
        TeacherAnswers(job, "train", ("logits",))
    assert folders(job) == []


def test_answers_too_large_for_the_disk_are_asked_each_time(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage(job.cache.parent)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    found = TeacherAnswers(job, "train", ("logits",))
    assert found.stored is None
    assert folders(job) == []
    assert found.of(job.batch(np.array([1, 2])))["logits"].shape == (2, 2)


def test_answers_used_longest_ago_make_room(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    TeacherAnswers(job, "train", ("logits",))
    (old,) = folders(job)
    size = sum(path.stat().st_size for path in old.iterdir())
    monkeypatch.setattr(answers, "LARGEST_CACHE", size + 100)
    TeacherAnswers(job, "validation", ("logits",))
    assert not old.exists()
    assert len(folders(job)) == 1
