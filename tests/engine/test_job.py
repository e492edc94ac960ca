"""What a running method may touch, and how a run speaks of itself."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from jobs import edit_config, model_folder, prepared

from engine.errors import BadInput, Stopped
from engine.events import Event, parse
from engine.job import Job
from engine.paths import told_file
from engine.spec import make_spec


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def job(tiny_run: dict[str, Any], tmp_path: Path, events: list[Event]) -> Job:
    """A job that has not read its data yet."""
    return Job(make_spec(tiny_run), tmp_path / "run", tmp_path / "cache", events.append)


def fractions(events: list[Event]) -> list[float]:
    return [event.data["fraction"] for event in events if event.kind == "progress"]


def test_what_is_remembered_is_computed_once(job: Job, tiny_run: dict[str, Any]) -> None:
    assert job.remember("words", lambda: [1, 2]) == [1, 2]
    again = Job(make_spec(tiny_run), job.folder, job.cache, lambda _: None)
    assert again.remember("words", lambda: pytest.fail("computed twice")) == [1, 2]


def test_a_resumed_run_keeps_its_set_up(job: Job, tiny_run: dict[str, Any]) -> None:
    other = make_spec({**tiny_run, "training": {**tiny_run["training"], "threads": 2}})
    assert Job(other, job.folder, job.cache, lambda _: None).setup == job.setup


def test_the_bar_runs_from_nothing_to_all(job: Job, events: list[Event]) -> None:
    for title in job.stages:
        with job.stage(title):
            job.progress(0.5)
    found = fractions(events)
    assert found == sorted(found)
    assert found[0] == 0.0
    assert found[-1] == pytest.approx(1.0)


def test_the_bar_never_goes_back(job: Job, events: list[Event]) -> None:
    for title in ("Prepare", "Train", "Prepare", "Measure"):
        with job.stage(title):
            pass
    assert fractions(events) == sorted(fractions(events))


def test_a_stage_is_announced_and_timed(job: Job, events: list[Event]) -> None:
    with job.stage("Train"):
        pass
    found = [event for event in events if event.kind == "stage"]
    assert [event.data["state"] for event in found] == ["begun", "done"]
    assert found[0].data["index"] == 1
    assert found[1].data["seconds"] >= 0


def test_progress_is_said_a_few_times_a_second(job: Job, events: list[Event]) -> None:
    with job.stage("Train"):
        for i in range(1000):
            job.progress(i / 1000)
    assert len(fractions(events)) < 20


def test_events_carry_step_and_stage(job: Job, events: list[Event]) -> None:
    job.step = 4
    with job.stage("Train"):
        job.emit({"loss": 0.5})
        job.layers("distance", {"Layer 1": 1.0})
        job.note("A sentence.", "warning")
    said = [event for event in events if event.kind in ("scalar", "layers", "note")]
    assert {(event.step, event.stage) for event in said} == {(4, "Train")}
    assert said[2].data == {"level": "warning"}


def test_a_stop_is_heard_before_a_stage(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    stop = threading.Event()
    job = Job(make_spec(tiny_run), tmp_path, tmp_path, lambda _: None, stop=stop)
    job.check_stop()
    stop.set()
    assert job.stopping
    with pytest.raises(Stopped), job.stage("Train"):
        pytest.fail("the stage began")


def test_prepared_data_is_tokenised_and_cut(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    job = prepared(tiny_run, tmp_path, max_length=8)
    assert {name: len(split) for name, split in job.encoded.items()} == {
        "train": 96,
        "validation": 24,
    }
    assert max(split.lengths.max() for split in job.encoded.values()) == 8


def test_a_teacher_without_head_is_not_trained(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", labels=("a", "b", "c"))
    assert prepared(tiny_run, tmp_path / "one").teacher_is_trained
    other = {**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}
    assert not prepared(other, tmp_path / "two").teacher_is_trained


@pytest.mark.parametrize(("key", "longest"), [("bert", 12), ("roberta", 10)])
def test_sentences_fit_the_models_positions(
    key: str, longest: int, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    folder = model_folder(tmp_path / "model", key, max_position_embeddings=12)
    job = prepared({**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}, tmp_path)
    assert job.max_length == longest
    job.teacher.model(**job.batch(job.encoded["train"].lengths.argsort()[-2:]).inputs)


def test_a_model_that_reads_too_little_is_refused(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "model", max_position_embeddings=4)
    with pytest.raises(BadInput, match="reads 4 pieces at most, which is too short for a sentence"):
        prepared({**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}, tmp_path)


def test_an_impossible_student_is_refused_before_loading(
    tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match="The student has 5 layers but the teacher only 4"):
        prepared({**tiny_run, "method": {"key": "pkd", "layers": 5}}, tmp_path)


def test_a_spoilt_teacher_is_one_sentence(tiny_run: dict[str, Any], tmp_path: Path) -> None:
    folder = edit_config(model_folder(tmp_path / "model"), model_type="llama")
    with pytest.raises(BadInput, match=r'model/config\.json names the model type "llama"'):
        prepared({**tiny_run, "teacher": {"source": "folder", "path": str(folder)}}, tmp_path)


def test_points_and_notes_are_written_down_with_the_state(job: Job, events: list[Event]) -> None:
    told_file(job.folder).write_text('{"torn', "utf-8")
    job.emit({"loss": 1.0})
    job.note("Two\u2028lines")
    lines = told_file(job.folder).read_text("utf-8").split("\n")
    assert [parse(line) for line in lines] == [None, *events]
