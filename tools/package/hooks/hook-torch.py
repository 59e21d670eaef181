"""What the program needs of torch: its libraries and the modules that imports reach.

The hook of PyInstaller's collection takes every module, data files and the tests: 922 MB in the place of 430.
"""

import importlib.metadata
import sys
from pathlib import Path

from packaging.requirements import Requirement
from PyInstaller.utils.hooks import collect_dynamic_libs, get_module_file_attribute

_folder = Path(get_module_file_attribute("torch")).parent
_TESTS = ("libtorchbind_test", "libjitbackend_test", "libbackend_with_compiler", "libaoti_custom_ops")

binaries = [
    (source, target)
    for source, target in collect_dynamic_libs("torch", search_patterns=["*.so", "*.so.*", "*.dll", "*.dylib"])
    if Path(target).as_posix() == "torch/lib" and not Path(source).name.startswith(_TESTS)
]
# `import torch` looks for this program, and fails without it.
binaries += [(str(path), "torch/bin") for path in _folder.glob("bin/torch_shm_manager*")]
hiddenimports = ["torch.testing._internal.common_dtype", "torch.testing._internal.logging_tensor"]

# A build with CUDA has NVIDIA's libraries in packages of their own.
_needed = [Requirement(line).name for line in importlib.metadata.requires("torch") or ()]
if sys.platform == "linux" and any(name.startswith("nvidia-") for name in _needed):
    from _pyinstaller_hooks_contrib.utils.nvidia_cuda import infer_hiddenimports_from_requirements

    hiddenimports += infer_hiddenimports_from_requirements(_needed)

# Torch looks for its libraries beside themselves; links to them at the top would lead it astray.
bindepend_symlink_suppression = ["**/torch/lib/*.so*"]
