"""The sets that travel with Thimble: what they promise is what they hold."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine import bundled
from engine.data import bundled_sets, bundled_text, load_data
from engine.errors import BadInput
from engine.spec import BundledData


def test_the_bundled_sets_are_listed_with_their_counts() -> None:
    found = {one.name: one for one in bundled_sets()}
    assert list(found) == ["reviews", "banking77", "wikitext2"]
    assert found["reviews"].counts == {"train": 7423, "validation": 1056, "test": 2131}
    assert found["reviews"].has_unlabelled
    assert (found["banking77"].labels, found["wikitext2"].kind) == (77, "text")


@pytest.mark.parametrize("name", ["reviews", "banking77"])
def test_a_bundled_set_has_the_rows_it_promises(name: str) -> None:
    data = load_data(BundledData(source="bundled", name=name), seed=1)
    promised = next(one for one in bundled_sets() if one.name == name)
    assert {split: len(rows) for split, rows in data.splits.items()} == promised.counts
    assert len(data.labels) == promised.labels


def test_reviews_name_their_classes_and_bring_unlabelled_sentences() -> None:
    data = load_data(BundledData(source="bundled", name="reviews"), seed=1)
    assert data.labels == ("negative", "positive")
    assert len(data.unlabelled) == 60_928
    assert np.bincount(np.array(data.splits["test"].labels)).tolist() == [1069, 1062]


def test_the_bundled_class_numbers_are_those_of_the_column() -> None:
    path = bundled.assets() / "data" / "banking77" / "test.parquet"
    numbers = bundled.read_table(path, ["label"]).columns["label"]
    data = load_data(BundledData(source="bundled", name="banking77"), seed=1)
    assert np.array(data.splits["test"].labels).tolist() == numbers
    assert "7 of 3,080 test rows also stand in train." in data.notes


def test_the_bundled_text_has_the_published_token_count() -> None:
    lines = bundled_text("wikitext2", "validation")
    assert sum(len(line.split()) + 1 for line in lines) == 217_646


def test_a_text_set_is_refused_as_labelled_data() -> None:
    with pytest.raises(BadInput, match="plain text without labels"):
        load_data(BundledData(source="bundled", name="wikitext2"), seed=1)


def test_an_unknown_bundled_name_is_refused_with_the_nearest() -> None:
    with pytest.raises(BadInput, match='did you mean "reviews"'):
        load_data(BundledData(source="bundled", name="review"), seed=1)


def test_a_bundled_file_that_was_changed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "train.parquet").write_bytes(b"something else")
    with pytest.raises(BadInput, match="missing or damaged"):
        bundled._verify(tmp_path / "train.parquet", "0" * 64)


def test_reading_data_loads_no_torch_and_importing_it_no_arrow() -> None:
    code = (
        "import sys, engine.data as d; from engine.spec import BundledData as B\n"
        "assert not {'pyarrow', 'datasets', 'pandas'} & set(sys.modules)\n"
        "d.preview(B(source='bundled', name='banking77'), 1)\n"
        "assert not {'torch', 'transformers', 'pandas'} & set(sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 0
