"""The history keeps every run whole, and undoes what a person does."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from histories import result, scalar, spec

from engine import paths
from engine.errors import BadInput
from engine.events import Event
from engine.history import History
from engine.processes import born


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.sqlite"


@pytest.fixture
def history(path: Path) -> Iterator[History]:
    with History.open(path) as opened:
        yield opened


# --- runs and lists -------------------------------------------------------------------------------


def test_a_run_keeps_its_spec_and_gets_a_folder(history: History) -> None:
    run_id = history.add_run(spec())
    run = history.run(run_id)
    assert (run.name, run.method, run.status, run.seed) == ("a run", "pkd", "queued", 42)
    assert run.spec == spec().model_dump(mode="json")
    assert run.folder == paths.runs_folder(history.path) / run_id
    assert run.folder.is_dir()


def test_the_list_is_newest_first_and_filtered_by_status_and_text(history: History) -> None:
    ids = [history.add_run(spec(name)) for name in ("first", "second", "third")]
    history.set_tags(ids[0], ["Keep", "Keep", " "])
    history.set_status(ids[1], "failed", "It broke.")
    assert [run.name for run in history.runs()] == ["third", "second", "first"]
    assert [run.error for run in history.runs(["failed"])] == ["It broke."]
    assert [run.tags for run in history.runs(text="keep")] == [("Keep",)]


def test_a_list_reads_no_details(history: History) -> None:
    history.record(history.add_run(spec()), [result()])
    (run,) = history.runs()
    assert (run.spec, run.result, run.layers) == ({}, {}, [])
    assert (run.accuracy, run.bytes, run.latency, run.teacher_bytes) == (0.9, 1000, 1.5, 9000)


def test_a_run_is_found_by_a_beginning_of_its_id_or_its_name(history: History) -> None:
    run_id = history.add_run(spec("only one"))
    assert history.run(run_id[:-1]).id == run_id
    assert history.run("only one").id == run_id


def test_an_unclear_or_unknown_run_is_refused(history: History) -> None:
    for _ in range(2):
        history.add_run(spec("twin"))
    with pytest.raises(BadInput, match="fits 2 runs"):
        history.run("twin")
    with pytest.raises(BadInput, match='did you mean "twin"'):
        history.run("twim")


def test_runs_wait_in_the_order_given(history: History) -> None:
    ids = [history.add_run(spec()) for _ in range(3)]
    assert [history.run(one).queue for one in ids] == [1, 2, 3]
    history.set_queue([ids[2], ids[0], ids[1]])
    assert [history.run(one).queue for one in ids] == [2, 3, 1]
    history.begin(ids[2], os.getpid())
    assert history.run(ids[2]).queue is None


def test_people_name_things_in_plain_text(history: History) -> None:
    run_id = history.add_run(spec())
    history.rename(run_id, " <b>größe</b>\n\x00\u202e'; DROP TABLE runs; ")
    history.set_note(run_id, "lone \ud800 half")
    assert history.run(run_id).name == "<b>größe</b> '; DROP TABLE runs;"
    assert history.run(run_id).note == "lone ? half"
    for name in ("  \n ", "x" * 201):
        with pytest.raises(BadInput):
            history.rename(run_id, name)


def test_an_unknown_status_is_refused(history: History) -> None:
    with pytest.raises(BadInput, match='did you mean "finished"'):
        history.set_status(history.add_run(spec()), "finishd")


# --- what a run says ------------------------------------------------------------------------------


def test_points_come_back_as_arrays_and_gaps_as_nan(history: History) -> None:
    run_id = history.add_run(spec())
    history.record(run_id, [scalar(2, loss=0.4), scalar(1, loss=None), scalar(3, loss=np.inf)])
    steps, values = history.series(run_id, "loss")
    assert steps.tolist() == [1, 2, 3]
    np.testing.assert_array_equal(values, [np.nan, 0.4, np.nan])
    assert history.series(run_id, "none")[0].size == 0


def test_a_resumed_run_says_its_points_again_and_nothing_doubles(history: History) -> None:
    run_id = history.add_run(spec())
    said = [scalar(1, loss=0.5, bits=8), Event(kind="note", time=1, text="cut")]
    history.record(run_id, said)
    history.record(run_id, [said[0], said[1].model_copy(update={"time": 9.0}), scalar(2, loss=0.4)])
    assert history.series(run_id, "loss")[1].tolist() == [0.5, 0.4]
    assert history.metric_names(run_id) == ["bits", "loss"]
    assert history.notes(run_id) == [(1.0, "info", "cut")]


def test_layer_tables_keep_the_order_of_the_layers(history: History) -> None:
    run_id = history.add_run(spec())
    values = {"layer 2": 0.1, "layer 10": None, "layer 1": 0.3}
    history.record(run_id, [Event(kind="layers", time=1, step=4, text="distance", values=values)])
    assert history.layer_tables(run_id) == ["distance"]
    ((step, layers),) = history.layer_table(run_id, "distance")
    assert (step, list(layers.items())) == (4, list(values.items()))


def test_a_stage_keeps_its_longest_time(history: History) -> None:
    run_id = history.add_run(spec())
    for state, seconds in (("begun", None), ("done", 60.0), ("begun", None), ("done", 0.1)):
        data = {"index": 1, "state": state, "seconds": seconds}
        history.record(run_id, [Event(kind="stage", time=1, stage="Learn", data=data)])
    (stage,) = history.stages(run_id)
    assert (stage.title, stage.index, stage.state, stage.seconds) == ("Learn", 1, "done", 60.0)


def test_progress_and_ending_reach_the_list(history: History) -> None:
    run_id = history.add_run(spec())
    data = {"fraction": 0.25, "remaining": 60.0, "total": 100}
    history.record(run_id, [Event(kind="progress", time=1, step=25, stage="Learn", data=data)])
    (run,) = history.runs()
    assert (run.fraction, run.remaining, run.stage) == (0.25, 60.0, "Learn")
    history.record(run_id, [Event(kind="failed", time=8.0, text="Too hot.")])
    (run,) = history.runs()
    assert (run.status, run.error, run.ended, run.remaining) == ("failed", "Too hot.", 8.0, None)


def test_a_batch_is_written_whole_or_not_at_all(history: History) -> None:
    run_id = history.add_run(spec())
    history._db.execute(
        "CREATE TRIGGER no BEFORE INSERT ON notes BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    with pytest.raises(BadInput):
        history.record(run_id, [scalar(1, loss=1.0), Event(kind="note", time=1, text="x")])
    assert history.metric_names(run_id) == []


def test_words_and_steps_from_outside_cannot_break_the_recording(history: History) -> None:
    run_id = history.add_run(spec())
    wild = [
        scalar(10**30, loss=1.0), scalar(1, **{"x" * 10_000: 1.0, "\x00": 2.0, "\ud800": 3.0}),
        Event(kind="note", time=float("inf"), text="\ud800"), Event(kind="failed", time=1, text="\ud800"),
        Event(kind="progress", time=1, data={"fraction": "half", "remaining": [1]}),
        Event(kind="stage", time=1, stage="s", data={"index": "one", "seconds": {}}),
        Event(kind="result", time=1, data={"result": 3, "layers": "none", "predictions": 7}),
        Event(kind="result", time=1, data={"result": {"\ud800": 10**400, "bytes": 10**400}}),
    ]  # fmt: skip
    history.record(run_id, wild)
    assert history.run(run_id).bytes is None
    assert [text[:1] for _, _, text in history.notes(run_id)] == ["T", "?"]
    assert history.run(run_id).error == "?"


# --- results and answers --------------------------------------------------------------------------


def write_answers(folder: Path, count: int = 3) -> None:
    arrays = {"labels": np.arange(count), "student_predicted": np.zeros(count, int)}
    arrays["student_probabilities"] = np.full((count, 2), 0.5)
    np.savez(folder / "answers.npz", **arrays)
    body = {
        "fingerprint": "print",
        "split": "test",
        "labels": [0, 1, 2],
        "texts": [["ä", "b", "c"]],
    }
    (folder / "examples.json").write_text(json.dumps(body), "utf-8")


def test_a_result_brings_its_answers_and_examples(history: History) -> None:
    run_id = history.add_run(spec())
    write_answers(history.run(run_id).folder)
    files = {"package": "package", "predictions": "answers.npz", "examples": "examples.json"}
    history.record(run_id, [result(**files), Event(kind="finished", time=9.0)])
    run, answers = history.run(run_id), history.predictions(run_id)
    assert run.package == run.folder / "package"
    assert (run.layers, run.versions) == ([{"name": "layer 1"}], {"torch": "2"})
    assert answers["student"].labels.tolist() == [0, 1, 2]
    assert answers["student"].probabilities.shape == (3, 2)
    assert history.examples(answers["student"].fingerprint).texts == (["ä", "b", "c"],)


@pytest.mark.parametrize("name", ["../x.npz", "/etc/passwd", "C:\\x.npz", "link.npz", "gone.npz"])
def test_files_outside_the_run_folder_are_not_read(history: History, name: str) -> None:
    run_id = history.add_run(spec())
    folder = history.run(run_id).folder
    write_answers(folder.parent)
    (folder.parent / "answers.npz").rename(folder.parent / "x.npz")
    (folder / "link.npz").symlink_to(folder.parent / "x.npz")
    history.record(run_id, [result(predictions=name)])
    assert history.predictions(run_id) == {}
    assert history.run(run_id).accuracy == 0.9
    assert history.notes(run_id)[0][1] == "warning"


def test_a_pickled_array_is_not_loaded(history: History) -> None:
    run_id = history.add_run(spec())
    evil = np.array([{"a": 1}], dtype=object)
    np.savez(history.run(run_id).folder / "p.npz", labels=evil, student_predicted=evil)
    history.record(run_id, [result(predictions="p.npz")])
    assert history.predictions(run_id) == {}


def test_damaged_answers_and_examples_are_told_in_a_sentence(history: History) -> None:
    run_id = history.add_run(spec())
    row = (run_id, "student", "test", "print", b"1234", b"123", b"")
    history._db.execute("INSERT INTO predictions VALUES (?, ?, ?, ?, ?, ?, ?)", row)
    history._db.execute("INSERT INTO examples VALUES ('print', 'test', x'00')")
    with pytest.raises(BadInput, match="answers stored"):
        history.predictions(run_id)
    with pytest.raises(BadInput, match="examples stored"):
        history.examples("print")


def test_a_teacher_check_is_remembered(history: History) -> None:
    assert history.saved_check("teacher", "data") is None
    history.save_check("teacher", "data", {"accuracy": float("nan"), "majority": 0.5})
    assert history.saved_check("teacher", "data") == {"accuracy": None, "majority": 0.5}


# --- trash ----------------------------------------------------------------------------------------


def test_a_deleted_run_comes_back(history: History) -> None:
    run_id = history.add_run(spec())
    history.record(run_id, [scalar(1, loss=1.0)])
    history.trash(run_id)
    assert history.runs() == []
    assert [run.id for run in history.trashed()] == [run_id]
    history.restore(run_id)
    assert history.run(run_id).folder.is_dir()
    assert history.metric_names(run_id) == ["loss"]


def test_a_purge_leaves_nothing_of_the_run(history: History) -> None:
    run_id, kept = history.add_run(spec()), history.add_run(spec())
    write_answers(history.run(run_id).folder)
    files = {"predictions": "answers.npz", "examples": "examples.json"}
    history.record(run_id, [scalar(1, loss=1.0), result(**files)])
    history.trash(run_id)
    history.purge_trash()
    tables = ("points", "predictions", "examples", "details")
    counts = [history._db.table(name).count for name in tables]
    assert counts == [0, 0, 0, 1]
    assert [one.name for one in paths.runs_folder(history.path).iterdir()] == [kept]


def test_a_failing_purge_leaves_everything_as_before(history: History) -> None:
    run_id = history.add_run(spec())
    (history.run(run_id).folder / "weights").write_text("w")
    history.record(run_id, [scalar(1, loss=1.0)])
    history._db.execute(
        "CREATE TRIGGER no BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END"
    )
    history.trash(run_id)
    with pytest.raises(BadInput):
        history.purge(run_id)
    history.restore(run_id)
    assert (history.run(run_id).folder / "weights").read_text() == "w"
    assert history.metric_names(run_id) == ["loss"]


def test_a_purge_cut_short_by_a_crash_is_put_right(history: History) -> None:
    run_id = history.add_run(spec())
    folder = history.run(run_id).folder
    folder.rename(folder.with_name(f"deleted-{run_id}"))
    folder.with_name("deleted-20200101-000000-gone").mkdir()
    history.purge_trash()
    assert [one.name for one in folder.parent.iterdir()] == [run_id]


def test_a_working_run_cannot_be_deleted(history: History) -> None:
    run_id = history.add_run(spec())
    history.begin(run_id, os.getpid())
    with pytest.raises(BadInput, match="stop it"):
        history.trash(run_id)
    with pytest.raises(BadInput, match="delete it first"):
        history.purge(run_id)


def test_a_stranger_s_folder_is_never_touched(history: History, tmp_path: Path) -> None:
    run_id = history.add_run(spec())
    elsewhere = tmp_path.parent / f"{tmp_path.name}-elsewhere"
    elsewhere.mkdir()
    for named in (str(elsewhere), f"../{elsewhere.name}"):
        history._db.table("runs").update(run_id, {"folder": named})
        assert history.run(run_id).folder == paths.runs_folder(history.path) / run_id
    with pytest.raises(BadInput, match="must lie beside"):
        history.add_run(spec(), folder=elsewhere)


# --- living and dead processes --------------------------------------------------------------------


def test_a_run_without_its_process_is_interrupted(history: History) -> None:
    dead, alive, reused = (history.add_run(spec()) for _ in range(3))
    history.begin(dead, 2**22 + 1)
    history.begin(alive, os.getpid())
    history.begin(reused, os.getpid())
    history._db.table("runs").update(reused, {"worker_started": 1000.0})
    assert sorted(history.mark_interrupted()) == sorted([dead, reused])
    assert history.run(alive).status == "running"
    assert history.run(dead).status == "interrupted"


def test_a_run_whose_recorder_died_is_interrupted_but_not_begun_twice(history: History) -> None:
    run_id = history.add_run(spec())
    history.begin(run_id, os.getpid())
    history._db.table("runs").update(run_id, {"recorder_started": 1000.0})
    assert history.mark_interrupted() == [run_id]
    with pytest.raises(BadInput, match="still saving"):
        history.begin(run_id, os.getppid())


def test_a_run_that_another_process_still_records_is_left_to_it(history: History) -> None:
    run_id = history.add_run(spec())
    history.begin(run_id, 2**22 + 1)
    other = os.getppid()
    history._db.table("runs").update(run_id, {"recorder": other, "recorder_started": born(other)})
    assert history.mark_interrupted() == []
    assert history.run(run_id).status == "running"
