"""Widgets of the window of training."""
