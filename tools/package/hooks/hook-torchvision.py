"""What the program needs of torchvision: models and their weights' descriptions; its compiled part only where it can load."""

from pathlib import Path

import torch
from PyInstaller.utils.hooks import get_module_file_attribute

_folder = Path(get_module_file_attribute("torchvision")).parent
_compiled = _folder / "_C.so"
# Not collect_submodules(): it imports them, which the usual build of torchvision does not bear beside torch for the CPU.
_models = [
    ".".join(path.relative_to(_folder.parent).with_suffix("").parts)
    for path in sorted((_folder / "models").rglob("*.py")) if path.stem != "__init__"
]  # fmt: skip


def _loads() -> bool:
    try:
        torch.ops.load_library(str(_compiled))
    except OSError:
        return False
    return True


hiddenimports = _models + (["torchvision._C"] if _compiled.is_file() and _loads() else [])
