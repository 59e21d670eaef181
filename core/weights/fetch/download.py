"""Downloading published weights into torch's cache: whole and right, or not under their name at all."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

from core.cancel import CancelToken
from core.types import Downloaded, DownloadProgress, PublishedWeights
from core.weights.fetch.errors import FetchError, RefusedError, SpoiltError, StoreError, UnreachableError, store_error
from core.weights.fetch.hashes import sha256_in_steps
from core.weights.fetch.options import MIRROR, FetchOptions
from core.weights.fetch.part import Part, part_of
from core.weights.fetch.receive import Receiver, tolerance
from core.weights.fetch.registry import without_network
from core.weights.fetch.sources import Source, sources
from core.weights.published import hub_folder

_LOOK = 0.2
"""Seconds between two looks at a file that another program is downloading."""

Work = Generator[DownloadProgress, None, Downloaded]


def download(
    weights: PublishedWeights,
    *,
    mirror: str = "",
    token: CancelToken | None = None,
    options: FetchOptions | None = None,
    folder: Path | None = None,
) -> Work:
    """Download weights, going on from what an earlier attempt has left.

    Parameters
    ----------
    weights
        What to download.
    mirror
        An address or a folder that has the file under its own name; it is tried first.
    token
        Setting it stops the download; what was received stays as ``NAME.part``.
    options
        Time-outs and limits.
    folder
        The cache; torch's own if None.

    Yields
    ------
    How far it is, several times a second.

    Returns
    -------
    The file, where it came from, and what is worth saying about it.

    Raises
    ------
    FetchError
        If no source gives the file (kind ``network``), or the cache cannot take it (kind ``unwritable``).
    Cancelled
        If the token was set.
    """
    fetching = _Fetching(weights, mirror, token or CancelToken(), options or FetchOptions(), folder or hub_folder())
    return fetching.run()


def forget(weights: PublishedWeights, folder: Path | None = None) -> bool:
    """Delete what was received of weights so far; False if another program is receiving them right now.

    Raises
    ------
    FetchError
        If the cache folder cannot be written.
    """
    path = (folder or hub_folder()) / weights.filename
    if not part_of(path).exists():
        return True
    part = Part(path)
    if not part.try_to_open():
        return False
    part.delete()
    return True


class _Fetching:
    """One download."""

    def __init__(
        self, weights: PublishedWeights, mirror: str, token: CancelToken, options: FetchOptions, folder: Path
    ) -> None:
        self.weights, self.token, self.options = weights, token, options
        self.path = folder / weights.filename
        self.part = Part(self.path)
        self.sources = sources(weights, mirror, options)
        self.notices: list[str] = []

    def run(self) -> Work:
        here = yield from self._is_here()
        if here:
            return Downloaded(self.weights, self.path, "", ("It was on this computer already.",))
        if self.path.exists():
            self.notices.append(f"“{self.path}” was not what was published, and was replaced.")
        while not self.part.try_to_open():
            yield self._other_program()
            self.token.wait(_LOOK)
            self.token.check()
        try:
            return (yield from self._run_alone())
        finally:
            self.part.close()

    def _other_program(self) -> DownloadProgress:
        try:
            done = self.part.path.stat().st_size
        except OSError:
            done = 0
        return DownloadProgress("waiting", done, self.weights.size, "Another program is downloading this file")

    def _run_alone(self) -> Work:
        # Another program may have finished it while this one waited.
        if (yield from self._is_here()):
            return Downloaded(self.weights, self.path, "", ("Another program has downloaded it.",))
        if self._may_be_whole() and (yield from self._has_right_hash(self.part.path)):
            return self._finish("what was received before")
        reasons: list[FetchError] = []
        for source in self.sources:
            try:
                yield from self._from(source)
            except StoreError:
                raise
            except FetchError as error:
                reasons.append(error)
                continue
            self.notices += [f"{reason.message} So {source.name} was used." for reason in reasons]
            return self._finish(source.name)
        raise self._failure(reasons)

    def _finish(self, source: str) -> Downloaded:
        self.part.finish()
        return Downloaded(self.weights, self.path, source, tuple(self.notices))

    def _from(self, source: Source) -> Generator[DownloadProgress, None, None]:
        """Receive from one source, and check the hash; a file put together from two halves gets a second chance."""
        while True:
            receiver = Receiver(self.weights, self.part, source, self.token, self.options)
            try:
                yield from receiver.receive()
            except SpoiltError:
                self.part.begin_at(0)
                raise
            if (yield from self._has_right_hash(self.part.path)):
                return
            self.part.begin_at(0)
            if not receiver.resumed:
                raise RefusedError(
                    f"What {source.name} sent for {self.weights.label} is not what was published: its SHA-256 does not "
                    f"begin with {self.weights.sha256_prefix}. It was deleted."
                )

    def _is_here(self) -> Generator[DownloadProgress, None, bool]:
        return self.path.is_file() and (yield from self._has_right_hash(self.path))

    def _may_be_whole(self) -> bool:
        size, expected = self.part.size, self.weights.size
        return bool(size and expected and abs(size - expected) <= tolerance(expected))

    def _has_right_hash(self, path: Path) -> Generator[DownloadProgress, None, bool]:
        try:
            total = path.stat().st_size
            work = sha256_in_steps(path, self.token)
            while True:
                try:
                    done = next(work)
                except StopIteration as end:
                    return bool(end.value.startswith(self.weights.sha256_prefix.lower()))
                yield DownloadProgress("checking", done, total, "Checking the file")
        except OSError as error:
            raise store_error(error, path) from error

    def _failure(self, reasons: list[FetchError]) -> FetchError:
        said = " ".join(reason.message for reason in reasons)
        kept = (
            " What was received so far is kept: another attempt goes on from there." if self.part.size else ""
        )
        if all(isinstance(reason, UnreachableError) for reason in reasons):
            return FetchError(
                f"{self.weights.label} could not be downloaded: {said} {without_network()} Try again once there is a "
                f"network, or name a mirror with {MIRROR}.{kept}"
            )
        by_hand = f"Or download {self.weights.url} in another way and put it into “{self.path.parent}”."
        return FetchError(f"{self.weights.label} could not be downloaded. {said}{kept} {by_hand}")
