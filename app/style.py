"""The one style sheet, written at 100 % in pixels with @names for colours."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app import icons

if TYPE_CHECKING:
    from app.theme import Theme

_COLOUR = re.compile(r"@([a-z0-9_]+)")
_PIXELS = re.compile(r"(\d+)px")
_FILE = re.compile(r"icon\(([a-z0-9-]+), ([a-z0-9_]+)\)")

_BASE = """
QToolTip { background: @tip; color: @on_tip; border: 0; padding: 8px 10px; font-size: 12px; }
QMainWindow, QDialog { background: @app; }
QWidget[surface="rail"] { background: @rail; }
QWidget[surface="surface"] { background: @surface; }
QWidget[surface="app"] { background: @app; }
QWidget[surface="sunken"] { background: @sunken; }
QFrame[card="true"] { background: @surface; border: 1px solid @line; border-radius: 8px; }
QFrame[card="accent"] { background: @surface; border: 2px solid @accent; border-radius: 8px; }
QFrame[line="true"] { background: @line; border: 0; }
QScrollArea, QScrollArea > QWidget > QWidget[scrolled="true"] { background: transparent; border: 0; }
QSplitter::handle { background: @line; }
"""

_LABELS = """
QLabel { color: @text; background: transparent; }
QLabel[role="tick"] { font-size: 11px; color: @text3; }
QLabel[role="small"] { font-size: 12px; color: @text2; }
QLabel[role="small-strong"] { font-size: 12px; font-weight: 500; }
QLabel[role="label"] { font-weight: 500; }
QLabel[role="name"] { font-weight: 600; }
QLabel[role="lead"] { font-size: 15px; color: @text2; }
QLabel[role="heading"] { font-size: 15px; font-weight: 600; }
QLabel[role="sentence"] { font-size: 16px; }
QLabel[role="title"] { font-size: 20px; font-weight: 600; }
QLabel[role="hero"] { font-size: 28px; font-weight: 600; }
QLabel[role="reading"] { font-size: 30px; font-weight: 600; }
QLabel[tone="text"] { color: @text; }
QLabel[tone="text2"] { color: @text2; }
QLabel[tone="text3"] { color: @text3; }
QLabel[tone="accent"] { color: @accent; }
QLabel[tone="good"] { color: @good; }
QLabel[tone="warn"] { color: @warn; }
QLabel[tone="bad"] { color: @bad; }
QLabel[tone="disabled"], QLabel:disabled { color: @disabled; }
"""

_BUTTONS = """
QPushButton { background: @surface; color: @text; border: 1px solid @control; border-radius: 6px;
  padding: 0 13px; min-height: 30px; font-weight: 500; outline: 0; }
QPushButton:hover { background: @hover; }
QPushButton:pressed { background: @sunken; }
QPushButton:focus { border: 2px solid @accent; padding: 0 12px; min-height: 28px; }
QPushButton:disabled { color: @disabled; border: 1px solid @line; background: @surface; }
QPushButton[measure="small"] { min-height: 26px; padding: 0 10px; }
QPushButton[measure="small"]:focus { min-height: 24px; padding: 0 9px; }
QPushButton[measure="large"] { min-height: 38px; padding: 0 19px; }
QPushButton[measure="large"]:focus { min-height: 36px; padding: 0 18px; }
QPushButton[kind="primary"] { background: @accent; color: @on_accent; border: 1px solid @accent;
  font-weight: 600; }
QPushButton[kind="primary"]:hover { background: @accent_hover; border-color: @accent_hover; }
QPushButton[kind="primary"]:pressed { background: @accent_down; border-color: @accent_down; }
QPushButton[kind="primary"]:focus { border-color: @accent; }
QPushButton[kind="primary"]:disabled { background: @line; color: @disabled; border-color: @line; }
QPushButton[kind="link"] { background: transparent; color: @accent; border: 1px solid transparent;
  padding: 0 5px; min-height: 24px; }
QPushButton[kind="link"]:hover { background: @hover; }
QPushButton[kind="link"]:pressed { background: @sunken; }
QPushButton[kind="link"]:focus { border: 2px solid @accent; padding: 0 4px; min-height: 22px; }
QPushButton[kind="link"]:disabled { color: @disabled; border-color: transparent;
  background: transparent; }
QPushButton[kind="icon"] { padding: 0; min-width: 30px; }
QPushButton[kind="icon"]:focus { padding: 0; min-width: 28px; }
QPushButton[kind="icon"][measure="small"] { min-width: 26px; }
QPushButton[kind="icon"][measure="small"]:focus { min-width: 24px; }
QPushButton[kind="quiet"] { background: transparent; border: 1px solid transparent; padding: 0;
  min-width: 26px; min-height: 26px; }
QPushButton[kind="quiet"]:hover { background: @hover; }
QPushButton[kind="quiet"]:pressed { background: @sunken; }
QPushButton[kind="quiet"]:focus { border: 2px solid @accent; padding: 0; min-width: 24px;
  min-height: 24px; }
QPushButton::menu-indicator { image: none; width: 0; }
QCheckBox, QRadioButton { color: @text; spacing: 8px; min-height: 24px; background: transparent;
  border: 1px solid transparent; border-radius: 4px; outline: 0; }
QCheckBox:disabled, QRadioButton:disabled { color: @disabled; }
QCheckBox::indicator, QAbstractItemView::indicator { width: 14px; height: 14px;
  border: 1px solid @control; border-radius: 3px; background: @surface; }
QCheckBox::indicator:hover, QAbstractItemView::indicator:hover { border-color: @text2;
  background: @hover; }
QCheckBox::indicator:checked, QAbstractItemView::indicator:checked { background: @accent;
  border-color: @accent; image: url(icon(check, on_accent)); }
QCheckBox:focus { border-color: @accent; }
QCheckBox::indicator:disabled { border-color: @line; background: @app; }
QCheckBox::indicator:checked:disabled { background: @line;
  image: url(icon(check, disabled)); }
QRadioButton::indicator { width: 14px; height: 14px; border: 1px solid @control;
  border-radius: 8px; background: @surface; }
QRadioButton::indicator:hover { border-color: @text2; background: @hover; }
QRadioButton::indicator:checked { border: 5px solid @accent; width: 6px; height: 6px;
  background: @on_accent; }
QRadioButton:focus { border-color: @accent; }
QRadioButton::indicator:disabled { border-color: @line; background: @app; }
"""

_FIELDS = """
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: @surface;
  color: @text; border: 1px solid @control; border-radius: 6px;
  selection-background-color: @accent; selection-color: @on_accent; }
QLineEdit, QAbstractSpinBox, QComboBox { min-height: 30px; }
QLineEdit { padding: 0 9px; }
QAbstractSpinBox { padding: 0 0 0 2px; }
QComboBox { padding: 0 9px; }
QPlainTextEdit, QTextEdit { padding: 6px 8px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover, QPlainTextEdit:hover
  { border-color: @text2; }
QLineEdit:focus, QAbstractSpinBox:focus, QComboBox:focus { border: 2px solid @accent;
  min-height: 28px; }
QLineEdit:focus, QComboBox:focus { padding: 0 8px; }
QAbstractSpinBox:focus { padding: 0 0 0 1px; }
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid @accent; padding: 5px 7px; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled, QPlainTextEdit:disabled
  { color: @disabled; border-color: @line; background: @surface; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QComboBox[wrong="true"],
  QPlainTextEdit[wrong="true"] { border: 2px solid @bad; }
QLineEdit[wrong="true"], QAbstractSpinBox[wrong="true"], QComboBox[wrong="true"]
  { min-height: 28px; padding-left: 8px; }
QAbstractSpinBox[wrong="true"] { padding-left: 1px; }
QLineEdit[measure="small"], QAbstractSpinBox[measure="small"], QComboBox[measure="small"]
  { min-height: 26px; }
QAbstractSpinBox QLineEdit { border: 0; background: transparent; min-height: 0; padding: 0; }
QLineEdit[inner="true"] { border: 0; background: transparent; min-height: 0; padding: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border;
  width: 26px; border: 0; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 3px 3px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 3px 3px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: @hover;
  border-radius: 3px; }
QAbstractSpinBox::up-button:pressed, QAbstractSpinBox::down-button:pressed
  { background: @sunken; }
QAbstractSpinBox::up-arrow, QAbstractSpinBox::down-arrow { width: 12px; height: 12px; }
QAbstractSpinBox::up-arrow { image: url(icon(chevron-up, text2)); }
QAbstractSpinBox::down-arrow { image: url(icon(chevron-down, text2)); }
QAbstractSpinBox::up-arrow:disabled, QAbstractSpinBox::up-arrow:off
  { image: url(icon(chevron-up, disabled)); }
QAbstractSpinBox::down-arrow:disabled, QAbstractSpinBox::down-arrow:off
  { image: url(icon(chevron-down, disabled)); }
QComboBox::drop-down { subcontrol-origin: padding; subcontrol-position: center right;
  width: 24px; border: 0; }
QComboBox::down-arrow { width: 14px; height: 14px; image: url(icon(chevron-down, text2)); }
QComboBox::down-arrow:disabled { image: url(icon(chevron-down, disabled)); }
QComboBox QAbstractItemView { background: @surface; color: @text; border: 1px solid @control;
  outline: 0; padding: 4px; selection-background-color: @accent_soft; selection-color: @text; }
QComboBox QAbstractItemView::item { min-height: 28px; padding: 0 6px; border-radius: 4px; }
QComboBox QAbstractItemView::item:hover, QComboBox QAbstractItemView::item:selected
  { background: @accent_soft; color: @text; }
QPlainTextEdit[log="true"] { background: @sunken; border: 0; border-radius: 0; color: @text2;
  padding: 4px 8px 4px 20px; }
QPlainTextEdit[log="true"]:focus { border: 0; padding: 4px 8px 4px 20px; }
"""

_VIEWS = """
QAbstractItemView { background: @surface; color: @text; border: 0; outline: 0;
  alternate-background-color: @sunken; selection-background-color: @accent_soft;
  selection-color: @text; gridline-color: @line; }
QTableView { border: 1px solid @line; border-radius: 8px; }
QTableView:focus, QTreeView:focus { border: 2px solid @accent; border-radius: 8px; }
QListView { background: transparent; }
QTableView::item { border: 0; border-bottom: 1px solid @line; padding: 0 12px; }
QTableView::item:hover, QTreeView::item:hover { background: @hover; }
QTableView::item:selected, QTreeView::item:selected { background: @accent_soft; color: @text; }
QHeaderView { background: transparent; border: 0; }
QHeaderView::section { background: @sunken; color: @text2; border: 0;
  border-bottom: 1px solid @line; padding: 0 12px; min-height: 30px; font-size: 12px;
  font-weight: 500; }
QHeaderView::section:hover { background: @hover; }
QHeaderView::section:first { border-top-left-radius: 7px; }
QHeaderView::section:last { border-top-right-radius: 7px; }
QHeaderView::section:only-one { border-top-left-radius: 7px; border-top-right-radius: 7px; }
QHeaderView::up-arrow { image: url(icon(chevron-up, accent)); width: 12px; height: 12px; }
QHeaderView::down-arrow { image: url(icon(chevron-down, accent)); width: 12px; height: 12px; }
QTableCornerButton::section { background: @sunken; border: 0; }
QTabBar { background: transparent; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: @text2; border: 0; padding: 0 2px;
  border-bottom: 2px solid transparent; min-height: 34px; margin-right: 24px; }
QTabBar::tab:hover { color: @text; border-bottom-color: @control; }
QTabBar::tab:selected { color: @accent; font-weight: 600; border-bottom-color: @accent; }
QTabBar::tab:focus { border: 2px solid @accent; border-radius: 4px; padding: 0; min-height: 32px; }
QTabBar::tab:disabled { color: @disabled; }
QTabWidget::pane { border: 0; border-top: 1px solid @line; }
QMenu { background: @surface; color: @text; border: 1px solid @control; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 12px; border-radius: 4px; background: transparent; }
QMenu::item:selected { background: @accent_soft; color: @text; }
QMenu::item:disabled { color: @disabled; }
QMenu::separator { height: 1px; background: @line; margin: 4px 8px; }
QMenu::indicator:checked { image: url(icon(check, accent)); width: 14px; height: 14px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle { background: @control; border-radius: 3px; margin: 3px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: @text3; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QSlider::groove:horizontal { height: 4px; background: @sunken; border: 1px solid @control;
  border-radius: 2px; }
QSlider::handle:horizontal { width: 16px; margin: -7px 0; border-radius: 8px;
  background: @accent; }
"""

_TEMPLATE = _BASE + _LABELS + _BUTTONS + _FIELDS + _VIEWS


def sheet(theme: Theme) -> str:
    """The style sheet in the theme's present colours and sizes."""
    scaled = _PIXELS.sub(lambda found: f"{theme.px(int(found[1]))}px", _TEMPLATE)
    with_files = _FILE.sub(lambda found: icons.file(found[1], found[2]), scaled)
    return _COLOUR.sub(lambda found: theme.colour(found[1]).name(), with_files)
