"""Names that could steer a terminal, or look like another name."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from core import paths
from core.cli.main import main, say
from core.plain import plain
from core.types import ImageRef
from core.zoo import backend
from core.zoo.backend import BuildOptions


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("sea lion", "sea lion"),
        ("\x1b[31mred\x1b]0;title\x07", "\ufffd[31mred\ufffd]0;title\ufffd"),
        ("two\nlines\tand\r\nmore", "two lines and  more"),
        ("gpj.\u202eexe", "gpj.\ufffdexe"),
        ("half \ud83d", "half \ufffd"),
        ("byte \udcff", "byte \ufffd"),
        ("Übung 画像 हिन्दी می\u200cخواهم 👩\u200d🚀", "Übung 画像 हिन्दी می\u200cخواهم 👩\u200d🚀"),
        ("1\xa0000", "1 000"),
        ("no \uffff character \U0001fffe", "no \ufffd character \ufffd"),
    ],
)
def test_what_is_left_of_a_name(text, shown):
    assert plain(text) == shown


@given(st.text(st.characters()))
def test_any_text_can_be_written_and_stays_on_its_line(text):
    shown = plain(text)
    shown.encode("utf-8")
    assert len(shown) == len(text)
    assert len(shown.splitlines()) <= 1
    assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in shown)
    assert plain(shown) == shown


def test_categories_in_a_file_do_not_reach_the_terminal_as_they_are(tmp_path, capsys):
    torch.manual_seed(1)
    weights = tmp_path / "weights.pth"
    torch.save(backend.build("squeezenet1_1", options=BuildOptions(num_classes=2)).state_dict(), weights)
    (tmp_path / "class_indices.json").write_text(json.dumps({"0": "\x1b[31mred\x1b[0m", "1": "two\nlines \ud800"}))
    assert main(["classify", str(paths.sample_pictures()[0]), "--weights", str(weights)]) == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\ufffd[31mred\ufffd[0m (0)" in out
    assert "two lines \ufffd (1)" in out


def test_a_sentence_keeps_its_lines(capsys):
    say("first\nsecond \x1b[2J")
    assert capsys.readouterr().err == "layerscope: first\nsecond \ufffd[2J\n"


def test_a_picture_is_shown_by_a_name_on_one_line(tmp_path):
    assert ImageRef(tmp_path / "a\nb\x1b.png").name == "a b\ufffd.png"
