"""What the threads are asked for: each an immutable value with an id and all that is needed to answer it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from core.types.answers import ImageRef
from core.types.lesion import Lesion
from core.types.model import ModelSpec
from core.types.protocol import FusionMember, Protocol


@dataclass(frozen=True, slots=True)
class LoadRequest:
    """Load a model onto a device ("auto" or a :class:`DeviceInfo` id)."""

    id: int
    spec: ModelSpec
    device: str


@dataclass(frozen=True, slots=True)
class ClassifyRequest:
    """Classify a picture and capture ``layer`` (a :attr:`LayerInfo.key`, or "" for none) in the same forward pass."""

    id: int
    image: ImageRef
    layer: str


@dataclass(frozen=True, slots=True)
class ActivationRequest:
    """Show another layer of the picture classified last."""

    id: int
    image: ImageRef
    layer: str


@dataclass(frozen=True, slots=True)
class StripRequest:
    """Find the top-1 of many pictures, one after another, whenever nothing else is to be done."""

    id: int
    images: tuple[ImageRef, ...]


@dataclass(frozen=True, slots=True)
class WeightsRequest:
    """List the weights that an architecture can take."""

    id: int
    architecture: str


@dataclass(frozen=True, slots=True)
class DiscoverRequest:
    """Find the pictures among files and folders; ``show`` makes the first of them the current picture."""

    id: int
    paths: tuple[Path, ...]
    show: bool = True


@dataclass(frozen=True, slots=True)
class ThumbnailRequest:
    """Make thumbnails of at most ``side`` pixels, the first picture first; a newer request replaces what is left."""

    id: int
    images: tuple[ImageRef, ...]
    side: int


@dataclass(frozen=True, slots=True)
class ContributionRequest:
    """What each channel of a layer contributes to a category: gradient times activation, summed over the map."""

    id: int
    image: ImageRef
    layer: str
    category: int


@dataclass(frozen=True, slots=True)
class LayerMeansRequest:
    """The mean activation of every layer for a picture."""

    id: int
    image: ImageRef


@dataclass(frozen=True, slots=True)
class ChannelRequest:
    """What is known of a channel besides its values: its kernels, its normalisation, what feeds it."""

    id: int
    layer: str
    channel: int


@dataclass(frozen=True, slots=True)
class ClassWeightsRequest:
    """What the network's last linear layer makes of the units of a layer."""

    id: int
    layer: str


@dataclass(frozen=True, slots=True)
class EffectiveFieldRequest:
    """How strongly each input pixel moves one unit: the gradient of its value."""

    id: int
    image: ImageRef
    layer: str
    channel: int
    row: int
    column: int


@dataclass(frozen=True, slots=True)
class ExplainRequest:
    """Attribute the score of a category to the picture, by a method of ``core.types.explanation.METHODS``."""

    id: int
    image: ImageRef
    method: str
    category: int
    layer: str


@dataclass(frozen=True, slots=True)
class LesionRequest:
    """Classify a picture with channels changed on the way."""

    id: int
    image: ImageRef
    lesions: tuple[Lesion, ...]


@dataclass(frozen=True, slots=True)
class RankRequest:
    """Order the channels of a layer by how much a category loses when each is muted."""

    id: int
    image: ImageRef
    layer: str
    category: int
    lesions: tuple[Lesion, ...] = ()


@dataclass(frozen=True, slots=True)
class ExportRequest:
    """Write what a layer (a :attr:`LayerInfo.key`) puts out for pictures, one file a picture.

    ``suffix`` is one of ``core.jobs.export.FORMATS``. ``target`` is the file for the one picture, which is replaced if it is
    there; with ``into_folder`` it is the folder for all of them, in which files of the same name are only replaced where
    ``replace`` says so.
    """

    id: int
    images: tuple[ImageRef, ...]
    layer: str
    suffix: str
    target: Path
    into_folder: bool = False
    replace: bool = False


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """Look at the same layer of something else, B: another picture, or another model.

    ``against`` is the picture of A, which the loaded model looks at. B is ``image``, looked at by the same model, or by the one
    of ``spec`` where that is given. No ``image`` means that the comparison is over: what was kept for it is let go.
    """

    id: int
    against: ImageRef | None
    image: ImageRef | None
    spec: ModelSpec | None = None
    layer: str = ""


@dataclass(frozen=True, slots=True)
class CompareOptionsRequest:
    """Which weights another model could have that one may want to compare with."""

    id: int
    architecture: str


@dataclass(frozen=True, slots=True)
class PatchesRequest:
    """Find the patches of pictures that excite a channel most.

    The pictures are ``images``, then those in ``folders`` and below. The answer has at most ``count`` patches, at most
    ``per_picture`` of one picture (1 to 3), of at most ``side`` pixels.
    """

    id: int
    images: tuple[ImageRef, ...]
    layer: str
    channel: int
    folders: tuple[Path, ...] = ()
    count: int = 24
    per_picture: int = 1
    side: int = 96


@dataclass(frozen=True, slots=True)
class KnownPatchesRequest(PatchesRequest):
    """The same from what earlier searches have kept: no picture is looked at anew."""


@dataclass(frozen=True, slots=True)
class ProtocolRequest:
    """Classify a picture by a test protocol, and with other models where ``members`` names some.

    ``weight`` is that of the loaded model among them.
    """

    id: int
    image: ImageRef
    protocol: Protocol
    members: tuple[FusionMember, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class ProtocolTrialRequest(ProtocolRequest):
    """The same, for the table that sets protocols side by side."""
