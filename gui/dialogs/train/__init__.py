"""The window of training: setting a run up, and watching it."""
