"""Parts of the window of training."""
