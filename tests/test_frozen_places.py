"""The packaged program where packages get into trouble: odd folders, no home, no streams, no network, children of its own.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from core import paths
from tests.helpers.frozen import PROGRAM, ROOT, bare_environment, needs_program, run_program
from tests.helpers.frozen_code import told_by
from tests.helpers.icu import QUESTIONS

pytestmark = [pytest.mark.slow, needs_program]

posix = pytest.mark.skipif(os.name != "posix", reason="about POSIX systems")
linux = pytest.mark.skipif(sys.platform != "linux", reason="about Linux")
SAMPLE = str(paths.sample_pictures()[0])

# What a person's own network sees from inside the program; it leaves its findings beside itself.
WITNESS = """
import json, os, pathlib, ssl, subprocess, sys
import torch

def build_model():
    child = subprocess.run(["env"], capture_output=True, text=True).stdout
    import certifi
    found = {
        "libraries": [line for line in child.splitlines() if line.startswith("LD_LIBRARY_PATH")],
        "certificates": len(ssl.create_default_context(cafile=certifi.where()).get_ca_certs()),
        "outside": [str(module.__file__) for module in list(sys.modules.values())
                    if os.path.isabs(getattr(module, "__file__", None) or "")
                    and not module.__file__.startswith((sys._MEIPASS, __file__))],
        "dynamo": getattr(torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], 0.1), "state", None) is not None,
    }
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(found))
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 224 * 224, 2)).eval()

categories = ["a", "b"]
"""


def witness(folder: Path, home: Path, **environment: str) -> dict[str, object]:
    code = folder / "witness.py"
    code.write_text(WITNESS, "utf-8")
    words = ["layers", SAMPLE, "--model", str(code), "--run-code"]
    done = run_program(*words, cwd=folder, environment=bare_environment(home, **environment))
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(code.with_suffix(".json").read_text("utf-8"))
    return found


@linux
def test_what_the_program_starts_gets_the_librarys_path_of_the_person_not_the_bundles(tmp_path, home):
    assert witness(tmp_path, home)["libraries"] == []
    assert witness(tmp_path, home, LD_LIBRARY_PATH="/opt/mine")["libraries"] == ["LD_LIBRARY_PATH=/opt/mine"]


def test_everything_comes_from_the_bundle_certificates_too(tmp_path, home):
    found = witness(tmp_path, home)
    assert found["outside"] == []
    assert found["certificates"] > 50
    assert found["dynamo"]


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Path]:
    """A copy of the program in a folder with a hard name, where anybody may read and nobody may write."""
    top = Path(tempfile.mkdtemp())
    top.chmod(0o755)
    folder = top / "Prögrams & 画像 (x86)"
    shutil.copytree(PROGRAM.parent, folder, symlinks=True)
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode & ~0o222 | 0o444 | (0o111 if path.is_dir() else 0))
    yield folder / PROGRAM.name
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir() and not path.is_symlink():
            path.chmod(0o755)
    shutil.rmtree(top)


def as_nobody() -> tuple[str, ...]:
    """The command that takes the rights of root away where the tests run as root."""
    if os.getuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("setpriv is not installed")
    return ("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups")


@pytest.fixture
def readable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with a picture that anybody may use."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    shutil.copy(SAMPLE, folder / "Bild ü 画像.jpg")
    yield folder
    shutil.rmtree(folder)


@posix
@pytest.mark.parametrize("home_folder", [None, "/nonexistent/home"], ids=["HOME is not set", "HOME does not exist"])
def test_read_only_folder_with_a_hard_name_as_an_ordinary_user_without_a_home(elsewhere, readable, home_folder):
    environment = bare_environment(None, **({"HOME": home_folder} if home_folder else {}))
    words = ["classify", "Bild ü 画像.jpg"]
    done = run_program(*words, cwd=readable, environment=environment, program=elsewhere, before=as_nobody())
    assert (done.returncode, done.stderr) == (0, "")
    assert "orange" in done.stdout.splitlines()[1]
    words = ["--screenshot", str(readable / "out.png"), str(readable / "Bild ü 画像.jpg")]
    done = run_program(*words, cwd=Path("/"), environment=environment, program=elsewhere, before=as_nobody())
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    with Image.open(readable / "out.png") as image:
        assert image.size == (1280, 800)


@posix
def test_through_a_link_from_another_folder(tmp_path, home):
    (tmp_path / "bin").mkdir()
    link = tmp_path / "bin" / "layerscope"
    link.symlink_to(PROGRAM)
    done = run_program("classify", SAMPLE, cwd=tmp_path, environment=bare_environment(home), program=link)
    assert (done.returncode, done.stderr) == (0, "")
    assert "orange" in done.stdout


@posix
@pytest.mark.parametrize("words", [["classify", SAMPLE], ["--screenshot", "out.png", SAMPLE], ["--version"]], ids=" ".join)
def test_streams_may_be_closed(tmp_path, home, words):
    closed = ["sh", "-c", 'exec "$0" "$@" <&- >&- 2>&-', str(PROGRAM), *words]
    done = subprocess.run(closed, cwd=tmp_path, env=bare_environment(home), timeout=600, check=False)
    assert done.returncode == 0


@linux
def test_without_any_network(tmp_path, home):
    if os.getuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("taking the network away needs root and unshare")
    before = ("unshare", "--net")
    done = run_program("classify", SAMPLE, cwd=tmp_path, environment=bare_environment(home), before=before)
    assert (done.returncode, done.stderr) == (0, "")
    words = ["weights", "fetch", "squeezenet1_1"]
    done = run_program(*words, cwd=tmp_path, environment=bare_environment(home), before=before)
    assert done.returncode in {1, 2}
    assert done.stderr.startswith("layerscope: ")
    assert "Traceback" not in done.stderr


@posix
def test_program_folder_holds_nothing_of_the_machine_that_built_it():
    inside = PROGRAM.parent
    assert not [path for path in inside.rglob("*") if path.is_symlink() and not path.exists()], "links lead nowhere"
    assert not [path for path in inside.rglob("*") if path.name in {"direct_url.json", "RECORD", "__pycache__"}]
    assert not list(inside.rglob("*.h")) + list(inside.rglob("*.a")) + list(inside.rglob("tests"))


@linux
def test_it_needs_of_the_system_what_docs_say_and_nothing_else(monkeypatch):
    if shutil.which("objdump") is None:
        pytest.skip("objdump is not installed")
    monkeypatch.syspath_prepend(str(ROOT / "tools" / "package"))
    import elf
    import libraries

    files = [path for path in PROGRAM.parent.rglob("*") if path.is_file()]
    asked = {name for path in files if not path.is_symlink() and elf.is_library(path) for name in libraries.needed(path)}
    found = {re.sub(r"\.so\..*|-.*", "", name) for name in asked - {path.name for path in files}}
    of_the_c_library = {"libc", "libm", "libdl", "libpthread", "librt", "ld"}
    assert found - of_the_c_library <= {"libEGL", "libGL", "libxcb", "libwayland"}


BUS = """
import ctypes
for name in ("libsystemd.so.0", "libdbus-1.so.3"):
    bus = ctypes.CDLL("./" + name, ctypes.RTLD_GLOBAL)
error = (ctypes.c_byte * 64)()
bus.dbus_error_init(error)
bus.dbus_bus_get.restype = ctypes.c_void_p
bus.dbus_bus_get_unique_name.restype, bus.dbus_bus_get_unique_name.argtypes = ctypes.c_char_p, [ctypes.c_void_p]
print(bus.dbus_bus_get_unique_name(bus.dbus_bus_get(0, error)).decode())
"""


@linux
def test_its_d_bus_talks_to_a_bus_though_its_systemd_is_an_imitation(tmp_path):
    if shutil.which("dbus-run-session") is None:
        pytest.skip("dbus-run-session is not installed")
    inside = next(path.parent for path in PROGRAM.parent.rglob("libdbus-1.so.3"))
    done = subprocess.run(["dbus-run-session", "--", sys.executable, "-c", BUS], cwd=inside, capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    assert re.fullmatch(r":1\.\d+\n", done.stdout), done.stderr


@linux
def test_package_for_debian_runs_from_where_it_is_unpacked(tmp_path, home, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "tools" / "package"))
    import deb

    if not deb.can_pack():
        pytest.skip("dpkg-deb is not installed")
    with tempfile.TemporaryDirectory() as top:
        package = deb.pack(PROGRAM.parent, Path(top), 1_700_000_000, ("-Znone",))
        subprocess.run(["dpkg-deb", "--extract", package, Path(top, "root")], check=True)
        program = Path(top, "root/usr/bin/layerscope")
        done = run_program("classify", SAMPLE, cwd=tmp_path, environment=bare_environment(home), program=program)
        words = ["--screenshot", "out.png", SAMPLE]
        shown = run_program(*words, cwd=tmp_path, environment=bare_environment(home), program=program)
    assert (done.returncode, done.stderr) == (0, "")
    assert "orange" in done.stdout
    assert (shown.returncode, shown.stdout, shown.stderr) == (0, "", "")


# Each library that the package changed, at work.
WORKOUT = (
    QUESTIONS
    + """
import io, pathlib
import numpy, torch
from PIL import Image, ImageCms, ImageDraw, ImageFont

def build_model():
    dice = numpy.random.default_rng(1)
    square = dice.normal(size=(80, 80))
    found["numpy"] = [numpy.linalg.svd(square)[1].tolist(), float(numpy.abs(numpy.fft.fft2(square)).sum()),
                      numpy.linalg.solve(square, square[0]).tolist(), dice.poisson(3, 9).tolist()]
    picture = Image.new("RGB", (96, 64), (200, 90, 20))
    draw = ImageDraw.Draw(picture)
    draw.text((4, 4), "Grüße, 画像", font=ImageFont.load_default(18))
    srgb = ImageCms.createProfile("sRGB")
    lab = ImageCms.buildTransform(srgb, ImageCms.createProfile("LAB"), "RGB", "LAB")
    found["colours"] = ImageCms.applyTransform(picture, lab).resize((8, 8)).tobytes().hex()
    for name, more in (("PNG", {}), ("WEBP", {"lossless": True}), ("AVIF", {}), ("JPEG", {}), ("JPEG2000", {}), ("TIFF", {
                        "compression": "tiff_lzw"}), ("TIFF", {"compression": "zstd"})):
        file = io.BytesIO()
        picture.save(file, name, **more)
        found[name + str(more)] = Image.open(file).convert("RGB").resize((12, 8)).tobytes().hex()
    found["torch"] = torch.linalg.eigvalsh(torch.from_numpy(square @ square.T)).tolist()
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(found))
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 224 * 224, 2)).eval()

categories = ["a", "b"]
"""
)


def test_libraries_that_were_made_smaller_do_the_same(tmp_path, home):
    expected, found = told_by(WORKOUT, tmp_path, home)
    for numbers, others in zip(expected.pop("numpy"), found.pop("numpy"), strict=True):
        assert others == pytest.approx(numbers, rel=1e-6, abs=1e-9)
    assert found.pop("torch") == pytest.approx(expected.pop("torch"), rel=1e-6, abs=1e-6)
    assert found == expected
