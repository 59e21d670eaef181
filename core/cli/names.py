"""The commands of the command line, for whoever only has to know that a word is one."""

COMMANDS = ("classify", "layers", "activations", "explain", "models", "weights", "doctor", "ledger", "train", "evaluate")
