"""What travels with a network that a person's own code builds: its weights, the names of its outputs, its pictures."""

from __future__ import annotations

import hashlib
import math
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import ModelError, WeightsError
from core.images.preprocess import INTERPOLATIONS
from core.plain import plain
from core.types import CodeFile, Preprocessing, WeightsSpec
from core.weights import remembered
from core.weights.categories import find_names
from core.weights.checkpoint import Checkpoint, open_checkpoint
from core.weights.doctor import health
from core.weights.doctor.anatomy import dissect
from core.weights.doctor.words import number, sizes, some
from core.zoo.code_errors import in_words
from core.zoo.code_model import CodeModel, run_code

USUAL = Preprocessing(
    resize=256, crop=224, interpolation="bilinear", mean=(0.485, 0.456, 0.406), std=(0.229, 0.224, 0.225),
    source="assumed, the usual one of ImageNet",
)  # fmt: skip

_KEYS = ("resize", "crop", "mean", "std", "interpolation")
_WHOLE = "network"
"""The name of the one layer of a network that has none."""


@dataclass(frozen=True, slots=True, eq=False)
class LoadedCode:
    """A network with its weights, on the CPU, and what there is to say about it; ``sha256`` covers code and weights."""

    module: nn.Module
    categories: tuple[str, ...]
    categories_source: str
    preprocessing: Preprocessing
    notices: tuple[str, ...]
    sha256: str


def load_code(code: CodeFile, weights: WeightsSpec) -> LoadedCode:
    """Run a file that a person agreed to have run, and give its network the weights of a file if one is named.

    Raises
    ------
    ModelError
        If the code fails, its network cannot be run on one picture, or what it says of it makes no sense.
    WeightsError
        If a weights file cannot be read, or its tensors are not those of the network, name by name and shape by shape.
    """
    if weights.kind not in ("builtin", "file") or weights.repairs:
        raise WeightsError(
            f"“{code.path.name}” builds its network with weights of its own. Leave --weights away, or name a file."
        )
    found = run_code(code)
    name = code.path.name
    notices = [f"The code in “{code.path}” was run, as you agreed."]
    if type(found.module).__name__ == "OptimizedModule":
        found = replace(found, module=found.module.get_submodule("_orig_mod"))
        notices.append("The network that the code compiled (torch.compile) is run as it is, so that its layers can be seen.")
    _let_look_inside(found.module, code.path)
    how = _preprocessing(found.preprocessing, name)
    count = _outputs(found.module, how, code.path)
    checkpoint = None
    if weights.path is not None:
        checkpoint = open_checkpoint(weights.path)
        _fill(found.module, checkpoint, code.path)
        notices += checkpoint.notes
    categories, source, more = _categories(found, count, checkpoint, name)
    module = found.module
    for parameter in module.parameters():  # a TorchScript module cannot do it at once
        parameter.requires_grad_(False)
    if not any(True for _ in module.children()):
        module = nn.Sequential(OrderedDict([(_WHOLE, module)])).eval()
    return LoadedCode(module, categories, source, how, (*notices, *more), _hash(found, module))


def _let_look_inside(module: nn.Module, path: Path) -> None:
    """Refuse a network whose layers cannot be watched."""
    try:
        for part in module.modules():
            part.register_forward_pre_hook(_look).remove()
    except RuntimeError as error:
        raise ModelError(
            f"build_model() of “{path.name}” returns a TorchScript program, whose layers cannot be seen. Have it return the "
            "network itself, without torch.jit.script.",
            path=path,
        ) from error


def _look(module: nn.Module, inputs: Any) -> None:
    """Do nothing: whether this may be hung into a module is the question."""


def _preprocessing(stated: Any, name: str) -> Preprocessing:
    if stated is None:
        return USUAL
    if not isinstance(stated, Mapping):
        raise ModelError(f"`preprocessing` in “{name}” is no dict with {', '.join(_KEYS)}.")
    unknown = [str(key) for key in stated if key not in _KEYS]
    if unknown:
        raise ModelError(f"`preprocessing` in “{name}” has {some(unknown)}; what counts is {', '.join(_KEYS)}.")
    try:
        how = _read_preprocessing(stated, name)
    except (TypeError, ValueError, OverflowError) as error:
        raise ModelError(f"`preprocessing` in “{name}” cannot be used: {error}.") from error
    wrong = remembered.problem(how)
    if how.interpolation not in INTERPOLATIONS:
        wrong = f"The interpolation is one of {', '.join(INTERPOLATIONS)}."
    if wrong:
        raise ModelError(f"`preprocessing` in “{name}” cannot be used. {wrong}")
    return how


def _read_preprocessing(stated: Mapping[str, Any], name: str) -> Preprocessing:
    crop = int(stated.get("crop", USUAL.crop))
    # Without a word about it, a picture keeps the usual share of its middle.
    resize = stated.get("resize", math.ceil(crop * 256 / 224))
    return Preprocessing(
        resize=int(resize) if isinstance(resize, int) else (int(resize[0]), int(resize[1])),
        crop=crop,
        interpolation=str(stated.get("interpolation", USUAL.interpolation)),
        mean=tuple(float(one) for one in stated.get("mean", USUAL.mean)),
        std=tuple(float(one) for one in stated.get("std", USUAL.std)),
        source=name,
    )


def _outputs(module: nn.Module, how: Preprocessing, path: Path) -> int:
    """Run the network on one picture and count its outputs."""
    channels = len(how.mean)
    with in_words(path), torch.no_grad():
        output = module.float()(torch.zeros(1, channels, how.crop, how.crop))
    if not isinstance(output, Tensor):
        raise ModelError(
            f"The network in “{path.name}” returns a value of the type {type(output).__name__}, not one tensor with a number "
            "for each category. Have it return the logits alone.",
            path=path,
        )
    if output.is_complex() or output.layout != torch.strided:
        kind = "complex numbers" if output.is_complex() else "a sparse tensor"
        raise ModelError(f"The network in “{path.name}” returns {kind}, not one plain number for each category.", path=path)
    if output.ndim != 2 or output.shape[0] != 1 or output.shape[1] == 0:
        raise ModelError(
            f"The network in “{path.name}” returns {sizes(output.shape)} for one picture of {channels}×{how.crop}×{how.crop}, "
            "not one number for each category (1×N).",
            path=path,
        )
    return output.shape[1]


def _fill(module: nn.Module, checkpoint: Checkpoint, path: Path) -> None:
    """Put the tensors of a file into a network that has exactly these, under these names or without a usual prefix."""
    wanted = {name: tuple(value.shape) for name, value in module.state_dict().items() if isinstance(value, Tensor)}
    reading = dissect(checkpoint).taken
    if reading is None:
        raise WeightsError(f"“{checkpoint.path.name}” holds no weights. Save `model.state_dict()`.", path=checkpoint.path)
    for tensors in reading.ways:
        if {name: tuple(value.shape) for name, value in tensors.items()} == wanted:
            broken = health.not_finite(tensors)
            if broken:
                raise WeightsError(
                    f"“{checkpoint.path.name}” has {number(len(broken), 'tensor')} with NaN or infinite values "
                    f"({some(broken)}). Take an earlier checkpoint.",
                    path=checkpoint.path,
                )
            real = {name for name, value in module.state_dict().items() if not value.is_complex()}
            unreal = [name for name in health.complex_numbers(tensors) if name in real]
            if unreal:
                raise WeightsError(
                    f"“{checkpoint.path.name}” holds complex numbers where the network in “{path.name}” has real ones: "
                    f"{some(unreal)}. Choose other weights.",
                    path=checkpoint.path,
                )
            with in_words(path):
                module.load_state_dict(dict(tensors), strict=True)
            return
    best = max(reading.ways, key=lambda tensors: len(tensors.keys() & wanted.keys()))
    raise WeightsError(
        f"“{checkpoint.path.name}” does not fit the network in “{path.name}”: "
        f"{_difference(wanted, {name: tuple(value.shape) for name, value in best.items()})}.",
        path=checkpoint.path,
    )


def _difference(wanted: dict[str, tuple[int, ...]], there: dict[str, tuple[int, ...]]) -> str:
    missing, extra = [name for name in wanted if name not in there], [name for name in there if name not in wanted]
    other = [
        f"{name} is {sizes(there[name])} instead of {sizes(shape)}"
        for name, shape in wanted.items()
        if name in there and there[name] != shape
    ]
    parts = []
    if missing:
        parts.append(f"{number(len(missing), 'tensor')} missing ({some(missing)})")
    if extra:
        parts.append(f"{number(len(extra), 'tensor')} too many ({some(extra)})")
    if other:
        parts.append(f"{number(len(other), 'tensor')} of another shape ({some(other)})")
    return ", ".join(parts)


def _categories(
    found: CodeModel, count: int, checkpoint: Checkpoint | None, name: str
) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Names of the outputs: the code's, the weights file's, or numbers."""
    stated = found.categories
    refused: tuple[str, ...] = ()
    if stated is not None:
        if isinstance(stated, str | bytes | Mapping):
            raise ModelError(f"`categories` in “{name}” is no list of names.")
        try:
            names = tuple(plain(str(one)) for one in stated)
        except TypeError as error:
            raise ModelError(f"`categories` in “{name}” is no list of names.") from error
        if len(names) != count:
            raise ModelError(
                f"`categories` in “{name}” has {number(len(names), 'name')}, and the network has {number(count, 'output')}."
            )
        return names, name, ()
    if checkpoint is not None:
        named = find_names(checkpoint, count)
        if named.names is not None:
            return named.names, named.source, named.refused
        refused = named.refused
    note = f"“{name}” does not name its {count:,} categories: give it a list `categories`."
    return tuple(f"class {index}" for index in range(count)), "numbered", (*refused, note)


def _hash(found: CodeModel, module: nn.Module) -> str:
    """Hash code and weights as they are used: the code may have read its weights from anywhere."""
    digest = hashlib.sha256(found.sha256.encode())
    for name, value in module.state_dict().items():
        digest.update(name.encode("utf-8", "backslashreplace"))
        if isinstance(value, Tensor):
            digest.update(f"{value.dtype} {tuple(value.shape)};".encode())
            digest.update(value.detach().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()
