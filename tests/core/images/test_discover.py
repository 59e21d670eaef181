from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cancel import CancelToken
from core.errors import Cancelled
from core.images.discover import PICTURE_SUFFIXES, Found, discover, natural_key


def touch(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()


def names(found: Found, folder: Path) -> list[str]:
    return [image.path.relative_to(folder).as_posix() for image in found.images]


def test_the_order_given_is_kept_and_folders_are_sorted_naturally(tmp_path: Path) -> None:
    touch(tmp_path, "f/img10.jpg", "f/img2.jpg", "f/IMG1.JPG", "z.png", "a.png")
    found = discover([tmp_path / "z.png", tmp_path / "f", tmp_path / "a.png"], recursive=False)
    assert names(found, tmp_path) == ["z.png", "f/IMG1.JPG", "f/img2.jpg", "f/img10.jpg", "a.png"]
    assert found.failures == ()


def test_subfolders_are_entered_only_when_asked_and_stand_where_their_name_does(tmp_path: Path) -> None:
    touch(tmp_path, "a.jpg", "b/10.jpg", "b/9.jpg", "b/deep/x.webp", "c.jpg")
    assert names(discover([tmp_path], recursive=False), tmp_path) == ["a.jpg", "c.jpg"]
    everything = ["a.jpg", "b/9.jpg", "b/10.jpg", "b/deep/x.webp", "c.jpg"]
    assert names(discover([str(tmp_path)], recursive=True), tmp_path) == everything


def test_in_folders_hidden_files_and_other_endings_are_skipped(tmp_path: Path) -> None:
    touch(tmp_path, ".hidden.jpg", "._mac.jpg", ".folder/in.jpg", "notes.txt", "jpg", "model.pth", "photo.HEIC")
    assert names(discover([tmp_path], recursive=True), tmp_path) == ["photo.HEIC"]


@pytest.mark.parametrize("name", [".hidden.jpg", "notes.txt", "no ending", "gone.jpg", "gone/below.png"])
def test_a_file_named_explicitly_is_kept_even_if_missing(tmp_path: Path, name: str) -> None:
    if not name.startswith("gone"):
        touch(tmp_path, name)
    found = discover([tmp_path / name], recursive=False)
    assert names(found, tmp_path) == [name]
    assert found.failures == ()


def test_everything_is_listed_once_where_it_came_first(tmp_path: Path) -> None:
    touch(tmp_path, "f/1.jpg", "f/2.jpg")
    given_paths = [tmp_path / "f/2.jpg", tmp_path / "f", tmp_path / "f" / ".." / "f" / "1.jpg", tmp_path / "f"]
    assert names(discover(given_paths, recursive=True), tmp_path) == ["f/2.jpg", "f/1.jpg"]


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "f/1.jpg")
    monkeypatch.chdir(tmp_path)
    found = discover(["f", "gone.jpg"], recursive=False)
    assert [image.path for image in found.images] == [tmp_path / "f/1.jpg", tmp_path / "gone.jpg"]


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_links_in_a_circle_end_and_links_to_files_are_pictures(tmp_path: Path) -> None:
    touch(tmp_path, "a/1.jpg", "b/2.jpg")
    (tmp_path / "a/to b").symlink_to(tmp_path / "b")
    (tmp_path / "b/to a").symlink_to(tmp_path / "a")
    (tmp_path / "a/self").symlink_to(tmp_path / "a")
    (tmp_path / "a/link.png").symlink_to(tmp_path / "b/2.jpg")
    found = discover([tmp_path / "a"], recursive=True)
    assert names(found, tmp_path) == ["a/1.jpg", "a/link.png", "a/to b/2.jpg"]


def test_a_folder_that_cannot_be_listed_is_reported_and_the_rest_is_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    touch(tmp_path, "a.jpg", "locked/x.jpg", "z.jpg")
    real = os.scandir

    def scandir(path: str) -> Any:
        # Tests may run as root, whom no permission stops.
        if path.endswith("locked"):
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "scandir", scandir)
    found = discover([tmp_path], recursive=True)
    assert names(found, tmp_path) == ["a.jpg", "z.jpg"]
    (failure,) = found.failures
    assert (failure.kind, failure.path) == ("denied", tmp_path / "locked")
    assert "locked" in failure.message


def test_cancelling_stops_the_search(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number}.jpg" for number in range(20)))
    token = CancelToken()

    def paths() -> Iterator[Path]:
        yield tmp_path / "1.jpg"
        token.cancel()
        yield tmp_path

    with pytest.raises(Cancelled):
        discover(paths(), recursive=True, token=token)


def test_five_thousand_files_are_found_in_their_natural_order(tmp_path: Path) -> None:
    for number in range(5000):
        (tmp_path / f"photo {number}.jpg").touch()
    found = discover([tmp_path], recursive=True, token=CancelToken())
    assert [image.name for image in found.images] == [f"photo {number}.jpg" for number in range(5000)]


@settings(max_examples=30)
@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_numbers_in_names_sort_by_value(numbers: list[int]) -> None:
    ordered = sorted((f"Img_{number}b.jpg" for number in numbers), key=natural_key)
    assert [int(name[4:-5]) for name in ordered] == sorted(numbers)


@settings(max_examples=30)
@given(st.lists(st.text(min_size=1, max_size=12), max_size=20), st.randoms(use_true_random=False))
def test_any_names_can_be_sorted_whatever_order_they_come_in(names: list[str], chance: Random) -> None:
    mixed = chance.sample(names, len(names))
    assert sorted(mixed, key=natural_key) == sorted(names, key=natural_key)


def test_the_endings_are_lower_case_with_a_dot() -> None:
    assert all(suffix.startswith(".") and suffix == suffix.lower() for suffix in PICTURE_SUFFIXES)
    common = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".heic", ".gif", ".bmp", ".tif", ".psd", ".jp2", ".ico"}
    assert common <= PICTURE_SUFFIXES
