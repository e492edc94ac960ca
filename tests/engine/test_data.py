"""Data sets: splits, classes, notes, fingerprints, previews, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.data import (
    Data,
    load_data,
    preview,
    split_fingerprint,
    texts_fingerprint,
)
from engine.errors import BadInput
from engine.spec import FilesData

Rows = Sequence[tuple[object, ...]]
SIX: Rows = [("good", 1), ("bad", 0), ("fine", 1), ("poor", 0), ("great", 1), ("dull", 0)]


def write(folder: Path, name: str, rows: Rows, header: Sequence[str] = ("text", "label")) -> str:
    path = folder / f"{name}.jsonl"
    lines = [json.dumps(dict(zip(header, row, strict=True))) for row in rows]
    path.write_text("\n".join(lines), "utf-8")
    return str(path)


def block(folder: Path, train: Rows, validation: Rows = SIX, test: Rows = SIX) -> FilesData:
    return FilesData(
        source="files",
        train=write(folder, "train", train),
        validation=write(folder, "validation", validation),
        test=write(folder, "test", test),
    )


def load(folder: Path, train: Rows, validation: Rows = SIX, test: Rows = SIX) -> Data:
    return load_data(block(folder, train, validation, test), seed=1)


def refusal(folder: Path, train: Rows, validation: Rows = SIX, test: Rows = SIX) -> BadInput:
    with pytest.raises(BadInput) as caught:
        load(folder, train, validation, test)
    return caught.value


def many(count: int, classes: int = 2) -> Rows:
    return [(f"sentence {i}", i % classes) for i in range(count)]


# --- rows and classes -----------------------------------------------------------------------


def test_numbers_are_ordered_as_numbers_and_names_as_text(tmp_path: Path) -> None:
    assert load(tmp_path, many(30, 11), many(5), many(5)).labels[8:] == ("8", "9", "10")
    named = [("x", "yes"), ("y", "No"), ("z", " yes ")]
    data = load(tmp_path, named, named, named)
    assert data.labels == ("No", "yes")
    assert np.array(data.splits["train"].labels).tolist() == [1, 0, 1]


def test_whole_numbers_with_a_point_are_the_same_classes(tmp_path: Path) -> None:
    assert load(tmp_path, [("a", "1.0"), ("b", 0.0)]).labels == ("0", "1")


def test_rows_without_text_or_label_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*SIX, ("", 1), (" \t", 0), (None, 1), ("no label", None), ("none either", float("nan"))]
    data = load(tmp_path, rows)
    assert len(data.splits["train"]) == 6
    assert "Left out of train: 3 rows without text and 2 rows without a label." in data.notes


def test_two_text_columns_stay_side_by_side(tmp_path: Path) -> None:
    rows = [("a", "b", 0), ("c", "d", 1), ("", "e", 1)]
    path = write(tmp_path, "pairs", rows, ("one", "two", "label"))
    pairs = FilesData(source="files", train=path, validation=path, test=path, text=["one", "two"])
    assert load_data(pairs, seed=1).splits["test"].texts == (["a", "c"], ["b", "d"])


@pytest.mark.parametrize(
    ("train", "said", "where"),
    [
        ([("", 1), (" ", 0)], 'no row with a text in column "text"', "data.train"),
        ([("a", ""), ("b", None)], 'no row with a label in column "label"', "data.train"),
        ([("a", 1), ("b", 1)], 'test split has the label "0" 3 times', "data.test"),
        ([("a", 0.5), ("b", 3.2)], "measured numbers such as 0.5", "data.label"),
        ([("a", "l" * 10**6), ("b", 0)], "1,000,000 characters in one cell", "data.train"),
        ([("a" * (10**6 + 1), 1), ("b", 0)], "at most 1,000,000 are read", "data.train"),
        ([("a", [1]), ("b", 0)], 'holds a list in column "label"', "data.train"),
        ([({"x": 1}, 1), ("b", 0)], 'holds a dict in column "text"', "data.train"),
        (many(1001, 1001), "1,001 different values", "data.label"),
    ],
)
def test_rows_that_cannot_be_used_are_refused(
    tmp_path: Path, train: Rows, said: str, where: str
) -> None:
    error = refusal(tmp_path, train, validation=[("v", 1)])
    assert said in str(error)
    assert error.where == where


def test_a_train_split_of_one_class_is_refused(tmp_path: Path) -> None:
    one = [("a", "only"), ("b", "only")]
    assert 'only one label, "only"' in str(refusal(tmp_path, one, one, one))


def test_a_label_that_train_lacks_is_named_with_split_and_count(tmp_path: Path) -> None:
    strange = [*SIX, ("x", 7), ("y", 7), ("z", 8)]
    said = str(refusal(tmp_path, SIX, validation=strange))
    assert 'validation split has the label "7" 2 times (and more such labels)' in said


def test_a_wrong_column_is_refused_with_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path, "train", SIX)
    with pytest.raises(BadInput, match=r'no column "labels", did you mean "label"\?') as caught:
        load_data(FilesData(source="files", train=path, label="labels"), seed=1)
    assert caught.value.where == "data.train"


@pytest.mark.parametrize("text", ["label", ["text", "text"]])
def test_one_column_cannot_be_two_things(tmp_path: Path, text: str | list[str]) -> None:
    path = write(tmp_path, "train", SIX)
    with pytest.raises(BadInput, match="must be different columns"):
        load_data(FilesData(source="files", train=path, text=text), seed=1)


def test_hostile_text_and_labels_pass_through_unchanged(tmp_path: Path) -> None:
    texts = ["<img src=x>", "../../etc/passwd", "🙂" * 1000, "a" * 1_000_000, "\u202egnp.exe"]
    rows = [(text, text[:20]) for text in texts]
    data = load(tmp_path, rows, rows, rows)
    assert data.splits["test"].texts[0] == texts
    assert set(data.labels) == {text[:20] for text in texts}


def test_nul_and_half_characters_become_text_a_database_takes(tmp_path: Path) -> None:
    rows = [("a\0b", "x\0"), ("\ud83d!", "y")]
    data = load(tmp_path, rows, rows, rows)
    assert data.splits["train"].texts[0] == ["a b", "?!"]
    assert data.labels == ("x", "y")


# --- splits and fingerprints ----------------------------------------------------------------


def test_missing_splits_are_cut_from_train_with_the_same_share_of_every_class(
    tmp_path: Path,
) -> None:
    path = write(tmp_path, "train", many(100, 4))
    data = load_data(FilesData(source="files", train=path), seed=3)
    counts = {
        name: np.bincount(np.array(split.labels)).tolist() for name, split in data.splits.items()
    }
    assert counts == {"train": [21] * 4, "validation": [2] * 4, "test": [2] * 4}
    assert data.notes[1] == (
        "There was no test split, so Thimble cut 8 rows from train with seed 3, about a tenth of "
        "every class."
    )


def test_cut_splits_share_no_row_and_lose_none(tmp_path: Path) -> None:
    path = write(tmp_path, "train", many(57, 5))
    data = load_data(FilesData(source="files", train=path), seed=3)
    together = [text for split in data.splits.values() for text in split.texts[0]]
    assert sorted(together) == sorted(f"sentence {i}" for i in range(57))


def test_the_cut_follows_the_seed(tmp_path: Path) -> None:
    files = FilesData(source="files", train=write(tmp_path, "train", many(100)))
    prints = [load_data(files, seed).fingerprint for seed in (1, 1, 2)]
    assert prints[0] == prints[1] != prints[2]


def test_a_train_split_too_small_to_cut_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "train", [("a", 0), ("b", 1)])
    with pytest.raises(BadInput, match="too small to cut a validation and a test split"):
        load_data(FilesData(source="files", train=path), seed=1)


def test_rows_that_stand_in_two_splits_are_counted_and_kept(tmp_path: Path) -> None:
    data = load(tmp_path, SIX, [("  good\t", 1), ("v", 0)], [("v", 0), ("t", 1)])
    assert data.duplicates[("train", "validation")] == 1
    assert "1 of 2 validation rows also stands in train." in data.notes
    assert "1 of 2 test rows also stands in validation." in data.notes
    assert len(data.splits["validation"]) == 2


def test_unlabelled_sentences_come_from_text_or_table(tmp_path: Path) -> None:
    files = block(tmp_path, SIX)
    (tmp_path / "more.txt").write_text("one\n\n two \n", "utf-8")
    table = write(tmp_path, "more", [("three",), ("",)], ("text",))
    for path, expected in ((str(tmp_path / "more.txt"), ("one", "two")), (table, ("three",))):
        found = load_data(files.model_copy(update={"unlabelled": path}), seed=1)
        assert found.unlabelled == expected


def test_the_same_rows_have_the_same_print_in_any_file(tmp_path: Path) -> None:
    first = load(tmp_path, SIX)
    path = tmp_path / "all.csv"
    path.write_text("label,words\n" + "".join(f"{b},{a}\n" for a, b in SIX), "utf-8")
    name = str(path)
    again = FilesData(source="files", train=name, validation=name, test=name, text="words")
    assert load_data(again, seed=2).fingerprint == first.fingerprint


@pytest.mark.parametrize("change", [("good!", 1), ("good", 0)])
def test_another_text_or_label_has_another_print(
    tmp_path: Path, change: tuple[object, ...]
) -> None:
    first = load(tmp_path, SIX)
    second = load(tmp_path, SIX, test=[change, *SIX[1:]])
    assert split_fingerprint(first, "test") != split_fingerprint(second, "test")
    assert split_fingerprint(first, "train") == split_fingerprint(second, "train")
    assert first.fingerprint != second.fingerprint


def test_the_print_knows_where_a_text_ends() -> None:
    assert texts_fingerprint(["ab", "c"]) != texts_fingerprint(["a", "bc"])


# --- preview --------------------------------------------------------------------------------


def test_the_preview_counts_labels_and_words(tmp_path: Path) -> None:
    rows = [("one", "a"), ("two words", "b"), ("has three words", "b")]
    found = preview(block(tmp_path, rows, rows, rows), seed=1)
    assert found.balance["train"] == {"a": 1, "b": 2}
    assert found.lengths == [(1, 1, 3), (2, 2, 3), (3, 3, 3)]
    assert found.duplicates[("train", "test")] == 3


def test_preview_rows_shorten_endless_texts(tmp_path: Path) -> None:
    rows = [("a" * 1_000_000, 0), ("b", 1), ("c", 1)]
    shown = preview(block(tmp_path, rows, rows, rows), seed=1).rows("train", 2)
    assert shown[1] == {"text": "b", "label": "1"}
    assert len(shown[0]["text"]) == 500
