"""Asking real packages in a real thread."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import compared
import pytest
from pytestqt.qtbot import QtBot

from app.asking import MOST_OPEN, Answer, Asker, Candidate, candidates
from engine import paths
from engine.history import History

GOOD = {"good": [-9.0, 9.0], "bad": [9.0, -9.0]}


@pytest.fixture
def asker(qtbot: QtBot) -> Iterator[Asker]:
    made = Asker()
    yield made
    made.shutdown()


def _ask(
    qtbot: QtBot, asker: Asker, texts: tuple[str, ...], models: list[Candidate]
) -> dict[str, Answer]:
    heard: dict[str, Answer] = {}
    asker.answered.connect(lambda one: heard.__setitem__(one.id, one))
    with qtbot.waitSignal(asker.finished, timeout=30_000):
        asker.ask(texts, models)
    return heard


def _candidate(folder: Path | None, name: str = "m", why: str = "") -> Candidate:
    return Candidate(name, name, "pkd", "distil", folder, 1000.0, why)


def test_an_answer_has_probabilities_and_a_time(qtbot: QtBot, asker: Asker, tmp_path: Path) -> None:
    folder = compared.package(tmp_path / "p", GOOD)
    said = _ask(qtbot, asker, ("a good film",), [_candidate(folder)])["m"]
    assert said.label == "positive"
    assert said.probabilities is not None
    assert said.probabilities.sum() == pytest.approx(1, abs=1e-5)
    assert said.latency is not None
    assert said.latency > 0


def test_a_broken_package_says_one_sentence_and_others_go_on(
    qtbot: QtBot, asker: Asker, tmp_path: Path
) -> None:
    whole = compared.package(tmp_path / "whole", GOOD)
    broken = compared.package(tmp_path / "broken", GOOD)
    (broken / "model.onnx").write_bytes(b"not a model")
    models = [
        _candidate(broken, "broken"),
        _candidate(None, "gone", "It is gone."),
        _candidate(whole),
    ]
    said = _ask(qtbot, asker, ("bad",), models)
    assert "has changed since it was exported" in said["broken"].error
    assert said["gone"].error == "It is gone."
    assert said["m"].label == "negative"


def test_more_models_than_stay_open_all_answer(qtbot: QtBot, asker: Asker, tmp_path: Path) -> None:
    first = compared.package(tmp_path / "0", GOOD)
    folders = [first, *(tmp_path / str(i) for i in range(1, MOST_OPEN + 3))]
    for one in folders[1:]:
        shutil.copytree(first, one)
    models = [_candidate(one, one.name) for one in folders]
    said = _ask(qtbot, asker, ("good",), models)
    assert {one.label for one in said.values()} == {"positive"}
    assert len(said) == MOST_OPEN + 3


@pytest.mark.parametrize("text", ["x" * 10**6, "\0\ud800\u202e<b>", "good " * 10**5])
def test_hostile_text_is_answered(qtbot: QtBot, asker: Asker, tmp_path: Path, text: str) -> None:
    folder = compared.package(tmp_path / "p", GOOD)
    said = _ask(qtbot, asker, (text,), [_candidate(folder)])["m"]
    assert said.label or said.error


def test_pairs_are_read_by_models_of_two_columns(
    qtbot: QtBot, asker: Asker, tmp_path: Path
) -> None:
    two = compared.package(tmp_path / "two", GOOD, columns=("premise", "hypothesis"))
    said = _ask(qtbot, asker, ("good", "very good"), [_candidate(two)])["m"]
    assert (said.label, said.error) == ("positive", "")


def test_only_the_newest_question_is_heard(qtbot: QtBot, asker: Asker, tmp_path: Path) -> None:
    folder = compared.package(tmp_path / "p", GOOD)
    heard: list[Answer] = []
    asker.answered.connect(heard.append)
    asker.ask(("good",), [_candidate(folder)])
    with qtbot.waitSignal(asker.finished, timeout=30_000):
        asker.ask(("bad",), [_candidate(folder)])
    assert {one.label for one in heard} == {"negative"}


def test_a_teacher_is_found_by_the_run_and_offered_once(tmp_path: Path) -> None:
    history = History.open(tmp_path / "history.sqlite")
    folder = compared.package(paths.cache_folder(history.path) / "teachers" / "t", GOOD)
    runs = [compared.finished(history, n, set(), teacher_package=str(folder)) for n in "ab"]
    found = candidates(history, [history.run(one) for one in runs])
    assert [one.is_teacher for one in found] == [True, False, False]
    assert found[0].folder == folder.resolve()
    assert found[1].teacher == found[0].id


def test_a_moved_history_finds_its_teacher_in_its_own_cache(tmp_path: Path) -> None:
    history = History.open(tmp_path / "history.sqlite")
    folder = compared.package(paths.cache_folder(history.path) / "teachers" / "t", GOOD)
    run = compared.finished(history, "a", set(), teacher_package="/old/place/cache/teachers/t")
    assert candidates(history, [history.run(run)])[0].folder == folder.resolve()


def test_a_teacher_elsewhere_on_the_computer_is_not_opened(tmp_path: Path) -> None:
    history = _history_in(tmp_path / "here")
    outside = compared.package(tmp_path / "outside", GOOD)
    run = compared.finished(history, "a", set(), teacher_package=str(outside))
    teacher = candidates(history, [history.run(run)])[0]
    assert teacher.folder is None
    assert teacher.why == "The exported file of Teacher is not on this computer any more."


def _history_in(folder: Path) -> History:
    folder.mkdir()
    return History.open(folder / "history.sqlite")
