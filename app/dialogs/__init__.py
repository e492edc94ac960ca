"""Dialogs that choose a teacher or data."""
