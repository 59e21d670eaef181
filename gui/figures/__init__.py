"""Figures to be taken away: each is painted by one routine, for PNG, SVG and PDF alike."""
