"""The form: any settings become fields that show values, papers and mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog

from app.form import SettingsForm
from app.slots import Slot, limit
from app.widgets.boxes import (
    NumberBox,
    OptionBox,
    SwitchBox,
    WholeBox,
    neighbour,
    option_words,
    words_of,
)
from engine.schema import Params, choice, file, number, settings_of, switch, whole

PAPER = "A Paper 2020"


class Every(Params):
    """One setting of each kind."""

    layers: int = whole(
        4, 1, 12, "How many.", label="Layers", source=PAPER, unit="layers", basic=True
    )
    width: int | None = whole(None, 8, 64, "How wide.", label="Width", source="Our default")
    rate: float = number(
        5e-5, 1e-8, 1.0, "Step.", label="Rate", source=PAPER, scientific=True, basic=True
    )
    share: float | None = number(
        None, 0.0, 0.9, "Share.", label="Share", source="Our default", step=0.1
    )
    kind: Literal["first_one", "other"] = choice("first_one", "Which.", label="Kind", source=PAPER)
    on: bool = switch(True, "Whether.", label="On", source=PAPER)


SETTINGS = {one.key: one for one in settings_of(Every)}
SLOTS = [Slot(key, one, one.default, one.paper) for key, one in SETTINGS.items()]


@pytest.fixture
def form(look, qtbot):
    """A form of every kind of setting, showing the defaults."""
    made = SettingsForm()
    qtbot.addWidget(made)
    made.show_slots(SLOTS, lambda where: SETTINGS[where].default, {})
    return made


def shown(form, **values):
    defaults = {key: one.default for key, one in SETTINGS.items()}
    form.show_slots(SLOTS, (defaults | values).__getitem__, {})


def test_each_kind_has_its_input(form):
    kinds = {where: type(field.box) for where, field in form.fields.items()}
    assert kinds == {
        "layers": WholeBox, "width": WholeBox, "rate": NumberBox, "share": NumberBox,
        "kind": OptionBox, "on": SwitchBox,
    }  # fmt: skip


def test_showing_values_tells_nothing(form, qtbot):
    with qtbot.assertNotEmitted(form.edited):
        shown(form, layers=7, width=16, rate=1e-3, share=0.3, kind="other", on=False)
    found = {where: field.box.shown() for where, field in form.fields.items()}
    assert found == {
        "layers": 7, "width": 16, "rate": 1e-3, "share": 0.3, "kind": "other", "on": False,
    }  # fmt: skip


def test_typed_number_is_told_with_its_place(form, qtbot):
    box = form.fields["rate"].box
    assert box.text() == "5e-5"
    told = []
    form.edited.connect(lambda where, value: told.append((where, value)))
    box.selectAll()
    QTest.keyClicks(box, "2e-3")
    assert told[-1] == ("rate", 2e-3)


def test_letters_cannot_be_typed_into_a_number(form):
    box = form.fields["rate"].box
    box.selectAll()
    QTest.keyClicks(box, "x3y")
    assert box.shown() == 3.0


def test_number_above_the_range_is_kept_so_that_the_mistake_can_be_shown(form):
    box = form.fields["rate"].box
    box.selectAll()
    QTest.keyClicks(box, "50")
    assert box.shown() == 50.0


@pytest.mark.parametrize("where", ["width", "share"])
def test_automatic_is_below_the_smallest(form, where):
    box = form.fields[where].box
    assert (box.text(), box.shown()) == ("automatic", None)
    box.stepUp()
    assert box.shown() == SETTINGS[where].low
    box.stepDown()
    assert box.shown() is None


def test_one_layer_is_not_layers(form):
    shown(form, layers=1)
    assert form.fields["layers"].box.text() == "1\N{NO-BREAK SPACE}layer"


@pytest.mark.parametrize(
    ("start", "up", "wanted"), [(5e-5, True, 1e-4), (5e-5, False, 2e-5), (3e-5, True, 5e-5)]
)
def test_rates_step_one_two_five(start, up, wanted):
    assert neighbour(start, up=up) == wanted


def test_paper_default_is_marked_filled(form):
    field = form.fields["layers"]
    assert field.caption.text() == "Paper default"
    assert field.diamond.filled
    assert field.undo.isHidden()


def test_other_value_names_the_papers_and_offers_reset(form, qtbot):
    shown(form, layers=6)
    field = form.fields["layers"]
    assert field.caption.text() == "Paper: 4\N{NO-BREAK SPACE}layers"
    assert not field.diamond.filled
    with qtbot.waitSignal(form.reset) as told:
        field.undo.click()
    assert told.args == ["layers"]


def test_setting_without_a_paper_says_our_default(form):
    assert form.fields["width"].caption.text() == "Our default"
    assert form.fields["width"].diamond.isHidden()


def test_mistake_stands_under_its_field_alone(form):
    form.show_slots(SLOTS, lambda where: SETTINGS[where].default, {"layers": "at most 3"})
    assert form.fields["layers"].caption.text() == "at most 3"
    assert form.fields["layers"].box.property("wrong") is True
    assert not form.fields["rate"].box.property("wrong")


def test_mistake_among_the_advanced_opens_them(form):
    assert not form.advanced
    form.show_slots(SLOTS, lambda where: SETTINGS[where].default, {"width": "at most 64"})
    assert form.advanced


def test_advanced_button_counts_and_toggles(form):
    assert form._count.text() == "(4 more)"
    form.more.click()
    assert form.advanced
    assert form.more.text() == "Hide advanced"
    form.toggle_advanced()
    assert not form.advanced


def test_wheel_leaves_an_unfocused_field_alone(form):
    box = form.fields["layers"].box
    wheel = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, 120), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, wheel)
    assert box.shown() == 4


def test_help_is_plain_for_f1_and_escaped_for_the_tooltip(form):
    box = form.fields["rate"].box
    assert box.whatsThis() == f"Rate. Step. Source: {PAPER}."
    assert box.toolTip().startswith("<qt><b>Rate</b>")


@pytest.mark.parametrize(("width", "columns"), [(460, 2), (1000, 4)])
def test_as_many_columns_as_fit(form, width, columns):
    form.resize(width, 600)
    form.show()
    assert form.basic._columns == columns


def test_words_of_values():
    said = [words_of(SETTINGS[key], value) for key, value in
            (("layers", 1), ("rate", 5e-5), ("kind", "first_one"), ("on", False), ("share", None))]  # fmt: skip
    assert said == ["1\N{NO-BREAK SPACE}layer", "5e-5", "First one", "off", "automatic"]


# --- files -------------------------------------------------------------------------------------


class Filed(Params):
    """A setting that is a file."""

    vectors: str | None = file(
        "Word vectors.", label="Vector file", source="Our default", endings=(".txt", ".vec")
    )


@pytest.fixture
def filed(look, qtbot):
    """The only field of a form: a file."""
    made = SettingsForm()
    qtbot.addWidget(made)
    one = settings_of(Filed)[0]
    made.show_slots([Slot("method.vectors", one, None, None)], lambda where: None, {})
    field = made.fields["method.vectors"]
    yield field
    made.hide()


def test_a_typed_path_is_told_in_full_and_nothing_is_no_file(filed):
    told = []
    filed.edited.connect(lambda where, value: told.append(value))
    filed.box.field.setText("glove.txt")
    filed.box.field.setText("  ")
    assert told == [str(Path("glove.txt").absolute()), None]


def test_a_path_can_be_picked(filed, monkeypatch):
    asked = []

    def pick(parent, title, begin, kinds):
        asked.append(kinds)
        return "/data/glove.vec", kinds

    monkeypatch.setattr(QFileDialog, "getOpenFileName", pick)
    filed.box.button.click()
    assert asked == ["Vector file (*.txt *.vec)"]
    assert filed.box.shown() == str(Path("/data/glove.vec").absolute())


def test_a_wrong_path_is_said_under_the_field(filed, tmp_path):
    slot = filed.slot
    words = limit(slot.setting, str(tmp_path / "none.txt"))
    filed.show_state(str(tmp_path / "none.txt"), words)
    assert filed.caption.text().startswith("There is no file")
    assert filed.box.field.property("wrong") is True
    assert words in filed.box.field.accessibleName()


def test_what_is_typed_is_not_rewritten_by_its_full_path(filed):
    filed.box.field.setText("glove.txt")
    filed.show_state(str(Path("glove.txt").absolute()), "")
    assert filed.box.field.text() == "glove.txt"


def test_a_file_reads_as_its_name():
    one = settings_of(Filed)[0]
    assert (words_of(one, "/a/glove.txt"), words_of(one, None)) == ("glove.txt", "no file")


@pytest.mark.parametrize(
    ("option", "words"),
    [("sop", "SOP"), ("gelu_new", "GELU, new"), ("first_layers", "First layers")],
)
def test_options_are_written_as_people_write_them(option, words):
    assert option_words(option) == words
