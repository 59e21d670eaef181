"""The parts of the ledger's dialog."""
