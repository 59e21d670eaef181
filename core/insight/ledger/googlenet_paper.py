"""Table 1 of the GoogLeNet paper (arXiv 1409.4842), transcribed with its own inconsistencies."""

from __future__ import annotations

from core.insight.ledger.papers import MILLION, Paper, Printed, Row, billion

GOOGLENET = "Szegedy et al. 2014 (arXiv 1409.4842)"
_TABLE = f"{GOOGLENET}, Table 1"
_K = 1024
"""What the table's K is: 1,024 × 1,000 weights of the last layer are printed as 1000K, 114,688 as 112K."""

# name, output (channels, side), #1×1, #3×3 reduce, #3×3, #5×5 reduce, #5×5, pool proj, params in K, ops in M
_INCEPTIONS = (
    ("3a", 192, (256, 28), (64, 96, 128, 16, 32, 32), 159, 128),
    ("3b", 256, (480, 28), (128, 128, 192, 32, 96, 64), 380, 304),
    ("4a", 480, (512, 14), (192, 96, 208, 16, 48, 64), 364, 73),
    ("4b", 512, (512, 14), (160, 112, 224, 24, 64, 64), 437, 88),
    ("4c", 512, (512, 14), (128, 128, 256, 24, 64, 64), 463, 100),
    ("4d", 512, (528, 14), (112, 144, 288, 32, 64, 64), 580, 119),
    ("4e", 528, (832, 14), (256, 160, 320, 32, 128, 128), 840, 170),
    ("5a", 832, (832, 7), (256, 160, 320, 32, 128, 128), 1072, 54),
    ("5b", 832, (1024, 7), (384, 192, 384, 48, 128, 128), 1388, 71),
)
_BRANCH = "Torchvision's 5×5 branch has 3×3 convolutions."


def papers() -> dict[str, Paper]:
    """What the paper prints of both GoogLeNets of the catalogue."""
    return {"googlenet": _paper(torchvision=True), "googlenet_seed": _paper(torchvision=False)}


def _paper(*, torchvision: bool) -> Paper:
    total = (
        "The printed budget is the sum of Table 1, whose first row says 34M where a 7×7 convolution of three channels costs "
        "118M."
    )
    return Paper(
        title="GoogLeNet",
        macs=billion("1.5", f"{GOOGLENET}, section 3", total),
        rows=(*_stem(), *_middle(torchvision), *_end()),
        notes=(
            "Batch norm and the auxiliary heads are in no row of the table; its convolutions are counted without bias.",
            *((f"{_BRANCH} It is a bug of the weights that it ports, kept so that they fit.",) if torchvision else ()),
        ),
    )


def _stem() -> list[Row]:
    first = 7 * 7 * 3 * 64
    second = 64 * 64 + 3 * 3 * 64 * 192
    return [
        Row(
            "convolution 7×7/2", ("conv1",), (64, 112, 112),
            Printed("2.7K", 27, _K / 10, _TABLE, _by_widths(first, 0, 64)),
            Printed("34M", 34, MILLION, _TABLE, f"{first:,} weights on 112×112 pixels cost 118M; 34M go with 2.7K."),
            _TABLE,
        ),
        Row("max pool 3×3/2", ("maxpool1",), (64, 56, 56), source=_TABLE),
        Row(
            "convolution 3×3/1", ("conv2", "conv3"), (192, 56, 56),
            Printed("112K", 112, _K, _TABLE, _by_widths(second, 112, 256)), Printed("360M", 360, MILLION, _TABLE), _TABLE,
        ),
        Row("max pool 3×3/2", ("maxpool2",), (192, 28, 28), source=_TABLE),
    ]  # fmt: skip


def _middle(torchvision: bool) -> list[Row]:
    found: list[Row] = []
    for name, inputs, (width, side), widths, printed, operations in _INCEPTIONS:
        weights = weights_of(inputs, widths)
        found.append(
            Row(
                f"inception ({name})", (f"inception{name}",), (width, side, side),
                Printed(f"{printed}K", printed, _K, _TABLE, _reason(weights, printed, widths, torchvision)),
                Printed(f"{operations}M", operations, MILLION, _TABLE, _operations(weights, side, torchvision)), _TABLE,
            )
        )
        if name in ("3b", "4e"):
            pool = "maxpool3" if name == "3b" else "maxpool4"
            found.append(Row("max pool 3×3/2", (pool,), (width, side // 2, side // 2), source=_TABLE))
    return found


def _end() -> list[Row]:
    bias = "With the biases (1,000) it is 1001K."
    return [
        Row("avg pool 7×7/1", ("avgpool",), (1024, 1, 1), source=_TABLE),
        Row(
            "linear", ("fc",), (1000,), Printed("1000K", 1000, _K, _TABLE, bias), Printed("1M", 1, MILLION, _TABLE), _TABLE
        ),
    ]


def weights_of(inputs: int, widths: tuple[int, int, int, int, int, int]) -> int:
    """Weights of a block's six convolutions, as the row's own widths say."""
    one, three_reduce, three, five_reduce, five, pool = widths
    return inputs * (one + three_reduce + five_reduce + pool) + 9 * three_reduce * three + 25 * five_reduce * five


def _by_widths(weights: int, printed: int, maps: int) -> str:
    """Say what the row's own widths give, and what batch norm (two numbers a map) adds."""
    own = f"The row's own widths give {weights:,} weights ({weights / _K:.1f}K)"
    agrees = ", as printed" if int(weights / _K + 0.5) == printed else ", not what is printed"
    return f"{own}{agrees}; the network has {2 * maps:,} numbers of batch norm besides."


def _reason(weights: int, printed: int, widths: tuple[int, ...], torchvision: bool) -> str:
    reason = _by_widths(weights, printed, sum(widths))
    return f"{reason} {_BRANCH}" if torchvision else reason


def _operations(weights: int, side: int, torchvision: bool) -> str:
    own = f"The row's own widths give {weights * side * side / MILLION:.1f}M."
    return f"{own} {_BRANCH}" if torchvision else own
