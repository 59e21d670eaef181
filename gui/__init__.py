"""The window of Layerscope; nothing in here is needed to use ``core`` from a script."""
