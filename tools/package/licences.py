"""The licences of what is in the program, collected from the packages that it was made of."""

from __future__ import annotations

import re
import shutil
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path

_LICENCE = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)
NOT_IN_IT = {"pip", "setuptools", "altgraph", "pyinstaller-hooks-contrib", "packaging", "layerscope"}
"""Installed for the build only. Of PyInstaller itself the bootloader is in the program, and so is its licence."""


def collect_licences(target: Path, excluded: set[str]) -> list[str]:
    """Copy the licence files of every installed package but those ``excluded``; return "name version" of each.

    A package without any file of that kind gets one with the licence that its description names.
    """
    shutil.rmtree(target, ignore_errors=True)
    listed = []
    for package in sorted(distributions(), key=lambda package: package.name.lower()):
        if package.name.lower().replace("_", "-") in NOT_IN_IT | excluded:
            continue
        listed.append(f"{package.name} {package.version}")
        _copy(package, target / package.name)
    python = _python_licence()
    if python is not None:
        (target / "Python").mkdir(parents=True, exist_ok=True)
        shutil.copy(python, target / "Python" / "LICENSE.txt")
    return listed


def _copy(package: Distribution, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    found = False
    for file in package.files or ():
        if file.suffix in {".py", ".pyc"} or not any(_LICENCE.match(part) for part in file.parts[1:]):
            continue
        source = Path(str(file.locate()))
        if ".dist-info" in file.parts[0] and source.is_file():
            name = "-".join(part for part in file.parts[1:] if part != "licenses")
            shutil.copy(source, folder / name)
            found = True
    if not found:
        named = package.metadata.get("License-Expression") or package.metadata.get("License") or "not stated"
        (folder / "LICENSE.txt").write_text(f"{package.name} {package.version}: {named}\n", "utf-8")


def _python_licence() -> Path | None:
    places = (Path(sys.base_prefix) / "LICENSE.txt", Path(str(__import__("os").__file__)).parent / "LICENSE.txt")
    return next((path for path in places if path.is_file()), None)
