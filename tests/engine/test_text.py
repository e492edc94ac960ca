"""Plain text: documents and sentences from lines, held-out parts, and what a run's block names."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.data import load_data
from engine.errors import BadInput
from engine.spec import BundledText, DataText, FileText, make_spec
from engine.text import HELD_OUT, Text, described, documents_of, load_text


def text_of(documents: int, sentences: int = 2) -> Text:
    rows = tuple(tuple(f"Sentence {i} of {d}." for i in range(sentences)) for d in range(documents))
    return Text("Notes", rows, "print")


def test_empty_lines_and_headings_end_documents() -> None:
    lines = [" = Title = ", "", "One. Two!", "Three", "", "", "Four? Five.", "= = Part = =", "Six"]
    assert documents_of(lines) == [("One.", "Two!", "Three"), ("Four?", "Five."), ("Six",)]


def test_lines_without_words_are_no_documents() -> None:
    assert documents_of(["", "  ", "= A ="]) == []


def test_a_cut_keeps_every_document_once() -> None:
    text = text_of(100)
    train, held = text.cut(3)
    assert sorted(train.documents + held.documents) == sorted(text.documents)
    assert len(held.documents) == 100 * HELD_OUT


def test_a_cut_depends_on_its_seed_alone() -> None:
    text = text_of(100)
    assert text.cut(3)[1].documents == text.cut(3)[1].documents
    assert text.cut(3)[1].documents != text.cut(4)[1].documents


def test_of_much_text_about_a_thousand_sentences_are_held_out() -> None:
    held = text_of(5000, 10).cut(0)[1]
    assert 1000 <= len(held.sentences) <= 1010


def test_a_single_document_is_judged_by_its_end() -> None:
    train, held = text_of(1, 40).cut(0)
    assert train.documents + held.documents == (
        text_of(1, 40).documents[0][:38], text_of(1, 40).documents[0][38:],
    )  # fmt: skip


def test_one_sentence_cannot_be_cut() -> None:
    with pytest.raises(BadInput, match="one single sentence") as caught:
        text_of(1, 1).cut(0)
    assert caught.value.where == "text"


def test_the_first_sentences_of_a_single_document_are_its_beginning() -> None:
    assert text_of(1, 40).first(3, 0).documents == (text_of(1, 40).documents[0][:3],)


def test_the_first_sentences_are_whole_documents() -> None:
    text = text_of(50, 4)
    some = text.first(10, 1)
    assert len(some.sentences) == 12
    assert set(some.documents) <= set(text.documents)
    assert some.fingerprint != text.fingerprint


def test_more_than_there_is_takes_all() -> None:
    assert len(text_of(5).first(10**6, 0).documents) == 5


def test_a_file_gives_documents(tmp_path: Path, tiny_run: dict) -> None:
    (tmp_path / "notes.txt").write_text("One. Two.\n\nThree.\n", "utf-8")
    data = load_data(make_spec(tiny_run).data, 0)
    found = load_text(FileText(source="file", path=str(tmp_path / "notes.txt")), data)
    assert found.documents == (("One.", "Two."), ("Three.",))
    assert described(found) == "notes.txt: 3 sentences in 2 documents"


def test_an_empty_file_is_refused(tmp_path: Path, tiny_run: dict) -> None:
    (tmp_path / "empty.txt").write_text("\n\n", "utf-8")
    data = load_data(make_spec(tiny_run).data, 0)
    with pytest.raises(BadInput):
        load_text(FileText(source="file", path=str(tmp_path / "empty.txt")), data)


def test_data_without_unlabelled_sentences_gives_its_training_ones(tiny_run: dict) -> None:
    data = load_data(make_spec(tiny_run).data, 0)
    found = load_text(DataText(source="data"), data)
    assert found.sentences == list(data.splits["train"].texts[0])
    assert described(found).endswith(": 96 sentences")


def test_unlabelled_sentences_come_first(tmp_path: Path, tiny_run: dict) -> None:
    (tmp_path / "more.txt").write_text("good film\nbad plot\n", "utf-8")
    run = {**tiny_run, "data": {**tiny_run["data"], "unlabelled": str(tmp_path / "more.txt")}}
    data = load_data(make_spec(run).data, 0)
    assert load_text(DataText(source="data"), data).sentences == ["good film", "bad plot"]


def test_the_bundled_text_has_documents_in_order(tiny_run: dict) -> None:
    data = load_data(make_spec(tiny_run).data, 0)
    found = load_text(BundledText(source="bundled", name="wikitext2"), data)
    assert found.title == "WikiText-2"
    assert len(found.sentences) > 3 * len(found.documents) > 3000


def test_equal_text_has_equal_prints() -> None:
    one, other = text_of(9).first(4, 1), text_of(9).first(4, 1)
    assert one.fingerprint == other.fingerprint
