"""Names from outside (files, categories, layers) as they may stand on a line that is read. Standard library only."""

from __future__ import annotations

import unicodedata

_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They turn the direction of what follows, so that a name can look like another one."""
_STRANGE = "\ufffd"


def plain(text: str) -> str:
    """Return a text on one line, without characters that a terminal would obey or that turn the direction of writing.

    White space of any kind becomes a space; control characters, what is no character and signs of direction become "\ufffd".
    Letters of every script stay, and what joins them.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_plain, text))


def _plain(letter: str) -> str:
    if letter.isspace():
        return " "
    # The last two of each plane are no characters at all, and no XML may hold them.
    nothing = ord(letter) & 0xFFFE == 0xFFFE or unicodedata.category(letter) in {"Cc", "Cs"}
    return _STRANGE if nothing or letter in _TURNS else letter
