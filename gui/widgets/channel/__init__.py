"""Widgets of the panel “Channel”: one channel: large, with its values."""
