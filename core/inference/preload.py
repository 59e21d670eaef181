"""Mapping torch's largest library without holding Python's lock, so that a window goes on while it is read.

Imports neither torch nor anything that does.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from pathlib import Path

_NAMES = {"linux": "libtorch_cpu.so", "darwin": "libtorch_cpu.dylib"}


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
