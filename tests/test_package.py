"""What `make package` puts around the program, and the rules for what goes in; the program itself is for test_frozen.py."""

from __future__ import annotations

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / "tools" / "package"

posix = pytest.mark.skipif(os.name != "posix", reason="a shell script")


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(TOOLS))


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A folder like the built one, in a place that is hard on scripts, with a program that only says its arguments."""
    import desktop_files

    folder = tmp_path / 'My $HOME "Prögrams"\\100 %' / "layerscope"
    folder.mkdir(parents=True)
    desktop_files.write_desktop_files(folder, "1.2.3", "2026-01-02")
    (folder / "layerscope").write_text('#!/bin/sh\nprintf "%s\\n" "$0" "$@"\n', "utf-8")
    (folder / "layerscope").chmod(0o755)
    return folder


def entry_of(path: Path) -> configparser.SectionProxy:
    parser = configparser.RawConfigParser(strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(path, "utf-8")
    return parser["Desktop Entry"]


def validate(*command: str) -> None:
    done = asked(*command)
    assert done.returncode == 0, done.stdout + done.stderr


def asked(*command: str) -> subprocess.CompletedProcess[str]:
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_menu_entry_has_what_a_menu_needs(program):
    entry = entry_of(program / "share/applications/layerscope.desktop")
    assert (entry["Type"], entry["Icon"], entry["Terminal"]) == ("Application", "layerscope", "false")
    assert entry["Exec"].split()[-1] == "%F"
    kinds = entry["MimeType"].rstrip(";").split(";")
    assert {"image/jpeg", "image/png", "application/x-safetensors", "application/x-pytorch-weights"} <= set(kinds)
    assert all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", kind) for kind in kinds)
    assert len(kinds) == len(set(kinds))


def test_menu_entry_passes_the_validator(program):
    validate("desktop-file-validate", str(program / "share/applications/layerscope.desktop"))


def test_description_passes_the_validator(program):
    done = asked("appstreamcli", "validate", "--no-net", str(program / "share/metainfo/layerscope.metainfo.xml"))
    complaints = [line for line in done.stdout.splitlines() if line.startswith(("E:", "W:"))]
    # A name with a domain before it is for who has the domain: docs/release.md.
    assert [line for line in complaints if "is-not-rdns" not in line] == []


def test_description_names_the_release_and_the_menu_entry(program):
    root = ElementTree.parse(program / "share/metainfo/layerscope.metainfo.xml").getroot()
    release = root.find("releases/release")
    assert release is not None
    assert release.attrib == {"version": "1.2.3", "date": "2026-01-02"}
    assert root.findtext("launchable") == "layerscope.desktop"


def test_kinds_of_files_are_those_that_the_entry_opens_and_the_window_takes_as_weights(program):
    from gui.incoming import WEIGHTS_ENDINGS, WEIGHTS_SUFFIXES

    space = {"": "http://www.freedesktop.org/standards/shared-mime-info"}
    root = ElementTree.parse(program / "share/mime/packages/layerscope.xml").getroot()
    kinds = {kind.attrib["type"] for kind in root.findall("mime-type", space)}
    opened = entry_of(program / "share/applications/layerscope.desktop")["MimeType"].split(";")
    assert kinds <= set(opened)
    globs = [glob.attrib["pattern"].removeprefix("*") for glob in root.findall("mime-type/glob", space)]
    assert set(globs) <= WEIGHTS_SUFFIXES | set(WEIGHTS_ENDINGS)


@posix
def test_kinds_of_files_are_understood_by_the_system(program):
    validate("update-mime-database", str(program / "share/mime"))
    globs = (program / "share/mime/globs2").read_text("utf-8").splitlines()
    assert "60:application/x-safetensors:*.safetensors" in globs


def test_icons_are_of_their_size_and_not_empty(program):
    from PIL import Image

    icons = sorted((program / "share/icons/hicolor").glob("*/apps/layerscope.png"))
    assert len(icons) >= 8
    for path in icons:
        with Image.open(path) as image:
            assert f"{image.width}x{image.height}" == path.parents[1].name
            assert image.mode == "RGBA"
            assert image.getpixel((0, 0))[3] < 128  # the corners are round
            assert image.getpixel((image.width // 2, image.height - 2))[3] > 128
    drawing = program / "share/icons/hicolor/scalable/apps/layerscope.svg"
    assert drawing.read_bytes() == (ROOT / "resources/icons/layerscope.svg").read_bytes()


@posix
def test_installing_adds_the_program_to_the_menus_and_removing_takes_it_out(program, tmp_path):
    data = tmp_path / "däta home"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "XDG_DATA_HOME": str(data)}
    for _ in range(2):
        done = subprocess.run([program / "install.sh"], env=environment, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")
    entry = entry_of(data / "applications/layerscope.desktop")
    assert started(entry["Exec"], "a picture.jpg") == [str(program / "layerscope"), "a picture.jpg"]
    assert (data / "icons/hicolor/scalable/apps/layerscope.svg").is_file()
    removed = subprocess.run([program / "install.sh", "--remove"], env=environment, capture_output=True, text=True, check=True)
    assert str(program) in removed.stdout
    assert not [path for path in data.rglob("*layerscope*") if path.is_file()]


def started(line: str, file: str) -> list[str]:
    """What a desktop runs for an Exec line, by the rules of the Desktop Entry Specification, written anew here."""
    value = re.sub(r"\\(.)", lambda found: {"s": " ", "n": "\n", "t": "\t", "r": "\r"}.get(found[1], found[1]), line)
    words = [re.sub(r"\\(.)", r"\1", quoted) if quoted else bare
             for quoted, bare in re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', value)]  # fmt: skip
    expanded = [file if word == "%F" else word.replace("%%", "%") for word in words]
    return subprocess.run(expanded, capture_output=True, text=True, check=True).stdout.splitlines()


@pytest.mark.parametrize(
    ("place", "wanted"),
    [
        ("torch/lib/libtorch_cpu.so", True),
        ("torch/bin/torch_shm_manager", True),
        ("torch/include/ATen/ATen.h", False),
        ("PySide6/Qt/plugins/platforms/libqxcb.so", True),
        ("PySide6/Qt/plugins/platforms/libqvnc.so", False),
        ("PySide6/plugins/platforms/qwindows.dll", True),
        ("PySide6/Qt/plugins/platformthemes/libqgtk3.so", False),
        ("PySide6/Qt/plugins/platforminputcontexts/libcomposeplatforminputcontextplugin.so", True),
        ("PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so", False),
        ("PySide6/Qt/plugins/iconengines/libqsvgicon.so", True),
        ("PySide6/Qt/translations/qtbase_de.qm", False),
        ("PySide6\\translations\\qtbase_de.qm", False),
        ("torch-2.13.0.dist-info/METADATA", True),
        ("layerscope-0.1.0.dist-info/direct_url.json", False),
        ("numpy/_core/tests/data/x.csv", False),
        ("resources/builtin/weights.safetensors", True),
    ],
)
def test_what_goes_in(place, wanted):
    import contents

    assert contents.is_wanted(place) == wanted


def test_links_to_what_is_left_out_are_left_out():
    import contents

    entries = [
        ("libz.so", "PySide6/Qt/translations/libz.so", "SYMLINK"),
        ("libQt6Core.so.6", "PySide6/Qt/lib/libQt6Core.so.6", "SYMLINK"),
        ("PySide6/Qt/translations/libz.so", "/x", "BINARY"),
        ("PySide6/Qt/lib/libQt6Core.so.6", "/y", "BINARY"),
    ]
    assert contents.wanted(entries) == [entries[1], entries[3]]


def test_torchs_modules_with_source_exist_and_those_that_read_it_are_all_named():
    import contents
    import torch

    folder = Path(torch.__file__).parent
    readers = {
        "torch." + path.relative_to(folder).with_suffix("").as_posix().replace("/", ".")
        for path in folder.rglob("*.py")
        if re.search(r"^install_config_module\(", path.read_text("utf-8", "replace"), re.MULTILINE)
    }
    left_out = tuple(f"{name}." for name in contents.EXCLUDED_MODULES)
    left = {name for name in readers if not name.startswith(left_out) and ".testing." not in name}
    assert left <= set(contents.WITH_SOURCE)


def test_macs_description_has_the_kinds_of_files_and_sharp_screens():
    import plistlib

    import platforms

    told = plistlib.loads(plistlib.dumps(platforms.info_plist("1.2.3")))
    assert told["NSHighResolutionCapable"] is True
    opened = {name for kind in told["CFBundleDocumentTypes"] for name in kind["LSItemContentTypes"]}
    assert set(platforms.WEIGHTS) | {"public.jpeg", "public.png", "public.heic"} <= opened
    declared = {kind["UTTypeIdentifier"] for kind in told["UTImportedTypeDeclarations"]}
    assert declared == set(platforms.WEIGHTS)


@pytest.mark.parametrize(
    ("version", "numbers"), [("0.1.0", (0, 1, 0, 0)), ("1.2.3.4", (1, 2, 3, 4)), ("2.0rc1", (2, 0, 0, 0))]
)
def test_version_in_windows_numbers(version, numbers):
    import platforms

    assert platforms.version_numbers(version) == numbers


def test_sizes_count_every_file_once(tmp_path):
    import size

    (tmp_path / "_internal/torch/lib").mkdir(parents=True)
    (tmp_path / "_internal/torch/lib/libtorch_cpu.so").write_bytes(bytes(2_000_000))
    (tmp_path / "_internal/libX11.so.6").write_bytes(bytes(500_000))
    (tmp_path / "_internal/link").symlink_to("libX11.so.6")
    (tmp_path / "layerscope").write_bytes(bytes(1_000_000))
    assert size.measure(tmp_path) == {
        "libtorch_cpu": 2.0, "the program with all its Python modules": 1.0,
        "libraries of the system (X11, fonts, OpenSSL ...)": 0.5,
    }  # fmt: skip
    assert size.table(size.measure(tmp_path)).splitlines()[-1].split() == ["3.5", "MB", "in", "all"]


@posix
def test_package_for_debian_has_the_program_where_debian_wants_it(program, tmp_path):
    import contents
    import deb

    if not deb.can_pack():
        pytest.skip("dpkg-deb is not installed")
    (program / "_internal").mkdir()
    (program / "_internal/share").write_text("not to be taken for the one beside the program", "utf-8")
    (program / "_internal/link").symlink_to("share")
    (program / "licences/torch").mkdir(parents=True)
    for name in ("LICENSE", "licences/torch/LICENSE"):
        (program / name).write_text("Do what you like.", "utf-8")
    package = deb.pack(program, tmp_path, 1_600_000_000)
    assert [path.name for path in tmp_path.glob(".deb")] == []
    assert package.name.startswith(f"layerscope_{contents.VERSION}_")
    fields = asked("dpkg-deb", "--field", str(package)).stdout
    assert re.search(r"^Depends: libc6 \(>= 2\.\d+\), libegl1, libgl1, libxcb1, xkb-data$", fields, re.MULTILINE)
    assert re.search(r"^Installed-Size: \d+$", fields, re.MULTILINE)
    listed = asked("dpkg-deb", "--contents", str(package)).stdout.splitlines()
    assert {line.split()[1] for line in listed} == {"root/root"}
    assert {line[:10] for line in listed} <= {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}
    assert {line.split()[3] for line in listed} == {"2020-09-13"}
    out = tmp_path / "out"
    asked("dpkg-deb", "--raw-extract", str(package), str(out))
    done = subprocess.run([out / "usr/bin/layerscope", "a b"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["a b"]
    assert (out / "usr/lib/layerscope/_internal/link").read_text("utf-8").startswith("not to be taken")
    assert entry_of(out / "usr/share/applications/layerscope.desktop")["Exec"] == "layerscope %F"
    assert (out / "usr/share/doc/layerscope/licences/torch/LICENSE").is_file()
    assert not (out / "usr/lib/layerscope/install.sh").exists()
    sums = subprocess.run(["md5sum", "--check", "--quiet", "DEBIAN/md5sums"], cwd=out, capture_output=True, check=False)
    assert sums.returncode == 0
