"""The controls every page is built from."""

from app.widgets.button import Button
from app.widgets.card import Card, ChoiceCard, paint_card
from app.widgets.field import combo, edit, set_wrong, spin
from app.widgets.flow import FlowLayout
from app.widgets.label import Label, cut, line, name, plain_tip, text, unnamed
from app.widgets.message import Message, Messages
from app.widgets.pill import Pill, StatePill, paint_pill, state_look
from app.widgets.progress import Progress
from app.widgets.scroll import scroll
from app.widgets.switch import Switch

__all__ = [
    "Button", "Card", "ChoiceCard", "FlowLayout", "Label", "Message", "Messages", "Pill",
    "Progress", "StatePill", "Switch", "combo", "cut", "edit", "line", "name", "paint_card",
    "paint_pill", "plain_tip", "scroll", "set_wrong", "spin", "state_look", "text", "unnamed",
]  # fmt: skip
