"""Is the teacher worth learning from, is its file made once, and are all answers kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jobs import model_folder, prepared, trained

from engine import finish, models
from engine.checks import evaluate
from engine.errors import BadInput
from engine.events import Event
from engine.job import Job
from engine.package import Package


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path) -> Job:
    return prepared(tiny_run, tmp_path)


@pytest.fixture(scope="module")
def good_teacher(
    tiny_teacher: Path, tiny_data: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The tiny teacher after enough fine-tuning to know good from bad."""
    folder = tmp_path_factory.mktemp("good")
    run = {
        "teacher": {"source": "folder", "path": str(tiny_teacher)}, "data": tiny_data,
        "method": {"key": "finetune"}, "device": "cpu",
        "training": {"epochs": 12, "batch_size": 8, "learning_rate": 5e-3, "threads": 1},
    }  # fmt: skip
    job = prepared(run, folder)
    student = job.method.run(job, job.params)
    found = evaluate(job, student)
    assert found is not None
    assert found["accuracy"] > 0.8
    one = job.teacher
    models.export_weights(
        student, one.architecture, one.config, job.data.labels, one.tokenizer, folder / "model"
    )
    return folder / "model"


def warnings(events: list[Event]) -> list[str]:
    return [event.text for event in events if event.data.get("level") == "warning"]


def test_a_random_teacher_is_called_untrained(job: Job) -> None:
    found = finish.check_teacher(job)
    assert found["untrained"]
    assert found["majority"] == 0.5
    assert found["sentence"].startswith("This teacher is no better than guessing: ")
    assert found["sentence"].endswith("Fine-tune it first.")


def test_a_trained_teacher_is_fine(
    good_teacher: Path, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    run = {**tiny_run, "teacher": {"source": "folder", "path": str(good_teacher)}}
    found = finish.check_teacher(prepared(run, tmp_path))
    assert not found["untrained"]
    assert found["sentence"] == ""
    assert found["low"] < found["accuracy"] <= found["high"] + 1e-9


@pytest.mark.parametrize(("right", "untrained"), [(13, True), (14, False)])
def test_five_points_above_the_majority_are_enough(
    right: int, untrained: bool, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = job.data.splits["validation"].labels
    assert labels is not None
    answers = np.where(np.arange(24) < right, labels, 1 - labels)
    monkeypatch.setattr(finish, "teacher_logits", lambda *_: np.eye(2)[answers])
    assert finish.check_teacher(job)["untrained"] is untrained


def test_a_teacher_without_answers_is_refused(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", labels=("a", "b", "c"))
    run = {**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}
    job = prepared(run, tmp_path)
    with pytest.raises(BadInput, match="no trained answers for these 2 classes; fine-tune it"):
        finish.prepare(job)
    assert finish.check_teacher(job)["accuracy"] is None


def test_fine_tuning_needs_no_trained_teacher(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", labels=("a", "b", "c"))
    events: list[Event] = []
    run = {**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}
    finish.prepare(prepared({**run, "method": {"key": "finetune"}}, tmp_path, events))
    assert not warnings(events)


def test_prepare_plots_the_reference_lines(
    job: Job, tmp_path: Path, tiny_run: dict[str, Any]
) -> None:
    events: list[Event] = []
    finish.prepare(prepared(tiny_run, tmp_path, events))
    values = {name for event in events for name in event.values}
    assert {"validation/teacher", "validation/majority"} <= values
    assert len(warnings(events)) == 1
    said = [event.text for event in events if event.text.startswith("Rows: ")]
    assert said[0].startswith("Rows: 96 train, 24 validation, 32 test; the teacher gets ")


# The teacher's file -------------------------------------------------------------------------


def test_the_teachers_file_is_made_once(job: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    first = finish.teacher_package(job)
    monkeypatch.setattr(finish, "export_model", lambda *_, **__: pytest.fail("exported again"))
    assert finish.teacher_package(job).folder == first.folder
    assert first.labels == ("bad", "good")


def test_another_cut_off_is_another_file(job: Job) -> None:
    first = finish.teacher_package(job).folder
    job.max_length = 8
    assert finish.teacher_package(job).folder != first


def test_pairs_are_another_file_than_sentences(job: Job) -> None:
    first = finish.teacher_package(job).folder
    job.data = type(job.data)(**{**vars(job.data), "columns": ("a", "b")})
    assert finish.teacher_package(job).manifest.columns == ("a", "b")
    assert first.is_dir()


def test_a_damaged_file_in_the_cache_is_made_anew(job: Job) -> None:
    package = finish.teacher_package(job)
    (package.folder / "model.onnx").write_bytes(b"half")
    assert finish.teacher_logits(job, finish.teacher_package(job), "test").shape == (32, 2)


def test_the_teachers_answers_are_kept_beside_its_file(
    job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = finish.teacher_package(job)
    first = finish.teacher_logits(job, package, "test")
    monkeypatch.setattr(Package, "logits", lambda *_, **__: pytest.fail("asked again"))
    assert np.array_equal(finish.teacher_logits(job, package, "test"), first)


@pytest.mark.parametrize("damage", [b"", b"half", None])
def test_damaged_answers_are_asked_again(damage: bytes | None, job: Job) -> None:
    package = finish.teacher_package(job)
    first = finish.teacher_logits(job, package, "test")
    (path,) = package.folder.parent.glob("*.npy")
    if damage is None:
        np.save(path, first[:3])
    else:
        path.write_bytes(damage)
    assert np.array_equal(finish.teacher_logits(job, package, "test"), first)


def test_the_file_answers_like_the_model(job: Job) -> None:
    logits = finish.teacher_logits(job, finish.teacher_package(job), "validation")
    batch = job.batch(np.arange(24), "validation")
    assert np.allclose(logits, job.teacher.model(**batch.inputs).logits.detach().numpy(), atol=1e-4)


# The end of a run ---------------------------------------------------------------------------


def test_measuring_writes_package_answers_and_result(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    events: list[Event] = []
    job = prepared(tiny_run, tmp_path, events, epochs=1)
    finish.measure(job, job.method.run(job, job.params))
    (result,) = [event for event in events if event.kind == "result"]
    answers = np.load(job.folder / result.data["predictions"], allow_pickle=False)
    examples = json.loads((job.folder / result.data["examples"]).read_text("utf-8"))
    assert (
        answers["student_probabilities"].shape == answers["teacher_probabilities"].shape == (32, 2)
    )
    assert examples["labels"] == answers["labels"].tolist()
    assert len(examples["texts"][0]) == 32
    assert Package.open(job.folder / result.data["package"]).labels == ("bad", "good")
    assert result.data["teacher"]["title"] == job.info.title
    assert job.work.exists()  # until the history knows the result, a kill must cost nothing


def test_the_packages_pieces_are_cut_as_in_training(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    job = prepared(tiny_run, tmp_path, epochs=1)
    student = job.method.run(job, job.params)
    job.teacher.tokenizer.no_truncation()  # as reading plain text leaves it
    folder = finish.student_package(job, student, tmp_path / "package").folder
    cut = json.loads((folder / "tokenizer.json").read_text("utf-8"))["truncation"]
    assert cut["max_length"] == job.max_length


def test_without_a_trained_teacher_the_student_stands_alone(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "model", labels=("a", "b", "c"))
    events: list[Event] = []
    run = {
        **tiny_run,
        "teacher": {"source": "folder", "path": str(folder)},
        "method": {"key": "finetune"},
    }
    job = prepared(run, tmp_path, events, epochs=1)
    finish.measure(job, job.method.run(job, job.params))
    assert "student_predicted" in np.load(job.folder / "predictions.npz")
    assert "teacher_predicted" not in np.load(job.folder / "predictions.npz")


def test_the_packages_weights_are_a_teacher(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(tiny_run, tmp_path, epochs=1)
    finish.student_package(job, job.method.run(job, job.params), tmp_path / "package")
    run = {
        **tiny_run,
        "teacher": {"source": "folder", "path": str(tmp_path / "package" / "weights")},
    }
    chained = {**run, "method": {"key": "pkd", "layers": 1, "beta": 0}}
    assert trained(chained, tmp_path / "next", epochs=1) is not None


def test_versions_name_what_numbers_depend_on() -> None:
    assert set(finish.versions()) >= {
        "thimble",
        "torch",
        "transformers",
        "onnxruntime",
        "python",
        "system",
    }
