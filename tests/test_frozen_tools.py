"""The tools of the packaged program's panels give answers: explanations by each method, lesions, patches, fields, protocols.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from core.types import METHODS
from tests.helpers.desktop import wait_until
from tests.helpers.frozen import needs_program
from tests.helpers.frozen_desk import Desk, desk, needs_desktop, pictures

pytestmark = [pytest.mark.slow, pytest.mark.x11, needs_program, needs_desktop]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    place = tmp_path_factory.mktemp("tools")
    with desk(place, *pictures(place)) as found:
        found.wait_answer("orange")
        yield found
        found.leave()


@pytest.fixture
def window(running: Desk) -> Iterator[Desk]:
    yield running
    running.back_to_the_window()
    assert running.program.said() == ("", "")


def test_each_method_explains(window):
    window.press("alt+3")
    seen = []
    for number in range(len(METHODS)):
        window.click(window.wait_for(path="explainMethod"))
        window.press("Home", *["Down"] * number, "Return")
        method = window.wait_for(path="explainMethod").name
        button = window.wait_for(path="explainButton")
        if "enabled" in button.states:
            window.click(button)
        window.wait_for(f"Heat map of orange by {re.escape(method)}", path="heatView")
        seen.append(method)
    assert len(set(seen)) == len(METHODS)


def test_lesions_are_made_and_channels_ranked(window):
    window.press("alt+4")
    window.click(window.wait_for(path="segment_mute"))
    wait_until(lambda: window.says("^1 lesion$"), "the lesion")
    window.press("shift+m")
    wait_until(lambda: window.says("^No lesions$"), "the end of the lesion")
    window.click(window.wait_for("Rank channels.*", "push button"))
    wait_until(lambda: window.says("^orange · 128 channels · features.8"), "the ranking")


def test_strongest_patches_are_found(window):
    window.press("p")
    wait_until(lambda: bool(window.found(role="list item", path="patchesPanel.*", deep=True)), "the patches")


def test_effective_field_is_measured(window):
    window.press("alt+2")
    window.click(window.wait_for("Map of the channel"))
    window.press("e")
    window.wait_for(r"95 % of the gradient of unit .*", "label")


def test_every_protocol_is_run(window):
    window.press("ctrl+t")
    window.wait_window("trialDialog")
    window.click(window.wait_for("Run", "push button", path="trialsRun"))
    window.wait_for(path="trialsExport", state="enabled")
    wait_until(lambda: not window.found(path="trialsStop", role="push button"), "the last protocol", 120)
