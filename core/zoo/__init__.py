"""The networks Layerscope knows, and the one door to torchvision."""
