"""The command line: ``layerscope classify``, ``layers`` and ``models``. No Qt, and torch only inside a command."""
