"""How a person calls an architecture, and the sentences about what a file is."""

from __future__ import annotations

import re
from collections.abc import Sequence

from core.zoo.catalog import TITLES

_TITLES: tuple[tuple[str, str], ...] = (
    (r"compact_vgg", "compact VGG (the built-in architecture)"),
    (r"alexnet", "AlexNet"),
    (r"vgg(\d+)_bn", r"VGG-\1 with batch norm"),
    (r"vgg(\d+)", r"VGG-\1"),
    (r"googlenet", "GoogLeNet"),
    (r"inception_v3", "Inception v3"),
    (r"wide_resnet(\d+)_(\d)", r"Wide ResNet-\1-\2"),
    (r"resnext(\d+)_(\w+)", r"ResNeXt-\1 \2"),
    (r"resnet(\d+)", r"ResNet-\1"),
    (r"squeezenet1_(\d)", r"SqueezeNet 1.\1"),
    (r"densenet(\d+)", r"DenseNet-\1"),
    (r"mobilenet_v2", "MobileNet V2"),
    (r"mobilenet_v3_(\w+)", r"MobileNet V3 \1"),
    (r"mnasnet(\d)_(\d+)", r"MNASNet \1.\2"),
    (r"shufflenet_v2_x(\d)_(\d)", r"ShuffleNet V2 ×\1.\2"),
    (r"efficientnet_b(\d)", r"EfficientNet-B\1"),
    (r"efficientnet_v2_(\w)", r"EfficientNet V2-\1"),
    (r"regnet_([xy])_(\w+)", r"RegNet \1 \2"),
    (r"convnext_(\w+)", r"ConvNeXt \1"),
    (r"vit_([blh])_(\d+)", r"ViT-\1/\2"),
    (r"swin_v2_(\w)", r"Swin V2-\1"),
    (r"swin_(\w)", r"Swin-\1"),
    (r"maxvit_t", "MaxViT-T"),
)
WHOLE_NUMBERS = "Whole numbers are what is left of quantised weights without their scales; predictions are worthless then."
_UPPER = re.compile(r"(?<=ViT-)[blh]|(?<=Swin-)\w|(?<=Swin V2-)\w|(?<=EfficientNet V2-)\w|(?<=RegNet )[xy]")
_BN = " with batch norm"
_LONG = 80


def title(architecture: str) -> str:
    """Return the name in the literature: "VGG-16 with batch norm"."""
    if architecture in TITLES:
        return TITLES[architecture]
    for pattern, words in _TITLES:
        found = re.fullmatch(pattern, architecture)
        if found:
            name = _UPPER.sub(lambda letter: letter.group().upper(), found.expand(words))
            return re.sub(r"(\d)_(\d)gf\b", r"\1.\2gf", name)
    return architecture


def a(words: str) -> str:
    """Put the indefinite article before a name."""
    return f"{'an' if words[0] in 'AEIO' or words.startswith('MNAS') else 'a'} {words}"


def not_picked(found: str, picked: str) -> str:
    """Say what was picked instead of what was found: "You picked VGG-16 without." """
    if title(found) == title(picked) + _BN:
        return f"You picked {title(picked)} without."
    if title(picked) == title(found) + _BN:
        return f"You picked the one{_BN}."
    return f"You picked {title(picked)}."


def number(count: int, what: str) -> str:
    """Count things: "1 tensor", "1,000 classes"."""
    if count == 1:
        return f"1 {what}"
    return f"{count:,} {what}{'es' if what.endswith('s') else 's'}"


def shown(name: str) -> str:
    """Make a name from a file fit to be shown: short, and without characters that a terminal would obey."""
    plain = name if name.isprintable() else ascii(name)[1:-1]
    return plain if len(plain) <= _LONG else f"{plain[: _LONG - 4]} ..."


def some(names: Sequence[str], most: int = 3) -> str:
    """Name the first few: "a, b, c ..."."""
    return ", ".join(shown(name) for name in names[:most]) + (" ..." if len(names) > most else "")


def full_stop(sentence: str) -> str:
    """End a sentence, which may end in the dots of a list that goes on."""
    return sentence if sentence.endswith(".") else f"{sentence}."


def sizes(shape: Sequence[int | str]) -> str:
    """Write a shape: 64×3×7×7."""
    return "×".join(map(str, shape)) or "a single number"


def complex_words(names: Sequence[str]) -> str:
    """Say that tensors cannot be taken, after "holds"."""
    return f"complex numbers ({some(names)}); the networks of the catalogue have real ones. Choose another file."
