"""The arguments of the window: ``layerscope [PATH ...] [--model M] ...`` and ``--screenshot``."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from core.cli.main import add_sizes
from core.cli.names import COMMANDS
from core.types import (
    BUILTIN_MODEL,
    BUILTIN_SPEC,
    CODE_SUFFIX,
    PROTOCOLS,
    USUAL_WEIGHTS,
    ModelSpec,
    Protocol,
    WeightsSpec,
    code_refusal,
)
from core.version import program_version
from core.zoo.catalog import architectures
from gui.options import Options
from gui.panels import PANELS
from gui.single_instance import local_path

EPILOG = f"commands without a window:\n  layerscope {' | '.join(COMMANDS)}     (each with --help)\n"
EPILOG += "\nwhether the program works here:\n  layerscope --self-test [--json]\n"


def parse(arguments: list[str]) -> Options | int:
    """Read the arguments; an exit status (0 after --help, 2 for wrong use) instead if there is nothing to run."""
    parser = _parser()
    try:
        found = parser.parse_args(arguments)
        protocol = _protocol(parser, found)
        spec = _sized(parser, _spec(parser, found.model, found.weights, run_code=found.run_code), found)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else 2
    return Options(
        paths=tuple(local_path(text) for text in found.paths),
        spec=spec,
        device=found.device,
        layer=found.layer,
        panel=found.panel or ("protocols" if protocol is not None else ""),
        channel=found.channel,
        protocol=protocol,
        screenshot=found.screenshot,
        size=found.size,
        theme=found.theme,
        new_window=found.new_window,
        restore=not found.no_restore and found.screenshot is None,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="layerscope",
        description="See what an image classifier sees: top-5 predictions and the activations of every layer.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("paths", nargs="*", metavar="PATH", help="pictures, folders and weights files to open")
    parser.add_argument("--model", metavar="M", help=f"architecture, such as vgg16; default: {BUILTIN_MODEL}")
    parser.add_argument("--weights", metavar="W", help="builtin, random, random:SEED, a weights name, or a file")
    parser.add_argument(
        "--run-code", action="store_true",
        help="run the Python file that --model names, for its build_model(); it can do anything that you can",
    )
    add_sizes(parser)
    parser.add_argument("--device", metavar="D", help="auto, cpu, cuda:0, mps")
    parser.add_argument("--layer", metavar="NAME", default="", help="layer whose activations are shown")
    parser.add_argument("--channel", metavar="C", type=int, default=0, help="channel of that layer")
    parser.add_argument("--panel", choices=PANELS, help="panel shown at the right")
    known = ", ".join(PROTOCOLS)
    parser.add_argument("--protocol", choices=PROTOCOLS, metavar="P", help=f"test protocol run at the start: {known}")
    parser.add_argument("--scales", metavar="Q,...", type=_scales, default=(), help="its scales: short sides in pixels")
    parser.add_argument("--flip", action="store_true", help="mirrored views, too, where the protocol leaves the choice")
    parser.add_argument("--average", choices=("softmax", "logits"), help="what is averaged over its views; default: softmax")
    parser.add_argument("--screenshot", metavar="OUT.png", type=Path, help="render the window once to a file")
    parser.add_argument("--size", metavar="WxH", type=_size, help="size of the window, such as 1280x800")
    parser.add_argument("--theme", choices=("system", "light", "dark"), help="colours of the window")
    parser.add_argument(
        "--new-window", action="store_true",
        help="a window of its own; without options, files open in the window that is there already",
    )
    parser.add_argument("--no-restore", action="store_true", help="start without what the last session had open")
    parser.add_argument("--version", action="version", version=f"layerscope {program_version()}")
    return parser


def _spec(
    parser: argparse.ArgumentParser, model: str | None, weights: str | None, *, run_code: bool
) -> ModelSpec | None:
    if run_code or (model is not None and model.endswith(CODE_SUFFIX)):
        wrong = code_refusal(model, run_code)
        if wrong or model is None:
            parser.error(wrong)
        return ModelSpec.of_code(local_path(model), WeightsSpec.parse(weights) if weights is not None else None)
    if model is None and weights is None:
        return None
    if model is not None and weights is not None and ModelSpec(model, WeightsSpec.parse(weights)).own_graph:
        return ModelSpec(model, WeightsSpec.parse(weights))
    if model is not None and model not in architectures():
        parser.error(f"there is no model called {model!r}; `layerscope models` lists them")
    if weights is None:
        return BUILTIN_SPEC if model == BUILTIN_MODEL else ModelSpec(model or "", USUAL_WEIGHTS)
    chosen = WeightsSpec.parse(weights)
    if model is None and chosen.kind == "named":
        parser.error(f"which model are the weights {chosen.name!r} for? Say it with --model")
    return ModelSpec(model or ("" if chosen.kind == "file" else BUILTIN_MODEL), chosen)


def _sized(parser: argparse.ArgumentParser, spec: ModelSpec | None, found: argparse.Namespace) -> ModelSpec | None:
    """Put in the numbers of classes and channels, which only random weights leave open."""
    if (found.classes, found.channels) == (None, None):
        return spec
    spec = spec or BUILTIN_SPEC
    weights = WeightsSpec("random") if found.weights is None else spec.weights
    if spec.code is not None or weights.kind != "random":
        parser.error("--classes and --channels are for random weights of a model of the catalogue")
    return replace(spec, weights=weights, classes=found.classes, channels=found.channels)


def _protocol(parser: argparse.ArgumentParser, found: argparse.Namespace) -> Protocol | None:
    if found.protocol is None:
        if found.scales or found.flip or found.average:
            parser.error("--scales, --flip and --average go with --protocol")
        return None
    kind = PROTOCOLS[found.protocol]
    if found.scales and not kind.takes_scales:
        parser.error(f"the protocol {kind.key!r} takes no --scales")
    if len(found.scales) > 1 and not kind.many:
        parser.error(f"the protocol {kind.key!r} takes one scale")
    if found.flip and not kind.takes_flip:
        parser.error(f"the protocol {kind.key!r} takes no --flip: mirror images belong to it, or are never used")
    return Protocol(kind.key, found.scales, found.flip, found.average or "softmax")


def _scales(text: str) -> tuple[int, ...]:
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdecimal() and int(word) for word in words):
        raise argparse.ArgumentTypeError(f"{text!r} are no scales such as 256,384,512")
    return tuple(sorted({int(word) for word in words}))


def _size(text: str) -> tuple[int, int]:
    width, cross, height = text.lower().partition("x")
    if not cross or not (width.isdecimal() and height.isdecimal()):
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 1280x800")
    size = int(width), int(height)
    if not all(200 <= side <= 8000 for side in size):
        raise argparse.ArgumentTypeError("a window is 200 to 8000 pixels wide and high")
    return size
