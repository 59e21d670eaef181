import os
import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import ExportError, UsageError
from core.jobs.export_files import FreeNames, check_place, file_name, write_new, write_whole
from tests.helpers.shared_data import ROOT


def test_a_new_file_never_replaces_anything(tmp_path):
    assert write_new(tmp_path / "x.npz", b"first")
    assert not write_new(tmp_path / "x.npz", b"second")
    (tmp_path / "nowhere.npz").symlink_to(tmp_path / "gone" / "file")
    assert not write_new(tmp_path / "nowhere.npz", b"second")
    assert (tmp_path / "x.npz").read_bytes() == b"first"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["nowhere.npz", "x.npz"]


def test_a_file_that_comes_in_the_last_moment_stays(tmp_path, monkeypatch):
    def fsync(_number):
        (tmp_path / "x.npz").write_bytes(b"theirs")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        assert not write_new(tmp_path / "x.npz", b"ours")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.npz", b"theirs")]


def test_a_file_system_without_hard_links(tmp_path, monkeypatch):
    def link(*_arguments):
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:
        patch.setattr(os, "link", link)
        assert write_new(tmp_path / "x.npz", b"first")
        assert not write_new(tmp_path / "x.npz", b"second")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("x.npz", b"first")]


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps nobody out of a folder this way")
def test_a_folder_that_is_read_only(tmp_path):
    me, nobody = os.geteuid(), 65534
    tmp_path.chmod(0o555)
    try:
        if me == 0:  # whom no folder keeps out
            os.seteuid(nobody)
        for write in (write_whole, write_new):
            with pytest.raises(ExportError, match=r"x\.npz.*could not be written \(Permission denied\)"):
                write(tmp_path / "x.npz", b"x")
    finally:
        os.seteuid(me)
        tmp_path.chmod(0o755)
    assert list(tmp_path.iterdir()) == []


def test_what_stands_in_the_way_is_said_before(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"precious")
    with pytest.raises(UsageError, match="made from"):
        check_place(tmp_path / "picture.png", (None, tmp_path / "picture.png"))
    with pytest.raises(UsageError, match="no folder"):
        check_place(tmp_path / "gone" / "x.svg")
    check_place(tmp_path / "new.svg", (tmp_path / "picture.png", None))


def test_names_say_what_is_inside():
    assert file_name("orange", "features.4", suffix=".npz") == "orange.features.4.npz"
    assert file_name("orange", "features.4", suffix=".npz", number=2) == "orange.features.4-2.npz"
    assert file_name("resnet50", "layer1.0", "ch12", "a/b", suffix=".png", between=" ") == "resnet50 layer1.0 ch12 a_b.png"
    assert file_name("", "", suffix=".png") == "layerscope.png"
    assert file_name("ü 画像" * 100, "features.4", suffix=".npz").endswith("画像.features.4.npz")


@given(st.lists(st.text(max_size=300), min_size=1, max_size=3), st.integers(1, 12))
def test_any_name_can_be_a_file(tmp_path_factory, parts, number):
    try:
        name = file_name(*parts, suffix=".npz", number=number)
    except UnicodeEncodeError:
        return  # lone surrogates do not come from a file system
    assert len(os.fsencode(name)) <= 255
    assert Path(name).name == name
    assert not set(name) & set('<>:"/\\|?*\0')


def test_free_names_are_all_different(tmp_path):
    free = FreeNames(tmp_path, [tmp_path / "Orange.conv.png", tmp_path.parent / "elsewhere.conv.png"])
    drawn = [next(free.names(stem, "conv", suffix=".png")).name for stem in ("orange", "ORANGE", "lemon", "elsewhere")]
    assert drawn == ["orange.conv-2.png", "ORANGE.conv-3.png", "lemon.conv.png", "elsewhere.conv.png"]
    more = [path.name for path in islice(free.names("lemon", "conv", suffix=".png"), 2)]
    assert more == ["lemon.conv-2.png", "lemon.conv-3.png"]


KILLED = """
import os, signal, sys
from pathlib import Path
from core.jobs import export_files
export_files.os.fsync = lambda _number: os.kill(os.getpid(), signal.SIGKILL)
export_files.write_whole(Path(sys.argv[1]), bytes(100_000))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows cannot be killed this way")
def test_killed_in_the_middle_the_file_is_not_there(tmp_path):
    (tmp_path / "old.npz").write_bytes(b"old")
    for name in ("x.npz", "old.npz"):
        done = subprocess.run(
            [sys.executable, "-c", KILLED, tmp_path / name], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=120
        )
        assert done.returncode == -9
    assert not (tmp_path / "x.npz").exists()
    assert (tmp_path / "old.npz").read_bytes() == b"old"
    assert all(path.name.startswith(".layerscope-") for path in tmp_path.iterdir() if path.name != "old.npz")
