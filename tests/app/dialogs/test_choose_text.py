"""Choosing a plain text: where from, the look at it, and what is refused."""

from __future__ import annotations

import pytest

from app.dialogs.text import FILE, HUB, TextDialog
from app.widgets import unnamed
from engine.data import load_data
from engine.spec import BundledText, DataText, FilesData, FileText, HubText

OWN = DataText(source="data")


@pytest.fixture
def dialog(look, qtbot, tiny_data):
    """The dialog for tiny data, not shown."""
    made = TextDialog(load_data(FilesData(**tiny_data), 42), OWN, None)
    qtbot.addWidget(made)
    return made


def settled(dialog, qtbot):
    qtbot.waitUntil(lambda: dialog._reading is None, timeout=10_000)


def test_it_opens_with_the_present_text(dialog, qtbot):
    settled(dialog, qtbot)
    assert dialog.block == OWN
    assert dialog.pane.counts.text() == "96 sentences"
    assert len(dialog.pane.lines.toPlainText().splitlines()) == 40


def test_a_bundled_text_is_shown_with_its_first_sentences(dialog, qtbot):
    dialog.tabs.setCurrentIndex(1)
    dialog.bundled.choose("wikitext2")
    settled(dialog, qtbot)
    assert dialog.block == BundledText(source="bundled", name="wikitext2")
    assert dialog.pane.title.text() == "WikiText-2"
    assert "sentences in" in dialog.pane.counts.text()


def test_a_file_is_read_and_counted(dialog, qtbot, tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("One <b>two</b>.\n\nThree.\n", "utf-8")
    dialog.tabs.setCurrentIndex(FILE)
    dialog.path.set_path(str(path))
    settled(dialog, qtbot)
    assert dialog.block == FileText(source="file", path=str(path))
    assert dialog.pane.lines.toPlainText() == "One <b>two</b>.\nThree."


def test_what_is_no_text_is_refused_in_a_sentence(dialog, qtbot, tmp_path):
    path = tmp_path / "own.txt"
    path.write_bytes(b"\0\1\2")
    dialog.tabs.setCurrentIndex(FILE)
    dialog.path.set_path(str(path))
    settled(dialog, qtbot)
    assert dialog.block is None
    assert "not UTF-8 text" in dialog.problem.text()
    assert not dialog.use.isEnabled()


def test_the_hub_is_reached_only_when_asked(dialog, qtbot, monkeypatch):
    asked = []
    monkeypatch.setattr("app.dialogs.text.look_at", lambda block, data: asked.append(block))
    dialog.tabs.setCurrentIndex(HUB)
    dialog.hub.fetch.click()
    assert dialog.problem.text().startswith("Type the name")
    dialog.hub.fields["id"].setText("owner/books")
    assert asked == []
    dialog.hub.fetch.click()
    settled(dialog, qtbot)
    assert asked == [HubText(source="hub", id="owner/books")]


def test_a_text_of_the_hub_is_shown_but_not_fetched_again(look, qtbot):
    made = TextDialog(None, HubText(source="hub", id="owner/books", column="body"), None)
    qtbot.addWidget(made)
    assert made.tabs.currentIndex() == HUB
    assert made.hub.values()["column"] == "body"
    assert (made.block, made._reading) == (None, None)


def test_every_control_has_a_name(dialog):
    assert unnamed(dialog) == []
