"""The patches of many pictures that excite a channel most."""

from __future__ import annotations

import time
from collections.abc import Generator, Iterable
from concurrent.futures import ThreadPoolExecutor, wait

import numpy as np
from PIL import Image

from core.cancel import CancelToken
from core.errors import ImageError, LayerError
from core.images.decode import Decoded, decode
from core.images.discover import discover
from core.images.preprocess import preprocess, target_side
from core.insight.activations import Capture
from core.insight.field import field_box
from core.insight.inspect import Inspector
from core.jobs.patches_cache import FileState, PatchesCache
from core.jobs.patches_key import layer_key
from core.jobs.patches_maxima import Maxima, maxima_of
from core.jobs.patches_ranking import Candidate, Ranking
from core.types import (
    Box,
    Failure,
    ImageRef,
    KnownPatchesRequest,
    NetworkInput,
    Patch,
    Patches,
    PatchesProgress,
    PatchesRequest,
    Pixels,
    frozen,
)

BREATH = 0.03
"""Seconds after which a step ends, where many pictures are answered from the cache."""

Steps = Generator[PatchesProgress, None, None]


def strongest_patches(inspector: Inspector, request: PatchesRequest) -> Generator[PatchesProgress, None, Patches]:
    """Look through pictures for the patches that excite a channel most.

    Each picture is passed through the network up to the layer, and the maxima of all channels are kept on disk (see
    :class:`core.jobs.patches_cache.PatchesCache`): a search that was given up goes on where it was, and another channel of
    the layer needs no pass at all. A picture that cannot be read is skipped and counted.

    Parameters
    ----------
    inspector
        The loaded model.
    request
        What to look for, and in which pictures. A :class:`KnownPatchesRequest` is answered from what is kept alone.

    Yields
    ------
    After each step (at most one picture), with what has been found so far.

    Raises
    ------
    LayerError
        If the model has no such layer, or the layer no such channel.
    """
    search = _Search(inspector, request)
    with PatchesCache() as search.cache:
        yield from search.steps()
        return search.answer()


class _Search:
    """One search, a step at a time."""

    cache: PatchesCache

    def __init__(self, inspector: Inspector, request: PatchesRequest) -> None:
        self._session = inspector.session
        self._request = request
        self._layer = inspector.layer(request.layer)
        self._ranking = Ranking(request.channel, request.count, request.per_picture)
        self._images: tuple[ImageRef, ...] = ()
        self._key = ""
        self._seen: set[bytes] = set()
        self._skipped: list[Failure] = []
        self._copies = 0
        self._unlisted: tuple[str, ...] = ()
        self._cut: dict[Candidate, Pixels | None] = {}
        self._answer: Patches | None = None
        side = self._session.info.preprocessing.crop
        self._blank = np.zeros((side, side, 3), np.uint8)

    def steps(self) -> Steps:
        """Do all the work."""
        yield self._progress(0, "Reading the weights")
        hashing = layer_key(self._session, self._layer)
        try:
            while True:
                next(hashing)
                yield self._progress(0, "Reading the weights")
        except StopIteration as end:
            self._key = end.value
        yield from self._find_pictures()
        yield from self._look_at_pictures()
        yield from self._cut_out_the_rest()

    def answer(self) -> Patches:
        """What has been found so far."""
        if self._answer is None:
            self._answer = Patches(
                layer=self._layer,
                channel=self._request.channel,
                patches=tuple(self._patch(candidate) for candidate in self._ranking.best),
                total=len(self._images),
                looked_at=len(self._seen),
                skipped=tuple(self._skipped),
                copies=self._copies,
                whole_crop=self._layer.receptive_field is None,
                notices=(*self._unlisted, *self.cache.notices),
            )
        return self._answer

    def _progress(self, done: int, text: str) -> PatchesProgress:
        return PatchesProgress(done, len(self._images), text, self.answer())

    def _find_pictures(self) -> Steps:
        """List the folders on a thread of its own: a slow disk must not hold up whoever looks at a picture meanwhile."""
        found = dict.fromkeys(self._request.images)
        if self._request.folders:
            token = CancelToken()
            with ThreadPoolExecutor(1, thread_name_prefix="discover") as helper:
                listing = helper.submit(discover, self._request.folders, recursive=True, token=token)
                try:
                    while not wait((listing,), timeout=BREATH).done:
                        yield self._progress(0, "Listing the folder")
                finally:
                    token.cancel()
            found.update(dict.fromkeys(listing.result().images))
            self._unlisted = tuple(failure.message for failure in listing.result().failures)
        self._images = tuple(found)
        self._answer = None

    def _look_at_pictures(self) -> Steps:
        total, rested = len(self._images), time.monotonic()
        for order, image in enumerate(self._images):
            passed = self._look_at(order, image)
            self._answer = None
            if passed or time.monotonic() - rested > BREATH:
                yield self._progress(order + 1, f"Picture {order + 1:,} of {total:,}")
                rested = time.monotonic()

    def _look_at(self, order: int, image: ImageRef) -> bool:
        """Take in a picture; True if the network was asked."""
        decoded = None
        try:
            state = self.cache.identify(image.path)
            if state.sha256 in self._seen:
                self._copies += 1
                return False
            maxima = self.cache.look_up(self._key, state)
            if maxima is None and isinstance(self._request, KnownPatchesRequest):
                error = self.cache.failure(state)
                if error is not None:
                    raise error
                return False
            if maxima is None:
                decoded, maxima = self._measure(image, state)
        except ImageError as error:
            self._skipped.append(Failure.of(error))
            return False
        self._seen.add(state.sha256)
        self._take(order, image, maxima, decoded)
        return decoded is not None

    def _measure(self, image: ImageRef, state: FileState) -> tuple[Decoded, Maxima]:
        info = self._session.info
        try:
            decoded = decode(image, short_side=target_side(info.preprocessing))
        except ImageError as error:
            self.cache.keep_failure(state, error)
            raise
        prepared = preprocess(decoded, info.preprocessing)
        capture = Capture(self._layer, stop=True)
        self._session.run(capture.run, prepared.tensor)
        maxima = maxima_of(capture.values(), self._layer, info, decoded.size, prepared.box)
        # What was written over while it was read would be kept under the name of what it was before.
        if self.cache.unchanged(state):
            self.cache.keep(self._key, state, maxima)
        return decoded, maxima

    def _take(self, order: int, image: ImageRef, maxima: Maxima, decoded: Decoded | None) -> None:
        if not 0 <= self._request.channel < len(maxima.values):
            raise LayerError(
                f"The layer “{self._layer.key}” has the channels 0 to {len(maxima.values) - 1}; there is no channel "
                f"{self._request.channel}. Choose one of them."
            )
        new = self._ranking.add(order, image, maxima)
        if decoded is not None:
            self._cut_out(decoded, new)
        best = set(self._ranking.best)
        self._cut = {candidate: pixels for candidate, pixels in self._cut.items() if candidate in best}

    def _cut_out_the_rest(self) -> Steps:
        """Decode the winners that came from the cache, the strongest first."""
        for candidate in self._ranking.best:
            if candidate in self._cut:
                continue
            alike = [other for other in self._ranking.best if other.order == candidate.order]
            try:
                how = self._session.info.preprocessing
                self._cut_out(decode(candidate.image, short_side=target_side(how)), alike)
            except ImageError:
                # It was there a moment ago; value and place are still true.
                self._cut.update(dict.fromkeys(alike))
            self._answer = None
            yield self._progress(len(self._images), "Cutting out the patches")

    def _cut_out(self, decoded: Decoded, candidates: Iterable[Candidate]) -> None:
        for candidate in candidates:
            box = self._box(candidate)
            self._cut[candidate] = None if box is None else cut_out(decoded, box, self._request.side)

    def _patch(self, candidate: Candidate) -> Patch:
        row, column = candidate.place
        pixels = self._cut.get(candidate)
        return Patch(candidate.image, candidate.value, row, column, self._box(candidate), pixels)

    def _box(self, candidate: Candidate) -> Box | None:
        """The receptive field of a place, clipped at the input's border and at the picture's."""
        seen = NetworkInput(self._blank, candidate.crop, self._session.info.preprocessing)
        box = field_box(self._layer, *candidate.place, seen)
        if box is None:
            return None
        left, top = max(0.0, box[0]), max(0.0, box[1])
        right, bottom = min(float(candidate.size[0]), box[2]), min(float(candidate.size[1]), box[3])
        return (left, top, right, bottom) if left < right and top < bottom else None


def cut_out(decoded: Decoded, box: Box, side: int) -> Pixels:
    """Cut a part out of a picture.

    Parameters
    ----------
    decoded
        The picture.
    box
        The part, in pixels of the upright original.
    side
        The most pixels of width and height; a larger part is scaled down, a smaller one stays as it is.
    """
    width, height = decoded.rgb.size
    left, top = (max(0.0, edge * decoded.scale) for edge in box[:2])
    right, bottom = min(float(width), box[2] * decoded.scale), min(float(height), box[3] * decoded.scale)
    factor = min(1.0, side / max(right - left, bottom - top))
    size = max(1, round((right - left) * factor)), max(1, round((bottom - top) * factor))
    part = decoded.rgb.resize(size, Image.Resampling.LANCZOS, box=(left, top, right, bottom), reducing_gap=3.0)
    return frozen(np.array(part, dtype=np.uint8))
