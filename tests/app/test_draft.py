"""The draft: choices, defaults of method and paper, mistakes by field, and the finished spec."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QObject

from app.draft import Draft
from engine.errors import BadInput
from engine.spec import FilesData, FolderTeacher, make_spec


@pytest.fixture
def draft(qapp):
    """An empty run."""
    owner = QObject()
    yield Draft(dict, owner)
    owner.deleteLater()


def choose(draft, qtbot, tiny_teacher, tiny_data):
    draft.choose_teacher(FolderTeacher(source="folder", path=str(tiny_teacher)))
    draft.choose_data(FilesData(**tiny_data))
    qtbot.waitUntil(lambda: not draft.busy, timeout=10_000)
    assert not draft.teacher_problem + draft.data_problem


def test_says_what_is_missing_one_after_the_other(draft, qtbot, tiny_teacher, tiny_data):
    assert draft.missing() == "Choose a teacher"
    draft.choose_teacher(FolderTeacher(source="folder", path=str(tiny_teacher)))
    assert draft.missing() == "Choose data"
    draft.choose_data(FilesData(**tiny_data))
    qtbot.waitUntil(lambda: draft.missing() == "", timeout=10_000)


def test_method_defaults_come_before_the_training_ones(draft):
    assert draft.value("training.epochs") == 4
    draft.choose_method("finetune")
    assert draft.value("training.epochs") == 3


def test_paper_of_a_training_setting_is_the_methods(draft):
    papers = {slot.where: slot.paper for slot in draft.slots()}
    assert papers["training.max_length"] == 128
    assert papers["training.warmup"] == 0.1
    assert papers["seed"] is None


def test_basic_settings_come_first(draft):
    basic = [slot.setting.basic for slot in draft.slots()]
    assert basic == sorted(basic, reverse=True)
    assert sum(basic) == 8


def test_each_method_keeps_its_own_settings(draft):
    draft.set_value("method.layers", 6)
    draft.choose_method("finetune")
    assert draft.value("method.layers") is None
    draft.choose_method("pkd")
    assert draft.value("method.layers") == 6


def test_reset_goes_back_to_the_paper(draft):
    draft.set_value("training.epochs", 9)
    draft.set_value("method.alpha", 0.9)
    draft.reset("training.epochs")
    assert (draft.value("training.epochs"), draft.value("method.alpha")) == (4, 0.9)
    draft.reset_all()
    assert draft.value("method.alpha") == 0.5


def test_mistakes_are_named_by_their_field(draft, qtbot, tiny_teacher, tiny_data):
    choose(draft, qtbot, tiny_teacher, tiny_data)
    draft.set_value("training.learning_rate", 5.0)
    draft.set_value("method.layers", 9)
    problems = draft.problems()
    assert problems["training.learning_rate"] == "at most 1"
    assert "choose at most 4" in problems["method.layers"]
    assert draft.missing() == "Mend 2 settings"


def test_spec_with_a_mistake_is_refused_with_the_label(draft, qtbot, tiny_teacher, tiny_data):
    choose(draft, qtbot, tiny_teacher, tiny_data)
    draft.set_value("method.layers", 9)
    with pytest.raises(BadInput, match=r"^Layers: "):
        draft.spec()


def test_name_is_automatic_until_typed(draft, qtbot, tiny_teacher, tiny_data):
    choose(draft, qtbot, tiny_teacher, tiny_data)
    assert draft.spec().name == draft.automatic_name()
    assert draft.automatic_name().endswith("-pkd-3")
    draft.name = "mine"
    assert draft.spec().name == "mine"


def test_load_and_spec_are_a_round_trip(draft, qtbot, tiny_run):
    spec = make_spec(tiny_run)
    draft.load(spec)
    qtbot.waitUntil(lambda: not draft.busy, timeout=10_000)
    assert draft.spec() == spec


def test_value_with_more_figures_than_the_form_shows_survives(draft, qtbot, tiny_run):
    tiny_run["method"]["alpha"] = 0.123456789012
    spec = make_spec(tiny_run)
    draft.load(spec)
    assert draft.spec().method["alpha"] == 0.123456789012


def test_forecast_counts_the_answers_of_the_data(draft, qtbot, tiny_teacher, tiny_data):
    assert draft.forecast() is None
    choose(draft, qtbot, tiny_teacher, tiny_data)
    teacher, forecast = draft.forecast()
    assert teacher.labels == 2
    assert (forecast.student.layers, forecast.links) == (3, ((1, 1), (2, 2)))


def test_bad_teacher_becomes_one_sentence(draft, qtbot, tmp_path):
    draft.choose_teacher(FolderTeacher(source="folder", path=str(tmp_path / "none")))
    qtbot.waitUntil(lambda: not draft.busy)
    assert draft.teacher_problem.startswith("There is no folder")
    assert draft.missing() == "Choose a teacher"


def test_later_choice_wins_over_a_slower_one(draft, qtbot, tiny_teacher, tmp_path):
    draft.choose_teacher(FolderTeacher(source="folder", path=str(tmp_path / "none")))
    draft.choose_teacher(FolderTeacher(source="folder", path=str(tiny_teacher)))
    qtbot.waitUntil(lambda: not draft.busy)
    qtbot.wait(50)
    assert draft.teacher_problem == ""
    assert draft.teacher.folder == tiny_teacher


def test_clear_forgets_everything(draft, qtbot, tiny_run):
    draft.load(make_spec(tiny_run))
    draft.clear()
    qtbot.wait(50)
    assert draft.missing() == "Choose a teacher"
    assert (draft.teacher, draft.data, draft.value("training.epochs")) == (None, None, 4)
