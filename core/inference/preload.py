"""Loading torch for a window: beside it, and what the built-in model needs before what it does not.

Importing this module imports neither torch nor anything that does.
"""

from __future__ import annotations

import ctypes
import importlib
import importlib.util
import os
import sys
import threading
from pathlib import Path
from types import ModuleType

_NAMES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}
_LATER: dict[str, tuple[str, tuple[str, ...]]] = {
    "torch.export": ("torch", ()),
    "torch._meta_registrations": ("torch", ()),
    "torch._higher_order_ops": ("torch", ("cond", "while_loop")),
    "torch._higher_order_ops.invoke_subgraph": ("torch.compiler", ("NestedCompileRegionOptions",)),
}
"""What is left out at first: modules, and who takes which names out of each while torch is imported."""
_standins: dict[str, ModuleType] = {}
_lock = threading.Lock()
_asked_for_all = False


def map_torch() -> bool:
    """Load the library of torch's kernels where that can be done with the lock of the interpreter let go.

    ``import`` and ``ctypes.CDLL(path)`` hold the lock while the loader maps 400 MB and relocates them: no other thread runs
    for a quarter of a second. A foreign function called through ctypes lets go of it, and ``dlopen`` is one. The import of
    torch that follows finds the library there. Calling it again, or when torch is imported, does nothing.

    Returns
    -------
    Whether the library is loaded. False is no error: ``import torch`` loads it then, or says why it cannot.
    """
    if "torch" in sys.modules:
        return True
    library = _library()
    if library is None:
        return False
    try:
        dlopen = ctypes.CDLL(None).dlopen
    except (AttributeError, OSError):
        return False
    dlopen.argtypes, dlopen.restype = (ctypes.c_char_p, ctypes.c_int), ctypes.c_void_p
    return bool(dlopen(os.fsencode(library), os.RTLD_NOW))


def _library() -> Path | None:
    name = _NAMES.get(sys.platform)
    spec = importlib.util.find_spec("torch") if name else None
    for folder in spec.submodule_search_locations or () if spec else ():
        library = Path(folder, "lib", name or "")
        if library.is_file():
            return library
    return None


def import_light() -> None:
    """Import torch without its exporter, control flow for graphs and the kernels for tensors without data ("meta").

    They are two fifths of the import, and what the built-in model answers needs none of them. Nothing is done if torch is
    there. Whoever calls this calls :func:`complete` before anything else is done with torch.

    WORKAROUND: torch imports all of them at the end of its own import, for ``torch.compile`` and ``torch.export``. The
    stand-ins are empty modules of their names; :func:`complete` puts the real ones in their places.
    """
    with _lock:
        if _asked_for_all or "torch" in sys.modules:
            return
        for name, (_, taken) in _LATER.items():
            _standins[name] = ModuleType(name)
            vars(_standins[name]).update((word, type(word, (), {})) for word in taken)
        sys.modules.update(_standins)
        try:
            importlib.import_module("torch")
        except BaseException:
            _take_out()
            _standins.clear()
            raise


def complete() -> None:
    """Import what :func:`import_light` left out, and have it leave out nothing from now on.

    May be called from any thread, whatever another one does: it waits for a light import that is under way.
    """
    global _asked_for_all
    with _lock:
        _asked_for_all = True
        _take_out()
        for name, standin in _standins.items():
            real = importlib.import_module(name)
            holder, taken = _LATER[name]
            for word in taken:
                if vars(sys.modules[holder]).get(word) is getattr(standin, word):
                    setattr(sys.modules[holder], word, getattr(real, word))
        _standins.clear()


def _take_out() -> None:
    for name, module in _standins.items():
        parent, _, child = name.rpartition(".")
        holder = sys.modules.get(parent)
        if holder is not None and vars(holder).get(child) is module:
            delattr(holder, child)
        if sys.modules.get(name) is module:
            del sys.modules[name]
