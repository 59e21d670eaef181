"""A picture's answer and a layer's activations, from one forward pass."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn

from core.errors import ImageError, LayerscopeError
from core.images import triage
from core.images.decode import Decoded, decode
from core.images.preprocess import Prepared, network_pixels, preprocess, target_side
from core.inference.classify import probabilities, top_predictions
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.activations import Capture, is_last, present
from core.insight.budget import refusal
from core.insight.layers import find_layer
from core.insight.layout import axis_order
from core.insight.raw import RawActivations
from core.types import (
    Activations,
    Classification,
    Failure,
    ImageRef,
    LayerInfo,
    ModelSpec,
    NetworkInput,
    Picture,
    Timings,
    Verdict,
    frozen,
)


@dataclass(frozen=True, slots=True)
class Inspection:
    """All there is to show about one picture.

    ``probabilities`` are those of all categories, float32 (categories,), in [0, 1]; ``notices`` are sentences about what
    was left out; that the model had to leave its device is told by the session.
    """

    picture: Picture
    network_input: NetworkInput
    classification: Classification
    activations: Activations | None
    probabilities: npt.NDArray[np.float32]
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class _Ready:
    """A picture that went through decoding and preprocessing, and the milliseconds that took."""

    decoded: Decoded
    prepared: Prepared
    decode_ms: float
    preprocess_ms: float


class Inspector:
    """Asks a session about pictures, and remembers the last one's input tensor.

    Like the session, for one thread only.

    Parameters
    ----------
    session
        The loaded model.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.hurry: Callable[[], bool] = _never
        """Whether something more urgent waits; whoever owns the inspector may say so, and long work looks at it."""
        self._key: tuple[str, int, int] | None = None
        self._ready: _Ready | None = None
        self._picture: Picture | None = None
        self._inspection: Inspection | None = None
        self._activations: Activations | None = None
        self.companion: Companion | None = None
        """Kept by :mod:`core.insight.comparison` while one compares; goes with this inspector, so with its model."""
        self.members: dict[ModelSpec, Inspector | None] = {}
        """Kept by :mod:`core.protocols.fusion` while one fuses; None for a model that there was no memory to keep."""

    def classify(self, image: ImageRef, layer: str = "") -> Inspection:
        """Classify a picture and capture a layer in the same forward pass.

        Parameters
        ----------
        image
            The picture.
        layer
            A :attr:`LayerInfo.key` or name, or "" for none.

        Raises
        ------
        ImageError
            If the picture cannot be read.
        LayerError
            If the model has no such layer, or did not reach it.
        ModelError
            If the output is not a number.

        A layer too large for the memory costs its activations, not the predictions: a notice says so.
        """
        wanted = find_layer(self.session.info.layers, layer) if layer else None
        too_large = refusal(wanted, self.session.device) if wanted is not None else ""
        wanted = None if too_large else wanted
        ready = self._prepare(image)
        capture = Capture(wanted) if wanted is not None else None
        logits, forward_ms = self._forward(ready.prepared.tensor, capture)
        info = self.session.info
        self._activations = self._present(capture, wanted) if capture and wanted else None
        inspection = Inspection(
            picture=self.picture(image),
            network_input=self.network_input(image),
            classification=Classification(
                image,
                info.spec,
                top_predictions(logits, info.categories),
                Timings(ready.decode_ms, ready.preprocess_ms, forward_ms),
            ),
            activations=self._activations,
            probabilities=probabilities(logits),
            notices=(too_large,) if too_large else (),
        )
        self._inspection = replace(inspection, activations=None, notices=())
        return inspection

    def look(self, image: ImageRef, layer: str = "") -> Inspection:
        """Say the same as :meth:`classify`; what is known of the last picture and its last layer is not computed again.

        Parameters and errors are those of :meth:`classify`.
        """
        self._prepare(image)
        if self._inspection is None:
            return self.classify(image, layer)
        if not layer:
            return self._inspection
        if self._activations is None or self._activations.layer != find_layer(self.session.info.layers, layer):
            self.activations(image, layer)
        return replace(self._inspection, activations=self._activations)

    def activations(self, image: ImageRef, layer: str) -> Activations:
        """Capture a layer for a picture, the remembered input tensor reused; the forward pass ends at the layer.

        Parameters and errors are those of :meth:`classify`.
        """
        wanted = find_layer(self.session.info.layers, layer)
        capture = Capture(wanted, stop=True)
        self.session.run(capture.run, self._prepare(image).prepared.tensor)
        self._activations = self._present(capture, wanted)
        return self._activations

    def capture(self, image: ImageRef, layer: str) -> RawActivations:
        """Capture a layer as :meth:`activations` does, and leave the tensor as it is; what is remembered stays.

        Parameters and errors are those of :meth:`classify`.
        """
        wanted = find_layer(self.session.info.layers, layer)
        capture = Capture(wanted, stop=True, shown=False)
        tensor, image_sha256 = self._hashed(image)
        self.session.run(capture.run, tensor)
        info = self.session.info
        return RawActivations(
            image,
            info.spec,
            info.preprocessing,
            wanted,
            frozen(capture.values()),
            axis_order(info.layers, wanted),
            info.weights_sha256,
            image_sha256,
            info.device,
        )

    def _hashed(self, image: ImageRef) -> tuple[Tensor, str]:
        """The input tensor of a picture, and the hash of the file that it was made from."""
        key = _key(image)
        known = self._ready if key is not None and key == self._key else None
        ready = known or self._read(image)
        try:
            with image.path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise triage.of_os_error(image.path, error) from error
        # Looked at before and after: it is one file that was decoded and hashed.
        if _key(image) != key:
            raise ImageError(f"“{image.name}” was changed while it was being read. Try again.", path=image.path)
        return ready.prepared.tensor, digest

    def tensor(self, image: ImageRef) -> Tensor:
        """Return the input tensor of a picture, float32 (1, channels, H, W) on the CPU; the last one is remembered.

        Raises
        ------
        ImageError
            If the picture cannot be read.
        """
        return self._prepare(image).prepared.tensor

    def layer(self, key: str) -> LayerInfo:
        """Return a layer of the model by its key or name; :class:`LayerError` if there is none."""
        return find_layer(self.session.info.layers, key)

    def picture(self, image: ImageRef) -> Picture:
        """Return the picture for the screen; that of the last one is made once. Errors as :meth:`tensor`."""
        ready = self._prepare(image)
        if self._picture is None:
            self._picture = ready.decoded.picture()
        return self._picture

    def network_input(self, image: ImageRef) -> NetworkInput:
        """Return what the network sees of a picture, and where it lies on it; errors as :meth:`tensor`."""
        prepared, how = self._prepare(image).prepared, self.session.info.preprocessing
        return NetworkInput(network_pixels(prepared.tensor, how), prepared.box, how)

    def verdict(self, image: ImageRef) -> Verdict:
        """Find a picture's top-1; one that has no answer gets a verdict that says why. Nothing is remembered."""
        try:
            logits = self.session.forward(self._read(image).prepared.tensor)
            return Verdict(image, top_predictions(logits, self.session.info.categories, 1)[0])
        except LayerscopeError as error:
            return Verdict(image, None, Failure.of(error))

    def _forward(self, batch: Tensor, capture: Capture | None) -> tuple[Tensor, float]:
        def work(module: nn.Module, inputs: Tensor) -> Tensor:
            output = capture.run(module, inputs) if capture is not None else first_tensor(module(inputs))
            if output is None:
                raise TypeError("the network returned no tensor")
            return output.detach().float().cpu()

        return self.session.run(work, batch)

    def _present(self, capture: Capture, layer: LayerInfo) -> Activations:
        info = self.session.info
        categories = info.categories if is_last(layer, info.layers) else ()
        return present(capture.values(), layer, info.layers, categories)

    def _prepare(self, image: ImageRef) -> _Ready:
        """Read a picture unless it is the last one, unchanged on disk since."""
        key = _key(image)
        if self._ready is None or key is None or key != self._key:
            self._ready = self._key = self._picture = self._inspection = self._activations = None
            self._ready = self._read(image)
            self._key = key
        return self._ready

    def _read(self, image: ImageRef) -> _Ready:
        how = self.session.info.preprocessing
        began = time.perf_counter()
        decoded = decode(image, short_side=target_side(how))
        read = time.perf_counter()
        prepared = preprocess(decoded, how)
        done = time.perf_counter()
        return _Ready(decoded, prepared, 1000 * (read - began), 1000 * (done - read))


def _never() -> bool:
    return False
@dataclass(frozen=True, slots=True, eq=False)
class Companion:
    """Another inspector beside the first, for comparisons; ``spec`` is what was asked for, None for the same model."""

    spec: ModelSpec | None
    inspector: Inspector


def _key(image: ImageRef) -> tuple[str, int, int] | None:
    """What changes when a file does; None if it cannot be looked at."""
    try:
        about = image.path.stat()
    except OSError:
        return None
    return str(image.path), about.st_mtime_ns, about.st_size
