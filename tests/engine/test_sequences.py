"""Rows of plain text: nothing lost, whole words, segments in order, swapped or foreign."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from jobs import VOCABULARY, tiny_tokenizer
from tokenizers import Tokenizer
from tokenizers.models import WordLevel

from engine.errors import BadInput
from engine.sequences import NO_WORD, Rows, rows
from engine.text import Text

CLS, SEP = VOCABULARY.index("[CLS]"), VOCABULARY.index("[SEP]")


@pytest.fixture
def tokenizer(tmp_path: Path) -> Tokenizer:
    return tiny_tokenizer(tmp_path)


def story(documents: int = 40, sentences: int = 5) -> Text:
    """Documents whose every word says which document it is from, as far as 12 words allow."""
    made = tuple(
        tuple(" ".join([VOCABULARY[5 + d % 12]] * (2 + i)) for i in range(sentences))
        for d in range(documents)
    )
    return Text("Story", made, "print")


def segments(found: Rows, row: int) -> list[list[int]]:
    """The pieces of each segment of a row."""
    ids, types = found.ids[row], found.types[row]
    inner = (ids != CLS) & (ids != SEP)
    return [ids[inner & (types == kind)].tolist() for kind in (0, 1)]


def test_every_piece_is_packed_once_and_in_order(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sequences.SHORT", 0.0)
    text = story()
    found = rows(tokenizer, text, 16, 0)
    packed = [piece for ids in found.ids for piece in ids[1:-1]]
    wanted = [
        piece
        for one in tokenizer.encode_batch(text.sentences, add_special_tokens=False)
        for piece in one.ids
    ]
    assert packed == wanted
    assert found.lengths.max() <= 16
    assert found.order is None


def test_a_row_never_mixes_documents(tokenizer: Tokenizer) -> None:
    found = rows(tokenizer, story(), 16, 0)
    assert all(len(set(ids[1:-1])) == 1 for ids in found.ids)


def test_words_are_numbered_and_special_pieces_are_none(tokenizer: Tokenizer) -> None:
    found = rows(tokenizer, story(), 16, 0, task="sop")
    for ids, words in zip(found.ids, found.words, strict=True):
        special = (ids == CLS) | (ids == SEP)
        assert np.array_equal(words == NO_WORD, special)
        assert words[~special].tolist() == list(range(int((~special).sum())))


def test_some_rows_are_cut_short(tokenizer: Tokenizer) -> None:
    lengths = rows(tokenizer, story(12, 60), 34, 0).lengths
    assert lengths.max() <= 34
    assert 0 < np.mean(lengths < 12) < 0.3


def test_swapping_turns_segments_and_label_alone(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sequences.SHORT", 0.0)
    text = Text(
        "Count",
        tuple((" ".join(VOCABULARY[5:11]), " ".join(VOCABULARY[11:17])) for _ in range(200)),
        "p",
    )
    found = rows(tokenizer, text, 32, 0, task="sop")
    assert found.order is not None
    assert np.mean(found.order) == pytest.approx(0.5, abs=0.12)
    ordered = list(range(5, 17))
    for row, swapped in enumerate(found.order):
        first, second = segments(found, row)
        assert (second + first if swapped else first + second) == ordered


def test_one_sentence_is_cut_between_words(
    tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.sequences.SHORT", 0.0)
    text = Text("Single", tuple((" ".join(VOCABULARY[5:11]),) for _ in range(20)), "p")
    found = rows(tokenizer, text, 16, 0, task="sop")
    assert {len(part) for row in range(20) for part in segments(found, row)} == {3}


def test_a_foreign_segment_is_from_another_document(tokenizer: Tokenizer) -> None:
    found = rows(tokenizer, story(12), 16, 0, task="nsp")
    assert found.order is not None
    assert 0.2 < np.mean(found.order) < 0.8
    for row, foreign in enumerate(found.order):
        first, second = segments(found, row)
        assert (set(first) != set(second)) == bool(foreign)
    assert found.lengths.max() <= 16


def test_foreign_segments_need_two_documents(tokenizer: Tokenizer) -> None:
    with pytest.raises(BadInput, match="too short for foreign segments"):
        rows(tokenizer, story(1), 16, 0, task="nsp")


@pytest.mark.parametrize("task", ["none", "sop", "nsp"])
def test_rows_depend_on_the_seed_alone(task: str, tokenizer: Tokenizer) -> None:
    one, other = (rows(tokenizer, story(), 16, 7, task=task) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(one.ids, other.ids, strict=True))


def test_text_without_words_is_refused(tokenizer: Tokenizer) -> None:
    with pytest.raises(BadInput, match="no sentence of two words"):
        rows(tokenizer, Text("Dots", (("good",),), "p"), 16, 0, task="sop")


@pytest.mark.parametrize("missing", ["[MASK]", "[SEP]"])
def test_pieces_that_lack_a_special_one_are_refused(missing: str) -> None:
    bare = Tokenizer(WordLevel({w: i for i, w in enumerate(VOCABULARY) if w != missing}, "[UNK]"))
    with pytest.raises(BadInput, match=rf"no \{missing[:-1]}\]"):
        rows(bare, story(), 16, 0)
