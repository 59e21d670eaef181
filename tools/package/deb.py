"""A package for Debian and its kin: the program in /usr/lib/layerscope, its menu entry and kinds of files in /usr/share."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
import subprocess
from pathlib import Path

import contents

NEEDED = ("libegl1", "libgl1", "libxcb1", "xkb-data")
"""What the program takes from the system besides the C library; docs/release.md says the same in names of libraries."""
WANTED = ("fonts-dejavu-core", "libwayland-client0", "libwayland-cursor0", "shared-mime-info", "hicolor-icon-theme")
COMPRESSION = ("-Zxz", "-z6")


def can_pack() -> bool:
    """Whether this system has the tool."""
    return shutil.which("dpkg-deb") is not None


def pack(program: Path, target: Path, seconds: int, compression: tuple[str, ...] = COMPRESSION) -> Path:
    """Pack an unpacked program into ``target``/layerscope_VERSION_ARCHITECTURE.deb; ``seconds`` of 1970 date its files."""
    told = subprocess.run(["dpkg", "--print-architecture"], capture_output=True, text=True, check=True)
    architecture = told.stdout.strip()
    stage = target / ".deb"
    shutil.rmtree(stage, ignore_errors=True)
    try:
        _lay_out(program, stage)
        size = sum(path.stat().st_size for path in stage.rglob("*") if path.is_file() and not path.is_symlink())
        _describe(stage, architecture, size)
        subprocess.run(["chmod", "--recursive", "u+rwX,go+rX,go-w", str(stage)], check=True)
        package = target / f"layerscope_{contents.VERSION}_{architecture}.deb"
        command = ["dpkg-deb", "--root-owner-group", *compression, "--build", str(stage), str(package)]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": str(seconds)}
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=True)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
    return package


def _lay_out(program: Path, stage: Path) -> None:
    aside = shutil.ignore_patterns("share", "install.sh", "LICENSE", "licences")
    shutil.copytree(program, stage / "usr/lib/layerscope", symlinks=True, ignore=lambda place, names: aside(place, names)
                    if Path(place) == program else set())  # fmt: skip
    shutil.copytree(program / "share", stage / "usr/share")
    (stage / "usr/bin").mkdir()
    (stage / "usr/bin/layerscope").symlink_to("../lib/layerscope/layerscope")
    papers = stage / "usr/share/doc/layerscope"
    papers.mkdir(parents=True)
    shutil.copy(program / "LICENSE", papers / "copyright")
    shutil.copytree(program / "licences", papers / "licences")


def _describe(stage: Path, architecture: str, size: int) -> None:
    told = {
        "Package": "layerscope",
        "Version": contents.VERSION,
        "Architecture": architecture,
        "Maintainer": "Layerscope contributors <layerscope@localhost>",
        "Installed-Size": str(size // 1024),
        "Depends": ", ".join([f"libc6 (>= {platform.libc_ver()[1]})", *NEEDED]),
        "Recommends": ", ".join(WANTED),
        "Section": "science",
        "Priority": "optional",
        "Description": f"{contents.PROJECT['description'].partition(':')[0]}\n"
        " Top-5 predictions of a picture and the activations of every layer, without\n"
        " a network or anything else to install: a model of its own is inside.",
    }
    control = stage / "DEBIAN"
    control.mkdir()
    sums = [
        f"{hashlib.md5(path.read_bytes(), usedforsecurity=False).hexdigest()}  {path.relative_to(stage).as_posix()}\n"
        for path in sorted((stage / "usr").rglob("*")) if path.is_file() and not path.is_symlink()
    ]  # fmt: skip
    (control / "md5sums").write_text("".join(sums), "utf-8")
    (control / "control").write_text("".join(f"{name}: {value}\n" for name, value in told.items()), "utf-8")
