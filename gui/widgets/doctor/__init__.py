"""Parts of the dialogs of the checkpoint doctor."""
