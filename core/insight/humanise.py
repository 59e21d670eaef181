"""Large numbers for a person: "1.8 G", "3.1 MB"."""

from __future__ import annotations

_PREFIXES = ("", "k", "M", "G", "T", "P")


def humanise(number: float, unit: str = "") -> str:
    """Write a count with a decimal prefix and two or three digits.

    Parameters
    ----------
    number
        Zero or more.
    unit
        What is counted, put behind the prefix: ``B`` gives "3.1 MB".

    Returns
    -------
    "0", "96", "1.8 G", "15.5 G", "448 kB"; a whole number below 1,000 is exact.
    """
    value, place = float(number), 0
    # What would be rounded to 1000 takes the next prefix.
    while value >= 999.5 and place < len(_PREFIXES) - 1:
        value, place = value / 1000, place + 1
    digits = f"{value:.1f}" if place and value < 99.95 else f"{value:.0f}"
    return f"{digits} {_PREFIXES[place]}{unit}".rstrip()
