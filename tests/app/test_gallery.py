"""The gallery: five in a row, families above their cards, arrows and Space."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest

from app.widgets import unnamed
from app.widgets.gallery import FamilyHead, Gallery, effects, fitting
from engine.method import methods

TEN = ("distil",) * 4 + ("reference", "share", "quantise") + ("prune",) * 3


@pytest.fixture
def gallery(look, qtbot):
    """Ten methods, as many as there will be, on the screen."""
    one = methods()["pkd"]
    ten = [replace(one, key=f"m{i}", title=f"M{i}", family=family) for i, family in enumerate(TEN)]
    made = Gallery(ten)
    made.choose("m0")
    qtbot.addWidget(made)
    made.resize(980, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def test_only_methods_that_exist_are_shown(look, qtbot):
    made = Gallery(list(methods().values()))
    qtbot.addWidget(made)
    assert list(made.cards) == list(methods())


def test_five_in_a_row(gallery):
    places = [
        gallery._grid.getItemPosition(gallery._grid.indexOf(card))[:2]
        for card in gallery.cards.values()
    ]
    assert places == [(1, i) for i in range(5)] + [(4, i) for i in range(5)]


def test_a_narrow_gallery_keeps_the_words_of_its_cards(gallery):
    gallery.resize(700, 400)
    last = gallery._grid.getItemPosition(gallery._grid.indexOf(gallery.cards["m9"]))
    assert last[:2] == (7, 1)
    assert gallery._places[1, 0] is gallery.cards["m4"]


def test_each_family_has_its_head_above_its_first_card(gallery):
    heads = {
        head.family: gallery._grid.getItemPosition(gallery._grid.indexOf(head))
        for head in gallery.findChildren(FamilyHead)
    }
    assert heads == {
        "distil": (0, 0, 1, 4), "reference": (0, 4, 1, 1), "share": (3, 0, 1, 1),
        "quantise": (3, 1, 1, 1), "prune": (3, 2, 1, 3),
    }  # fmt: skip


def test_click_chooses_one(gallery, qtbot):
    with qtbot.waitSignal(gallery.chosen) as told:
        QTest.mouseClick(gallery.cards["m3"], Qt.MouseButton.LeftButton)
    assert told.args == ["m3"]
    assert [key for key, card in gallery.cards.items() if card.isChecked()] == ["m3"]


def test_chosen_card_stays_chosen_when_clicked_again(gallery):
    QTest.mouseClick(gallery.cards["m0"], Qt.MouseButton.LeftButton)
    assert gallery.cards["m0"].isChecked()


def test_arrows_move_and_space_chooses(gallery, qtbot):
    gallery.activateWindow()
    gallery.cards["m0"].setFocus()
    qtbot.waitUntil(gallery.cards["m0"].hasFocus)
    QTest.keyClick(gallery.cards["m0"], Qt.Key.Key_Right)
    QTest.keyClick(gallery.cards["m1"], Qt.Key.Key_Down)
    assert gallery.cards["m6"].hasFocus()
    assert gallery.cards["m0"].isChecked()
    QTest.keyClick(gallery.cards["m6"], Qt.Key.Key_Space)
    assert gallery.cards["m6"].isChecked()


def test_right_goes_on_to_the_next_row(gallery, qtbot):
    gallery.activateWindow()
    gallery.cards["m4"].setFocus()
    qtbot.waitUntil(gallery.cards["m4"].hasFocus)
    QTest.keyClick(gallery.cards["m4"], Qt.Key.Key_Right)
    assert gallery.cards["m5"].hasFocus()


def test_tab_reaches_the_chosen_card_only(gallery):
    reached = [
        key for key, card in gallery.cards.items() if card.focusPolicy() & Qt.FocusPolicy.TabFocus
    ]
    assert reached == ["m0"]


def test_cards_say_what_they_are(gallery):
    assert unnamed(gallery) == []
    assert gallery.cards["m0"].accessibleName().endswith("smaller, faster")


def test_a_method_that_changes_nothing_says_same_size():
    assert effects(methods()["finetune"]) == ["same size"]


@pytest.mark.parametrize("shade", ["light", "dark"])
def test_paints_in_every_state(gallery, look, shade):
    look.set_mode(shade)
    plain = gallery.cards["m1"].grab().toImage()
    gallery.choose("m1")
    chosen = gallery.cards["m1"].grab().toImage()
    gallery.cards["m1"].set_available(False, "Needs a fine-tuned teacher first.")
    assert plain != chosen != gallery.cards["m1"].grab().toImage()


def test_few_methods_leave_room_for_the_words_of_their_family(look, qtbot):
    made = Gallery(list(methods().values())[:2])
    qtbot.addWidget(made)
    made.resize(980, 400)
    assert made._columns == 3


def test_a_long_name_is_narrowed_before_it_is_cut(look):
    font = look.font("name")
    whole = QFontMetrics(font).horizontalAdvance("Mixed vocabulary")
    narrowed = fitting(font, "Mixed vocabulary", whole * 0.9)
    assert QFontMetrics(narrowed).horizontalAdvance("Mixed vocabulary") <= whole * 0.93
    assert fitting(font, "Mixed vocabulary", whole).stretch() == font.stretch()
