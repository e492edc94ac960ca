"""Two vocabularies: what is learned, how words are cut, and that no mixing changes the text."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jobs import WORDS, tiny_tokenizer
from tokenizers import ByteLevelBPETokenizer, Tokenizer

from engine import mixing
from engine.errors import BadInput
from engine.text import Text, documents_of

draw = random.Random(0)
SENTENCES = [" ".join(draw.choices(WORDS, k=6)) for _ in range(90)]


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> tuple[Tokenizer, Tokenizer]:
    """Teacher and student."""
    teacher = tiny_tokenizer(tmp_path_factory.mktemp("pieces"))
    return teacher, mixing.learn_vocabulary(SENTENCES, 48, teacher)


@pytest.fixture(scope="module")
def rows(pieces: tuple[Tokenizer, Tokenizer]) -> mixing.WordRows:
    text = Text("Made up", tuple((one,) for one in SENTENCES), "print")
    return mixing.word_rows(text, 24, *pieces)


def spelled(cut: mixing.Cut, teacher: Tokenizer, student: Tokenizer) -> str:
    """The text of a cut row, each piece read in its own vocabulary."""
    names = [
        (student if own else teacher).id_to_token(int(one))
        for one, own in zip(cut.ids, cut.by_student, strict=True)
    ]
    return mixing.joined(names)


def test_the_vocabulary_has_the_asked_size_and_specials_first(
    pieces: tuple[Tokenizer, Tokenizer],
) -> None:
    assert pieces[1].get_vocab_size() == 48
    assert [pieces[1].id_to_token(i) for i in range(5)] == list(mixing.SPECIAL)


def test_the_order_of_the_text_does_not_matter(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    for seed in range(4):
        shuffled = random.Random(seed).sample(SENTENCES, len(SENTENCES))
        again = mixing.learn_vocabulary(shuffled, 48, pieces[0])
        assert again.get_vocab() == pieces[1].get_vocab()


def test_words_are_lower_cased_as_the_teacher_does(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    assert pieces[1].encode("GOOD Film").ids == pieces[1].encode("good film").ids


def test_special_pieces_stand_around_a_sentence_and_between_two(
    pieces: tuple[Tokenizer, Tokenizer],
) -> None:
    found = pieces[1].encode("good", "film")
    assert found.tokens[0] == "[CLS]"
    assert found.tokens.count("[SEP]") == 2
    assert found.type_ids[-1] == 1


def test_more_pieces_than_the_text_gives_are_refused(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    with pytest.raises(BadInput, match=r"gives a vocabulary of \d+ pieces, but 5,000") as caught:
        mixing.learn_vocabulary(SENTENCES, 5000, pieces[0])
    most = int(str(caught.value).split("vocabulary of ")[1].split()[0])
    assert mixing.learn_vocabulary(SENTENCES, most, pieces[0]).get_vocab_size() == most


def test_a_teacher_with_byte_pieces_is_refused() -> None:
    with pytest.raises(BadInput, match="WordPiece"):
        mixing.check_tokenizer(Tokenizer.from_str(ByteLevelBPETokenizer().to_str()))


def test_overlap_counts_shared_pieces(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    teacher, student = pieces
    assert mixing.overlap(teacher, teacher) == 1
    shared = set(student.get_vocab()) & set(teacher.get_vocab())
    assert mixing.overlap(student, teacher) == len(shared) / 48


def test_cuts_show_both_and_ignore_truncation(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    teacher, student = pieces
    teacher.enable_truncation(3)
    first, second = mixing.cuts("the film was not good", teacher, student)
    teacher.no_truncation()
    assert first == ["the", "film", "was", "not", "good"]
    assert mixing.joined(first) == mixing.joined(second)


def test_a_shared_piece_is_spelled_by_its_own_row(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    teacher, student = pieces
    found = mixing.spelled(student, teacher)
    for piece, number in student.get_vocab().items():
        if piece in teacher.get_vocab():
            assert found[number] == [teacher.token_to_id(piece)]


@given(st.data())
def test_mixing_never_changes_the_text(
    pieces: tuple[Tokenizer, Tokenizer], rows: mixing.WordRows, data: st.DataObject
) -> None:
    row = data.draw(st.integers(0, len(rows.rows) - 1))
    count = len(rows.rows[row])
    mask = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    mixed = rows.cut(row, np.asarray(mask))
    assert spelled(mixed, *pieces) == spelled(rows.cut(row, np.zeros(count, bool)), *pieces)


@given(st.data())
def test_every_mixing_fits_the_length(rows: mixing.WordRows, data: st.DataObject) -> None:
    row = data.draw(st.integers(0, len(rows.rows) - 1))
    count = len(rows.rows[row])
    mask = data.draw(st.lists(st.booleans(), min_size=count, max_size=count))
    assert len(rows.cut(row, np.asarray(mask)).ids) + 2 <= rows.lengths[row] <= 24


def test_a_row_ends_between_two_words_and_loses_none(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    sentence = " ".join(WORDS * 5)
    text = Text("Long", tuple(documents_of([sentence])), "print")
    rows = mixing.word_rows(text, 16, *pieces)
    assert len(rows.rows) > 1
    whole = [
        spelled(rows.cut(i, np.ones(len(row), bool)), *pieces) for i, row in enumerate(rows.rows)
    ]
    assert " ".join(whole) == sentence


def test_text_without_words_is_refused(pieces: tuple[Tokenizer, Tokenizer]) -> None:
    with pytest.raises(BadInput, match="holds no word"):
        mixing.word_rows(Text("Blank", ((" ",),), "print"), 16, *pieces)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_share_is_constant_or_rises_to_its_value(share: float, progress: float) -> None:
    assert mixing.probability(share, False, progress) == share
    assert mixing.probability(share, True, 0.0) == 0
    assert mixing.probability(share, True, 1.0) == share
    assert mixing.probability(share, True, progress) <= share


def test_the_light_half_shows_cuts_without_a_folder(tmp_path: Path) -> None:
    one = tiny_tokenizer(tmp_path)
    assert mixing.cuts("bad plot", one, one) == (["bad", "plot"], ["bad", "plot"])
