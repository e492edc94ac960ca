"""The button that times all models together."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from app.retime import TIP, WORDS, Retime


@pytest.fixture
def timed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the engine will answer."""
    from engine import retiming

    answer: dict[str, Any] = {"a": SimpleNamespace(median=2.0), "b": SimpleNamespace(median=4.0)}
    monkeypatch.setattr(retiming, "time_together", lambda *given, **options: answer)
    return answer


def test_latencies_hold_for_exactly_what_was_timed(
    look: Any, qtbot: Any, timed: dict[str, Any]
) -> None:
    button = Retime()
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.timed):
        button.begin([], Path("history.sqlite"))
    assert button.latencies(["a", "b"]) == {"a": 2.0, "b": 4.0}
    assert button.latencies(["a", "new"]) == {}


def test_it_is_disabled_while_it_works(look: Any, qtbot: Any, timed: dict[str, Any]) -> None:
    button = Retime()
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.timed):
        button.begin([], Path("history.sqlite"))
        button.set_enabled(True)
        assert not button.isEnabled()
    assert (button.isEnabled(), button.text()) == (True, WORDS)
    assert TIP.split(",")[0] in button.toolTip()


def test_a_package_that_is_gone_is_said(
    look: Any, qtbot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine import retiming
    from engine.errors import BadInput

    def gone(*given: Any, **options: Any) -> None:
        raise BadInput("The package is gone; export the run again.")

    monkeypatch.setattr(retiming, "time_together", gone)
    button = Retime()
    qtbot.addWidget(button)
    with qtbot.waitSignal(button.failed) as said:
        button.begin([], Path("history.sqlite"))
    assert said.args == ["The package is gone; export the run again."]
