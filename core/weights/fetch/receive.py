"""From one source into the unfinished file, with as many attempts as make sense."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from core.cancel import CancelToken
from core.types import DownloadProgress, PublishedWeights, in_megabytes
from core.weights.fetch.answers import WrongRangeError, web_page
from core.weights.fetch.errors import BrokenError, FetchError, RefusedError, SpoiltError, UnreachableError
from core.weights.fetch.meter import Meter
from core.weights.fetch.options import FetchOptions
from core.weights.fetch.part import Part
from core.weights.fetch.sources import Delivery, Source

_SPACE_EVERY = 32 * 1024 * 1024
_PAGE = (b"<!doctype html", b"<html")

Progress = Generator[DownloadProgress, None, None]


@dataclass(slots=True)
class Receiver:
    """Receives one file from one source.

    ``best`` is the most bytes that the unfinished file has had: an attempt that does not pass it has brought nothing.
    ``met`` says that the source answered at least once, ``resumed`` that its last answer was only added to what was there.
    """

    weights: PublishedWeights
    part: Part
    source: Source
    token: CancelToken
    options: FetchOptions
    best: int = 0
    validator: str = ""
    ranges: bool = True
    met: bool = False
    resumed: bool = False
    total: int = 0

    def receive(self) -> Progress:
        """Receive the file until it is whole.

        Yields
        ------
        How far it is.

        Raises
        ------
        FetchError
            If the source does not give it; what was received is kept.
        Cancelled
            If the token was set; what was received is kept.
        """
        self.best, failed = self.part.size, 0
        self.total = self.weights.size
        while True:
            try:
                yield from self._attempt()
                return
            except UnreachableError as error:
                if not self.met:
                    raise
                broken: BrokenError = error
            except WrongRangeError as error:
                self.ranges, broken = False, error
            except BrokenError as error:
                broken = error
            failed = 1 if self._has_advanced() else failed + 1
            if failed >= self.options.tries:
                raise FetchError(f"{broken.message} That was attempt {failed} without anything new.") from broken
            yield from self._wait(broken, failed)

    def _has_advanced(self) -> bool:
        """Whether enough came since the last failure; a byte at a time would go on for ever."""
        enough = max(1, self.total // 200)
        advanced = self.part.size >= self.best + enough
        self.best = max(self.best, self.part.size)
        return advanced

    def _wait(self, broken: BrokenError, failed: int) -> Progress:
        options = self.options
        pause = broken.wait if broken.wait is not None else options.pause * 2.0 ** (failed - 1)
        until = time.monotonic() + min(pause, options.longest_pause)
        while (left := until - time.monotonic()) > 0:
            text = f"Trying again in {left:.0f} s ({failed + 1} of {options.tries}): {broken.message}"
            yield DownloadProgress("waiting", self.part.size, self.total, text)
            self.token.wait(min(left, 1.0))
            self.token.check()

    def _attempt(self) -> Progress:
        offset = self.part.size if self.ranges else 0
        yield DownloadProgress("connecting", offset, self.total, f"Connecting to {self.source.name}")
        with self.source.open(offset, self.validator, self.token) as delivery:
            self.met = True
            self.validator = delivery.validator or self.validator
            self._check_size(delivery.size)
            self.total = delivery.size or self.weights.size
            self.part.begin_at(delivery.offset)
            self.resumed = delivery.offset > 0
            self.part.check_space(max(0, self.total - delivery.offset), self.options.spare)
            yield from self._copy(delivery)
        if delivery.size and self.part.size != delivery.size:
            raise BrokenError(
                f"{self.source.name} ended after {in_megabytes(self.part.size)} of {in_megabytes(delivery.size)}."
            )
        try:
            self._check_size(self.part.size)
        except RefusedError as error:
            raise SpoiltError(error.message) from error

    def _copy(self, delivery: Delivery) -> Progress:
        meter, done, reported, looked = Meter(), delivery.offset, 0.0, delivery.offset
        yield self._report(done, meter)
        for chunk in _checked(delivery, self.source):
            self.token.check()
            self._check_not_over(done + len(chunk), delivery.size)
            self.part.write(chunk)
            done += len(chunk)
            meter.add(len(chunk))
            if done - looked > _SPACE_EVERY:
                looked = done
                self.part.check_space(max(0, self.total - done), 0)
            if time.monotonic() - reported >= self.options.report:
                reported = time.monotonic()
                yield self._report(done, meter)
        yield self._report(done, meter)

    def _report(self, done: int, meter: Meter) -> DownloadProgress:
        left = meter.seconds_left(max(0, self.total - done))
        return DownloadProgress("receiving", done, self.total, f"From {self.source.name}", meter.speed, left)

    def _check_size(self, size: int) -> None:
        expected = self.weights.size
        if not expected or not size or abs(size - expected) <= tolerance(expected):
            return
        word = "too small" if size < expected else "too large"
        raise RefusedError(
            f"What {self.source.name} has is {word} to be {self.weights.label}: {in_megabytes(size)} instead of "
            f"{in_megabytes(expected)}."
        )

    def _check_not_over(self, size: int, said: int) -> None:
        if said and size > said:
            raise BrokenError(f"{self.source.name} sent more than the {in_megabytes(said)} it spoke of.")
        if self.weights.size and size > self.weights.size + tolerance(self.weights.size):
            raise SpoiltError(
                f"{self.source.name} sends more than the {in_megabytes(self.weights.size)} that {self.weights.label} has."
            )


def tolerance(size: int) -> int:
    """By how many bytes a file may differ from the size that torchvision states: the statement is rounded."""
    return max(64 * 1024, size // 100)


def _checked(delivery: Delivery, source: Source) -> Iterator[bytes]:
    """Hand the chunks on, unless the file begins like a web page."""
    first = delivery.offset == 0
    for chunk in delivery.chunks:
        if first and chunk.lstrip()[:14].lower().startswith(_PAGE):
            raise SpoiltError(web_page(source.name).message)
        first = first and not chunk
        yield chunk
