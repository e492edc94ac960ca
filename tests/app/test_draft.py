"""The draft: choices, defaults of method and paper, mistakes by field, and the finished spec."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from app.draft import OWN_TEXT, Draft
from engine.errors import BadInput
from engine.pairing import is_baseline
from engine.spec import FilesData, FileText, FolderTeacher, make_spec


@pytest.fixture
def draft(qapp):
    """An empty run of Patient KD."""
    owner = QObject()
    one = Draft(dict, owner)
    one.choose_method("pkd")
    yield one
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
    draft.use_paper()
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
    assert (draft.teacher, draft.data, draft.value("training.epochs")) == (None, None, 3)


# --- presets -----------------------------------------------------------------------------------


def test_the_form_begins_with_the_paper_and_quick_is_told_apart(draft):
    assert (draft.preset, draft.untouched) == ("paper", True)
    draft.use_quick()
    assert (draft.preset, draft.untouched) == ("quick", False)
    assert draft.value("training.epochs") == 3
    draft.set_value("training.threads", 1)
    assert draft.preset == ""
    draft.use_paper()
    assert draft.preset == "paper"


def test_a_preset_is_for_its_method_alone(draft):
    draft.choose_method("bilstm")
    draft.use_quick()
    quick = draft.value("training.learning_rate")
    draft.choose_method("albert")
    assert draft.value("training.learning_rate") != quick
    draft.choose_method("bilstm")
    assert draft.value("training.learning_rate") == quick


def test_what_is_typed_in_training_goes_along_to_another_method(draft):
    draft.set_value("training.epochs", 9)
    draft.choose_method("finetune")
    assert draft.value("training.epochs") == 9


def test_quick_takes_back_other_edits_but_leaves_seed_and_device(draft):
    draft.set_value("method.alpha", 0.9)
    draft.set_value("seed", 7)
    draft.use_quick()
    assert (draft.value("method.alpha"), draft.value("seed")) == (0.5, 7)


def test_quick_is_what_a_run_file_with_its_values_says(draft, qtbot, tiny_run):
    draft.load(make_spec(tiny_run))
    draft.use_quick()
    quick = {"method": {"key": "pkd", **draft.method.quick["method"]}}
    wanted = make_spec({**tiny_run, **quick, "training": dict(draft.method.quick["training"])})
    assert (draft.spec().method, draft.spec().training) == (wanted.method, wanted.training)


def test_a_method_without_quick_settings_has_none_to_name(draft):
    assert draft.quick_words() == (
        "Learn for 3\N{NO-BREAK SPACE}epochs, Learning rate 1e-4\N{NO-BREAK SPACE}per step, "
        "Longest sentence 64\N{NO-BREAK SPACE}pieces"
    )
    draft.choose_method("finetune")
    assert draft.quick_words() == ""


# --- baseline ----------------------------------------------------------------------------------


def test_the_baseline_is_off_until_wanted(draft, qtbot, tiny_run):
    draft.load(make_spec(tiny_run))
    assert draft.baseline_spec() is None
    draft.set_baseline(True)
    assert is_baseline(draft.baseline_spec(), draft.spec())


def test_no_baseline_without_a_teacher_to_leave_out(draft):
    assert draft.has_baseline
    draft.set_value("method.alpha", 0.0)
    draft.set_value("method.beta", 0.0)
    assert not draft.has_baseline
    draft.choose_method("finetune")
    assert not draft.has_baseline


# --- text --------------------------------------------------------------------------------------


@pytest.fixture
def reader(draft):
    """The draft with a method that reads plain text."""
    draft.method = replace(draft.method, reads_text=lambda params: True)
    return draft


def test_text_is_that_of_the_data_unless_another_is_chosen(
    reader, qtbot, tiny_teacher, tiny_data, tmp_path
):
    choose(reader, qtbot, tiny_teacher, tiny_data)
    qtbot.waitUntil(lambda: reader.text is not None, timeout=10_000)
    assert reader.text.title.startswith("Training sentences of ")
    assert reader.text.counts == "96 sentences"
    path = tmp_path / "own.txt"
    path.write_text("One. Two.\n\nThree.\n", "utf-8")
    reader.choose_text(FileText(source="file", path=str(path)))
    qtbot.waitUntil(lambda: not reader.busy, timeout=10_000)
    assert reader.text.counts == "3 sentences in 2 documents"
    assert reader.spec().text == FileText(source="file", path=str(path))


def test_a_text_that_cannot_be_read_is_said_and_has_to_be_changed(
    reader, qtbot, tiny_teacher, tiny_data, tmp_path
):
    choose(reader, qtbot, tiny_teacher, tiny_data)
    reader.choose_text(FileText(source="file", path=str(tmp_path / "none.txt")))
    qtbot.waitUntil(lambda: not reader.busy, timeout=10_000)
    assert reader.text_problem.startswith("There is no file")
    assert reader.missing() == "Choose text"


def test_a_method_that_reads_no_text_writes_none_down(draft, qtbot, tiny_run):
    draft.load(make_spec({**tiny_run, "text": {"source": "bundled", "name": "wikitext2"}}))
    qtbot.waitUntil(lambda: not draft.busy, timeout=10_000)
    assert (draft.text, draft.spec().text) == (None, OWN_TEXT)
