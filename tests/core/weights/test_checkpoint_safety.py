"""Files that try to run code, to fill the memory, to take for ever, or to reach outside."""

import collections
import contextlib
import copyreg
import io
import json
import os
import pickle
import socket
import struct
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path

import pytest
import torch

from core.errors import WeightsError
from core.weights.checkpoint import CheckpointError, open_checkpoint
from core.weights.read import read_weights


class Calls:
    """Pickles as a call."""

    def __init__(self, function, *args, state=None):
        self.call = (function, args) if state is None else (function, args, state)

    def __reduce__(self):
        return self.call


class Sets:
    def __init__(self, marker):
        self.marker = marker

    def __setstate__(self, state):
        Path(state["marker"]).mkdir()


class Built:
    def __new__(cls, marker=None):
        if marker:
            Path(marker).mkdir()
        return super().__new__(cls)

    def __getnewargs__(self):
        return (self.marker,)


def evil(marker):
    """Return what would make a folder once loaded."""
    code = f"__import__('os').mkdir({str(marker)!r})"
    built = Built()
    built.marker = str(marker)
    return {
        "mkdir": Calls(os.mkdir, str(marker)),
        "system": Calls(os.system, f"mkdir '{marker}'"),
        "eval": Calls(eval, code),
        "exec": Calls(exec, code),
        "popen": Calls(subprocess.Popen, ["mkdir", str(marker)]),
        "setstate": Sets(str(marker)),
        "new": built,
        "getattr": Calls(getattr, Calls(__import__, "os"), "mkdir"),
        "hub": Calls(torch.hub._get_torch_home),
        "load": Calls(torch.load, str(marker)),
        "from file": Calls(torch.UntypedStorage.from_file, str(marker), True, 100),
        "nested": Calls(torch.storage._load_from_bytes, pickle.dumps(Calls(os.mkdir, str(marker)))),
        "reconstructor": Calls(copyreg._reconstructor, Sets, object, None, state={"marker": str(marker)}),
        "ordered": collections.OrderedDict(a=Calls(os.mkdir, str(marker))),
        "bytearray": Calls(bytearray, 10**11),
        "list": Calls(list, Calls(range, 10**11)),
        "zeros": Calls(torch.zeros, 10**11),
        "tensor": Calls(torch.FloatTensor, 10**11),
        "parameter": Calls(torch.nn.Parameter, Calls(torch.empty, 10**11)),
    }  # fmt: skip


@pytest.mark.parametrize("name", ["mkdir", "system", "eval", "exec", "setstate", "new", "ordered", "nested"])
def test_these_files_would_run_code(tmp_path, name):
    marker = tmp_path / "made by the file"
    data = pickle.dumps(evil(marker)[name])
    with contextlib.suppress(Exception):
        pickle.loads(data)
    assert marker.exists() or name == "nested"  # which torch of today refuses


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle 0", "pickle 2", "pickle 4", "pickle 5"])
def test_nothing_in_a_file_is_ever_run(tmp_path, form):
    marker, path = tmp_path / "made by the file", tmp_path / "evil.pt"
    for name, thing in evil(marker).items():
        for content in (thing, {"w": torch.ones(2), "x": thing}):
            if form.startswith("pickle"):
                path.write_bytes(pickle.dumps(content, int(form[-1])))
            else:
                torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
            try:
                found = open_checkpoint(path)
                assert found.content["w"].tolist() == [1, 1], name
                assert found.notes or name in ("bytearray", "tensor"), name
            except CheckpointError as error:
                found = error
            assert not marker.exists(), name
            assert found.globals, name
            assert found.executes_code or name in ("bytearray", "tensor"), (name, found.globals)


def test_what_it_would_have_run_is_named(tmp_path):
    torch.save({"w": torch.ones(1), "x": Calls(os.system, "true")}, tmp_path / "evil.pt")
    found = open_checkpoint(tmp_path / "evil.pt")
    assert f"{os.system.__module__}.system" in found.globals
    assert "without running" in found.notes[0]
    assert read_weights(tmp_path / "evil.pt").state_dict["w"].item() == 1
    (tmp_path / "only.pt").write_bytes(pickle.dumps(Calls(os.system, "true")))
    with pytest.raises(CheckpointError, match=r"\(posix\.system|\(nt\.system") as caught:
        open_checkpoint(tmp_path / "only.pt")
    assert caught.value.executes_code
    assert caught.value.kind == "unsupported"


def test_names_that_hide_on_the_stack_are_found(tmp_path):
    # "os" and "system" come from the memo, where they were put as ordinary texts.
    data = b"\x80\x04\x8c\x02os\x94\x8c\x06system\x94000h\x00h\x01\x93\x8c\x04true\x85R."
    (tmp_path / "hidden.pt").write_bytes(data.replace(b"000", b"00"))
    with pytest.raises(CheckpointError, match=r"os\.system") as caught:
        open_checkpoint(tmp_path / "hidden.pt")
    assert caught.value.globals == ("os.system",)
    (tmp_path / "extension.pt").write_bytes(b"\x80\x02\x82\x07)R.")
    with pytest.raises(CheckpointError) as caught:
        open_checkpoint(tmp_path / "extension.pt")
    assert caught.value.executes_code


def frame(body):
    return b"\x80\x04" + body + b"."


# Two of the last tuple, 200 times: hash() of it never ends.
TUPLES = b"".join(b"h" + bytes((i,)) + b"h" + bytes((i,)) + b"\x86\x94" for i in range(200))
COLLIDING = b"".join(b"\x8a\x0c" + (i * ((1 << 61) - 1)).to_bytes(12, "little") + b"N" for i in range(1, 3_000))
LISTS = b"".join(b"\x94]h" + bytes((i,)) + b"ah" + bytes((i,)) + b"a" for i in range(200))

MONSTERS = {
    "a long text": frame(b"X\xff\xff\xff\xff"),
    "a longer text": frame(b"\x8d" + b"\xff" * 8),
    "long bytes": frame(b"\x8e" + struct.pack("<Q", 10**11)),
    "a long byte array": frame(b"\x96" + struct.pack("<Q", 10**11)),
    "a long number": frame(b"\x8b\xff\xff\xff\x7f"),
    "a number of many digits": frame(b"L" + b"9" * 100_000 + b"L\n"),
    "a far memo": frame(b"Nr\xff\xff\xff\xff"),
    "laughing lists": frame(b"]" + LISTS),
    "laughing keys": frame(b")\x94" + TUPLES + b"}h\xc8Ns"),
    "nested lists": frame(b"]" * 10_000 + b"a" * 9_999),
    "nested tuples": frame(b")" + b"\x85" * 10_000),
    "marks": frame(b"(" * 10_000),
    "a list in itself": frame(b"]\x94h\x00a"),
    "a mapping in itself": frame(b"}\x94\x8c\x01ah\x00s"),
    "keys that collide": frame(b"}(" + COLLIDING + b"u"),
    "no stop": b"\x80\x04N",
    "nothing to stop with": frame(b""),
    "calls of calls": frame(b"c__main__\nA\n" + b")R" * 5_000),
}  # fmt: skip


@pytest.mark.parametrize("name", MONSTERS)
def test_monsters_are_refused_in_words_and_cost_nothing(tmp_path, name):
    data = MONSTERS[name]
    path = tmp_path / "monster.pt"
    inside = io.BytesIO()
    with zipfile.ZipFile(inside, "w") as archive:
        archive.writestr("archive/data.pkl", data)
    for content in (data, inside.getvalue()):
        path.write_bytes(content)
        tracemalloc.start()
        with pytest.raises(WeightsError, match=r"^“monster\.pt” \w.*\.$") as caught:
            open_checkpoint(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(caught.value.message) < 500
        assert peak < 2_000_000 + 200 * len(content)


def test_endless_steps(tmp_path):
    (tmp_path / "steps.pt").write_bytes(frame(b"N0" * 3_000_000))
    with pytest.raises(WeightsError, match="steps to read"):
        open_checkpoint(tmp_path / "steps.pt")


def laughs(rounds):
    """Return a list that holds one list twice, which holds one list twice ..."""
    inside = [torch.ones(1)]
    for _ in range(rounds):
        inside = [inside, inside]
    return inside


@pytest.mark.parametrize("legacy", [False, True])
def test_a_small_graph_that_stands_for_a_large_one(tmp_path, legacy):
    torch.save({"w": laughs(60)}, tmp_path / "laughs.pt", _use_new_zipfile_serialization=not legacy)
    with pytest.raises(WeightsError, match="values, more than"):
        open_checkpoint(tmp_path / "laughs.pt")
    net = torch.nn.Linear(1, 1)
    for _ in range(60):
        net = torch.nn.ModuleDict({"a": net, "b": net})
    torch.save(net, tmp_path / "net.pt", _use_new_zipfile_serialization=not legacy)
    with pytest.raises(WeightsError, match="values, more than"):
        open_checkpoint(tmp_path / "net.pt")


def archive(path, change):
    """Save a tensor, and let ``change`` rewrite the pickle."""
    buffer = io.BytesIO()
    torch.save({"w": torch.arange(4.0)}, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, change(data) if name.endswith("data.pkl") else data)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"K\x04\x85", b"\x8a\x05\x00\x00\x00\x00\x10\x85"),  # the size of the tensor, or how many numbers there are
        (b"K\x04t", b"\x8a\x05\x00\x00\x00\x00\x10t"),
        (b"K\x01\x85", b"\x8a\x05\x00\x00\x00\x00\x10\x85"),
        (b"K\x01\x85", b"J\xff\xff\xff\xff\x85"),
        (b"QK\x00", b"QK\x02"),
        (b"QK\x00", b"QJ\xfe\xff\xff\xff"),
        (b"X\x01\x00\x00\x000", b"X\x0b\x00\x00\x00../../../x0"),
        (b"FloatStorage", b"OtherStorage"),
    ],
)
def test_tensors_never_reach_beyond_their_numbers(tmp_path, old, new):
    buffer = io.BytesIO()
    torch.save({"w": torch.arange(4.0)}, buffer)
    with zipfile.ZipFile(buffer) as source:
        pickled = next(source.read(name) for name in source.namelist() if name.endswith("data.pkl"))
    assert old in pickled or (old == b"K\x04t" and b"K\x04t" in pickled)
    archive(tmp_path / "beyond.pt", lambda data: data.replace(old, new))
    with pytest.raises(WeightsError, match="damaged"):
        open_checkpoint(tmp_path / "beyond.pt")


def test_tensors_far_larger_than_the_file(tmp_path):
    torch.save({"w": torch.ones(1).expand(10**11)}, tmp_path / "wide.pt")
    with pytest.raises(WeightsError, match="far larger than the file"):
        open_checkpoint(tmp_path / "wide.pt")
    whole = torch.ones(1 << 20)
    torch.save({f"w{i}": whole[i:] for i in range(100)}, tmp_path / "many.pt")
    with pytest.raises(WeightsError, match="far larger than the file"):
        open_checkpoint(tmp_path / "many.pt")
    sparse = torch.sparse_coo_tensor(torch.tensor([[0]]), torch.ones(1), (10**10,), check_invariants=True)
    torch.save({"w": sparse}, tmp_path / "sparse.pt")
    with pytest.raises(WeightsError, match="far larger than the file"):
        open_checkpoint(tmp_path / "sparse.pt")


@pytest.mark.parametrize("what", ["data.pkl", "data/0"])
def test_zip_bombs(tmp_path, what):
    buffer = io.BytesIO()
    torch.save({"w": torch.zeros(10_000_000)}, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(tmp_path / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            data = source.read(name)
            target.writestr(name, bytes(300_000_000) if name.endswith(what) and what == "data.pkl" else data)
    tracemalloc.start()
    with pytest.raises(WeightsError, match=r"far larger than the file|lists its tensors in \d+ MB"):
        open_checkpoint(tmp_path / "bomb.pt")
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


def test_archives_reach_nowhere(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    buffer = io.BytesIO()
    torch.save({"w": torch.ones(1)}, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(folder / "x.pt", "w") as target:
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr("../outside", "x")
        target.writestr("/tmp/outside-of-everything", "x")
    assert open_checkpoint(folder / "x.pt").content["w"].item() == 1
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert [path.name for path in folder.iterdir()] == ["x.pt"]


def test_headers_of_safetensors_that_lie(tmp_path):
    path = tmp_path / "x.safetensors"
    for entry in (
        {"dtype": "F32", "shape": [10**11], "data_offsets": [0, 4 * 10**11]},
        {"dtype": "F32", "shape": [2**40, 2**40], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2], "data_offsets": [8, 0]},
        {"dtype": "F32", "shape": [-2], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": [2.0], "data_offsets": [0, 8]},
        {"dtype": "F32", "shape": 2, "data_offsets": [0, 8]},
        {"dtype": "X32", "shape": [2], "data_offsets": [0, 8]},
        {"dtype": ["F32"], "shape": [2], "data_offsets": [0, 8]},
        {"shape": [2]}, 7, None, [],
    ):  # fmt: skip
        header = json.dumps({"w": entry}).encode()
        path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
        with pytest.raises(WeightsError):
            open_checkpoint(path)
    for header in (b"[" * 100_000, b"{}" + b" " * 10, b'{"__metadata__": 3}', b"{" * 50):
        path.write_bytes(len(header).to_bytes(8, "little") + header)
        with pytest.raises(WeightsError):
            open_checkpoint(path)
    twice = {name: {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]} for name in "ab"}
    header = json.dumps(twice).encode()
    path.write_bytes(len(header).to_bytes(8, "little") + header + bytes(8))
    with pytest.raises(WeightsError, match="overlap"):
        open_checkpoint(path)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such files")
def test_what_is_no_file_is_said_and_never_waits(tmp_path):
    torch.save({"w": torch.ones(1)}, tmp_path / "real.pt")
    (tmp_path / "link.pt").symlink_to("real.pt")
    assert open_checkpoint(tmp_path / "link.pt").content["w"].item() == 1
    (tmp_path / "dangling").symlink_to("gone")
    (tmp_path / "loop").symlink_to("loop")
    os.mkfifo(tmp_path / "pipe")
    server = socket.socket(socket.AF_UNIX)
    before = Path.cwd()
    os.chdir(tmp_path)
    try:
        server.bind("socket")
    finally:
        os.chdir(before)
    for name, kind, words in (
        ("dangling", "missing", "link to a file that is not there"),
        ("loop", "missing", "leads back to itself"),
        ("pipe", "unsupported", "is a pipe"),
        ("socket", "unsupported", "is a socket"),
        (".", "unsupported", "is a folder"),
        ("/dev/zero", "unsupported", "is a device"),
        ("real.pt/inside", "missing", "There is no weights file"),
        ("a\0b", "missing", "There is no weights file"),
        ("x" * 300, "unreadable", "could not be read"),
    ):
        with pytest.raises(WeightsError, match=words) as caught:
            open_checkpoint(tmp_path / name)
        assert caught.value.kind == kind, name
    server.close()
