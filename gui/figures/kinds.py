"""What there are figures of; a module of its own, for whoever only has to name them."""

MAPS, CHANNEL, PICTURE = FIGURES = ("maps", "channel", "picture")
