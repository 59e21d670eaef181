"""Reading the command line of the subcommands, and turning every error into a sentence and an exit status."""

from __future__ import annotations

import argparse
import importlib
import io
import os
import sys
from collections.abc import Sequence

from core.cli.protocol_options import add_protocol
from core.errors import ExportError, ImageError, LayerscopeError
from core.plain import plain
from core.types import MAX_CLASSES, MAX_TOP_K, METHODS
from core.zoo.code_errors import blamed

OK, FAILED, WRONG_USE, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141

_WEIGHTS_HELP = "builtin, random, random:SEED, a weights name such as IMAGENET1K_V1, or a file"
_OUTPUT_HELP = (
    "its ending says what is written: .npz (the tensor and where it comes from), .npy, .safetensors, .png (the feature "
    "maps), .csv (statistics of each channel)"
)
_EXPLAIN_OUTPUT_HELP = "its ending says what is written: .png (the picture with the heat over it), .npz (the values)"


def main(argv: Sequence[str]) -> int:
    """Run a subcommand.

    Parameters
    ----------
    argv
        The arguments after the program's name; the first is one of :data:`core.cli.names.COMMANDS`.

    Returns
    -------
    The exit status: 0; 1 when some picture failed or a file could not be written; 2 for wrong use (unknown model, weights
    or device that are not to be had); 3 and 4 as ``doctor --help`` says; 130 when interrupted; 141 when whoever read the
    output went away.
    """
    _speak_utf8()
    try:
        options = parser().parse_args(argv)
    except SystemExit as wanted:  # argparse has printed the usage, or the help
        return wanted.code if isinstance(wanted.code, int) else WRONG_USE
    return _guarded(options)


def _guarded(options: argparse.Namespace) -> int:
    try:
        status: int = importlib.import_module(f"core.cli.{options.command}").run(options)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except BrokenPipeError:
        # Python flushes standard output once more at exit; that must not raise again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    except LayerscopeError as error:
        say(error.message)
        return FAILED if isinstance(error, ImageError | ExportError) else WRONG_USE
    except Exception as error:
        theirs = blamed(error)
        if theirs is not None:
            say(theirs.message)
            return FAILED
        what = f"{type(error).__name__}: {error}"
        say(f"Something unexpected happened ({what}). This is a mistake of the program; please report it.")
        return FAILED


def say(sentence: str) -> None:
    """Tell a person something on standard error."""
    if sys.stderr is not None:
        lines = "\n".join(map(plain, sentence.split("\n")))
        print(f"layerscope: {lines}", file=sys.stderr)


def _speak_utf8() -> None:
    """Let names of files and categories through, whatever the terminal's encoding."""
    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors=errors)


def parser() -> argparse.ArgumentParser:
    """The grammar of the subcommands."""
    top = argparse.ArgumentParser(
        prog="layerscope",
        description="See what an image classifier sees.",
        allow_abbrev=False,
        epilog="Without a command, layerscope opens its window.",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")

    classify = commands.add_parser("classify", help="say what is in pictures", allow_abbrev=False)
    classify.add_argument("paths", nargs="+", metavar="PATH", help="a picture, or a folder of pictures")
    _add_model(classify)
    _add_device(classify)
    classify.add_argument(
        "--top", type=_top_k, default=5, metavar="K", help=f"how many categories, 1 to {MAX_TOP_K} (default: 5)"
    )
    classify.add_argument("--recursive", action="store_true", help="look into folders inside folders")
    _add_json(classify)
    add_protocol(classify)

    layers = commands.add_parser("layers", help="list the layers of a model", allow_abbrev=False)
    layers.add_argument("image", nargs="?", metavar="IMAGE", help="run it on this picture (default: on zeros)")
    _add_model(layers)
    layers.add_argument("--all", action="store_true", help="list modules that hold others, too")
    _add_json(layers)

    activations = commands.add_parser("activations", help="write what a layer puts out to a file", allow_abbrev=False)
    activations.add_argument("image", metavar="IMAGE", help="the picture")
    activations.add_argument(
        "--layer", required=True, metavar="NAME",
        help="a name that `layerscope layers` lists; NAME@2 is its second call, NAME#attention what a transformer's module "
        "attends to",
    )
    activations.add_argument("--output", required=True, metavar="FILE", help=_OUTPUT_HELP)
    _add_model(activations)
    _add_device(activations)

    explain = commands.add_parser("explain", help="write which parts of a picture speak for a category", allow_abbrev=False)
    explain.add_argument("image", metavar="IMAGE", help="the picture")
    explain.add_argument(
        "--method", choices=tuple(METHODS), default=next(iter(METHODS)), help="how it is found (default: %(default)s)"
    )
    explain.add_argument(
        "--class", dest="category", metavar="INDEX|NAME", help="index of a category, or (a part of) its name (default: top-1)"
    )
    explain.add_argument(
        "--layer", metavar="NAME", help="for Grad-CAM: a name that `layerscope layers` lists (default: the last with a map)"
    )
    explain.add_argument("--output", required=True, metavar="FILE", help=_EXPLAIN_OUTPUT_HELP)
    _add_model(explain)
    _add_device(explain)

    models = commands.add_parser("models", help="list the models and their weights", allow_abbrev=False)
    _add_json(models)

    _add_ledger(commands)
    _add_weights(commands)
    _add_doctor(commands)
    _add_train(commands)
    _add_evaluate(commands)
    return top


def _add_evaluate(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    evaluate = commands.add_parser(
        "evaluate", help="measure a model on a folder of pictures per category", allow_abbrev=False,
        description="Classify all pictures of a folder with a folder per category (or val/ with them, or IDX files), and count "
        "the right answers. A folder stands for a category by its name, a synonym, its WordNet id or its index; one that does "
        "not is named and left out.",
        epilog="In the JSON, top1 and top5 are shares of the pictures that could be read, images counts all, and a row of "
        "confusion is a folder, a column what was said (the last one “other” where the model knows more categories). Exit "
        "status: 0 done; 1 some picture could not be read; 2 wrong use.",
    )
    evaluate.add_argument("folder", metavar="FOLDER", help="the pictures")
    _add_model(evaluate)
    _add_device(evaluate)
    evaluate.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = commands.add_parser(
        "train", help="train a classifier on a folder of pictures", allow_abbrev=False,
        description="Train a classifier on a folder with a folder of pictures per category (or train/ and val/ with them, or "
        "IDX files), and leave its weights and all about them in another folder. A list will do for the folder: JSON "
        '{"categories": ["cat", "dog"], "pictures": [{"path": "a.jpg", "category": "dog", "part": "val"}, ...]}, where '
        '"categories" may name more than there are pictures of (all those of the model, so that their indices stay; new ones '
        'last) and "part" may be left out, or CSV with the columns path,category,part. Where the categories are those of the '
        "weights, with new ones last, the model goes on with the head that it has, and its answers before and after on the "
        "pictures kept out are compared (before_after.json).",
        epilog="Exit status: 0 done; 1 failed; 2 wrong use; 130 stopped, --resume goes on.",
    )
    train.add_argument("folder", metavar="FOLDER", help="the pictures, or a list of them (.json, .csv)")
    train.add_argument("--output", metavar="DIR", help="where the result goes: a new folder (not needed with --look)")
    train.add_argument(
        "--look", action="store_true", help="only look at the pictures: counts, unreadable files, the same picture twice"
    )
    train.add_argument("--model", metavar="M", help="a name that `layerscope models` lists (default: the built-in model)")
    train.add_argument("--weights", metavar="W", help=f"what to begin with: {_WEIGHTS_HELP}")
    train.add_argument("--channels", type=int, choices=(1, 3), metavar="N", help="with random weights: 1 for grey pictures")
    train.add_argument(
        "--preset", default="quick", metavar="P",
        help="quick, fine-tune, corrections, vgg-paper, seed-004 (default: %(default)s)",
    )
    train.add_argument("--epochs", type=int, metavar="N", help="how often every picture is shown")
    train.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="change a value of the preset")
    train.add_argument("--val-share", type=float, default=0.1, metavar="X", help="share kept back without val/ (0.1)")
    train.add_argument("--resume", action="store_true", help="go on with the run in DIR")
    train.add_argument("--progress", action="store_true", help="with --json: a line after each batch, too")
    train.add_argument(
        "--watch", action="extend", nargs="+", default=[], metavar="FILE", help="classify these pictures after each epoch (64)"
    )
    train.add_argument(
        "--control", action="store_true", help="obey pause, resume, stop and watch [\"FILE\", ...] on standard input"
    )
    _add_device(train)
    train.add_argument(
        "--json", action="store_true",
        help="print JSON objects, one a line, and nothing else on standard output: their \"event\" is epoch (one each), "
        "notice, watched, held, and at the end done or error",
    )


def _add_ledger(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    ledger = commands.add_parser(
        "ledger", help="say what models cost, beside what their papers print", allow_abbrev=False,
        description="Count parameters and multiply-adds, and set what the papers print beside them; no weights are needed.",
    )
    ledger.add_argument(
        "models", nargs="*", metavar="MODEL", help="names that `layerscope models` lists (default: the six of the VGG paper)"
    )
    ledger.add_argument("--classes", type=_classes, metavar="N", help="count them for N classes (default: each its own)")
    ledger.add_argument("--layers", action="store_true", help="a table of its layers for each model, too")
    ledger.add_argument("--format", choices=("text", "csv", "markdown", "latex"), help="default: text, or as FILE ends")
    ledger.add_argument("--output", metavar="FILE", help="write it to a file: .txt, .csv, .md, .tex or .json")
    ledger.add_argument("--json", action="store_true", help="print one JSON array and nothing else on standard output")


def _add_weights(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    weights = commands.add_parser("weights", help="list, download and check published weights", allow_abbrev=False)
    actions = weights.add_subparsers(dest="action", required=True, metavar="ACTION")
    listing = actions.add_parser("list", help="list what can be downloaded", allow_abbrev=False)
    listing.add_argument("--model", metavar="M", help="a name that `layerscope models` lists (default: all)")
    _add_json(listing)
    fetching = actions.add_parser("fetch", help="download weights into torch's cache", allow_abbrev=False)
    fetching.add_argument(
        "name", metavar="NAME", help="resnet18, resnet18:IMAGENET1K_V1 or ResNet18_Weights.IMAGENET1K_V1"
    )
    _add_json(actions.add_parser("verify", help="compare the cache's files with the hashes in their names", allow_abbrev=False))


def _add_doctor(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    doctor = commands.add_parser(
        "doctor", help="say what a weights file is, what is wrong with it, and repair it", allow_abbrev=False,
        description="Say what a weights file is and what is wrong with it, without running anything in it.",
        epilog="Exit status: 0 it can be loaded as it is; 3 after the repairs that are listed, even if loading makes some of "
        "them by itself; 4 it is refused. In the JSON a tensor of another shape counts as missing and as unexpected.",
    )
    doctor.add_argument("file", metavar="FILE", help="the weights file; it is only read")
    doctor.add_argument("--model", metavar="M", help="compare it with this model instead of all of them")
    doctor.add_argument("--repair", metavar="OUT", help="write a repaired copy as safetensors")
    doctor.add_argument("--replace", action="store_true", help="with --repair: replace OUT where it is there already")
    doctor.add_argument("--classes", type=_classes, metavar="N", help="with --repair: start a new head for N classes")
    doctor.add_argument("--ema", action="store_true", help="with --repair: take the moving average where there is one")
    doctor.add_argument("--keys", action="store_true", help="list all tensors with their shapes")
    doctor.add_argument("--json", action="store_true", help="print one JSON object and nothing else on standard output")


def _classes(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_CLASSES:
        raise argparse.ArgumentTypeError(f"N is a whole number from 1 to {MAX_CLASSES:,}, not “{text}”")
    return int(text)


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--model", metavar="M",
        help="a name that `layerscope models` lists (default: the built-in model), or with --run-code a Python file",
    )
    command.add_argument("--weights", metavar="W", help=_WEIGHTS_HELP)
    command.add_argument(
        "--run-code", action="store_true",
        help="run the Python file that --model names, for its build_model(); it can do anything that you can",
    )
    add_sizes(command)


def add_sizes(command: argparse.ArgumentParser) -> None:
    """Add ``--classes`` and ``--channels``, which the window takes, too."""
    command.add_argument("--classes", type=_classes, metavar="N", help="with random weights: number of classes")
    command.add_argument(
        "--channels", type=int, choices=(1, 3), metavar="N", help="with random weights: 1 for grey pictures, 3 for colour"
    )


def _add_device(command: argparse.ArgumentParser) -> None:
    command.add_argument("--device", default="auto", metavar="D", help="auto, cpu, cuda:0, mps ... (default: auto)")


def _add_json(command: argparse.ArgumentParser) -> None:
    command.add_argument("--json", action="store_true", help="print one JSON array and nothing else on standard output")


def _top_k(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MAX_TOP_K:
        raise argparse.ArgumentTypeError(f"K is a whole number from 1 to {MAX_TOP_K}, not “{text}”")
    return int(text)
