"""What all figures have in common."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter

from core.plain import plain


@dataclass(frozen=True, slots=True)
class Words:
    """What stands above a figure: its title, and a line each for what it is and where it comes from."""

    title: str
    about: str
    source: str

    @property
    def lines(self) -> tuple[str, ...]:
        """Those that say something."""
        return tuple(filter(None, (self.title, self.about, self.source)))


class Figure:
    """Something that can be painted on any device.

    Attributes
    ----------
    title
        One line; the title of the document.
    description
        The text alternative: what is to be seen, in sentences.
    size
        In units of 1/96 inch.
    in_any_thread
        Whether it may be painted outside the GUI thread: it is finished, and holds no pixmap.
    """

    in_any_thread = True

    def __init__(self, words: Words, description: str, size: QSize) -> None:
        self.title = plain(f"{words.title}: {words.about}" if words.about else words.title)
        self.description = plain(" ".join((*(f"{line}." for line in words.lines), description)))
        self.size = size

    def paint(self, painter: QPainter) -> None:
        """Draw from (0, 0) to :attr:`size`, background included."""
        raise NotImplementedError
