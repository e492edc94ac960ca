"""Vector files of either kind are read, wrong ones refused in words, and nearest words found."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from engine.errors import BadInput
from engine.vectors import nearest_words, read_vectors, vector_width

GLOVE = "good 1 0\nbad 0 1\nfilm 1 1\n"


@pytest.fixture
def glove(tmp_path: Path) -> Path:
    path = tmp_path / "glove.txt"
    path.write_text(GLOVE, "utf-8")
    return path


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "vectors.vec"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_wanted_words_are_read_in_the_files_order(glove: Path) -> None:
    words, table = read_vectors(glove, ["film", "good", "absent"])
    assert words == ["good", "film"]
    assert table.dtype == np.float32
    assert table.tolist() == [[1, 0], [1, 1]]


def test_a_first_line_of_two_counts_is_skipped(tmp_path: Path) -> None:
    words, table = read_vectors(written(tmp_path, f"3 2\n{GLOVE}"), None)
    assert (words, table.shape) == (["good", "bad", "film"], (3, 2))


def test_spaces_at_the_end_and_inside_a_word_do_no_harm(tmp_path: Path) -> None:
    words, table = read_vectors(written(tmp_path, "good 1 2 \n. . . 3 4 \n"), None)
    assert words == ["good", ". . ."]
    assert table.tolist() == [[1, 2], [3, 4]]


def test_the_first_of_two_lines_counts(tmp_path: Path) -> None:
    assert read_vectors(written(tmp_path, "a 1 2\na 3 4\n"), None)[1].tolist() == [[1, 2]]


def test_only_the_first_lines_are_read(glove: Path) -> None:
    assert read_vectors(glove, None, first=2)[0] == ["good", "bad"]


def test_the_width_is_known_from_the_first_lines(glove: Path, tmp_path: Path) -> None:
    assert vector_width(glove) == 2
    assert vector_width(written(tmp_path, f"3 2\n{GLOVE}")) == 2


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("good 1 2\nbad 1\n", "has 1 numbers in line 2 where it had 2 before"),
        ("good\n", "has 0 numbers for its first word"),
        ("good 1 two\n", "something other than a number in line 1"),
        ("good 1 nan\n", "something other than a number in line 1"),
        ("good 1 1e99\n", "something other than a number in line 1"),
        (b"\x1f\x8b\0\0\n", "is no text file of word vectors"),
        ("", "holds no word vectors"),
        (b"x" * 300_000, "is no text file of word vectors"),
    ],
)
def test_what_is_no_vector_file_is_refused(
    text: str | bytes, sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput, match=sentence) as caught:
        read_vectors(written(tmp_path, text), None, "method.vectors")
    assert caught.value.where == "method.vectors"


def test_an_absent_file_and_foreign_words_are_refused(glove: Path, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There is no file"):
        read_vectors(tmp_path / "absent.txt", None)
    with pytest.raises(BadInput, match="none of the words"):
        read_vectors(glove, ["chat"])


def test_the_nearest_word_of_a_word_is_itself_then_the_smallest_angle() -> None:
    table = np.array([[1, 0], [0, 3], [5, 1], [-1, 0]], np.float32)
    assert nearest_words(table, table[[0, 1]], 3).tolist() == [[0, 2, 1], [1, 2, 0]]


def test_nearest_words_agree_with_brute_force_across_blocks() -> None:
    generator = np.random.default_rng(0)
    table = generator.normal(size=(400, 8)).astype(np.float32)
    unit = table / np.linalg.norm(table, axis=1, keepdims=True)
    expected = np.argsort(-(unit @ unit.T), axis=1)[:, :5]
    assert np.array_equal(nearest_words(table, table, 5), expected)


def test_more_words_than_there_are_cannot_be_near() -> None:
    assert nearest_words(np.eye(3, dtype=np.float32), np.ones((1, 3)), 9).shape == (1, 3)


@pytest.mark.parametrize("content", ["", "\n\n", "4 8\n"])
def test_a_file_without_any_vector_is_told_as_such(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadInput, match="holds no word vectors"):
        vector_width(written(tmp_path, content), "method.vectors")
