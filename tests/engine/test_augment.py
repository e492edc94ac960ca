"""Words are replaced where they may be, as often as asked, and labels stay."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.augment import FILE, Place, read_variants, replaceable, variants, write_variants
from engine.data import Split
from engine.errors import BadInput

TEXT = "The film wasn't good, it cost 25m and x2 dollars."
PLACES = [Place(4, 8, ("plot", "story")), Place(16, 20, ("bad",))]


def drawn(share: float, count: int = 20, seed: int = 0) -> list[str]:
    return variants(TEXT, PLACES, share, count, np.random.default_rng(seed))


def test_only_words_of_letters_that_are_no_stop_words_may_go() -> None:
    assert [TEXT[a:b] for a, b in replaceable(TEXT)] == ["film", "good", "cost", "dollars"]


def test_words_of_any_script_are_found() -> None:
    assert replaceable("Über-Film, 好") == [(0, 4), (5, 9), (11, 12)]


def test_without_chance_nothing_is_made() -> None:
    assert drawn(0.0) == []


def test_with_certainty_every_place_changes_and_the_rest_stays() -> None:
    assert set(drawn(1.0)) == {
        TEXT.replace("film", one).replace("good", "bad") for one in ("plot", "story")
    }


@settings(deadline=None, max_examples=30)
@given(st.floats(0, 1), st.integers(1, 30), st.integers(0, 999))
def test_variants_differ_from_the_text_and_each_other(share: float, count: int, seed: int) -> None:
    found = drawn(share, count, seed)
    assert len(found) == len(set(found)) <= count
    assert TEXT not in found


def test_the_share_of_replaced_words_is_the_one_asked() -> None:
    words = [f"w{'abcdefghij'[i % 10]}{'abcdefghij'[i // 10]}" for i in range(100)]
    text = " ".join(words)
    places = [Place(4 * i, 4 * i + 3, ("new", "own")) for i in range(100)]
    made = variants(text, places, 0.4, 100, np.random.default_rng(0))
    changed = [sum(a != b for a, b in zip(words, one.split(), strict=True)) for one in made]
    assert len(made) == 100
    assert np.mean(changed) == pytest.approx(40, abs=1.5)


def two_columns(folder: Path, seed: int = 3) -> tuple[Split, Split]:
    split = Split("train", (["good film", "bad plot"], ["yes", "no"]), np.array([1, 0]))
    places = [
        iter([[Place(0, 4, ("fine", "nice"))], [Place(0, 3, ("poor",))]]),
        iter([[Place(0, 3, ("sure",))], []]),
    ]
    folder.mkdir(exist_ok=True)
    write_variants(folder, split.texts, places, 1.0, 20, seed)
    return split, read_variants(folder, split)


def test_rows_are_followed_by_their_variants_and_labels_stay(tmp_path: Path) -> None:
    _, made = two_columns(tmp_path)
    rows = list(zip(*made.texts, made.labels.tolist(), strict=True))
    assert rows[0] == ("good film", "yes", 1)
    assert set(rows[1:4]) == {
        ("fine film", "yes", 1), ("nice film", "yes", 1), ("good film", "sure", 1)
    }  # fmt: skip
    assert rows[4:] == [("bad plot", "no", 0), ("poor plot", "no", 0)]


def test_what_is_made_depends_on_the_seed_alone(tmp_path: Path) -> None:
    files = []
    for name, seed in (("a", 1), ("b", 1)):
        two_columns(tmp_path / name, seed)
        files.append((tmp_path / name / FILE).read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize(
    "text", ["[", '{"row": 9, "column": 0, "texts": ["x"]}', '{"row": 0}', "3"]
)
def test_a_damaged_file_is_refused(text: str, tmp_path: Path) -> None:
    split, _ = two_columns(tmp_path)
    (tmp_path / FILE).write_text(text, "utf-8")
    with pytest.raises(BadInput, match="damaged"):
        read_variants(tmp_path, split)
