"""What stands beside Start: presets, the text card, the hint, and the baseline right behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.estimate import Estimate
from app.pages.compress import CompressPage
from app.pages.starting import QUICK, hint
from app.runner import Runner
from engine.pairing import is_baseline
from engine.spec import BundledData, FilesData, FileText, FolderTeacher, make_spec


@pytest.fixture
def page(context, monkeypatch, qtbot, tiny_teacher, tiny_data):
    """The page with teacher and data; no process is ever started."""
    monkeypatch.setattr(Runner, "check_teacher", lambda self, spec: None)
    monkeypatch.setattr(Runner, "_next", lambda self: None)
    made = CompressPage(context)
    qtbot.addWidget(made)
    made.resize(1352, 860)
    made.new_run(None)
    made.draft.choose_method("pkd")
    made.draft.choose_teacher(FolderTeacher(source="folder", path=str(tiny_teacher)))
    made.draft.choose_data(FilesData(**tiny_data))
    qtbot.waitUntil(lambda: not made.draft.busy, timeout=10_000)
    yield made
    made.draft.clear()
    context.runner.shutdown()


def runs(context):
    return [context.history.run(one) for one in context.runner.queue()]


def test_the_baseline_waits_right_behind_its_run(page, context, tiny_run):
    context.runner.enqueue(make_spec(tiny_run))
    page.panel.options.switch.click()
    page.start()
    taught, alone, other = runs(context)
    assert is_baseline(alone.spec, taught.spec)
    assert alone.name == f"{taught.name} (no teacher)"
    assert other.name == "tiny"


def test_in_the_queue_it_stands_behind_the_others(page, context, tiny_run, qtbot):
    context.runner.enqueue(make_spec(tiny_run))
    page.draft.set_baseline(True)
    with qtbot.waitSignal(context.message) as told:
        page.enqueue()
    first, *others = runs(context)
    assert (first.name, len(others)) == ("tiny", 2)
    assert "and the same student without a teacher wait" in told.args[1]


def test_off_is_one_run(page, context):
    page.start()
    assert len(runs(context)) == 1


def test_the_switch_is_there_only_where_a_teacher_can_be_left_out(page):
    assert not page.panel.options._alone.isHidden()
    page.draft.choose_method("finetune")
    assert page.panel.options._alone.isHidden()
    assert page.bar.options._alone.isHidden()


def test_the_preset_in_use_is_marked(page):
    presets = page.steps.presets
    assert presets.paper.accessibleName() == "Paper settings, in use"
    presets.quick.click()
    assert presets.quick.accessibleName() == "Quick, in use"
    assert presets.paper.accessibleName() == "Paper settings"
    page.draft.choose_method("finetune")
    assert presets.quick.isHidden()


def test_the_hint_is_for_bundled_data_nobody_edited_and_long_runs(page):
    draft = page.draft
    assert hint(draft, None) == ""
    draft._data.block = BundledData(source="bundled", name="reviews")
    assert hint(draft, None) == QUICK
    assert hint(draft, Estimate(60, 120, 2)) == ""
    assert hint(draft, Estimate(3600, 7200, 2)) == QUICK
    draft.set_value("training.epochs", 9)
    assert hint(draft, None) == ""
    draft.use_quick()
    assert hint(draft, None) == ""


def test_the_text_card_is_there_only_where_a_text_is_read(page, qtbot, tmp_path):
    card, draft = page.steps.text, page.draft
    assert card.isHidden()
    draft.method = replace(draft.method, reads_text=lambda params: True)
    draft.changed.emit()
    qtbot.waitUntil(lambda: draft.text is not None, timeout=10_000)
    assert not card.isHidden()
    assert card.detail.text() == "96 sentences"
    assert card.back.isHidden()
    draft.choose_text(FileText(source="file", path=str(tmp_path / "none.txt")))
    qtbot.waitUntil(lambda: not draft.busy, timeout=10_000)
    assert card.detail.text() == "cannot be used"
    card.back.click()
    assert draft.text_block.source == "data"


def test_a_recipe_names_files_beside_itself(page, qtbot, tmp_path, tiny_run):
    (tmp_path / "own.txt").write_text("One.\n\nTwo.\n", "utf-8")
    spec = make_spec({**tiny_run, "text": {"source": "file", "path": "own.txt"}})
    (tmp_path / "run.json").write_text(spec.to_json(), "utf-8")
    page.read_recipe(tmp_path / "run.json")
    assert page.draft.text_block.path == str(tmp_path / "own.txt")
