"""Widgets of the panel “Patches”: the strongest patches of a channel."""
