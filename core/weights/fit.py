"""Whether tensors fit an architecture: which variant of it they were saved from, and what differs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn

from core.errors import WeightsError
from core.weights.read import WeightsFile
from core.zoo import backend, catalog
from core.zoo.backend import BuildOptions

_AUXILIARY = {"googlenet": ("aux1.", "aux2."), "inception_v3": ("AuxLogits.",)}
_FIRST_MEAN = {"googlenet": "conv1.bn.running_mean", "inception_v3": "Conv2d_1a_3x3.bn.running_mean"}
_PATCH = re.compile(r"vit_\w+_(\d+)$")

# DenseNet's published weights were saved when module names could hold dots; torchvision renames them as it loads them.
_OLD_DENSENET = re.compile(r"^(.*denselayer\d+\.(?:norm|relu|conv))\.([12]\.\w+)$")

_COUNTER = "num_batches_tracked"

MARKERS = {
    "Layerscope": "features.0.weight",
    "AlexNet": "features.0.weight",
    "VGG": "features.0.weight",
    "GoogLeNet and Inception": "fc.weight",
    "ResNet": "layer1.0.conv1.weight",
    "Wide ResNet": "layer1.0.conv3.weight",
    "ResNeXt": "layer1.0.conv3.weight",
    "SqueezeNet": "features.3.squeeze.weight",
    "DenseNet": "features.conv0.weight",
    "MobileNet": "features.0.0.weight",
    "MNASNet": "layers.0.weight",
    "ShuffleNet V2": "conv1.0.weight",
    "EfficientNet": "features.0.0.weight",
    "EfficientNet V2": "features.0.0.weight",
    "RegNet X": "stem.0.weight",
    "RegNet Y": "stem.0.weight",
    "ConvNeXt": "features.0.0.weight",
    "Vision Transformer": "class_token",
    "Swin Transformer": "features.0.0.weight",
    "MaxViT": "stem.0.0.weight",
}
"""A tensor that all architectures of a family have, to rule most families out at once."""


@dataclass(frozen=True, slots=True)
class Difference:
    """How a file differs from an architecture, as names of tensors."""

    missing: tuple[str, ...]
    unexpected: tuple[str, ...]
    misshapen: tuple[str, ...]

    def __bool__(self) -> bool:
        return bool(self.missing or self.unexpected or self.misshapen)


def options_of(architecture: str, content: WeightsFile) -> BuildOptions:
    """Read from the tensors which variant of an architecture they belong to.

    Raises
    ------
    WeightsError
        If the tensors do not fit the architecture at all.
    """
    state = renamed(architecture, content.state_dict)
    classes = _num_classes(architecture, state)
    if classes is None:
        raise mismatch(architecture, content, BuildOptions())
    return BuildOptions(
        num_classes=classes,
        image_size=_image_size(architecture, state),
        aux_logits=_has_auxiliary(architecture, state, classes),
        transform_input=_was_trained(architecture, state),
    )


def fitted(architecture: str, content: WeightsFile, options: BuildOptions) -> dict[str, Tensor]:
    """Return the tensors under the names that the architecture uses, checked to be all of them, in their shapes.

    Raises
    ------
    WeightsError
        Saying how many tensors are missing, unexpected or of another shape, with examples.
    """
    state = renamed(architecture, content.state_dict)
    for prefix in () if options.aux_logits else _AUXILIARY.get(architecture, ()):
        state = _copy(state, {key: value for key, value in state.items() if not key.startswith(prefix)})
    if difference(architecture, state, options):
        raise mismatch(architecture, content, options)
    return state


def notices(architecture: str, options: BuildOptions) -> tuple[str, ...]:
    """What a person should know about the variant that was found."""
    if architecture in _AUXILIARY and options.transform_input:
        return (f"{architecture} is run as its published weights need it, with the input rescaled (transform_input).",)
    return ()


def assemble(architecture: str, state: dict[str, Tensor] | None, options: BuildOptions, seed: int = 0) -> nn.Module:
    """Build the network and give it its weights.

    Parameters
    ----------
    architecture, options
        What to build.
    state
        Tensors from :func:`fitted`, which the network takes over without copying; None draws them with ``seed``,
        leaving torch's global generator as it was. The values are those that ``torch.manual_seed(seed)`` and
        torchvision's builder give.

    Returns
    -------
    The network on the CPU, in evaluation mode, without gradients.
    """
    if state is None:
        with torch.random.fork_rng(devices=()):
            torch.default_generator.manual_seed(seed)
            return backend.build(architecture, options=options).requires_grad_(False)
    module = backend.skeleton(architecture, options=options)
    if not getattr(state, "_metadata", None):
        # Without versions of modules MNASNet refuses to load; batch norm fills in the counters that older files lack.
        state = _copy(state, state)
        state._metadata = {"": {"version": getattr(module, "_version", 1)}}  # type: ignore[attr-defined]
    module.load_state_dict(state, assign=True)
    return module.requires_grad_(False)


def difference(architecture: str, state: dict[str, Tensor], options: BuildOptions) -> Difference:
    """Compare names and shapes; counters of batch norm, which older files lack, do not count."""
    wanted = backend.skeleton(architecture, options=options).state_dict()
    names = {name for name in wanted if not name.endswith(_COUNTER)}
    given = {name for name in state if not name.endswith(_COUNTER)}
    return Difference(
        missing=tuple(name for name in wanted if name in names - given),
        unexpected=tuple(name for name in state if name in given - names),
        misshapen=tuple(name for name in wanted if name in names & given and wanted[name].shape != state[name].shape),
    )


def mismatch(architecture: str, content: WeightsFile, options: BuildOptions) -> WeightsError:
    """Say in words why a file is not one of an architecture, and of which it may be."""
    found = difference(architecture, renamed(architecture, content.state_dict), options)
    parts = [
        f"{len(names)} tensor{'s' * (len(names) > 1)} {what} ({', '.join(names[:3])}{' ...' if len(names) > 3 else ''})"
        for names, what in (
            (found.missing, "missing"),
            (found.unexpected, "unexpected"),
            (found.misshapen, "of another shape"),
        )
        if names
    ]
    likely = guess_architecture(content)
    hint = f"They look like {likely}: choose that model." if likely else "No model of the catalogue has these tensors."
    return WeightsError(
        f"“{content.path.name}” does not fit {architecture}: {', '.join(parts)}. {hint}",
        path=content.path,
    )


def guess_architecture(content: WeightsFile) -> str | None:
    """Return the architecture whose names and shapes a file has, the number of classes aside; None where there is none.

    Builds the skeletons of the families that come into question, which may take a second or two the first time.
    """
    families = (family for family, marker in MARKERS.items() if marker in content.state_dict)
    for architecture in (name for family in families for name in catalog.FAMILIES[family]):
        state = renamed(architecture, content.state_dict)
        names = {name for name in state if not _set_aside(architecture, name)}
        if names == _names(architecture) and not _differs(architecture, state):
            return architecture
    return None


def _differs(architecture: str, state: dict[str, Tensor]) -> bool:
    classes = _num_classes(architecture, state)
    options = BuildOptions(classes, _image_size(architecture, state), _has_auxiliary(architecture, state, classes or 0))
    kept = state if options.aux_logits else {k: v for k, v in state.items() if not _set_aside(architecture, k)}
    return classes is None or bool(difference(architecture, kept, options))


@cache
def _names(architecture: str) -> frozenset[str]:
    return frozenset(n for n in backend.skeleton(architecture).state_dict() if not _set_aside(architecture, n))


def _set_aside(architecture: str, name: str) -> bool:
    return name.endswith(_COUNTER) or name.startswith(_AUXILIARY.get(architecture, ()))


def renamed(architecture: str, state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Bring names of older torchvision versions up to date; a state_dict without any comes back as it is."""
    if not architecture.startswith("densenet") or not any(_OLD_DENSENET.match(name) for name in state):
        return state
    return _copy(state, {_OLD_DENSENET.sub(r"\1\2", name): value for name, value in state.items()})


def _copy(state: dict[str, Tensor], content: dict[str, Tensor]) -> dict[str, Tensor]:
    """Make a dict of ``content`` that carries the module versions of ``state``."""
    copy = type(state)(content)
    metadata = getattr(state, "_metadata", None)
    if metadata is not None:
        copy._metadata = metadata  # type: ignore[attr-defined]
    return copy


def _num_classes(architecture: str, state: dict[str, Tensor]) -> int | None:
    head = state.get(backend.heads(architecture)[-1])
    return int(head.shape[0]) if head is not None and head.ndim in {2, 4} and len(head) else None


def _has_auxiliary(architecture: str, state: dict[str, Tensor], classes: int) -> bool:
    """Whether the auxiliary heads are there; those of a fine-tuned file may still have their old number of classes."""
    rows = [state[name].shape[0] if name in state else 0 for name in backend.heads(architecture)[:-1]]
    return all(count == classes for count in rows)


def _image_size(architecture: str, state: dict[str, Tensor]) -> int | None:
    """Side in pixels that a Vision Transformer's position embeddings stand for."""
    patch = _PATCH.match(architecture)
    embedding = state.get("encoder.pos_embedding")
    if patch is None or embedding is None or embedding.ndim != 3 or embedding.shape[1] < 2:
        return None
    return math.isqrt(embedding.shape[1] - 1) * int(patch.group(1))


def _was_trained(architecture: str, state: dict[str, Tensor]) -> bool:
    """Whether batch norm has seen pictures: only then can the weights come from the published ones."""
    mean = state.get(_FIRST_MEAN.get(architecture, ""))
    return mean is not None and bool(mean.any())
