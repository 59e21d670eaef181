"""``layerscope classify --protocol ...``: what a person chose of a test protocol; reads, runs nothing."""

from __future__ import annotations

import argparse
import math
from dataclasses import dataclass

from core.errors import ModelError, UsageError
from core.home import expanded
from core.types import PROTOCOLS, FusionMember, ModelSpec, Protocol
from core.zoo import catalog

_ONLY_WITH_PROTOCOL = ("scales", "flip", "average", "fuse", "fuse_weights", "votes")


@dataclass(frozen=True, slots=True)
class Wish:
    """A protocol, and the models that are fused; ``weight`` is that of ``--model`` among them."""

    protocol: Protocol
    members: tuple[FusionMember, ...]
    weight: float


def add_protocol(command: argparse.ArgumentParser) -> None:
    """Add the options to a subcommand."""
    options = command.add_argument_group(
        "test protocols", "Several views of each picture, averaged, as in Simonyan and Zisserman 2014, sections 3.2 and 4."
    )
    options.add_argument("--protocol", choices=tuple(PROTOCOLS), metavar="NAME", help=_protocol_help())
    options.add_argument(
        "--scales", type=_scales, metavar="Q,Q,...", help="short sides in pixels that the picture is resized to, such as "
        "256,384,512 (default: the usual ones of the model)",
    )
    options.add_argument("--flip", action="store_true", help="look at mirror images, too")
    options.add_argument(
        "--average", choices=("softmax", "logits"), help="what is averaged: the softmax of each view (default, as in the "
        "paper), or the logits, with one softmax at the end",
    )
    options.add_argument(
        "--fuse", nargs="+", action="extend", metavar="MODEL:WEIGHTS",
        help="average the softmax of other models in, such as resnet18:IMAGENET1K_V1 or vgg16:FILE; put it after the paths",
    )
    options.add_argument(
        "--fuse-weights", type=_weights, metavar="W,W,...", help="how much each model counts, that of --model first, such as "
        "2,1,1 (default: all the same)",
    )
    options.add_argument("--votes", action="store_true", help="print what each view says, too")


def chosen(options: argparse.Namespace) -> Wish | None:
    """Read the options; None where no protocol was asked for.

    Raises
    ------
    UsageError
        If something was chosen that goes with a protocol only, or does not fit together.
    ModelError, WeightsError
        If a model to be fused is not to be had.
    """
    if options.protocol is None:
        extra = [name for name in _ONLY_WITH_PROTOCOL if getattr(options, name)]
        if extra:
            flag = extra[0].replace("_", "-")
            raise UsageError(f"--{flag} goes with a test protocol. Say which with --protocol: {', '.join(PROTOCOLS)}.")
        return None
    protocol = Protocol(options.protocol, options.scales or (), options.flip, options.average or "softmax")
    fused = options.fuse or []
    weights = options.fuse_weights or (1.0,) * (1 + len(fused))
    if len(weights) != 1 + len(fused):
        given = "1 weight" if len(weights) == 1 else f"{len(weights)} weights"
        models = f"{1 + len(fused)} models" if fused else "1 model"
        raise UsageError(f"--fuse-weights has {given} for {models}. Give one for --model, and one for each model of --fuse.")
    members = tuple(FusionMember(read_member(text), weight) for text, weight in zip(fused, weights[1:], strict=True))
    return Wish(protocol, members, weights[0])


def read_member(text: str) -> ModelSpec:
    """Read a model after ``--fuse``: "MODEL:WEIGHTS", "MODEL" for weights that are on this computer, or a weights file.

    The name ends at the first colon that makes one of the catalogue, so weights may hold more of them
    ("vgg16:C:\\vgg16.pth", "resnet18:random:3").

    Raises
    ------
    UsageError, ModelError, WeightsError
        If there is no such model, or no such weights.
    """
    # Brings torch: not before a command is run.
    from core.weights.choose import choose_spec

    names = catalog.architectures()
    ends = [place for place, sign in enumerate(text) if sign == ":"]
    name = next((text[:end] for end in (*ends, len(text)) if text[:end] in names), None)
    if name is not None:
        return choose_spec(name, text[len(name) + 1 :] or None)
    if expanded(text).is_file():
        return choose_spec(None, text)
    raise ModelError(
        f"“{text}” names no model to fuse. Write MODEL:WEIGHTS with a name that `layerscope models` lists, such as "
        "resnet18:IMAGENET1K_V1. A picture belongs before --fuse."
    )


def _protocol_help() -> str:
    return "; ".join(f"{kind.key}: {kind.words[0].lower()}{kind.words[1:]}" for kind in PROTOCOLS.values())


def _scales(text: str) -> tuple[int, ...]:
    parts = [part.strip() for part in text.split(",")]
    if not all(part.isascii() and part.isdecimal() and int(part) > 0 for part in parts):
        raise argparse.ArgumentTypeError(f"Q is a whole number of pixels (256), or several with commas (256,384), not “{text}”")
    return tuple(int(part) for part in parts)


def _weights(text: str) -> tuple[float, ...]:
    try:
        weights = tuple(float(part) for part in text.split(","))
    except ValueError:
        weights = ()
    if not weights or not all(math.isfinite(weight) and weight > 0 for weight in weights):
        raise argparse.ArgumentTypeError(f"weights are numbers above 0 with commas between them, such as 2,1,1, not “{text}”")
    return weights
