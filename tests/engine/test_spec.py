"""Run files: what they may hold, and how a wrong one is refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engine.errors import BadInput
from engine.spec import make_spec, read_json, read_spec
from engine.training import training_settings

RUN: dict[str, Any] = {
    "teacher": {"source": "bundled", "name": "reviews-minilm"},
    "data": {"source": "files", "train": "somewhere/reviews/train.tsv"},
    "method": {"key": "pkd"},
}
MISSPELT = [
    ("teacher", {"source": "folder", "pth": "x"}, 'setting "teacher.pth", did you mean "path"?'),
    (
        "teacher",
        {"source": "bundled", "name": "x", "nam": 1},
        '"teacher.nam", did you mean "name"?',
    ),
    ("teacher", {"source": "foldr", "path": "x"}, "'foldr'; use one of bundled, folder, hub, run."),
    ("teacher", {"path": "x"}, '"teacher.source" is missing'),
    (
        "data",
        {"source": "files", "train": "x", "lable": "y"},
        '"data.lable", did you mean "label"?',
    ),
    ("data", {"source": "files"}, '"data.train" is missing'),
    ("data", {"source": "files", "train": "x", "text": 5}, '"data.text" is 5;'),
    (
        "data",
        {"source": "files", "train": "x", "text": ["a", "b", "c"]},
        "names 3 columns; name one or two",
    ),
    ("method", {"key": "pkd", "layer": 3}, '"method.layer", did you mean "layers"?'),
    ("method", {"key": "pkdd"}, 'no method "pkdd", did you mean "pkd"?'),
    ("method", {}, 'The method block has no "key"'),
    ("training", {"epoch": 3}, '"training.epoch", did you mean "epochs"?'),
    ("training", {"epochs": 0}, '"training.epochs" is 0; it must be at least 1.'),
    ("training", {"learning_rate": 2}, '"training.learning_rate" is 2; it must be at most 1.'),
    ("training", [], '"training" must be an object'),
    ("seed", -1, '"seed" is -1; it must be at least 0.'),
    ("sede", 1, '"sede", did you mean "seed"?'),
    ("device", "gpu", "\"device\" is 'gpu'; use one of 'auto', 'cpu', 'cuda' or 'mps'."),
]
HOSTILE = ["<img src=x onerror=alert(1)>", "../../../etc/passwd", "🦊" * 40, "a\0b", "x" * 10**6]


def refusal(values: Any) -> str:
    with pytest.raises(BadInput) as caught:
        make_spec(values)
    return str(caught.value)


@pytest.mark.parametrize(("block", "value", "words"), MISSPELT)
def test_a_wrong_entry_is_named_with_the_right_one(block: str, value: Any, words: str) -> None:
    assert words in refusal({**RUN, block: value})


@pytest.mark.parametrize("block", ["teacher", "data", "method"])
@pytest.mark.parametrize("value", [None, "a name", []])
def test_the_three_blocks_are_needed(block: str, value: Any) -> None:
    assert refusal({**RUN, block: value}) == f'The run file has no "{block}" block; add one.'


@pytest.mark.parametrize("values", [None, [], "run", 3])
def test_a_run_file_is_an_object(values: Any) -> None:
    assert refusal(values).startswith("A run file is one JSON object")


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_of_settings_are_short_sentences(name: str) -> None:
    for block in ("teacher", "data", "method"):
        assert len(refusal({**RUN, block: {**RUN[block], name: 1}})) < 250
    assert len(refusal({**RUN, name: 1})) < 250


def test_a_name_of_a_megabyte_is_refused_without_echo() -> None:
    sentence = refusal({**RUN, "name": "x" * 10**6})
    assert sentence.endswith("string should have at most 200 characters.")
    assert len(sentence) < 200


@pytest.mark.parametrize("name", HOSTILE[:3])
def test_a_strange_run_name_is_only_text(name: str) -> None:
    assert make_spec({**RUN, "name": name}).name == name


def test_half_a_character_is_refused() -> None:
    assert "half a character" in refusal({**RUN, "data": {"source": "files", "train": "a\ud800b"}})
    assert refusal({**RUN, "name": "a\ud800b"}).startswith('"name" is')


def test_round_trip_through_json() -> None:
    spec = make_spec({**RUN, "name": "größer 🦊", "seed": 3, "training": {"dropout": 0.2}})
    assert make_spec(json.loads(spec.to_json())) == spec


def test_the_methods_own_training_comes_before_the_shared_default() -> None:
    assert make_spec(RUN).training.epochs == 4
    assert make_spec({**RUN, "training": {"epochs": 1}}).training.epochs == 1


@pytest.mark.parametrize("name", ["", "   "])
def test_a_run_without_name_is_called_by_its_choices(name: str) -> None:
    assert make_spec({**RUN, "name": name}).name == "reviews-pkd-3"


def test_training_settings_describe_every_field() -> None:
    described = {setting.key for setting in training_settings()}
    assert described == set(make_spec(RUN).training.model_dump())


# Files --------------------------------------------------------------------------------------


def test_a_written_run_file_is_read_back(tmp_path: Path) -> None:
    spec = make_spec(RUN)
    (tmp_path / "run.json").write_text(spec.to_json(), "utf-8")
    assert read_spec(tmp_path / "run.json") == spec


def test_a_byte_order_mark_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "run.json").write_text(json.dumps(RUN), "utf-8-sig")
    assert read_spec(tmp_path / "run.json") == make_spec(RUN)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is not valid JSON"),
        (b"{'teacher': 1}", "is not valid JSON"),
        (b"\xff\xfe\x00", "is not valid JSON"),
        (b"[" * 200_000, "is nested too deeply"),
        (b"9" * 10_000, "is not valid JSON"),
        (b" " * 1_000_001, "is larger than 1 MB"),
    ],
    ids=["empty", "not json", "not text", "deep", "long number", "large"],
)
def test_an_unreadable_file_is_one_sentence(content: bytes, words: str, tmp_path: Path) -> None:
    (tmp_path / "run.json").write_bytes(content)
    with pytest.raises(
        BadInput, match=rf"^{tmp_path}/run\.json {words}.{{0,150}}; choose another file\.$"
    ):
        read_json(tmp_path / "run.json")


def test_a_folder_is_no_run_file(tmp_path: Path) -> None:
    with pytest.raises(
        BadInput, match=r"cannot be read \(Is a directory\); choose another file\.$"
    ):
        read_spec(tmp_path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file .*none\.json; check the path\."):
        read_spec(tmp_path / "none.json")
