"""What a network that learns from nothing begins with: weights drawn for depth, or layers of a trained configuration A."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from torch import nn

from core.errors import ModelError
from core.weights.read import read_weights

_FIRST_CONVOLUTIONS = 4
_NORMS = (nn.modules.batchnorm._NormBase, nn.LayerNorm, nn.GroupNorm)
_HEAD_SPREAD = 0.01
_ALIVE = 4.0
"""With 1 a category of four died in most runs of Network in Network on 64 pictures, with 4 none."""


def draw_for_depth(module: nn.Module, head: Sequence[str], seed: int) -> None:
    """Draw the weights of a plain network so that signals and gradients keep their size through all of its layers.

    Networks with batch, layer or group norm are left as they are: the norms see to it. In the others torch's own way of
    drawing lets signals fade from layer to layer, so that a deep one learns nothing; the VGG paper began deep networks with
    layers of a shallower one for that reason (section 3.1). Here kernels are drawn from a normal distribution of variance
    2 / inputs (He et al. 2015, https://arxiv.org/abs/1502.01852, equation 10), biases begin with 0, and the head with a
    standard deviation of 0.01, so that at first no category is favoured.

    A head with a ReLU behind it (Network in Network, SqueezeNet) begins with biases well above 0, so that the ReLU has positive
    inputs, as Krizhevsky et al. 2012, section 5, begin theirs: a category whose output is 0 for all pictures has no gradient
    and never comes back. The softmax does not see what all outputs have in common.

    Parameters
    ----------
    module
        The network, changed in place.
    head
        The paths of the modules with one row per category.
    seed
        The same draws the same; torch's own generator stays as it was.
    """
    if any(isinstance(layer, _NORMS) for layer in module.modules()):
        return
    dice = torch.Generator().manual_seed(seed)
    for path, layer in module.named_modules():
        if not isinstance(layer, nn.Conv2d | nn.Linear):
            continue
        if path in head:
            nn.init.normal_(layer.weight, 0.0, _HEAD_SPREAD, generator=dice)
        else:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu", generator=dice)
        if layer.bias is not None:
            nn.init.constant_(layer.bias, _ALIVE if path in head and _is_rectified(module, path) else 0.0)


def _is_rectified(module: nn.Module, path: str) -> bool:
    """Whether a ReLU follows a layer in its sequence."""
    parent, _, name = path.rpartition(".")
    sequence = module.get_submodule(parent)
    if not isinstance(sequence, nn.Sequential):
        return False
    names = [one for one, _ in sequence.named_children()]
    after = names[names.index(name) + 1 :]
    return bool(after) and isinstance(sequence.get_submodule(after[0]), nn.ReLU)


def initialised_from(module: nn.Module, architecture: str, path: str) -> list[str]:
    """Copy the first four convolutions and the fully connected layers of a trained configuration A into another one.

    "We initialised the first four convolutional layers and the last three fully-connected layers with the layers of net A
    (the intermediate layers were initialised randomly)". A convolution of A goes to the one of the same place in its block,
    conv1_1, conv2_1, conv3_1 and conv3_2: by number alone the shapes would not fit.

    Parameters
    ----------
    module
        A VGG with ``features`` and ``classifier``.
    architecture
        Its name.
    path
        A file with the weights of ``vgg11``.

    Returns
    -------
    A sentence that says what was copied.

    Raises
    ------
    ModelError
        If the network is no VGG, or nothing of the file fits.
    WeightsError
        If the file cannot be read.
    """
    features, classifier = getattr(module, "features", None), getattr(module, "classifier", None)
    stacks = isinstance(features, nn.Sequential) and isinstance(classifier, nn.Sequential)
    if not architecture.startswith("vgg") or not stacks:
        raise ModelError(f"Only networks of the VGG family begin with layers of configuration A; {architecture} is none.")
    state = read_weights(Path(path)).state_dict
    from_a = _convolutions_of_a(list(state))
    assert isinstance(features, nn.Sequential) and isinstance(classifier, nn.Sequential)  # noqa: PT018
    own = _places(features)
    copied = 0
    with torch.no_grad():
        for place, name in list(from_a.items())[:_FIRST_CONVOLUTIONS]:
            layer = own.get(place)
            if layer is not None and layer.weight.shape == state[f"{name}.weight"].shape:
                layer.weight.copy_(state[f"{name}.weight"])
                if layer.bias is not None:
                    layer.bias.copy_(state[f"{name}.bias"])
                copied += 1
        for path_, layer in classifier.named_modules():
            weight = state.get(f"classifier.{path_}.weight")
            if isinstance(layer, nn.Linear) and weight is not None and layer.weight.shape == weight.shape:
                layer.weight.copy_(weight)
                layer.bias.copy_(state[f"classifier.{path_}.bias"])
                copied += 1
    if not copied:
        raise ModelError(f"Nothing in “{Path(path).name}” fits {architecture}: it must hold the weights of vgg11.")
    return [f"{copied} layers begin as those of configuration A in “{Path(path).name}”."]


def _places(features: nn.Sequential) -> dict[tuple[int, int], nn.Conv2d]:
    """Convolutions by block and number in it, both from 1."""
    found: dict[tuple[int, int], nn.Conv2d] = {}
    block, number = 1, 0
    for layer in features:
        if isinstance(layer, nn.MaxPool2d):
            block, number = block + 1, 0
        elif isinstance(layer, nn.Conv2d):
            number += 1
            found[block, number] = layer
    return found


def _convolutions_of_a(names: list[str]) -> dict[tuple[int, int], str]:
    """The names of A's convolutions by block and number: one in the first two blocks, two in the others."""
    order = sorted(
        {name.rpartition(".")[0] for name in names if name.startswith("features.") and name.endswith(".weight")},
        key=lambda name: int(name.split(".")[1]),
    )
    places = [(1, 1), (2, 1), (3, 1), (3, 2), (4, 1), (4, 2), (5, 1), (5, 2)]
    return dict(zip(places, order, strict=False))
