"""What can be a mirror, and what a person is told of what cannot."""


import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.weights.fetch.mirror import folder_of, mirror_problem


@pytest.mark.parametrize(
    "mirror",
    ["", "  ", "https://example.org", "http://example.org:8080/weights/", "HTTPS://EXAMPLE.ORG/a%20b", "http://[::1]:8000/x"],
)
def test_addresses_that_can_be_one(mirror):
    assert mirror_problem(mirror) == ""


@pytest.mark.parametrize(
    ("mirror", "words"),
    [
        ("ftp://example.org/weights", "not by ftp://"), ("https://", "names no server"), ("http:///weights", "names no server"),
        ("example.org/weights", "neither an address nor the whole path"), ("weights", "neither an address"),
        ("https://example.org:port/", "cannot be a mirror"), ("https://exa mple.org", "names no server"),
        ("http://[::1", "cannot be a mirror"), ("/nowhere/at/all", "There is no folder"),
        ("file:///nowhere", "There is no folder"),
        ("~nobody-of-that-name/weights", "neither an address nor the whole path"),
    ],
)  # fmt: skip
def test_what_cannot_be_one_is_said(mirror, words):
    assert words in mirror_problem(mirror)


def test_folders(tmp_path, monkeypatch):
    (tmp_path / "ü 画像").mkdir()
    (tmp_path / "file.pth").write_bytes(b"")
    monkeypatch.setenv("HOME", str(tmp_path))
    for good in (str(tmp_path / "ü 画像"), f"  {tmp_path}/ ", tmp_path.as_uri(), (tmp_path / "ü 画像").as_uri(), "~"):
        assert mirror_problem(good) == ""
        assert folder_of(good.strip()).is_dir()
    assert "is a file, not a folder" in mirror_problem(str(tmp_path / "file.pth"))


@given(st.text(max_size=60))
def test_whatever_is_typed_gets_an_answer(text):
    problem = mirror_problem(text)
    assert problem == "" or problem.endswith(".")

