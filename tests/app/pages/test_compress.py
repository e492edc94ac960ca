"""The Compress page: from the welcome to a started run, without leaving the keyboard."""

from __future__ import annotations

import json

import pytest

from app.pages.compress import CompressPage
from app.runner import Runner
from app.widgets import unnamed
from engine.spec import FilesData, FolderTeacher, make_spec, read_spec

HEALTHY = {"accuracy": 0.931, "majority": 0.502, "majority_label": "bad", "untrained": False}


class Asked(list):
    """What the page asked of the runner, in order, without starting a process."""


@pytest.fixture
def asked(monkeypatch):
    """Runs are written down in the history but no child process is started; checks are healthy."""
    found = Asked()
    found.answer = dict(HEALTHY)

    def check(self, spec):
        found.append(("check", spec))
        self.checked.emit(found.answer)

    monkeypatch.setattr(Runner, "check_teacher", check)
    monkeypatch.setattr(Runner, "_next", lambda self: None)
    return found


@pytest.fixture
def page(context, asked, qtbot):
    """The page on an empty history, past the welcome."""
    made = CompressPage(context)
    qtbot.addWidget(made)
    made.resize(1352, 860)
    made.new_run(None)
    yield made
    made.draft.clear()  # else the teacher is checked in earnest after the test
    if context._runner is not None:
        context.runner.shutdown()


@pytest.fixture
def filled(page, qtbot, tiny_teacher, tiny_data):
    """The page with teacher and data chosen and checked, for Patient KD."""
    page.draft.choose_method("pkd")
    page.draft.choose_teacher(FolderTeacher(source="folder", path=str(tiny_teacher)))
    page.draft.choose_data(FilesData(**tiny_data))
    qtbot.waitUntil(lambda: bool(page.health.result), timeout=10_000)
    return page


def plain(label):
    return label.text().replace("\N{NO-BREAK SPACE}", " ")


def test_welcome_is_shown_while_there_is_no_run(context, asked, qtbot):
    page = CompressPage(context)
    qtbot.addWidget(page)
    page.activated()
    assert page.stack.currentWidget() is page.welcome


def test_history_with_a_run_goes_straight_to_work(context, asked, qtbot, tiny_run):
    context.history.add_run(make_spec(tiny_run))
    page = CompressPage(context)
    qtbot.addWidget(page)
    page.activated()
    assert page.stack.currentIndex() == 0


def test_demo_is_started_as_a_demo_and_shown(context, asked, qtbot, monkeypatch):
    page = CompressPage(context)
    qtbot.addWidget(page)
    page.activated()
    with qtbot.waitSignal(context.open_run) as told:
        page.welcome.demo.emit()
    run = context.history.run(told.args[0])
    assert (run.demo, run.name, run.spec["data"]["name"]) == (True, "demo-patient-kd", "reviews")
    page.draft.clear()
    context.runner.shutdown()


def test_start_names_the_missing_teacher_and_leads_to_it(page, context, qtbot):
    page.show()
    assert page.panel.buttons.start_button.text() == "Choose a teacher"
    page.start()
    assert page.window().focusWidget() is page.steps.teacher.button
    assert context.history.runs() == []


def test_cards_say_what_is_chosen(filled):
    teacher = plain(filled.steps.teacher.detail)
    assert teacher.startswith("4 layers · ")
    assert teacher.endswith(" parameters · 93.1 % right")
    assert plain(filled.steps.data.detail) == "96 to learn from · 24 to check with · 2 answers"


def test_start_writes_the_run_and_opens_it(filled, context, qtbot):
    with qtbot.waitSignal(context.open_run) as told:
        filled.start()
    run = context.history.run(told.args[0])
    assert run.method == "pkd"
    assert make_spec(run.spec) == filled.draft.spec()


def test_enqueue_stays_on_the_page(filled, context, qtbot):
    with qtbot.assertNotEmitted(context.open_run), qtbot.waitSignal(context.message) as told:
        filled.enqueue()
    assert told.args[0] == "good"
    assert [one.status for one in context.history.runs()] == ["queued"]


def test_mistake_disables_start_and_is_shown_under_its_field(filled):
    filled.draft.set_value("method.layers", 9)
    assert filled.panel.buttons.start_button.text() == "Mend 1 setting"
    assert "at most 4" in filled.steps.form.fields["method.layers"].caption.text()


def test_heading_counts_the_differences(filled):
    assert filled.steps.settings_head.sentence.text() == "Patient KD, as in the paper"
    filled.draft.set_value("method.layers", 2)
    filled.draft.set_value("training.epochs", 1)
    assert filled.steps.settings_head.sentence.text() == "Patient KD, 2 of 16 differ from the paper"
    filled.steps.presets.paper.click()
    assert filled.steps.settings_head.sentence.text() == "Patient KD, as in the paper"


def test_untrained_teacher_gets_a_sentence_and_the_way_out(
    page, asked, qtbot, tiny_teacher, tiny_data
):
    asked.answer = HEALTHY | {"accuracy": 0.512, "untrained": True}
    page.draft.choose_teacher(FolderTeacher(source="folder", path=str(tiny_teacher)))
    page.draft.choose_data(FilesData(**tiny_data))
    qtbot.waitUntil(lambda: bool(page.steps._bars), timeout=10_000)
    bar = page.steps._bars[0]
    assert plain(bar.sentence) == (
        "This teacher is no better than guessing: 51.2 % right, always answering "
        '"bad" gives 50.2 %.'
    )
    bar.button.click()
    assert page.draft.method.key == "finetune"
    assert page.steps._bars == []


def test_teacher_is_checked_once_and_then_remembered(filled, asked, context, qtbot, tiny_run):
    prints = (filled.draft.teacher.fingerprint, filled.draft.data.fingerprint)
    assert len(asked) == 1
    context.history.save_check(*prints, HEALTHY)
    filled.load_spec(tiny_run)
    qtbot.waitUntil(lambda: bool(filled.health.result) and not filled.draft.busy, timeout=10_000)
    qtbot.wait(600)
    assert len(asked) == 1


def test_check_waits_while_a_run_is_at_work(page, asked, context, qtbot, monkeypatch, tiny_run):
    monkeypatch.setattr(context, "active", lambda: "some run")
    page.load_spec(tiny_run)
    qtbot.waitUntil(lambda: not page.draft.busy, timeout=10_000)
    qtbot.wait(600)
    assert asked == []
    monkeypatch.setattr(context, "active", lambda: None)
    context.runs_changed.emit()
    qtbot.waitUntil(lambda: len(asked) == 1)


def test_recipe_is_saved_whole_and_read_back(filled, tmp_path, qtbot):
    filled.draft.set_value("method.layers", 2)
    path = tmp_path / "recipe.json"
    filled.write_recipe(path)
    assert [one.name for one in tmp_path.iterdir() if "recipe" in one.name] == ["recipe.json"]
    spec = read_spec(path)
    filled.new_run(None)
    filled.read_recipe(path)
    assert filled.draft.spec() == spec


def test_recipe_that_cannot_be_written_is_a_sentence(filled, tmp_path, context, qtbot):
    with qtbot.waitSignal(context.message) as told:
        filled.write_recipe(tmp_path / "no" / "recipe.json")
    assert told.args[0] == "bad"


@pytest.mark.parametrize(
    "content", ["{", "[]", json.dumps({"teacher": {}, "data": {}, "method": {}})]
)
def test_bad_recipe_leaves_the_form_alone(filled, tmp_path, context, qtbot, content):
    before = filled.draft.spec()
    path = tmp_path / "recipe.json"
    path.write_text(content, "utf-8")
    with qtbot.waitSignal(context.message):
        filled.read_recipe(path)
    assert filled.draft.spec() == before


def test_name_follows_the_choices_until_it_is_typed(filled):
    assert filled.steps.name.text() == filled.draft.automatic_name()
    filled.steps.name.setText("")
    filled.steps.name.textEdited.emit("mine")
    filled.draft.set_value("method.layers", 2)
    assert filled.draft.spec().name == "mine"


@pytest.mark.parametrize(("width", "narrow"), [(1352, False), (1012, True)])
def test_forecast_is_a_bar_in_narrow_windows(page, width, narrow):
    page.resize(width, 700)
    page.show()
    assert page.bar.isHidden() is not narrow
    assert page.panel.isHidden() is narrow


def test_reset_key_resets_the_field_in_focus(filled, qtbot):
    filled.show()
    filled.activateWindow()
    filled.draft.set_value("method.layers", 2)
    filled.steps.form.fields["method.layers"].box.setFocus()
    qtbot.waitUntil(filled.steps.form.fields["method.layers"].box.hasFocus)
    filled.reset_field()
    assert filled.draft.value("method.layers") == 3


def test_editing_a_field_changes_the_forecast(filled):
    filled.steps.form.fields["method.layers"].box.stepDown()
    assert filled.draft.value("method.layers") == 2
    assert "student 2 layers" in filled.panel.drawing.accessibleName()


def test_every_control_has_a_name(filled):
    filled.toggle_advanced()
    assert unnamed(filled) == []


def test_hostile_names_stay_plain(page, qtbot, tiny_run, tmp_path):
    page.load_spec({**tiny_run, "name": "<img src=x>" + "n" * 150})
    page.draft._teacher.problem = "<b>" + "x" * 10_000
    page.draft.changed.emit()
    assert page.steps.name.text().startswith("<img")
    assert len(page.steps._bars[0].sentence.text()) <= 600
