"""Stored example sentences for the Playground, each set read once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.errors import BadInput

if TYPE_CHECKING:
    from app.context import Context
    from engine.records import Examples, RunRecord


class ExampleSets:
    """Finds the examples of the first chosen run that has any stored."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._sets: dict[str, Examples | None] = {}

    def of(self, records: Iterable[RunRecord], ticked: set[str]) -> Examples | None:
        """The set to offer for these ticks, or None."""
        for record in records:
            print_ = record.result.get("data_fingerprint")
            if record.id in ticked and isinstance(print_, str):
                found = self._read(print_)
                if found is not None:
                    return found
        return None

    def _read(self, print_: str) -> Examples | None:
        if print_ not in self._sets:
            try:
                self._sets[print_] = self._context.history.examples(print_)
            except BadInput:  # old or damaged: there are just no examples to offer
                self._sets[print_] = None
        return self._sets[print_]
