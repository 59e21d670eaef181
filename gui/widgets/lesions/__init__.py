"""Widgets of the panel “Lesions”: the lesion bench."""
