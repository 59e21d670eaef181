"""The parts of a pickle reader: the bytes, the stack, and what can be put on it."""

from __future__ import annotations

import codecs
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from core.weights.formats import limits
from core.weights.formats.pickle_graph import Made, Named, Reference
from core.weights.formats.problem import cut_off, damaged, excessive

MARK = object()
_INLINE = 4096  # bytes; longer ones stay where they are in the file
_KEY_LENGTH = 4  # of tuples as keys
_ATOMS = (str, bool, float, type(None), Named, Made, Reference, bytes)


@dataclass(slots=True)
class Ledger:
    """What all pickles of a file name, in the order of first mention, and how many steps they have left."""

    globals: dict[str, None] = field(default_factory=dict)
    steps: int = limits.OPCODES


class PickleMachine:
    """A stack, a memo and a place in the data; each method is what some opcode needs.

    Parameters
    ----------
    data
        Bytes, of which the pickle is a part.
    start
        Where it begins.
    ledger
        Where its names are written down.

    Attributes
    ----------
    at
        Where the reading is.
    references
        All that the pickle keeps outside itself, as often as it says so.
    """

    def __init__(self, data: memoryview, start: int, ledger: Ledger) -> None:
        self._data = data
        self.at = start
        self.ledger = ledger
        self.references: list[Reference] = []
        self._stack: list[Any] = []
        self._memo: dict[int, Any] = {}

    # Reading.

    def take(self, count: int) -> memoryview:
        """Return the next bytes."""
        end = self.at + count
        if count < 0 or end > len(self._data):
            raise cut_off()
        part = self._data[self.at : end]
        self.at = end
        return part

    def skip(self, count: int) -> None:
        """Pass over the next bytes."""
        self.take(count)

    def number(self, size: int, signed: bool = False) -> int:
        """Return the little-endian integer of ``size`` bytes that comes next."""
        return int.from_bytes(self.take(size), "little", signed=signed)

    def line(self) -> bytes:
        """Return the bytes up to the next end of a line."""
        step = 256
        found = bytearray()
        while len(found) <= limits.TEXT:
            part = bytes(self._data[self.at : self.at + step])
            if not part:
                raise cut_off()
            end = part.find(b"\n")
            if end >= 0:
                self.at += end + 1
                return bytes(found + part[:end])
            found += part
            self.at += len(part)
        raise excessive("holds a text of more than 64 MB")

    def text(self, size: int) -> str:
        """Return the next ``size`` bytes as text."""
        if size > limits.TEXT:
            raise excessive("holds a text of more than 64 MB") if self.at + size <= len(self._data) else cut_off()
        return str(self.take(size), "utf-8", "surrogatepass")

    def blob(self, size: int) -> bytes | memoryview:
        """Return the next ``size`` bytes, long ones without a copy."""
        part = self.take(size)
        return part if size > _INLINE else bytes(part)

    # The stack.

    def push(self, value: Any) -> None:
        """Put a value on the stack."""
        self._stack.append(value)

    def pop(self) -> Any:
        """Take the value on top."""
        value = self._stack.pop()
        if value is MARK:
            raise damaged("what it lists makes no sense")
        return value

    def top(self) -> Any:
        """Return the value on top."""
        value = self._stack[-1]
        if value is MARK:
            raise damaged("what it lists makes no sense")
        return value

    def since_mark(self) -> list[Any]:
        """Take all values above the last mark, and the mark."""
        taken = []
        while (value := self._stack.pop()) is not MARK:
            taken.append(value)
        taken.reverse()
        return taken

    def keep(self, index: int) -> None:
        """Remember the value on top under a number."""
        self._memo[index] = self.top()

    def recall(self, index: int) -> None:
        """Push what was remembered."""
        self._stack.append(self._memo[index])

    def memoize(self) -> None:
        """Remember the value on top under the next number."""
        self._memo[len(self._memo)] = self.top()

    def drop(self) -> None:
        """Take the value on top, even a mark."""
        self._stack.pop()

    def drop_since_mark(self) -> None:
        """Take all values above the last mark."""
        self.since_mark()

    # Names and calls.

    def name(self, module: Any, name: Any) -> None:
        """Push a global."""
        if not isinstance(module, str) or not isinstance(name, str):
            raise damaged("the name of a class is not a text")
        full = f"{module}.{name}"
        if len(full) > 1000:
            raise damaged("the name of a class is endless")
        self.ledger.globals.setdefault(full)
        self._stack.append(Named(full))

    def name_on_lines(self) -> None:
        """Push the global whose module and name come next, a line each."""
        module = self.line().decode()
        self.name(module, self.line().decode())

    def name_on_stack(self) -> None:
        """Push the global whose module and name are on the stack."""
        name = self.pop()
        self.name(self.pop(), name)

    def extension(self, size: int) -> None:
        """Push what a program would have registered under a number."""
        self.name("copyreg", f"extension_{self.number(size)}")

    def refer(self, key: Any) -> None:
        """Push something kept outside the pickle; torch before 1.0 kept the sources of classes there."""
        if isinstance(key, tuple) and len(key) > 1 and key[0] in ("module", b"module") and isinstance(key[1], Named):
            self._stack.append(key[1])
            return
        self.references.append(Reference(key))
        self._stack.append(self.references[-1])

    def call(self) -> None:
        """Note a call: callee and arguments are on the stack."""
        args = self.pop()
        self._stack.append(Made(self.pop(), args))

    def call_with_keywords(self) -> None:
        """Note a call with keywords, which are left aside."""
        self.pop()
        self.call()

    def call_since_mark(self) -> None:
        """Note a call: the callee is the first value above the mark."""
        callee, *args = self.since_mark()
        self._stack.append(Made(callee, tuple(args)))

    def call_named(self) -> None:
        """Note a call of a global named on two lines, with the values above the mark."""
        args = tuple(self.since_mark())
        self.name_on_lines()
        self.push(Made(self.pop(), args))

    def build(self) -> None:
        """Note the state of an object."""
        state = self.pop()
        target = self.top()
        if isinstance(target, Made):
            target.state = state

    # Containers.

    def extend(self, values: Iterable[Any]) -> None:
        """Append to the container on top."""
        target = self.top()
        if isinstance(target, list):
            target.extend(values)
        elif isinstance(target, Made):
            target.items.extend(values)
        else:
            raise damaged("it appends to what is no list")

    def extend_since_mark(self) -> None:
        """Append all above the mark."""
        self.extend(self.since_mark())

    def append(self) -> None:
        """Append one value."""
        self.extend((self.pop(),))

    def set_items(self, flat: list[Any]) -> None:
        """Set keys and values, which alternate, in the mapping on top."""
        if len(flat) % 2:
            raise damaged("a key has no value")
        target = self.top()
        pairs = zip(flat[::2], flat[1::2], strict=True)
        if isinstance(target, dict):
            for key, value in pairs:
                target[hashable(key)] = value
        elif isinstance(target, Made):
            target.pairs.extend(pairs)
        else:
            raise damaged("it sets an entry of what is no dictionary")

    def set_item(self) -> None:
        """Set one entry."""
        value = self.pop()
        self.set_items_of(self.pop(), value)

    def set_items_of(self, *flat: Any) -> None:
        """Set entries given one by one."""
        self.set_items(list(flat))

    def dictionary(self) -> None:
        """Push a dictionary of what is above the mark."""
        flat = self.since_mark()
        self.push({})
        self.set_items(flat)

    def fixed(self, count: int) -> None:
        """Push a tuple of the last values."""
        values = [self.pop() for _ in range(count)]
        self.push(tuple(reversed(values)))

    def integer(self) -> None:
        """Push the integer or truth value written on a line."""
        line = self.line()
        self.push({b"00": False, b"01": True}[line] if line in (b"00", b"01") else int(line.rstrip(b"L")))

    def quoted(self) -> None:
        """Push the byte string written in quotes on a line, as Python 2 wrote text."""
        line = self.line().strip()
        if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b'"', b"'"):
            raise damaged("a text lacks its quotes")
        raw = codecs.escape_decode(line[1:-1])[0]
        self.push(raw.decode("utf-8", "surrogateescape"))

    def old_text(self, size: int) -> None:
        """Push a byte string that is text in all that Python 2 left behind."""
        part = self.take(size)
        self.push(part if size > _INLINE else str(part, "utf-8", "surrogateescape"))

    def long(self, size: int) -> None:
        """Push an integer of many bytes."""
        if size > 64:
            raise damaged("a number is endless")
        self.push(self.number(size, signed=True))


def hashable(key: Any) -> Any:
    """Return a key of a dictionary whose hash is cheap; others, with which small files take ages, are refused."""
    if isinstance(key, _ATOMS) or (isinstance(key, int) and abs(key) < 1 << 63):
        return key
    if isinstance(key, tuple) and len(key) <= _KEY_LENGTH and not any(isinstance(part, tuple) for part in key):
        return tuple(hashable(part) for part in key)
    raise damaged("a dictionary has keys of a kind that checkpoints do not have")
