"""A network that a person's own Python file builds. Running it is the person's decision, made before anything here.

The file is run as ``python FILE`` would run it, but for its ``__name__``: modules beside it can be imported, and it can do
whatever its person can.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from core.errors import ModelError
from core.types import CodeFile
from core.zoo import standins
from core.zoo.code_errors import MODULE, brought, in_words

BUILDER = "build_model"
_LIMIT = 4_000_000  # bytes; no program that a person writes is that long


@dataclass(frozen=True, slots=True, eq=False)
class CodeModel:
    """What a file gave: the network in evaluation mode on the CPU, and what it says of it, unchecked.

    ``categories`` and ``preprocessing`` are the values of the module's variables of those names, None where there are none;
    ``sha256`` is the hash of the file as it was run, and of what it imported from beside it, in hexadecimal digits.
    """

    module: nn.Module
    categories: Any
    preprocessing: Any
    sha256: str


def run_code(code: CodeFile) -> CodeModel:
    """Run a file that a person agreed to have run, once, and have its ``build_model()`` build the network.

    Values that it draws are those of ``torch.manual_seed(0)``, so that the same code gives the same network; torch's global
    generator stays as it was. What the code prints goes to standard error.

    Raises
    ------
    ModelError
        If the file cannot be read, is another one than was agreed to, fails in any way, or builds no ``nn.Module``; in words
        that name the file and the line.
    """
    path = code.path
    source = _read(path)
    sha256 = hashlib.sha256(source).hexdigest()
    if code.sha256 not in ("", sha256):
        raise ModelError(
            f"“{path.name}” has changed since you agreed to run it, and was not run. Open it again, and look at it first.",
            path=path,
        )
    standins.declare_missing_operators()  # the code may well import torchvision
    with torch.random.fork_rng(devices=()):
        torch.default_generator.manual_seed(0)
        with in_words(path), _beside(path):
            namespace = _execute(path, source)
            builder = namespace.get(BUILDER)
            if not callable(builder):
                raise ModelError(
                    f"“{path.name}” has no {BUILDER}(). Write a function of that name that takes nothing and returns the "
                    "network (an nn.Module).",
                    path=path,
                )
            module = builder()
            if not isinstance(module, nn.Module):
                raise ModelError(
                    f"{BUILDER}() of “{path.name}” returned {_kind(module)}, not a network (an nn.Module).", path=path
                )
            module = module.cpu().eval()
    digest = hashlib.sha256(source)
    for name in sorted(brought):
        with contextlib.suppress(OSError, KeyError):  # a module may be gone since, or hide itself
            digest.update(Path(str(sys.modules[name].__file__)).read_bytes())
    return CodeModel(module, namespace.get("categories"), namespace.get("preprocessing"), digest.hexdigest())


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            source = file.read(_LIMIT + 1)
    except FileNotFoundError as error:
        raise ModelError(f"There is no file “{path}”.", kind="missing", path=path) from error
    except OSError as error:
        raise ModelError(f"“{path.name}” cannot be read: {error.strerror or error}.", kind="denied", path=path) from error
    if len(source) > _LIMIT:
        raise ModelError(f"“{path.name}” is larger than any program; it was not run.", kind="too_large", path=path)
    return source


def _execute(path: Path, source: bytes) -> dict[str, Any]:
    module = ModuleType(MODULE)
    module.__file__ = str(path)
    # Dataclasses, pickle and torch look a class's module up by name.
    sys.modules[MODULE] = module
    exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)
    return module.__dict__


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[None]:
    """Let modules in the file's folder be imported, after all others."""
    folder = str(path.parent)
    while brought:
        sys.modules.pop(brought.pop(), None)
    importlib.invalidate_caches()
    known = set(sys.modules)
    sys.path.append(folder)
    try:
        yield
    finally:
        brought.update(name for name in set(sys.modules) - known if _lies_beside(name, path.parent, known))
        with contextlib.suppress(ValueError):
            del sys.path[len(sys.path) - 1 - sys.path[::-1].index(folder)]


def _lies_beside(name: str, folder: Path, known: set[str]) -> bool:
    """Whether a module, or the package that it is in, was found in the folder, and not by the program itself before."""
    top = name.partition(".")[0]
    if top in known or getattr(sys.modules.get(name), "__file__", None) is None:
        return False
    found = getattr(sys.modules.get(top), "__file__", None)
    return found is not None and Path(found) in (folder / f"{top}.py", folder / top / "__init__.py")


def _kind(value: object) -> str:
    return "nothing" if value is None else f"a value of the type {type(value).__name__}"
