"""Choosing a teacher: what is inspected, and what is refused in one sentence."""

from __future__ import annotations

import pytest

from app.dialogs.teacher import TeacherDialog, describe, packages
from app.widgets import unnamed
from engine.spec import FolderTeacher, make_spec
from engine.teacher import inspect_folder

FOLDER, HUB, RUNS = 1, 2, 3


@pytest.fixture
def dialog(context, qtbot):
    """The dialog, not shown: what it does depends on no screen."""
    made = TeacherDialog(context, None)
    qtbot.addWidget(made)
    return made


def settled(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog._reading is None, timeout=10_000)


def test_nothing_can_be_used_before_something_is_chosen(dialog):
    assert not dialog.use.isEnabled()
    assert dialog.block is None


def test_folder_is_described_and_can_be_used(dialog, qtbot, tiny_teacher):
    dialog.tabs.setCurrentIndex(FOLDER)
    dialog.folder.set_path(str(tiny_teacher))
    settled(dialog, qtbot)
    assert dialog.block == FolderTeacher(source="folder", path=str(tiny_teacher))
    assert dialog.use.isEnabled()
    assert dialog._lines[2].text() == "2 answers: bad, good"


def test_bad_folder_is_one_sentence(dialog, qtbot, tmp_path):
    dialog.tabs.setCurrentIndex(FOLDER)
    dialog.folder.set_path(str(tmp_path))
    settled(dialog, qtbot)
    assert "holds no config.json" in dialog.problem.text()
    assert (dialog.block, dialog.use.isEnabled()) == (None, False)


def test_turning_to_another_tab_forgets_the_choice(dialog, qtbot, tiny_teacher):
    dialog.tabs.setCurrentIndex(FOLDER)
    dialog.folder.set_path(str(tiny_teacher))
    settled(dialog, qtbot)
    dialog.tabs.setCurrentIndex(HUB)
    assert dialog.block is None
    dialog.tabs.setCurrentIndex(FOLDER)
    settled(dialog, qtbot)
    assert dialog.block is not None


def test_hub_asks_for_a_name_first(dialog):
    dialog.tabs.setCurrentIndex(HUB)
    dialog._fetch()
    assert dialog.problem.text().startswith("Type the name of a model first")


def test_only_finished_runs_with_a_package_can_teach(context, qtbot, tiny_run):
    context.history.add_run(make_spec(tiny_run))
    dialog = TeacherDialog(context, None)
    qtbot.addWidget(dialog)
    assert dialog.runs.count() == 0
    assert packages(context) == {}


def test_every_control_has_a_name(dialog):
    assert unnamed(dialog) == []


def test_model_without_a_head_says_so(tiny_teacher):
    from dataclasses import replace

    info = replace(inspect_folder(tiny_teacher), labels=())
    assert describe(info)[2] == "No trained answers yet: fine-tune it first."
