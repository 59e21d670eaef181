"""The threads beside the GUI thread, and the mailbox they take their work from."""
