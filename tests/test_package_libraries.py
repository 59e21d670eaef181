"""The libraries of the package on Linux: smaller, and to whoever loads them the same."""

from __future__ import annotations

import ctypes
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.icu import QUESTIONS

TOOLS = Path(__file__).resolve().parents[1] / "tools" / "package"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="about ELF libraries")


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    missing = [tool for tool in ("strip", "as", "ld", "nm", "objdump") if shutil.which(tool) is None]
    if missing:
        pytest.skip(f"not installed: {', '.join(missing)}")
    monkeypatch.syspath_prepend(str(TOOLS))


def linked(folder: Path, name: str, source: str, *more: str) -> Path:
    library = folder / name
    subprocess.run(["as", "-o", library.with_suffix(".o"), "-"], input=source, text=True, check=True)
    subprocess.run(["ld", "-shared", "-soname", name, "-o", library, library.with_suffix(".o"), *more], check=True)
    return library


@pytest.fixture
def some(tmp_path: Path) -> Path:
    return linked(tmp_path, "libsome.so", ".text\n.globl seven\n.type seven, %function\nseven:\nlocal:\n ret\n")


def test_a_library_is_stripped_only_if_what_is_loaded_stays_the_same(some, tmp_path):
    import elf
    import libraries

    copy = tmp_path / "copy.so"
    assert libraries.strip(some, copy)
    assert copy.stat().st_size < some.stat().st_size
    changed = bytearray(copy.read_bytes())
    code = next(part for part in elf.segments(bytes(changed)) if part.kind == 1 and part.flags & 1)
    changed[code.place] ^= 1
    other = tmp_path / "changed.so"
    other.write_bytes(changed)
    assert not elf.loads_the_same(some, other)


def test_a_compact_file_has_no_sections_and_does_the_same(some, tmp_path):
    import elf

    copy = tmp_path / "compact.so"
    copy.write_bytes(elf.compact(some.read_bytes()))
    assert copy.stat().st_size < some.stat().st_size
    assert elf.loads_the_same(some, copy)
    headers = subprocess.run(["objdump", "--headers", copy], capture_output=True, text=True, check=False).stdout
    assert ".text" not in headers
    assert ctypes.CDLL(str(copy)).seven(7) is not None


def test_a_file_that_is_cut_off_does_not_load_the_same(some, tmp_path):
    import elf

    short = tmp_path / "short.so"
    short.write_bytes(some.read_bytes()[:4097])
    assert not elf.loads_the_same(some, short)


def test_pillow_and_openblas_made_compact_work_as_they_did(tmp_path):
    """The very libraries that `strip` breaks, and their neighbours, in a copy of the packages."""
    import elf
    import numpy

    site = Path(numpy.__file__).parents[1]
    for name in ("numpy", "PIL", "numpy.libs", "pillow.libs"):
        if (site / name).is_dir():
            shutil.copytree(site / name, tmp_path / name, ignore=shutil.ignore_patterns("tests", "__pycache__", "*.pyi"))
    before = after = 0
    for library in tmp_path.rglob("*.so*"):
        if elf.is_library(library):
            before += library.stat().st_size
            library.write_bytes(elf.compact(library.read_bytes()))
            after += library.stat().st_size
    assert after < before
    code = (
        "import numpy, PIL.Image, PIL.features, io, json\n"
        "square = numpy.random.default_rng(1).normal(size=(60, 60))\n"
        "file = io.BytesIO()\n"
        "PIL.Image.fromarray((square * 50).astype('uint8')).save(file, 'WEBP', lossless=True)\n"
        "print(json.dumps([float(numpy.linalg.det(square)), numpy.linalg.svd(square)[1].tolist(), file.getvalue().hex(),"
        " numpy.__file__]))\n"
    )
    changed, plain = (
        json.loads(subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(path)},
                                  capture_output=True, text=True, check=True).stdout)
        for path in (tmp_path, site)
    )  # fmt: skip
    assert Path(changed.pop()).is_relative_to(tmp_path)
    assert changed == plain[:-1]


def test_the_imitation_of_the_encoder_returns_0_for_each_of_its_functions(tmp_path):
    import libraries
    import pillow_heif

    folder = Path(pillow_heif.__file__).parents[1] / "pillow_heif.libs"
    real = next(folder.glob("libx265*"), None)
    if real is None:
        pytest.skip("this build of pillow-heif has no x265 of its own")
    copy = tmp_path / real.name
    libraries.imitate(real, copy)
    assert copy.stat().st_size < 500_000
    asked = subprocess.run(["nm", "-D", next(folder.glob("libheif*"))], capture_output=True, text=True, check=True).stdout
    names = re.findall(r" U (x265_\w+)", asked)
    assert names
    for name in names:
        assert ctypes.CDLL(str(copy))[name](0) == 0


def test_an_imitation_keeps_the_versions_of_functions_and_needs_nothing(tmp_path):
    import libraries

    script = tmp_path / "versions"
    script.write_text("OLD_1 { sd_listen; };\nNEW_2 { sd_more; } OLD_1;\n", "utf-8")
    source = "".join(f".globl {name}\n.type {name}, %function\n{name}: ret\n" for name in ("sd_listen", "sd_more"))
    real = linked(tmp_path, "libsystemd.so.0", source, f"--version-script={script}")
    client = linked(tmp_path, "libclient.so", ".text\n.globl ask\nask: jmp sd_listen@plt\n" if libraries.platform.machine()
                    == "x86_64" else ".text\n.globl ask\nask: b sd_listen\n", str(real))  # fmt: skip
    (tmp_path / "imitated").mkdir()
    copy = tmp_path / "imitated" / real.name
    libraries.imitate(real, copy)
    assert libraries.needed(copy) == set()
    code = f"import ctypes; print(ctypes.CDLL({str(client)!r}).ask(1), ctypes.CDLL({str(copy)!r}).sd_more(1))"
    done = subprocess.run([sys.executable, "-c", code], env={**os.environ, "LD_LIBRARY_PATH": str(copy.parent)},
                          capture_output=True, text=True, check=True)  # fmt: skip
    # The linker of the system would warn of a version that is missing.
    assert (done.stdout.split(), done.stderr) == (["-38", "-38"], "")


def test_libraries_that_nobody_asks_for_are_left_out_in_turn(tmp_path):
    import libraries

    empty = ".text\nnop\n"
    last = linked(tmp_path, "liblast.so.1", empty)
    middle = linked(tmp_path, "libmiddle.so.1", empty, "--no-as-needed", str(last))
    used = linked(tmp_path, "libused.so.1", empty)
    module = linked(tmp_path, "module.so", empty, "--no-as-needed", str(used))
    python = linked(tmp_path, "libpython3.11.so.1.0", empty)
    entries = [(path.name, str(path), "BINARY") for path in (last, middle, used, python)]
    entries += [("package/module.so", str(module), "EXTENSION"), ("libused.so", "libused.so.1", "SYMLINK")]
    assert libraries.without_idle(entries) == [entries[2], entries[3], entries[4], entries[5]]


def test_icus_smaller_tables_sort_and_capitalise_in_each_language_as_the_whole_ones(tmp_path):
    import icu
    from PySide6.QtCore import QLibraryInfo

    folder = Path(QLibraryInfo.path(QLibraryInfo.LibraryPath.LibrariesPath))
    whole = next(folder.glob("libicudata.so.*"), None)
    if whole is None:
        pytest.skip("this build of Qt has no ICU of its own")
    copy = tmp_path / whole.name
    icu.write_smaller(whole, copy)
    assert copy.stat().st_size < 8_000_000 < whole.stat().st_size
    code = QUESTIONS + (
        "used = [line.split(None, 5)[-1].strip() for line in open('/proc/self/maps') if 'libicudata' in line]\n"
        "print(json.dumps([found, sorted(set(used))]))\n"
    )
    answers = [
        json.loads(subprocess.run([sys.executable, "-c", code], env={**os.environ, **more}, capture_output=True, text=True,
                                  check=True).stdout)
        for more in ({}, {"LD_PRELOAD": str(copy)})
    ]  # fmt: skip
    assert [answer[1] for answer in answers] == [[str(whole)], [str(copy)]]
    assert answers[0][0] == answers[1][0]
    orders = {json.dumps(rows[0]) for name, rows in answers[0][0].items() if name != "zone"}
    assert len(orders) > 5, "the words do not tell languages apart"


def test_a_package_of_icus_tables_is_read_and_written_in_the_order_of_names():
    import icu

    names = ("root.res", "coll/de.res", "coll/root.res", "a_b.res", "aB.res")
    tables = {f"icudt73l/{name}": name.encode() * 5 for name in names}
    header = b"\x20\x00\xda\x27\x14\x00\x00\x00\x00\x00\x02\x00CmnD\x01\x00\x00\x00".ljust(32, b"\0")
    read = icu.read(header + icu.packed(tables))
    assert list(read) == sorted(tables)
    assert {name: value.rstrip(b"\0") for name, value in read.items()} == tables
    with pytest.raises(ValueError, match="not a package"):
        icu.read(header.replace(b"CmnD", b"Pckg") + icu.packed(tables))


@pytest.mark.parametrize(
    ("name", "needed"),
    [("coll/ja.res", True), ("coll/ucadata.icu", True), ("root.res", True), ("nfkc.nrm", True), ("curr/root.res", False),
     ("de.res", False), ("gb18030.cnv", False), ("brkitr/cjdict.dict", False), ("zone/de.res", False)],
)  # fmt: skip
def test_tables_of_icu_that_stay(name, needed):
    import icu

    assert icu.is_needed(name) == needed
