"""Makes the packaged program and its archive: run by `make package` with the Python of build/package-venv.

    python tools/package/build.py [--no-archive] [--fast] [--deb]
"""

from __future__ import annotations

import argparse
import datetime
import platform
import shutil
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import contents
import deb
import desktop_files
import licences
import size

ROOT = contents.ROOT
WORK = ROOT / "build" / "package"
PROGRAM = ROOT / "dist" / "layerscope"


def main() -> int:
    """Build; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-archive", action="store_true", help="the folder only")
    parser.add_argument("--fast", action="store_true", help="pack the archive quickly, and a tenth larger")
    parser.add_argument("--deb", action="store_true", help="a package for Debian and its kin, too")
    options = parser.parse_args()
    if options.deb and not deb.can_pack():
        parser.error("--deb needs dpkg-deb, which this system has not")
    began = time.monotonic()
    _say("Collecting the program (PyInstaller)")
    freeze()
    if sys.platform == "linux":
        desktop_files.write_desktop_files(PROGRAM, contents.VERSION, release_date())
    shutil.copy(ROOT / "LICENSE", PROGRAM / "LICENSE")
    licences.collect_licences(PROGRAM / "licences", contents.LEFT_OUT_PACKAGES)
    archives = []
    if not options.no_archive and sys.platform == "linux":
        _say("Packing the archive")
        archives.append(pack(fast=options.fast))
    if options.deb:
        _say("Packing for Debian")
        day = datetime.datetime.fromisoformat(release_date()).replace(tzinfo=datetime.UTC)
        archives.append(deb.pack(PROGRAM, PROGRAM.parent, int(day.timestamp())))
    _say(f"Done in {time.monotonic() - began:.0f} s: {PROGRAM.relative_to(ROOT)}")
    print(size.table(size.measure(PROGRAM)))
    for archive in archives:
        print(f"{archive.stat().st_size / size.MEGABYTE:8.1f} MB  as {archive.relative_to(ROOT)}")
    return 0


def freeze() -> None:
    """Run PyInstaller in this process's Python; its words go to build/package/pyinstaller.log."""
    shutil.rmtree(PROGRAM, ignore_errors=True)
    WORK.mkdir(parents=True, exist_ok=True)
    desktop_files.render_icon(1024, WORK / "layerscope.png")
    log = WORK / "pyinstaller.log"
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--distpath", str(PROGRAM.parent)]
    command += ["--workpath", str(WORK), str(ROOT / "build.spec")]
    with log.open("w", encoding="utf-8") as file:
        status = subprocess.run(command, stdout=file, stderr=subprocess.STDOUT, cwd=ROOT, check=False).returncode
    if status != 0:
        print("\n".join(log.read_text("utf-8").splitlines()[-15:]), file=sys.stderr)
        raise SystemExit(f"PyInstaller failed; all it said is in {log.relative_to(ROOT)}.")


def release_date() -> str:
    """The day of the commit that is built, so that the same commit gives the same files; today outside git."""
    command = ["git", "log", "-1", "--format=%cs"]
    try:
        told = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        told = ""
    return told or datetime.datetime.now(tz=datetime.UTC).date().isoformat()


def pack(*, fast: bool) -> Path:
    """Pack the program into dist/layerscope-VERSION-linux-MACHINE.tar.xz, with owners and order that say nothing of here."""
    name = f"layerscope-{contents.VERSION}"
    target = PROGRAM.parent / f"{name}-linux-{platform.machine()}.tar.xz"
    tar = ["tar", "--create", "--sort=name", "--owner=0", "--group=0", "--numeric-owner", f"--mtime={release_date()}"]
    tar += ["--mode=u+rwX,go+rX,go-w", f"--transform=s,^layerscope,{name},S", "layerscope"]
    # The filter turns the jumps in x86 code into absolute ones, which repeat more often.
    jumps = ["--x86"] if platform.machine() in {"x86_64", "i686"} else []
    xz = ["xz", "--threads=0", *jumps, "--lzma2=preset=2" if fast else "--lzma2=preset=6,dict=64MiB"]
    part = target.with_name(f"{target.name}.part")
    with part.open("wb") as file:
        feeding = subprocess.Popen(tar, cwd=PROGRAM.parent, stdout=subprocess.PIPE)
        packing = subprocess.run(xz, stdin=feeding.stdout, stdout=file, check=False).returncode
    if feeding.wait() != 0 or packing != 0:
        part.unlink()
        raise SystemExit("The archive could not be packed.")
    return part.replace(target)


def _say(words: str) -> None:
    print(f"==> {words}", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
