"""Layers, their activations, and the mosaics made of them."""
