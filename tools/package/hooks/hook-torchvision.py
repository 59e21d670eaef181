"""What the program needs of torchvision: models and their weights' descriptions; its compiled part only where it can load."""

from pathlib import Path

import torch
from PyInstaller.utils.hooks import collect_submodules, get_module_file_attribute

_compiled = Path(get_module_file_attribute("torchvision")).with_name("_C.so")


def _loads() -> bool:
    try:
        torch.ops.load_library(str(_compiled))
    except OSError:
        return False
    return True


hiddenimports = collect_submodules("torchvision.models") + (["torchvision._C"] if _compiled.is_file() and _loads() else [])
