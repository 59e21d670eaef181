"""Help > Shortcuts holds every key, once."""

from __future__ import annotations

from collections import Counter

import pytest
from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QTextBrowser
from pytestqt.qtbot import QtBot

from gui.actions import TABLE, make_actions, plain_text
from gui.dialogs.shortcuts_dialog import INSPECT_GROUPS, ShortcutsDialog, groups


class Nobody(QObject):
    @Slot()
    def obey(self) -> None:
        """Do nothing."""


@pytest.fixture
def nobody(qapp: object) -> Nobody:
    return Nobody()


def test_every_key_stands_in_a_group_once_and_the_walk_comes_first(nobody: Nobody, qtbot: QtBot) -> None:
    actions = make_actions(nobody, {spec.key: nobody.obey for spec in TABLE})
    found = groups(actions)
    titles = [title for title, _ in found]
    assert titles[: len(INSPECT_GROUPS)] == list(INSPECT_GROUPS.values())
    told = [what for _, rows in found for _, what in rows]
    assert told.count("Mute Channel") == 1
    assert sorted(told) == sorted(plain_text(actions[spec.key]) for spec in TABLE if spec.shortcuts)
    keys = Counter(key for _, rows in found for both, _ in rows for key in both.split(", "))
    assert max(keys.values()) == 1, keys.most_common(3)
    assert {"S", "O", "E", "W", "M", "B", "P", "?", "Ctrl+E"} <= set(keys)
    dialog = ShortcutsDialog(actions)
    qtbot.addWidget(dialog)
    words = dialog.findChild(QTextBrowser).toPlainText()
    assert all(what in words for what in told)
