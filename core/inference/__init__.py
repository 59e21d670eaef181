"""Devices, and the session that owns a model on one of them."""
