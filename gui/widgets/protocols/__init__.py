"""Widgets of the panel “Protocols”: test protocols, their views and their dense maps."""
