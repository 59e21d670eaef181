"""The command line, one file a command."""

COMMANDS = ("classify", "layers", "models")
"""The words that, as the first argument, choose a command instead of the window."""
