"""The one error a person may see: a sentence that names the input and the way out."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class BadInput(Exception):
    """Input that cannot be used; `str(error)` is a sentence for a person.

    `where` names the input inside a run file ("method.layers"), so that a form can show the
    sentence under the right field.
    """

    def __init__(self, sentence: str, where: str = "") -> None:
        super().__init__(sentence)
        self.where = where


class Stopped(Exception):
    """Raised inside a run when the person asked it to stop; state has been saved."""


def nearest(name: str, known: Iterable[str]) -> str:
    """Return ', did you mean "x"?' for the known name closest to `name`, or an empty string."""
    found = difflib.get_close_matches(name[:200], list(known), n=1, cutoff=0.5)
    return f', did you mean "{found[0]}"?' if found else ""
