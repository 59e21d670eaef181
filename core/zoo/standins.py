"""What has to be arranged around ``import torchvision`` so that it works beside this torch, and quickly.

Nothing of this outlives the import. :mod:`core.zoo.backend`, which imports torchvision, uses it, and
:mod:`core.zoo.code_model`, for a person's code may import it.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []
"""Kept alive for the life of the process: a library that is collected takes its schemas with it."""


def declare_missing_operators() -> None:
    """Declare the schemas of torchvision's compiled operators where its own library cannot be loaded.

    WORKAROUND: the torchvision wheel on the package index is a CUDA build. Beside a CPU-only torch its ``_C`` library
    does not load, and the import then dies with "operator torchvision::nms does not exist" because it registers shape
    functions for operators that nobody declared. No classification model uses them. See
    github.com/pytorch/vision/issues/9085.
    """
    if _declared or _compiled_operators_load():
        return
    library = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)  # type: ignore[no-untyped-call]
    _declared.append(library)


def _compiled_operators_load() -> bool:
    spec = importlib.util.find_spec("torchvision")
    for folder in spec.submodule_search_locations or () if spec else ():
        for suffix in importlib.machinery.EXTENSION_SUFFIXES:
            library = Path(folder, "_C" + suffix)
            if library.is_file():
                return _loads(library)
    return False


def _loads(library: Path) -> bool:
    with contextlib.ExitStack() as stack:
        if sys.platform == "win32":
            stack.enter_context(os.add_dll_directory(str(library.parent)))
        try:
            torch.ops.load_library(str(library))  # type: ignore[no-untyped-call]
        except OSError:
            return False
    return True


@contextlib.contextmanager
def light_import() -> Iterator[None]:
    """Keep ``torch._dynamo`` and ``torch.onnx`` out of an import of torchvision that happens inside.

    WORKAROUND: ``torchvision/ops/roi_align.py`` asks ``torch._dynamo.utils`` for one function, which loads sympy and
    inductor (1.8 s of the 1.9 s that the import takes), and ``torchvision/ops/_register_onnx_ops.py`` loads
    ``torch.onnx`` (0.25 s). Neither is used by classification models. The stand-ins are taken out again at the end, so
    that whoever needs the real modules later imports them as if nothing had happened; the one function kept by
    ``roi_align`` asks the real one.
    """
    standins = [_onnx_registration()]
    if "torch._dynamo" not in sys.modules:
        standins += _dynamo()
    standins = [module for module in standins if module.__name__ not in sys.modules]
    sys.modules.update((module.__name__, module) for module in standins)
    try:
        yield
    finally:
        for module in standins:
            _take_out(module)


def _take_out(module: ModuleType) -> None:
    name = module.__name__
    if sys.modules.get(name) is module:
        del sys.modules[name]
    parent, _, child = name.rpartition(".")
    holder = sys.modules.get(parent)
    if holder is not None and vars(holder).get(child) is module:
        delattr(holder, child)


def _dynamo() -> list[ModuleType]:
    package, utils = ModuleType("torch._dynamo"), ModuleType("torch._dynamo.utils")
    package.__path__ = []
    package.utils = utils  # type: ignore[attr-defined]
    utils.is_compile_supported = _is_compile_supported  # type: ignore[attr-defined]
    return [package, utils]


def _is_compile_supported(device_type: str) -> bool:
    return bool(importlib.import_module("torch._dynamo.utils").is_compile_supported(device_type))


def _onnx_registration() -> ModuleType:
    module = ModuleType("torchvision.ops._register_onnx_ops")
    module._register_custom_op = lambda: None  # type: ignore[attr-defined]
    return module
