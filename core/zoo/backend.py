"""The way to torchvision: its architectures, and what its weights say of themselves.

The only module that imports torchvision, and only when an architecture of it is asked for: importing this module, or
building the built-in architecture, does not.
"""

from __future__ import annotations

import difflib
import re
import threading
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from core.errors import ModelError
from core.types import BUILTIN_MODEL, Preprocessing
from core.zoo import catalog, channels, standins
from core.zoo.compact_vgg import compact_vgg
from core.zoo.googlenet_seed import GoogLeNet
from core.zoo.own import NETWORKS

_HASH_IN_NAME = re.compile(r"-([0-9a-f]{8,})\.pth$")
_AUXILIARY = {"googlenet", "inception_v3"}
_import_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class WeightsEntry:
    """Published weights of an architecture, as torchvision describes them.

    ``filename`` is the name that ``torch.hub`` gives the file, ``sha256_prefix`` the beginning of its hash in
    hexadecimal digits; ``top1`` is the accuracy in percent on the ImageNet validation set, None where none is stated.
    ``categories`` is empty where the weights are a feature extractor without a usable classifier; ``licence_url`` where
    torchvision names no licence of the weights' own. ``file_size_mb`` counts in units of 2^20 bytes.
    """

    name: str
    url: str
    filename: str
    sha256_prefix: str
    categories: tuple[str, ...]
    preprocessing: Preprocessing
    top1: float | None
    num_params: int
    file_size_mb: float
    licence_url: str = ""


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What can differ between two networks of one architecture; None stands for the architecture's own choice.

    ``image_size`` in pixels fixes the number of position embeddings of a Vision Transformer and is ignored elsewhere;
    ``aux_logits`` and ``transform_input`` count for GoogLeNet and Inception only (auxiliary heads; input rescaled from
    torchvision's normalisation to that of the original weights). ``in_channels`` are the channels of the input, for those
    that :func:`core.zoo.channels.takes_any`.
    """

    num_classes: int | None = None
    image_size: int | None = None
    aux_logits: bool = True
    transform_input: bool = False
    in_channels: int | None = None


def build(architecture: str, num_classes: int | None = None, *, options: BuildOptions | None = None) -> nn.Module:
    """Build an architecture with freshly drawn weights.

    Parameters
    ----------
    architecture
        A name of :mod:`core.zoo.catalog`.
    num_classes
        Number of outputs; by default that of :func:`default_classes`.
    options
        The other choices; its ``num_classes`` counts where the parameter is None.

    Returns
    -------
    The module in evaluation mode: float32 (N, channels, H, W) to logits (N, num_classes). The weights are drawn from torch's
    global generator exactly as torchvision's own builder draws them.

    Raises
    ------
    ModelError
        If there is no such architecture, or it cannot be had for so many channels.
    """
    options = options or BuildOptions()
    check_architecture(architecture)
    wanted = channels.checked(architecture, options.in_channels)
    classes = num_classes if num_classes is not None else options.num_classes
    classes = default_classes(architecture) if classes is None else classes
    if architecture == BUILTIN_MODEL:
        return compact_vgg(classes, wanted).eval()
    own = NETWORKS.get(architecture)
    if own is not None and own.builder is not None:
        auxiliary = {"aux_logits": options.aux_logits} if own.builder is GoogLeNet else {}
        return own.builder(num_classes=classes, in_channels=wanted, **auxiliary).eval()
    module = _of_torchvision(catalog.SAME_AS.get(architecture, architecture), classes, options)
    if wanted != channels.USUAL:
        channels.replace_first(module, wanted)
    return module.eval()


def _of_torchvision(architecture: str, classes: int, options: BuildOptions) -> nn.Module:
    keywords: dict[str, Any] = {"num_classes": classes}
    if architecture in _AUXILIARY:
        keywords |= {
            "init_weights": True,
            "aux_logits": options.aux_logits,
            "transform_input": options.transform_input,
        }
    if is_vision_transformer(architecture) and options.image_size is not None:
        keywords["image_size"] = options.image_size
    module: nn.Module = _torchvision().models.get_model(architecture, weights=None, **keywords)
    return module


def default_classes(architecture: str) -> int:
    """Number of outputs unless somebody says otherwise: 1,000, 102 of the built-in architecture, 10 of some seed networks."""
    if architecture == BUILTIN_MODEL:
        return 102
    return NETWORKS[architecture].num_classes if architecture in NETWORKS else 1000


def skeleton(architecture: str, num_classes: int | None = None, *, options: BuildOptions | None = None) -> nn.Module:
    """Build an architecture whose parameters have shapes but no memory yet (device ``meta``), in milliseconds.

    Meant for looking at names and shapes, and for ``load_state_dict(..., assign=True)``. Parameters and errors are
    those of :func:`build`.
    """
    with _ParametersOnMeta():
        return build(architecture, num_classes, options=options)


class _ParametersOnMeta(TorchFunctionMode):
    """Put what ``torch.empty`` makes on the meta device, and skip drawing values for it.

    ``torch.device("meta")`` would do the same to the small tensors that RegNet and Swin calculate with while they are
    built.
    """

    _DRAWS = frozenset(
        (
            "normal_",
            "uniform_",
            "trunc_normal_",
            "kaiming_uniform_",
            "kaiming_normal_",
            "xavier_uniform_",
            "xavier_normal_",
            "constant_",
            "fill_",
            "zero_",
            "ones_",
            "zeros_",
        )
    )

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = dict(kwargs or {})
        if func is torch.empty:
            kwargs["device"] = "meta"
        elif getattr(func, "__name__", "") in self._DRAWS:
            target = args[0] if args else kwargs.get("tensor")
            if isinstance(target, Tensor) and target.is_meta:
                return target
        return func(*args, **kwargs)


def check_architecture(architecture: str) -> None:
    """Raise :class:`ModelError`, with names that look like it, if the catalogue has no such architecture."""
    names = catalog.architectures()
    if architecture in names:
        return
    close = difflib.get_close_matches(architecture.lower(), names, n=3, cutoff=0.5)
    hint = f"Did you mean {' or '.join(close)}?" if close else "`layerscope models` lists them all."
    raise ModelError(f"There is no architecture called “{architecture}”. {hint}")


def is_vision_transformer(architecture: str) -> bool:
    """Whether the architecture learns one embedding per position, and so takes pictures of one size only."""
    return architecture.startswith("vit_")


@cache
def heads(architecture: str) -> tuple[str, ...]:
    """Names of the weight tensors with one row per class, auxiliary heads first, the classifier itself last."""
    marker = 99_991  # a prime that no hidden layer is wide
    state = skeleton(architecture, marker).state_dict()
    return tuple(name for name, value in state.items() if name.endswith("weight") and value.shape[:1] == (marker,))


@cache
def weights_entries(architecture: str) -> tuple[WeightsEntry, ...]:
    """All published weights of an architecture in torchvision's order; none for what torchvision does not have.

    Raises
    ------
    ModelError
        If there is no such architecture.
    """
    check_architecture(architecture)
    if architecture == BUILTIN_MODEL or architecture in NETWORKS:
        return ()
    return tuple(_entry(weights) for weights in _torchvision().models.get_model_weights(architecture))


def default_entry(architecture: str) -> WeightsEntry:
    """Return the ``IMAGENET1K_V1`` weights, or the first over the 1,000 categories where there are none of that name.

    Raises
    ------
    ModelError
        If there is no such architecture, or it has no published weights.
    """
    entries = weights_entries(architecture)
    if not entries:
        raise ModelError(f"There are no published weights for {architecture}.")
    named = [entry for entry in entries if entry.name == "IMAGENET1K_V1"]
    return (named or [entry for entry in entries if len(entry.categories) == 1000])[0]


def _entry(weights: Any) -> WeightsEntry:
    meta, transforms = weights.meta, weights.transforms()
    filename = weights.url.rpartition("/")[2]
    digest = _HASH_IN_NAME.search(filename)
    return WeightsEntry(
        name=weights.name,
        url=weights.url,
        filename=filename,
        sha256_prefix=digest.group(1) if digest else "",
        categories=_shared(tuple(meta["categories"] or ())),
        preprocessing=Preprocessing(
            resize=int(transforms.resize_size[0]),
            crop=int(transforms.crop_size[0]),
            interpolation=transforms.interpolation.value,
            mean=tuple(transforms.mean),
            std=tuple(transforms.std),
            source=f"weights {weights}",
        ),
        top1=meta.get("_metrics", {}).get("ImageNet-1K", {}).get("acc@1"),
        num_params=meta["num_params"],
        file_size_mb=meta["_file_size"],
        licence_url=meta.get("license", ""),
    )


@cache
def _shared(categories: tuple[str, ...]) -> tuple[str, ...]:
    """Return the same tuple for equal ones: a hundred entries share the 1,000 names."""
    return categories


@cache
def _torchvision() -> ModuleType:
    with _import_lock:
        standins.declare_missing_operators()
        with standins.light_import():
            import torchvision
    module: ModuleType = torchvision
    return module
