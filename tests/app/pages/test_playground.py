"""The Playground over real packages and a real history."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import compared
import pytest
from pytestqt.qtbot import QtBot

from app import export
from app.context import Context
from app.pages.playground import BUSY, PlaygroundPage
from app.widgets import unnamed
from engine import paths

TEXTS = ["a good film", "a bad film", "not good", "very good", "very bad", "a film"]
TEACHER = {"good": [-9.0, 9.0], "bad": [9.0, -9.0], "not": [20.0, -20.0]}
DEAF = {"good": [-9.0, 9.0], "bad": [9.0, -9.0]}  # does not hear "not"


@pytest.fixture
def page(context: Context, qtbot: QtBot) -> Iterator[PlaygroundPage]:
    history = context.history
    folder = compared.package(paths.cache_folder(history.path) / "teachers" / "t", TEACHER)
    for name, words in (("careful", TEACHER), ("deaf", DEAF)):
        run = compared.finished(
            history, name, {0}, texts=TEXTS, teacher_package=str(folder), size=2_000_000
        )
        compared.package(history.run(run).folder / "package", words)
    made = PlaygroundPage(context)
    qtbot.addWidget(made)
    made.resize(1352, 872)
    made.show()
    made.activated()
    yield made
    made.shutdown()


def _ask(page: PlaygroundPage, qtbot: QtBot, words: str) -> None:
    page.field.setText(words)
    with qtbot.waitSignal(page.asker.finished, timeout=30_000):
        page.start()


def _row(page: PlaygroundPage, name: str):  # type: ignore[no-untyped-def]
    return next(row for row in page.view.answers.rows if row.candidate.name == name)


def test_without_runs_it_leads_to_compress(context: Context, qtbot: QtBot) -> None:
    made = PlaygroundPage(context)
    qtbot.addWidget(made)
    made.activated()
    assert made._stack.currentIndex() == 0


def test_everyone_is_ticked_and_the_teacher_comes_first(page: PlaygroundPage) -> None:
    names = [one.name for one in page.list.models.chosen()]
    assert names[0] == "Teacher"
    assert set(names) == {"Teacher", "careful", "deaf"}
    assert page.panel.chosen.text() == "3 of 3 chosen"


def test_a_differing_answer_is_marked_and_counted(page: PlaygroundPage, qtbot: QtBot) -> None:
    _ask(page, qtbot, "not good")
    assert (_row(page, "deaf").differs, _row(page, "careful").differs) == (True, False)
    assert (
        page.verdict.words.text()
        == "1 of 2 compressed models gives another answer than the teacher"
    )


def test_agreement_is_said(page: PlaygroundPage, qtbot: QtBot) -> None:
    _ask(page, qtbot, "a good film")
    assert page.verdict.words.text() == "All 2 compressed models give the teacher's answer"


def test_differing_first_brings_them_up(page: PlaygroundPage, qtbot: QtBot) -> None:
    page.differing.setChecked(True)
    _ask(page, qtbot, "not good")
    assert [row.candidate.name for row in page.view.answers.rows] == ["Teacher", "deaf", "careful"]


def test_every_row_has_words_for_a_screen_reader(page: PlaygroundPage, qtbot: QtBot) -> None:
    _ask(page, qtbot, "not good")
    model = page.view.answers
    place = [row.candidate.name for row in model.rows].index("deaf")
    assert str(model.index(place, 1).data()) == "positive, differs from teacher"
    assert "positive over 99.9" in str(model.index(place, 2).data())
    assert not page.view.grab().isNull()
    assert unnamed(page) == []


def test_an_example_is_taken_and_asked(page: PlaygroundPage, qtbot: QtBot) -> None:
    chip = page.examples.chips()[0]
    with qtbot.waitSignal(page.asker.finished, timeout=30_000):
        chip.click()
    assert page.field.text() == chip.words
    assert chip.isChecked()


def test_a_spoilt_package_shows_its_sentence_in_its_row(
    page: PlaygroundPage, context: Context, qtbot: QtBot
) -> None:
    run = next(one for one in context.history.runs() if one.name == "deaf")
    (run.folder / "package" / "manifest.json").write_text("{", "utf-8")
    _ask(page, qtbot, "good")
    assert "is not JSON" in _row(page, "deaf").answer.error
    assert _row(page, "careful").answer.label == "positive"
    assert not page.view.grab().isNull()


def test_without_the_teacher_nothing_is_said_to_differ(page: PlaygroundPage, qtbot: QtBot) -> None:
    models = page.list.models
    models.set_ticked({one.id for one in models.every if not one.is_teacher})
    _ask(page, qtbot, "not good")
    assert "No compressed model has a teacher's answer" in page.verdict.words.text()


def test_no_model_and_no_words_ask_nothing(page: PlaygroundPage) -> None:
    page.start()
    assert page.view.answers.rows == []
    page.panel.none.click()
    assert not page.ask.isEnabled()


def test_chosen_runs_come_with_their_teacher(page: PlaygroundPage, context: Context) -> None:
    deaf = next(one.id for one in context.history.runs() if one.name == "deaf")
    page.try_runs([deaf])
    assert [one.name for one in page.list.models.chosen()] == ["Teacher", "deaf"]


def test_a_filter_hides_and_keeps_the_ticks(page: PlaygroundPage) -> None:
    page.filter.setText("dea")
    shown = [one for one in page.list.models.entries if not isinstance(one, str)]
    assert [one.name for one in shown] == ["deaf"]
    assert len(page.list.models.ticked) == 3


def test_a_run_at_work_is_said(
    page: PlaygroundPage, context: Context, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(context, "active", lambda: "some run")
    _ask(page, qtbot, "good")
    assert page._foot.busy.text() == BUSY


def test_two_columns_give_two_fields(context: Context, qtbot: QtBot, page: PlaygroundPage) -> None:
    assert page.second.isHidden()
    history = context.history
    run = compared.finished(history, "pair", set(), texts=TEXTS, print_="pairs")
    history.save_examples("pairs two", [0, 1], [["one", "two"], ["three", "four"]])
    page._sets._sets["pairs"] = history.examples("pairs two")
    page.activated()
    page.try_runs([run])
    assert not page.second.isHidden()


def test_csv_has_one_column_per_class(
    page: PlaygroundPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ask_path", lambda *_: tmp_path / "out.csv")
    _ask(page, qtbot, "not good")
    page.export()
    head, *rows = (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()
    assert head.endswith("probability of negative,probability of positive")
    assert len(rows) == 3


def test_models_that_finish_later_are_ticked_at_their_first_sight(
    context: Context, qtbot: QtBot
) -> None:
    page = PlaygroundPage(context)
    qtbot.addWidget(page)
    page.activated()  # nothing has finished yet
    runs = []
    for name in ("a", "b"):
        run = compared.finished(context.history, name, {1, 2})
        compared.package(context.history.run(run).folder / "package", {"good": [-5, 5]})
        page.activated()
        runs.append(run)
        assert run in page.list.models.ticked
        page.panel.none.click()
    page.activated()
    assert not page.list.models.ticked & set(runs)
