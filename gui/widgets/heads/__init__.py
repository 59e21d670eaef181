"""The panel “Heads”."""
