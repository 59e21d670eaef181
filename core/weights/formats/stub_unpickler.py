"""A reader of pickles that can only build inert values.

It knows every opcode of protocols 0 to 5 (CPython, Lib/pickletools.py) and makes of each what the pickle says, not what it
wants: a global becomes its name, a call a note of the call. There is no import, no call and no attribute of anything
from the file, so there is nothing to abuse but time and memory, and those have limits.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

from core.weights.formats import limits
from core.weights.formats.pickle_machine import MARK, PickleMachine
from core.weights.formats.problem import Problem, cut_off, damaged, excessive


class StubUnpickler(PickleMachine):
    """Reads one pickle; after :meth:`load`, ``at`` is just behind it."""

    def load(self) -> Any:
        """Return the value that the pickle describes: plain ones and those of :mod:`.pickle_graph`.

        Sets are lists, and long bytes are views of the data.

        Raises
        ------
        Problem
            ``truncated``, ``unreadable`` (damaged) or ``unsupported`` (asks for too much).
        """
        try:
            return self._run()
        except (IndexError, KeyError, struct.error) as error:
            # An empty stack, an unknown memo; at the end of the data, numbers that lack bytes.
            raise self._broken() from error
        except (TypeError, ValueError, AttributeError, OverflowError) as error:
            raise damaged("what it lists makes no sense") from error

    def _run(self) -> Any:
        data, table = self._data, _TABLE
        while self.ledger.steps > 0:
            self.ledger.steps -= 1
            if self.at >= len(data):
                raise cut_off()
            code = data[self.at]
            self.at += 1
            if code == 0x2E:  # STOP
                return self.pop()
            step = table[code]
            if step is None:
                raise damaged(f"there is no step {code:#04x} in pickles")
            step(self)
        raise excessive(f"takes more than {limits.OPCODES:,} steps to read")

    def _broken(self) -> Problem:
        return cut_off() if self.at >= len(self._data) else damaged("what it lists makes no sense")


Step = Callable[[PickleMachine], None]


def _steps() -> list[Step | None]:
    """Return what to do, by opcode."""
    table: list[Step | None] = [None] * 256
    for code, step in _STEPS.items():
        table[code[0]] = step
    return table


_STEPS: dict[bytes, Step] = {
    b"\x80": lambda p: p.skip(1),
    b"\x95": lambda p: p.skip(8),
    b"0": PickleMachine.drop,
    b"1": PickleMachine.drop_since_mark,
    b"2": lambda p: p.push(p.top()),
    b"(": lambda p: p.push(MARK),
    b"N": lambda p: p.push(None),
    b"\x88": lambda p: p.push(True),
    b"\x89": lambda p: p.push(False),
    b"I": PickleMachine.integer,
    b"L": PickleMachine.integer,
    b"J": lambda p: p.push(p.number(4, signed=True)),
    b"K": lambda p: p.push(p.number(1)),
    b"M": lambda p: p.push(p.number(2)),
    b"\x8a": lambda p: p.long(p.number(1)),
    b"\x8b": lambda p: p.long(p.number(4)),
    b"F": lambda p: p.push(float(p.line())),
    b"G": lambda p: p.push(struct.unpack(">d", p.take(8))[0]),
    b"S": PickleMachine.quoted,
    b"T": lambda p: p.old_text(p.number(4)),
    b"U": lambda p: p.old_text(p.number(1)),
    b"V": lambda p: p.push(p.line().decode("raw-unicode-escape")),
    b"X": lambda p: p.push(p.text(p.number(4))),
    b"\x8c": lambda p: p.push(p.text(p.number(1))),
    b"\x8d": lambda p: p.push(p.text(p.number(8))),
    b"B": lambda p: p.push(p.blob(p.number(4))),
    b"C": lambda p: p.push(p.blob(p.number(1))),
    b"\x8e": lambda p: p.push(p.blob(p.number(8))),
    b"\x96": lambda p: p.push(p.blob(p.number(8))),
    b"]": lambda p: p.push([]),
    b"a": PickleMachine.append,
    b"e": PickleMachine.extend_since_mark,
    b"l": lambda p: p.push(p.since_mark()),
    b")": lambda p: p.push(()),
    b"t": lambda p: p.push(tuple(p.since_mark())),
    b"\x85": lambda p: p.fixed(1),
    b"\x86": lambda p: p.fixed(2),
    b"\x87": lambda p: p.fixed(3),
    b"}": lambda p: p.push({}),
    b"d": PickleMachine.dictionary,
    b"s": PickleMachine.set_item,
    b"u": lambda p: p.set_items(p.since_mark()),
    b"\x8f": lambda p: p.push([]),
    b"\x90": PickleMachine.extend_since_mark,
    b"\x91": lambda p: p.push(p.since_mark()),
    b"g": lambda p: p.recall(int(p.line())),
    b"h": lambda p: p.recall(p.number(1)),
    b"j": lambda p: p.recall(p.number(4)),
    b"p": lambda p: p.keep(int(p.line())),
    b"q": lambda p: p.keep(p.number(1)),
    b"r": lambda p: p.keep(p.number(4)),
    b"\x94": PickleMachine.memoize,
    b"c": PickleMachine.name_on_lines,
    b"\x93": PickleMachine.name_on_stack,
    b"i": PickleMachine.call_named,
    b"o": PickleMachine.call_since_mark,
    b"\x81": PickleMachine.call,
    b"\x92": PickleMachine.call_with_keywords,
    b"R": PickleMachine.call,
    b"b": PickleMachine.build,
    b"P": lambda p: p.refer(p.line().decode()),
    b"Q": lambda p: p.refer(p.pop()),
    b"\x82": lambda p: p.extension(1),
    b"\x83": lambda p: p.extension(2),
    b"\x84": lambda p: p.extension(4),
    b"\x97": lambda p: p.push(b""),
    b"\x98": lambda p: None,
}
_TABLE = _steps()
