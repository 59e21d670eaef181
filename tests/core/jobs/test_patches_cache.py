"""The cache of maxima: never wrong, never in the way."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.errors import ImageError
from core.jobs import patches_database
from core.jobs.patches_cache import FileState, PatchesCache, database_file
from core.jobs.patches_maxima import PLACES, Maxima

ROOT = Path(__file__).resolve().parents[3]
LAYER, OTHER = "ab" * 32, "cd" * 32


def some(seed, channels=8):
    values = np.random.default_rng(seed).normal(size=(channels, PLACES)).astype(np.float32)
    values[0, 1:] = np.nan
    places = np.arange(channels * PLACES, dtype=np.int32).reshape(channels, PLACES) + seed
    return Maxima(values, places, 9, 11 + seed, (640 + seed, 480), (0.1, -2.5, 300.25, 1 / 3))


def state(seed, folder=Path("/nowhere")):
    return FileState(folder / f"{seed}.png", 10, 10**18, seed.to_bytes(32, "big"))


def same(one, other):
    np.testing.assert_array_equal(one.values, other.values)
    np.testing.assert_array_equal(one.places, other.places)
    return (one.rows, one.columns, one.size, one.box) == (other.rows, other.columns, other.size, other.box)


def filled(count=4):
    with PatchesCache() as cache:
        for seed in range(count):
            cache.keep(LAYER, state(seed), some(seed))
        assert cache.notices == []


def test_what_was_kept_is_there_at_the_next_start():
    filled()
    with PatchesCache() as cache:
        assert all(same(cache.look_up(LAYER, state(seed)), some(seed)) for seed in range(4))
        assert cache.look_up(OTHER, state(0)) is None
        assert cache.look_up(LAYER, state(9)) is None
        cache.keep(LAYER, state(0), some(7))
        assert same(cache.look_up(LAYER, state(0)), some(7))
        assert cache.notices == []


def test_a_file_is_read_once_as_long_as_it_stays_as_it_is(tmp_path):
    path = tmp_path / os.fsdecode(b"\xff odd.png")
    path.write_bytes(b"one")
    os.utime(path, ns=(1, 10**18))
    with PatchesCache() as cache:
        first = cache.identify(path)
    path.write_bytes(b"two")
    os.utime(path, ns=(1, 10**18))
    with PatchesCache() as cache:
        assert cache.identify(path) == first
        assert cache.unchanged(first)
        os.utime(path, ns=(1, 10**18 + 1))
        assert not cache.unchanged(first)
        assert cache.identify(path).sha256 != first.sha256


def test_a_file_that_has_just_changed_is_read_again(tmp_path):
    path = tmp_path / "new.png"
    path.write_bytes(b"one")
    with PatchesCache() as cache:
        about = path.stat()
        first = cache.identify(path)
        path.write_bytes(b"two")
        os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
        assert cache.identify(path).sha256 != first.sha256


def test_failures_are_known_until_the_file_changes(tmp_path):
    path = tmp_path / "bad.png"
    path.write_bytes(b"bad")
    os.utime(path, ns=(1, 10**18))
    with PatchesCache() as cache:
        seen = cache.identify(path)
        assert cache.failure(seen) is None
        cache.keep_failure(seen, ImageError("It is bad.", kind="truncated", path=path))
        error = cache.failure(cache.identify(path))
        assert (error.message, error.kind, error.path) == ("It is bad.", "truncated", path)
        os.utime(path, ns=(1, 10**18 + 5))
        assert cache.failure(cache.identify(path)) is None


def test_what_is_no_file_is_an_error_in_words(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    with PatchesCache() as cache:
        for name, kind in (("gone.png", "missing"), ("", "unsupported"), ("pipe.png", "unsupported"), ("a\0b", "missing")):
            with pytest.raises(ImageError) as caught:
                cache.identify(tmp_path / name)
            assert caught.value.kind == kind


def test_the_oldest_make_room():
    limit = 400_000
    with PatchesCache(limit=limit) as cache:
        for seed in range(60):
            cache.keep(LAYER, state(seed), some(seed, channels=512))
        there = [cache.look_up(LAYER, state(seed)) is not None for seed in range(60)]
        assert cache.notices == []
    assert there == sorted(there)
    assert 15 < sum(there) < 40
    assert database_file().stat().st_size < 2 * limit
    with PatchesCache(limit=1) as cache:
        cache.keep(LAYER, state(1), some(1))
        assert cache.look_up(LAYER, state(1)) is None


@pytest.mark.parametrize("damage", ["garbage", "cut", "middle", "columns"])
def test_a_damaged_file_is_moved_aside_in_words_and_a_new_one_begun(damage):
    filled(300)
    path = database_file()
    content = path.read_bytes()
    if damage == "columns":
        with sqlite3.connect(path) as connection:
            connection.execute("ALTER TABLE maxima RENAME COLUMN content TO contents")
        connection.close()
    else:
        middle = content[:4096] + bytes(reversed(content[4096:]))
        path.write_bytes({"garbage": b"not a database at all" * 100, "cut": content[:5000], "middle": middle}[damage])
    with PatchesCache() as cache:
        assert cache.look_up(LAYER, state(250)) is None
        cache.keep(LAYER, state(250), some(5))
        assert same(cache.look_up(LAYER, state(250)), some(5))
        assert len(cache.notices) == 1
        assert str(path) in cache.notices[0]
        assert "starts anew" in cache.notices[0]
    assert path.with_name("patches.sqlite.damaged").exists()
    with PatchesCache() as cache:
        assert same(cache.look_up(LAYER, state(250)), some(5))
        assert len(cache.notices) == 1


def test_a_search_that_is_given_up_leaves_what_it_had_to_say_to_the_next():
    database_file().parent.mkdir(parents=True)
    database_file().write_bytes(b"no database" * 999)
    with pytest.raises(GeneratorExit), PatchesCache():
        raise GeneratorExit
    with PatchesCache() as cache:
        assert len(cache.notices) == 1


def test_a_flipped_bit_in_an_entry_is_noticed():
    filled(1)
    path = database_file()
    content = bytearray(path.read_bytes())
    place = content.index(some(0).values[3, 0].tobytes())
    content[place] ^= 1
    path.write_bytes(content)
    with PatchesCache() as cache:
        assert cache.look_up(LAYER, state(0)) is None


def test_somebody_elses_database_is_not_touched():
    path = database_file()
    path.parent.mkdir(parents=True)
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE maxima (name TEXT)")
        connection.execute("INSERT INTO maxima VALUES ('precious')")
    connection.close()
    before = path.read_bytes()
    with PatchesCache() as cache:
        assert "another program" in cache.notices[0]
        cache.keep(LAYER, state(0), some(0))
        assert cache.look_up(LAYER, state(0)) is not None
    assert path.with_name("patches.sqlite.damaged").read_bytes() == before


def test_one_of_another_version_is_made_anew():
    filled(1)
    with sqlite3.connect(database_file()) as connection:
        connection.execute(f"PRAGMA user_version={patches_database.VERSION + 1}")
    connection.close()
    with PatchesCache() as cache:
        assert cache.look_up(LAYER, state(0)) is None
        assert cache.notices == []
    filled(1)


def test_without_a_place_to_write_it_says_so_once_and_goes_on(home, tmp_path):
    (home / "cache").write_text("a file where the folder should be")
    picture = tmp_path / "a.png"
    picture.write_bytes(b"abc")
    with PatchesCache() as cache:
        for seed in range(3):
            cache.keep(LAYER, state(seed), some(seed))
            assert cache.look_up(LAYER, state(seed)) is None
        assert cache.identify(picture).size == 3
        assert len(cache.notices) == 1
        assert "cannot be kept" in cache.notices[0]


def run(code, *arguments, **more):
    head = "import sys\nfrom tests.core.jobs.test_patches_cache import *\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + code, *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True, **more
    )


FULL = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
with PatchesCache() as cache:
    for seed in range(100):
        cache.keep(LAYER, state(seed), some(seed, channels=512))
    print(len(cache.notices), cache.look_up(LAYER, state(0)) is not None, cache.notices[0])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are not there")
def test_a_full_disk_is_said_once_and_what_is_there_stays_readable():
    with run(FULL) as program:
        words = program.communicate(timeout=60)[0]
    assert program.returncode == 0
    assert words.startswith("1 True")
    assert "cannot be kept" in words
    with PatchesCache() as cache:
        assert same(cache.look_up(LAYER, state(0)), some(0, channels=512))
        assert cache.notices == []


WRITE = """
first = int(sys.argv[1])
print("begin", flush=True)
with PatchesCache() as cache:
    for seed in range(first, first + 150):
        cache.keep(LAYER, state(seed), some(seed))
    assert cache.notices == [], cache.notices
"""


def test_two_programs_write_at_once():
    with run(WRITE, 0) as one, run(WRITE, 1000) as other:
        for program in (one, other):
            program.communicate(timeout=60)
    assert (one.returncode, other.returncode) == (0, 0)
    with PatchesCache() as cache:
        kept = [seed for first in (0, 1000) for seed in range(first, first + 150) if cache.look_up(LAYER, state(seed))]
        assert cache.notices == []
    # One that finds the other writing for a second leaves an entry out; it is looked at again some day.
    assert len(kept) >= 290


def test_many_make_it_at_once(tmp_path):
    def make(path, start):
        start.wait()
        patches_database.connect(path).close()

    with ThreadPoolExecutor(4) as threads:
        for number in range(50):
            start = threading.Barrier(4)
            made = [threads.submit(make, tmp_path / f"{number}.sqlite", start) for _ in range(4)]
            assert [one.exception() for one in made] == [None] * 4


def test_one_that_another_program_is_changing_is_waited_for():
    database_file().parent.mkdir(parents=True)
    other = sqlite3.connect(database_file(), isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    done = threading.Timer(0.3, other.execute, ["ROLLBACK"])
    done.start()
    with PatchesCache() as cache:
        cache.keep(LAYER, state(0), some(0))
        assert same(cache.look_up(LAYER, state(0)), some(0))
        assert cache.notices == []
    done.join()
    other.close()


def test_one_that_stays_locked_is_left_in_words(monkeypatch):
    monkeypatch.setattr(patches_database, "_OPENING", 0.1)
    database_file().parent.mkdir(parents=True)
    other = sqlite3.connect(database_file(), isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with PatchesCache() as cache:
        cache.keep(LAYER, state(0), some(0))
        assert cache.look_up(LAYER, state(0)) is None
        (notice,) = cache.notices
    other.close()
    assert "database is locked" in notice
    assert notice.endswith("Close the program that uses it.")


ENDLESS = """
with PatchesCache() as cache:
    print("begin", flush=True)
    seed = 0
    while True:
        cache.keep(LAYER, state(seed), some(seed, channels=2000))
        print(seed, flush=True)
        seed += 1
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_killed_in_the_middle_of_writing_it_holds_all_that_was_written_before():
    chance = random.Random(1)
    for _ in range(3):
        database_file().unlink(missing_ok=True)
        with run(ENDLESS) as program:
            wanted, last = chance.randint(5, 60), -1
            program.stdout.readline()
            while last < wanted:
                last = int(program.stdout.readline())
            program.send_signal(signal.SIGKILL)
        with PatchesCache() as cache:
            assert all(same(cache.look_up(LAYER, state(seed)), some(seed, channels=2000)) for seed in range(last + 1))
            cache.keep(OTHER, state(0), some(1))
            assert same(cache.look_up(OTHER, state(0)), some(1))
            assert cache.notices == []
        with sqlite3.connect(database_file()) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
