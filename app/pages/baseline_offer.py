"""Offers the no-teacher baselines of the runs in a comparison, where the history has them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal

from app.widgets import Button, plain_tip
from engine.baselines import find_pairs
from engine.errors import BadInput

if TYPE_CHECKING:
    from engine.history import History
    from engine.records import RunRecord

MOST = 300  # newest finished runs that are looked through
ONE, MANY = "Add its no-teacher baseline", "Add {} no-teacher baselines"


class BaselineOffer(Button):
    """Shown only while there is something to add; `taken(ids)` when it is pressed."""

    taken = Signal(list)

    def __init__(self) -> None:
        super().__init__(ONE, "link", "plus", size="small")
        self._specs: dict[str, dict[str, Any]] = {}
        self._found: tuple[tuple[str, ...], dict[str, str]] = ((), {})
        self._missing: list[str] = []
        self.clicked.connect(lambda: self.taken.emit(self._missing))
        self.hide()

    def offer(
        self, history: History, finished: Sequence[RunRecord], shown: Collection[str],
        ticked: Collection[str],
    ) -> None:  # fmt: skip
        """Look for baselines of the ticked runs that are not shown."""
        try:
            pairs = self._pairs(history, [one.id for one in finished[:MOST]], shown)
        except BadInput:  # the page says it when it reads the same history
            pairs = {}
        wanted = [pairs[one] for one in ticked if pairs.get(one, "") not in ("", *shown)]
        self._missing = list(dict.fromkeys(wanted))
        names = {one.id: one.name for one in finished}
        count = len(self._missing)
        self.set_words(ONE if count == 1 else MANY.format(count))
        plain_tip(
            self,
            "The same student without a teacher: "
            + ", ".join(map(names.__getitem__, self._missing)),
        )
        self.setVisible(bool(count))

    def _pairs(
        self, history: History, ids: Sequence[str], shown: Collection[str]
    ) -> dict[str, str]:
        """Each run's baseline; what is in the table stands before what is not."""
        ordered = (*shown, *(one for one in ids if one not in shown))
        if ordered != self._found[0]:
            for one in ordered:
                if one not in self._specs:
                    self._specs[one] = history.run(one).spec
            self._found = ordered, find_pairs({one: self._specs[one] for one in ordered})
        return self._found[1]
