"""What augmentation cannot use is refused before the layers are followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from jobs import scalars, trained
from small import small_method

from engine.errors import BadInput
from engine.events import Event


@pytest.mark.parametrize(
    ("text", "vectors", "sentence"),
    [("good", "good 1 2\n", "one single sentence"), ("good\n\nbad", "good 1 2\nbad 1\n", "line 2")],
)
def test_wrong_text_and_vectors_are_refused_before_training(
    text: str, vectors: str, sentence: str, tiny_run: dict[str, Any], tmp_path: Path
) -> None:
    (tmp_path / "some.txt").write_text(text, "utf-8")
    (tmp_path / "some.vec").write_text(vectors, "utf-8")
    method = small_method("tinybert", vectors=str(tmp_path / "some.vec"))
    block = {"source": "file", "path": str(tmp_path / "some.txt")}
    said: list[Event] = []
    with pytest.raises(BadInput, match=sentence):
        trained({**tiny_run, "method": method, "text": block}, tmp_path, said)
    assert not scalars(said, "loss")
