"""Finding a category by what a person calls it. Nothing of torch is imported here."""

from __future__ import annotations

from collections.abc import Sequence

from core.errors import UsageError

_LISTED = 8


def find_category(categories: Sequence[str], text: str) -> int:
    """Return the index of a category.

    A whole number is an index. Anything else is a name: the exact one, else the same in upper or lower case, else the only
    one that holds the text.

    Raises
    ------
    UsageError
        If there is none, or several; these are listed with their indices.
    """
    wanted = text.strip()
    if wanted.isdecimal():
        if int(wanted) < len(categories):
            return int(wanted)
        raise UsageError(f"There is no category {wanted}: the model has {len(categories)}, from 0 to {len(categories) - 1}.")
    low = wanted.casefold()
    ways = (
        [index for index, name in enumerate(categories) if name == wanted],
        [index for index, name in enumerate(categories) if name.casefold() == low],
        [index for index, name in enumerate(categories) if low and low in name.casefold()],
    )
    found = next((way for way in ways if way), [])
    if len(found) == 1:
        return found[0]
    if not found:
        raise UsageError(f"No category of the model is called “{text}”. `layerscope classify` shows the likeliest ones.")
    listed = ", ".join(f"{categories[index]} ({index})" for index in found[:_LISTED])
    more = f" and {len(found) - _LISTED} more" if len(found) > _LISTED else ""
    raise UsageError(f"“{text}” fits {len(found)} categories: {listed}{more}. Give the index of one of them.")
