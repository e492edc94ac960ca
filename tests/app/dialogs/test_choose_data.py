"""Choosing data: files and their columns, the look at them, and what is refused."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from app.dialogs.columns import columns_of
from app.dialogs.data import DataDialog
from app.widgets import unnamed
from engine.errors import BadInput
from engine.spec import BundledData

FILES, HUB = 1, 2


@pytest.fixture
def dialog(look, qtbot):
    """The dialog, not shown: what it does depends on no screen."""
    made = DataDialog(42, None)
    qtbot.addWidget(made)
    return made


def settled(dialog, qtbot):
    qtbot.waitUntil(
        lambda: dialog._reading is None and dialog.files._reading is None, timeout=10_000
    )


def write(path, head="sentence,label", rows=40, text="film {i}"):
    lines = [head, *(f"{text.format(i=i)},{'good' if i % 2 else 'bad'}" for i in range(rows))]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def test_bundled_set_is_shown_with_its_first_rows(dialog, qtbot):
    dialog.bundled.choose("reviews")
    settled(dialog, qtbot)
    assert dialog.block == BundledData(source="bundled", name="reviews")
    assert dialog.pane.counts.text().startswith("7,423 to learn from · 1,056 to check with")
    assert dialog.pane.table.rowCount() == 20
    assert sum(count for _, count in dialog.pane.labels.rows) == 7423


def test_columns_are_filled_from_the_header(dialog, qtbot, tmp_path):
    dialog.tabs.setCurrentIndex(FILES)
    dialog.files.paths["train"].set_path(write(tmp_path / "a.csv"))
    settled(dialog, qtbot)
    qtbot.waitUntil(lambda: dialog.block is not None, timeout=10_000)
    assert (dialog.block.text, dialog.block.label) == ("sentence", "label")
    assert dialog.block.validation is None
    assert "no validation split" in dialog.pane.notes.text()


def test_other_column_can_be_chosen(dialog, qtbot, tmp_path):
    dialog.tabs.setCurrentIndex(FILES)
    path = write(tmp_path / "a.csv", "label,title,kind", text="x{i},words {i}")
    dialog.files.paths["train"].set_path(path)
    settled(dialog, qtbot)
    dialog.files.first.setCurrentIndex(dialog.files.first.findData("title"))
    dialog.files.label.setCurrentIndex(dialog.files.label.findData("kind"))
    dialog.files.tell()
    settled(dialog, qtbot)
    assert (dialog.block.text, dialog.block.label) == ("title", "kind")


def test_pair_columns_are_recognised(dialog, qtbot, tmp_path):
    dialog.tabs.setCurrentIndex(FILES)
    path = write(tmp_path / "a.csv", "sentence1,sentence2,label", text="one {i},two {i}")
    dialog.files.paths["train"].set_path(path)
    settled(dialog, qtbot)
    qtbot.waitUntil(lambda: dialog.block is not None, timeout=10_000)
    assert dialog.block.text == ["sentence1", "sentence2"]
    assert dialog.pane.table.columnCount() == 3


def test_file_that_is_not_there_is_one_sentence(dialog, qtbot, tmp_path):
    dialog.tabs.setCurrentIndex(FILES)
    dialog.files.paths["train"].set_path(str(tmp_path / "none.csv"))
    settled(dialog, qtbot)
    qtbot.waitUntil(lambda: bool(dialog.problem.text()))
    assert "none.csv" in dialog.problem.text()
    assert dialog.block is None


def test_markup_in_rows_stays_plain(dialog, qtbot, tmp_path):
    dialog.tabs.setCurrentIndex(FILES)
    path = write(tmp_path / "a.csv", text="<b>bold</b> {i} " + "long " * 200)
    dialog.files.paths["train"].set_path(path)
    qtbot.waitUntil(lambda: dialog.block is not None, timeout=10_000)
    shown = dialog.pane.table.item(0, 1).text()
    assert shown.startswith("<b>bold</b>")
    assert len(shown) <= 200
    assert dialog.pane.title.textFormat() == Qt.TextFormat.PlainText


def test_hub_block_is_made_from_the_fields(dialog):
    dialog.hub.fields["id"].setText("owner/name")
    dialog.hub.fields["second"].setText("other")
    dialog.hub.fields["test"].setText("")
    values = dialog.hub.values()
    assert values["text"] == ["text", "other"]
    assert (values["validation"], values["test"]) == ("validation", None)
    assert "config" not in values


def test_hub_asks_for_a_name_first(dialog):
    dialog.tabs.setCurrentIndex(HUB)
    dialog._fetch()
    assert dialog.problem.text().startswith("Type the name of a data set first")


def test_every_control_has_a_name(dialog):
    assert unnamed(dialog) == []


@pytest.mark.parametrize(("name", "content"), [
    ("a.tsv", "text\tlabel\nx\ty\n"), ("a.csv", "text;label\nx;y\n"),
    ("a.csv", '\ufefftext,"label"\r\nx,y\r\n'), ("a.jsonl", '{"text": "x"}\n{"text": 1, "label": 2}\n'),
])  # fmt: skip
def test_columns_of_each_kind_of_file(tmp_path, name, content):
    path = tmp_path / name
    path.write_text(content, "utf-8")
    assert columns_of(path) == ["text", "label"]


@pytest.mark.parametrize(("name", "content"), [
    ("a.csv", b""), ("a.jsonl", b"[1]\n"), ("a.parquet", b"PAR1"), ("a.xlsx", b"PK"), ("a.tsv", b"\n\n"),
])  # fmt: skip
def test_files_without_columns_are_refused(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=name):
        columns_of(path)
