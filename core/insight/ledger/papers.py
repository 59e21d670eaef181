"""What the papers of the networks print of them: plain data, each number with the table that it stands in."""

from __future__ import annotations

from dataclasses import dataclass

VGG = "Simonyan and Zisserman 2014 (arXiv 1409.1556v6)"
ALEXNET = "Krizhevsky, Sutskever and Hinton 2012"
RESNET = "He et al. 2015 (arXiv 1512.03385)"
RESNEXT = "Xie et al. 2017 (arXiv 1611.05431)"
SQUEEZENET = "Iandola et al. 2016 (arXiv 1602.07360)"
MOBILENET = "Sandler et al. 2018 (arXiv 1801.04381)"
EFFICIENTNET = "Tan and Le 2019 (arXiv 1905.11946)"
CONVNEXT = "Liu et al. 2022 (arXiv 2201.03545)"

THOUSAND, MILLION, BILLION = 10**3, 10**6, 10**9


@dataclass(frozen=True, slots=True)
class Printed:
    """A number as it is printed: ``digits`` times ``unit`` ("15.3 G" is 153 times a tenth of a billion).

    ``reason`` says why one may count otherwise, "" where that is not known.
    """

    text: str
    digits: int
    unit: float
    source: str
    reason: str = ""

    def is_met_by(self, number: int) -> bool:
        """Whether a number is the printed one, rounded to its last place (a half upwards)."""
        return int(number / self.unit + 0.5) == self.digits


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a paper's table of layers.

    ``names`` are the modules that it stands for, whose name ``word`` then is; () for the next layer that has a
    :attr:`LedgerLayer.word`, which is compared with this one. ``shape`` is (channels, height, width), or (channels,).
    """

    word: str = ""
    names: tuple[str, ...] = ()
    shape: tuple[int, ...] | None = None
    parameters: Printed | None = None
    macs: Printed | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """What is printed of a network, which has ``classes`` classes and looks at ``side`` pixels; ``notes`` are for a person."""

    title: str
    parameters: Printed | None = None
    macs: Printed | None = None
    weight_layers: Printed | None = None
    rows: tuple[Row, ...] = ()
    classes: int = 1000
    side: int = 224
    notes: tuple[str, ...] = ()


def million(text: str, source: str, reason: str = "") -> Printed:
    """A number that is printed in millions, with as many decimals as ``text`` has."""
    return _decimal(text, MILLION, "M", source, reason)


def billion(text: str, source: str, reason: str = "") -> Printed:
    """The same in billions."""
    return _decimal(text, BILLION, "G", source, reason)


def _decimal(text: str, unit: int, letter: str, source: str, reason: str) -> Printed:
    whole, _, decimals = text.partition(".")
    return Printed(f"{text} {letter}", int(whole + decimals), unit / 10 ** len(decimals), source, reason)


_V1 = (
    "Torchvision puts the stride of a bottleneck into its 3×3 convolution, the paper into the 1×1 one before, which costs "
    "0.23 G less"
)
_RESNET_1 = f"{RESNET}, Table 1 (“FLOPs (multiply-adds)”)"
_CONVNEXT_1 = f"{CONVNEXT}, Table 1"
_EFFICIENT_2 = f"{EFFICIENTNET}, Table 2"
_RESNEXT_1 = f"{RESNEXT}, Table 1"
_NORM_50 = "Without the scales and shifts of batch norm (53,120) it is 25.5 million."


def _resnet(depth: int, macs: str, widths: tuple[int, ...], reason: str = "", parameters: Printed | None = None) -> Paper:
    sides = (112, 56, 28, 14, 7)
    names = ("conv1", "layer1", "layer2", "layer3", "layer4")
    rows = [
        Row(f"conv{number}{'_x' if number > 1 else ''}", (name,), (width, side, side), source=f"{RESNET}, Table 1")
        for number, (name, width, side) in enumerate(zip(names, widths, sides, strict=True), 1)
    ]
    return Paper(f"ResNet-{depth}", parameters, billion(macs, _RESNET_1, reason), rows=tuple(rows))


_BASIC, _BOTTLENECK = (64, 64, 128, 256, 512), (64, 256, 512, 1024, 2048)

OTHERS: dict[str, Paper] = {
    "alexnet": Paper(
        "AlexNet",
        million(
            "60", f"{ALEXNET}, abstract",
            "Torchvision's is the network of Krizhevsky 2014 (arXiv 1404.5997): one column, with 64, 192, 384, 256 and 256 "
            "filters. That of 2012 has 96, 256, 384, 384 and 256 in two groups, counted by hand 60,965,224 parameters.",
        ),
    ),
    "resnet18": _resnet(18, "1.8", _BASIC),
    "resnet34": _resnet(
        34, "3.6", _BASIC,
        "Where the width changes, torchvision's shortcuts are 1×1 convolutions (option B of section 3.3), which cost 0.02 G; "
        "the printed number is that of the plain network.",
    ),
    "resnet50": _resnet(50, "3.8", _BOTTLENECK, f"{_V1}: that gives 3.86 G.", million("25.5", _RESNEXT_1, _NORM_50)),
    "resnet101": _resnet(101, "7.6", _BOTTLENECK, f"{_V1}."),
    "resnet152": _resnet(152, "11.3", _BOTTLENECK, f"{_V1}."),
    "resnext50_32x4d": Paper("ResNeXt-50", million("25.0", _RESNEXT_1), billion("4.2", _RESNEXT_1)),
    "squeezenet1_0": Paper(
        "SqueezeNet", Printed("1,248,424", 1_248_424, 1, f"{SQUEEZENET}, Table 1, total before pruning")
    ),
    "mobilenet_v2": Paper("MobileNetV2", million("3.4", f"{MOBILENET}, Table 4")),
    "convnext_tiny": Paper("ConvNeXt-T", million("29", _CONVNEXT_1), billion("4.5", _CONVNEXT_1)),
    "convnext_small": Paper("ConvNeXt-S", million("50", _CONVNEXT_1), billion("8.7", _CONVNEXT_1)),
    "convnext_base": Paper("ConvNeXt-B", million("89", _CONVNEXT_1), billion("15.4", _CONVNEXT_1)),
    "convnext_large": Paper("ConvNeXt-L", million("198", _CONVNEXT_1), billion("34.4", _CONVNEXT_1)),
    **{
        f"efficientnet_b{number}": Paper(
            f"EfficientNet-B{number}", million(parameters, _EFFICIENT_2), billion(macs, _EFFICIENT_2), side=side
        )
        for number, (parameters, macs, side) in enumerate((
            ("5.3", "0.39", 224), ("7.8", "0.70", 240), ("9.2", "1.0", 260), ("12", "1.8", 300), ("19", "4.2", 380),
            ("30", "9.9", 456), ("43", "19", 528), ("66", "37", 600),
        ))
    },
}  # fmt: skip
"""Papers without a table of layers that can be set beside those of the catalogue; in the order of the catalogue."""
