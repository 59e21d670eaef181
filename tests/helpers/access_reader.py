"""What a screen reader is told of the programs on a desktop: ``python access_reader.py``, with the desktop's environment.

For each line on its input, a JSON object such as ``{"depth": "rows"}``, it prints one line: a JSON list of what is to be seen
of all programs, each thing with its role, name, description, text, states, place on the screen and the number of its parent in
the list. The depth is "windows", "parts", or "rows": those of lists and tables, too. It talks to the AT-SPI bus through the C
library, and is a process of its own because that library knows one bus in its life.
"""

from __future__ import annotations

import ctypes
import json
import sys
from ctypes import POINTER, Structure, byref, c_char_p, c_int, c_uint, c_void_p
from typing import Any

LIBRARY, OBJECTS = "libatspi.so.0", "libgobject-2.0.so.0"

# atspi-constants.h
ACTIVE, CHECKED, ENABLED, FOCUSED, SELECTED, SHOWING, VISIBLE = 1, 4, 8, 12, 23, 25, 30
STATES = {"active": ACTIVE, "checked": CHECKED, "enabled": ENABLED, "focused": FOCUSED, "selected": SELECTED}
ON_SCREEN = 0
ROWS = {"table", "tree", "tree table", "list", "list box"}


class Rectangle(Structure):
    """``AtspiRect``."""

    _fields_ = (("x", c_int), ("y", c_int), ("width", c_int), ("height", c_int))


class Reader:
    """The C library, and a walk through all that it knows."""

    def __init__(self) -> None:
        self._library, self._objects = ctypes.CDLL(LIBRARY), ctypes.CDLL(OBJECTS)
        self._objects.g_object_unref.argtypes = (c_void_p,)
        self._library.atspi_exit.restype = c_int
        if self._library.atspi_init() not in (0, 1):
            raise SystemExit("there is no bus of accessibility")
        self._root = self._function("get_desktop", c_void_p, c_int, prefix="atspi_")(0)
        self._function("set_cache_mask", None, c_void_p, c_int)(self._root, 0)

    def _function(self, name: str, result: Any, *arguments: Any, prefix: str = "atspi_accessible_") -> Any:
        function = getattr(self._library, prefix + name)
        function.restype, function.argtypes = result, arguments
        return function

    def _ask(self, name: str, thing: int, result: Any = c_void_p, *more: int, prefix: str = "atspi_accessible_") -> Any:
        """Call a function that takes a thing and numbers, and reports errors (a thing that is gone: None)."""
        error = c_void_p()
        function = self._function(name, result, c_void_p, *[c_int] * len(more), POINTER(c_void_p), prefix=prefix)
        answer = function(thing, *more, byref(error))
        return None if error else answer

    def _words(self, name: str, thing: int, *more: int, prefix: str = "atspi_accessible_") -> str:
        answer = self._ask(name, thing, c_char_p, *more, prefix=prefix)
        return (answer or b"").decode("utf-8", "replace")

    def things(self, depth: str) -> list[dict[str, Any]]:
        """Tell of everything that shows."""
        found: list[dict[str, Any]] = []
        for number in range(self._ask("get_child_count", self._root, c_int) or 0):
            program = self._ask("get_child_at_index", self._root, c_void_p, number)
            if program:
                self._walk(program, -1, found, depth, top=True)
        return found

    def _walk(self, thing: int, parent: int, found: list[dict[str, Any]], depth: str, *, top: bool = False) -> None:
        try:
            states = self._states(thing)
            if not top and not ("showing" in states and "visible" in states):
                return
            role = self._words("get_role_name", thing)
            number = len(found)
            found.append(self._about(thing, parent, role, states))
            if (role in ROWS and depth != "rows") or (depth == "windows" and not top):
                return
            for child in range(self._ask("get_child_count", thing, c_int) or 0):
                part = self._ask("get_child_at_index", thing, c_void_p, child)
                if part:
                    self._walk(part, number, found, depth)
        finally:
            self._objects.g_object_unref(thing)

    def _states(self, thing: int) -> list[str]:
        states = self._function("get_state_set", c_void_p, c_void_p)(thing)
        if not states:
            return []
        contains = self._function("contains", c_int, c_void_p, c_uint, prefix="atspi_state_set_")
        known = {**STATES, "showing": SHOWING, "visible": VISIBLE}
        names = [name for name, value in known.items() if contains(states, value)]
        self._objects.g_object_unref(states)
        return names

    def _about(self, thing: int, parent: int, role: str, states: list[str]) -> dict[str, Any]:
        place = [0, 0, 0, 0]
        area = self._function("get_component_iface", c_void_p, c_void_p)(thing)
        if area:
            rectangle = self._ask("get_extents", area, POINTER(Rectangle), ON_SCREEN, prefix="atspi_component_")
            if rectangle:
                place = [getattr(rectangle.contents, name) for name, _ in Rectangle._fields_]
            self._objects.g_object_unref(area)
        return {
            "parent": parent, "role": role, "states": states, "place": place, "text": self._text(thing),
            "name": self._words("get_name", thing), "description": self._words("get_description", thing),
            "path": self._words("get_accessible_id", thing),
        }  # fmt: skip

    def _text(self, thing: int) -> str:
        text = self._function("get_text_iface", c_void_p, c_void_p)(thing)
        if not text:
            return ""
        words = self._words("get_text", text, 0, -1, prefix="atspi_text_")
        self._objects.g_object_unref(text)
        return words


def main() -> int:
    """Answer until the input ends."""
    reader = Reader()
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(reader.things(**json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
