"""Widgets of the panel “Why”: why a category: attributions."""
