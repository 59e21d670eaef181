"""The file of a run: one that nobody holds tells of a crash; it stays small; nothing of it can stop the program."""

from __future__ import annotations

import faulthandler
import logging

import pytest

from core import paths
from gui import crash_journal
from gui.crash_journal import KEPT, LAST, LIMIT, Journal, begin, left_behind, running_dir


@pytest.fixture
def journal(home):
    before = faulthandler.is_enabled()
    journal = begin()
    yield journal
    journal.end()
    assert faulthandler.is_enabled() == before


def only() -> str:
    (path,) = running_dir().iterdir()
    return path.read_text()


def left(number: int, text: str) -> None:
    running_dir().mkdir(parents=True, exist_ok=True)
    (running_dir() / f"20260101-0000{number:02d}-7-1.run").write_text(text)


def test_a_run_that_goes_on_is_no_crash_and_its_end_leaves_nothing(journal):
    assert left_behind() is None
    assert only() == journal.text
    journal.end()
    journal.end()
    assert not list(running_dir().iterdir())
    assert left_behind() is None


def test_two_runs_have_a_file_each(journal):
    other = begin()
    assert len(list(running_dir().iterdir())) == 2
    other.end()
    assert len(list(running_dir().iterdir())) == 1


def test_the_newest_of_several_crashes_is_told_and_few_logs_are_kept(home):
    for number in range(KEPT + 3):
        left(number, f"run {number}\n")
    crash = left_behind()
    assert crash.text.startswith(f"run {KEPT + 2}\n")
    assert len(list(crash_journal.crashes_dir().iterdir())) == KEPT
    assert crash.path.read_text() == crash.text
    assert left_behind() is None


def test_an_empty_file_is_a_start_that_was_about_to_begin(home):
    left(1, "")
    assert left_behind() is None
    assert not list(running_dir().iterdir())


@pytest.mark.parametrize("text", ["x\n09:00:00 model {no json}\n", "x\n09:00:00 model {\"a\n", "\x00\xff\n", "x"])
def test_a_damaged_file_is_a_crash_without_a_model(home, text):
    left(1, text)
    assert left_behind().model == {}


def test_the_last_model_and_the_last_words_count(home):
    left(1, 'x\n09:00:00 model {"weights": "a"}\n09:00:01 model {"weights": "b"}\nFatal Python error: Aborted\n\nThread 1\n')
    crash = left_behind()
    assert (crash.model, crash.cause) == ({"weights": "b"}, "Aborted")


def test_errors_of_the_log_and_names_with_line_ends_are_in_it(journal):
    try:
        raise ValueError("boom")
    except ValueError:
        logging.getLogger("test").exception("answering")
    journal.note_model({"weights": "random:7"})
    journal.note("picture /a\n09:00:00 model {}\r.png")
    assert "ERROR test: answering\n    Traceback" in only()
    assert "picture /a\\n09:00:00 model {}\\r.png\n" in only()
    assert only() == journal.text


def test_a_long_run_keeps_its_head_its_model_and_its_last_lines(journal):
    journal.note_model({"weights": "random:7"})
    head = journal.text.splitlines()[:3]
    for number in range(3 * LIMIT // 1000):
        journal.note(f"{number} {'x' * 1000}")
    text = only()
    assert len(text) < 2 * LIMIT + LAST * 1100
    assert text.splitlines()[:3] == head
    assert crash_journal._model(text) == {"weights": "random:7"}
    assert f"{3 * LIMIT // 1000 - 1} xx" in text.splitlines()[-1]


def test_where_no_file_can_be_had_notes_stay_in_memory(home):
    paths.cache_dir().parent.mkdir(parents=True, exist_ok=True)
    paths.cache_dir().write_text("in the way")
    journal = begin()
    journal.note("action explain")
    assert "action explain" in journal.text
    assert left_behind() is None
    journal.end()


def test_a_link_is_not_followed(home, tmp_path):
    target = tmp_path / "mine.txt"
    target.write_text("mine")
    running_dir().mkdir(parents=True)
    (running_dir() / "1.run").symlink_to(target)
    assert left_behind() is None
    assert target.read_text() == "mine"


def test_one_without_a_file_ends_quietly():
    Journal().end()
