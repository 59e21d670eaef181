"""Run before the program: what it starts (a browser, nvidia-smi) finds the system's libraries, not those of the bundle.

The bootloader has set LD_LIBRARY_PATH. The dynamic linker has read it by now, so that putting it back changes nothing in here.
"""

import os
import sys

_name = "DYLD_LIBRARY_PATH" if sys.platform == "darwin" else "LD_LIBRARY_PATH"
_before = os.environ.pop(f"{_name}_ORIG", None)
if _before is not None:
    os.environ[_name] = _before
elif os.environ.get(_name, "").split(os.pathsep)[0] == getattr(sys, "_MEIPASS", None):
    del os.environ[_name]
