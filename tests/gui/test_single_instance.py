"""The door at which later starts hand their files over: one has it, it is private, and a killed holder is not in the way."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import paths
from gui.single_instance import TAKEN, Door, Parcel, find_door, hand_over, local_path, pack, unpack, wanted

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def visitor(door, tmp_path):
    """What another start sees of the same door."""
    visitor = Door(tmp_path, "key", loopback=door._loopback)
    yield visitor
    visitor.close()


def answering(door: Door, answer: bytes, received: list[bytes]) -> threading.Thread:
    def serve() -> None:
        door.listener.setblocking(True)
        line, _ = door.listener.accept()
        with line:
            while part := line.recv(4096):
                received.append(part)
            line.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


def test_only_one_has_the_door_and_the_next_gets_it_when_it_is_given_up(door, visitor):
    assert not visitor.open()
    door.close()
    assert visitor.open()
    assert not door.open()


def test_files_are_handed_over_whole(door, visitor):
    received: list[bytes] = []
    thread = answering(door, TAKEN, received)
    parcel = Parcel((Path("/a b/ü 画像 #1%.jpg"), Path(os.fsdecode(b"/odd\xff.png"))), "token")
    assert visitor.knock(parcel)
    thread.join()
    message = b"".join(received)
    assert message.startswith(door.password)
    assert unpack(message[len(door.password) :]) == parcel
    assert not visitor.is_open


def test_whoever_is_turned_away_opens_a_window_of_its_own_without_the_door(door, visitor):
    received: list[bytes] = []
    thread = answering(door, b"", received)
    assert not visitor.knock(Parcel(), patience=0.3)
    thread.join()
    assert not visitor.is_open


def test_a_window_that_hangs_is_not_waited_for_longer_than_the_patience(door, visitor):
    assert not visitor.knock(Parcel(), patience=0.2)  # it is accepted by nobody
    assert not visitor.is_open


def test_a_window_that_leaves_while_somebody_waits_lets_them_have_the_door(door, visitor):
    leaving = threading.Timer(0.1, door.close)
    leaving.start()
    assert not visitor.knock(Parcel((Path("/a"),)))
    leaving.join()
    assert visitor.is_open


HOLDER = """
import sys, time
from pathlib import Path
from gui.single_instance import Door
door = Door(Path(sys.argv[1]), "key", loopback=sys.argv[2] == "True")
print(door.open(), flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("loopback", [False, True])
def test_the_door_of_a_killed_program_is_taken_over(tmp_path, loopback):
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path), str(loopback)], cwd=ROOT, text=True, stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    with holder:
        assert holder.stdout.readline() == "True\n"
        door = Door(tmp_path, "key", loopback=loopback)
        assert not door.open()
        holder.send_signal(signal.SIGKILL)
    assert list(tmp_path.glob("key.[dp]o*"))  # its door is still there
    assert not door.knock(Parcel())
    assert door.is_open
    door.close()


def test_many_at_the_same_time_end_with_one_that_has_the_door(tmp_path):
    start = threading.Barrier(12)
    doors = [Door(tmp_path, "key") for _ in range(12)]
    had: list[Door] = []

    def run(door: Door) -> None:
        start.wait()
        if door.open():
            had.append(door)

    threads = [threading.Thread(target=run, args=(door,)) for door in doors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(had) == 1
    had[0].close()


@given(st.binary(max_size=200))
def test_noise_is_no_parcel_or_one_of_whole_paths(noise):
    parcel = unpack(noise)
    assert parcel is None or all(path.is_absolute() for path in parcel.paths)


@given(st.lists(st.text(st.characters(exclude_characters="\0"), max_size=30), max_size=5))
def test_every_name_comes_back(names):
    parcel = Parcel(tuple(Path("/") / name.lstrip("/") for name in names))
    assert unpack(pack(parcel)) == parcel


@pytest.mark.parametrize("message", [
    b"[]", b"{}", b'{"paths": "/a"}', b'{"paths": ["a"]}', b'{"paths": ["../a"]}', b'{"paths": [1]}',
    b'{"paths": ["/a\\u0000b"]}', b'{"paths": [["/a"]]}', b"[" * 100_000, b'{"paths": ["/' + b"a" * 40_000 + b'"]}',
])  # fmt: skip
def test_what_is_no_list_of_whole_paths_is_refused(message):
    assert unpack(message) is None


@pytest.mark.parametrize("token", ['"a\\nb"', "5", '"' + "x" * 300 + '"', '"ü"'])
def test_an_odd_token_is_left_out(token):
    assert unpack(f'{{"paths": ["/a"], "token": {token}}}'.encode()) == Parcel((Path("/a"),))


def test_the_door_is_in_a_folder_that_nobody_else_may_enter(home):
    door = find_door()
    assert door.open()
    try:
        assert stat.S_IMODE((home / "run").stat().st_mode) == 0o700
    finally:
        door.close()
    assert find_door()._address.parent == home / "run"


def test_a_folder_that_others_may_enter_or_that_is_a_link_is_not_used(home, monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    (home / "run").mkdir()
    (home / "run").chmod(0o777)
    spare = tmp_path / f"layerscope-{os.getuid()}"
    assert find_door()._address.parent == spare
    spare.rmdir()
    spare.symlink_to(home)
    assert find_door() is None


def test_a_path_too_long_for_a_socket_leads_to_another_folder(monkeypatch, tmp_path):
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setenv("LAYERSCOPE_HOME", str(long))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    door = find_door()
    assert door.open()
    door.close()
    assert door._address.parent.parent == tmp_path


def test_without_the_folder_of_the_login_another_one_is_used(monkeypatch, tmp_path):
    monkeypatch.delenv("LAYERSCOPE_HOME")
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "gone"))
    assert paths.runtime_dirs() == (tmp_path / f"layerscope-{os.getuid()}",)
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert paths.runtime_dirs()[0] == tmp_path / "layerscope"


def test_other_screens_and_other_homes_have_other_doors(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    seen = {find_door()._address.name}
    monkeypatch.setenv("DISPLAY", ":4711")
    seen.add(find_door()._address.name)
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "other"))
    seen.add(find_door()._address.name)
    assert len(seen) == 3


def test_only_a_start_that_asks_for_nothing_but_files_knocks(home):
    door = find_door()
    assert door.open()
    try:
        assert hand_over(["--layer", "x", "a.png"])[0] is False
        taken, own = hand_over(["--new-window"])
        assert (taken, own.is_open) == (False, False)
        (home / "config").mkdir()
        (home / "config" / "settings.json").write_text('{"single_window": false}')
        assert hand_over(["a.png"]) == (False, None)
    finally:
        door.close()


@pytest.mark.parametrize(
    ("content", "answer"), [('{"single_window": false}', False), ('{"single_window": 0}', True), ("[", True), ("[]", True)]
)
def test_the_settings_say_whether_windows_are_shared(home, content, answer):
    assert wanted()
    (home / "config").mkdir()
    (home / "config" / "settings.json").write_text(content)
    assert wanted() is answer


def test_addresses_of_files_are_paths(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert local_path("file:///tmp/a%20b%23%25.jpg") == Path("/tmp/a b#%.jpg")
    assert local_path("file:///tmp/%C3%BC.jpg") == Path("/tmp/ü.jpg")
    assert os.fsencode(local_path("file:///tmp/%FF.jpg")) == b"/tmp/\xff.jpg"
    assert local_path("a.jpg") == tmp_path / "a.jpg"
    assert local_path("~nobody-of-that-name.jpg") == tmp_path / "~nobody-of-that-name.jpg"


def test_a_caller_without_the_password_is_known_by_its_absence(tmp_path):
    door = Door(tmp_path, "key", loopback=True)
    assert door.open()
    address = tmp_path / "key.port"
    assert stat.S_IMODE(address.stat().st_mode) == 0o600
    assert len(door.password) == 32
    with socket.create_connection(("127.0.0.1", int(address.read_bytes().split()[0]))) as line:
        assert line.getpeername()[0] == "127.0.0.1"
    door.close()
    assert not address.exists()
