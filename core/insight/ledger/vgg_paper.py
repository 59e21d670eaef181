"""Tables 1 and 2 of the VGG paper (arXiv 1409.1556v6), transcribed; seed document 004 has the text around them."""

from __future__ import annotations

from core.insight.ledger.papers import MILLION, RESNET, VGG, Paper, Printed, Row, billion

_FIRST, _SECOND, _SHAPES = f"{VGG}, Table 1", f"{VGG}, Table 2", f"{VGG}, Table 1 and section 2.1"

COLUMNS: dict[str, tuple[int, int, str]] = {
    "A": (11, 133, "conv3-64 / conv3-128 / conv3-256 conv3-256 / conv3-512 conv3-512 / conv3-512 conv3-512"),
    "A-LRN": (11, 133, "conv3-64 LRN / conv3-128 / conv3-256 conv3-256 / conv3-512 conv3-512 / conv3-512 conv3-512"),
    "B": (
        13, 133,
        "conv3-64 conv3-64 / conv3-128 conv3-128 / conv3-256 conv3-256 / conv3-512 conv3-512 / conv3-512 conv3-512",
    ),
    "C": (
        16, 134,
        "conv3-64 conv3-64 / conv3-128 conv3-128 / conv3-256 conv3-256 conv1-256 / conv3-512 conv3-512 conv1-512 / "
        "conv3-512 conv3-512 conv1-512",
    ),
    "D": (
        16, 138,
        "conv3-64 conv3-64 / conv3-128 conv3-128 / conv3-256 conv3-256 conv3-256 / conv3-512 conv3-512 conv3-512 / "
        "conv3-512 conv3-512 conv3-512",
    ),
    "E": (
        19, 144,
        "conv3-64 conv3-64 / conv3-128 conv3-128 / conv3-256 conv3-256 conv3-256 conv3-256 / "
        "conv3-512 conv3-512 conv3-512 conv3-512 / conv3-512 conv3-512 conv3-512 conv3-512",
    ),
}  # fmt: skip
"""Column -> weight layers (its head), millions of parameters (Table 2), layers; a slash stands for "maxpool"."""

_ENTRIES = {"vgg11": "A", "vgg11_lrn": "A-LRN", "vgg13": "B", "vgg16_1x1": "C", "vgg16": "D", "vgg19": "E"}
FAMILY = tuple(_ENTRIES)
"""The entries of the catalogue that are the paper's, in its order."""

_CLASSIFIER = ("FC-4096", "FC-4096", "FC-1000")
_FLOPS = f"{RESNET}, section 4.1"
_MACS = {
    "D": billion(
        "15.3", _FLOPS, "15.3 G are its convolutions alone (15.35 G); the fully connected layers cost another 0.12 G."
    ),
    "E": billion("19.6", _FLOPS),
}
_SOFTMAX = (
    "The table's last row, soft-max, is no layer here: the network returns logits, and softmax is taken where probabilities "
    "are shown."
)
_NORM = "Batch norm is younger than the paper: its layers stand in no table."


def papers() -> dict[str, Paper]:
    """What the paper prints of each entry of the catalogue that is one of its networks, with batch norm or without."""
    found: dict[str, Paper] = {}
    for entry, column in _ENTRIES.items():
        found[entry] = _paper(column, (_SOFTMAX,))
        found[f"{entry}_bn"] = _paper(column, (_SOFTMAX, _NORM))
    found["vgg16_bn_10"] = _paper("D", (_SOFTMAX, _NORM))
    return found


def _paper(column: str, notes: tuple[str, ...]) -> Paper:
    depth, millions, layers = COLUMNS[column]
    return Paper(
        title=f"VGG {column}",
        parameters=Printed(f"{millions} M", millions, MILLION, _SECOND),
        macs=_MACS.get(column),
        weight_layers=Printed(str(depth), depth, 1, _FIRST),
        rows=rows(layers),
        notes=notes,
    )


def rows(layers: str) -> tuple[Row, ...]:
    """Lay a column out: what each layer puts out and holds follows from the table and section 2.1.

    The input has 224×224 pixels of three channels, convolutions keep the resolution and have a bias, each of the five poolings
    halves it.
    """
    made: list[Row] = []
    channels, side = 3, 224
    for word in [*" maxpool ".join(layers.split(" / ")).split(), "maxpool"]:
        held = 0
        if word.startswith("conv"):
            kernel, width = map(int, word.removeprefix("conv").split("-"))
            held = (kernel * kernel * channels + 1) * width
            channels = width
        elif word == "maxpool":
            side //= 2
        made.append(Row(word, shape=(channels, side, side), parameters=_exactly(held), source=_SHAPES))
    inputs = channels * side * side
    for word in _CLASSIFIER:
        width = int(word.removeprefix("FC-"))
        made.append(Row(word, shape=(width,), parameters=_exactly((inputs + 1) * width), source=_SHAPES))
        inputs = width
    return tuple(made)


def _exactly(count: int) -> Printed:
    return Printed(f"{count:,}", count, 1, _SHAPES)
