"""The pictures that the paths of a command line stand for, and their answers in that order."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from core.cli.main import say
from core.images.discover import discover
from core.types import Failure, ImageRef

Row = TypeVar("Row")


@dataclass(slots=True)
class Listing:
    """Pictures and how they are called; ``failures`` of folders and files by the number of pictures before them."""

    names: list[str] = field(default_factory=list)
    images: list[ImageRef] = field(default_factory=list)
    failures: dict[int, list[tuple[str, Failure]]] = field(default_factory=dict)

    def with_rows(self, rows: Iterator[Row]) -> Iterator[tuple[str, Row | Failure]]:
        """Yield the row of each picture, in order, and what failed before in between, with its name."""
        for number in range(len(self.images) + 1):
            yield from self.failures.get(number, ())
            if number < len(self.images):
                yield self.names[number], next(rows)


def listing(paths: list[str], *, recursive: bool) -> Listing:
    """Find the pictures: files as they are named, those of folders as folder/name."""
    found = Listing()
    for path in paths:
        inside = discover([path], recursive=recursive)
        base = os.path.abspath(path)  # noqa: PTH100 - as discover does
        folder = Path(base).is_dir()
        found.names += [
            os.path.join(path, os.path.relpath(image.path, base)) if folder else path  # noqa: PTH118
            for image in inside.images
        ]
        found.images += inside.images
        if inside.failures:
            found.failures.setdefault(len(found.images), []).extend((path, failure) for failure in inside.failures)
        elif not inside.images:
            hint = "" if recursive else " --recursive looks into the folders inside it."
            say(f"There are no pictures in “{path}”.{hint}")
    return found
