"""Plain words for a run file: names, values, and the text that a run reads."""

from __future__ import annotations

import pytest

from engine.setting_words import plain_setting, plain_value, text_of


def test_settings_have_plain_names_and_values() -> None:
    assert plain_setting("training.learning_rate") == ("Learning rate", "per step")
    assert plain_setting("method.layers", ["pkd"]) == ("Layers", "layers")
    assert plain_value("method.key", "pkd") == "Patient KD"
    assert plain_value("training.learning_rate", 5e-5) == "5e-5"
    assert plain_value("method.gone", None) == "–"


def test_what_no_version_knows_is_still_readable() -> None:
    assert plain_setting("method.far_away", ["gone"]) == ("Far away", "")
    assert plain_value("method.key", ["x"]) == "x"
    assert plain_value("data.source", "moon") == "moon"


def test_sources_are_said_in_words() -> None:
    assert plain_setting("text.source") == ("Plain text from", "")
    assert plain_value("text.source", "data") == "The run's data"


@pytest.mark.parametrize(
    ("block", "words"),
    [
        (None, ""),
        ({"source": "data"}, ""),
        ({"source": "bundled", "name": "wikitext2"}, "WikiText-2"),
        ({"source": "bundled", "name": "gone"}, "gone"),
        ({"source": "file", "path": "/a/b/own.txt"}, "own.txt"),
        ({"source": "file", "path": "C:\\a\\own.txt"}, "own.txt"),
        ({"source": "hub", "id": "owner/books"}, "owner/books"),
        ({"source": "file", "path": 3}, ""),
        ("nonsense", ""),
    ],
)
def test_the_text_of_a_run_is_named(block: object, words: str) -> None:
    assert text_of({"text": block} if block is not None else {}) == words
