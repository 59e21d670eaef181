"""Bounds that the settings share with the types; nothing is imported here, for the settings are read before the window."""

MAX_TOP_K = 10
"""Most categories that a ranking shows."""
