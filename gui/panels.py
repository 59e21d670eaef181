"""The names of the panels in the tabs at the right, in their order; nothing is imported here."""

PANELS = ("input", "channel", "why", "lesions", "patches", "protocols")
