"""Tools work step by step: the most urgent first, one of a kind, given up whenever they are not wanted any more."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest

from core.errors import LayerError
from core.types import ExplainRequest, ImageRef, JobProgress, LesionRequest, PatchesRequest
from gui.threads import toolbox
from gui.threads.toolbox import BACKGROUND, TOOLS, Toolbox

PICTURE = ImageRef.__new__(ImageRef)


def explain(number: int) -> ExplainRequest:
    return ExplainRequest(number, PICTURE, "gradcam", 3, "features.0")


@pytest.fixture
def closed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Tools that count to three, and the ids of those that were given up on the way."""
    ended: list[int] = []

    def count(_inspector: object, request: ExplainRequest) -> Iterator[JobProgress]:
        try:
            for step in range(3):
                yield JobProgress(step, 3)
        except GeneratorExit:
            ended.append(request.id)
            raise
        return request.id * 10

    def fail(_inspector: object, request: LesionRequest) -> Iterator[JobProgress]:
        yield JobProgress(0, 1)
        raise LayerError("There is no such layer.")

    room = types.ModuleType("counting_tools")
    room.count, room.fail = count, fail
    monkeypatch.setitem(sys.modules, "counting_tools", room)
    for kind in (ExplainRequest, PatchesRequest):
        monkeypatch.setitem(toolbox.TOOLS, kind, "counting_tools:count")
    monkeypatch.setitem(toolbox.TOOLS, LesionRequest, "counting_tools:fail")
    return ended


def test_progress_then_the_answer_then_nothing(closed):
    box = Toolbox()
    box.begin(None, explain(4))
    assert box.busy(background=False)
    request = box.next_request(background=False)
    steps = [box.step(request) for _ in range(4)]
    assert [value.done for done, value in steps[:3] if not done] == [0, 1, 2]
    assert steps[3] == (True, 40)
    assert not box.busy(background=False)
    assert closed == []


def test_a_newer_request_closes_the_older_ones_work(closed):
    box = Toolbox()
    box.begin(None, explain(1))
    box.step(explain(1))
    box.begin(None, explain(2))
    assert closed == [1]
    assert box.next_request(background=False).id == 2


def test_dropping_everything_closes_everything(closed):
    box = Toolbox()
    box.begin(None, explain(1))
    box.begin(None, PatchesRequest(2, (), "features.0", 0))
    box.step(explain(1))
    box.step(PatchesRequest(2, (), "features.0", 0))
    box.drop_all()
    assert sorted(closed) == [1, 2]
    assert not box.busy(background=False)
    assert not box.busy(background=True)


def test_background_work_is_apart(closed):
    box = Toolbox()
    box.begin(None, PatchesRequest(2, (), "features.0", 0))
    assert box.busy(background=True)
    assert not box.busy(background=False)


def test_work_that_fails_is_over(closed):
    box = Toolbox()
    request = LesionRequest(7, PICTURE, ())
    box.begin(None, request)
    box.step(request)
    with pytest.raises(LayerError):
        box.step(request)
    assert not box.busy(background=False)


def test_the_most_urgent_kind_goes_first(closed):
    box = Toolbox()
    box.begin(None, explain(1))
    box.begin(None, LesionRequest(2, PICTURE, ()))
    order = [kind for kind in TOOLS if kind in (ExplainRequest, LesionRequest)]
    assert type(box.next_request(background=False)) is order[0]


@pytest.mark.parametrize("kind", list(TOOLS), ids=lambda kind: kind.__name__)
def test_every_tool_is_there(kind):
    module, _, name = TOOLS[kind].partition(":")
    assert callable(getattr(__import__(module, fromlist=[name]), name))


def test_background_kinds_are_tools():
    assert set(BACKGROUND) <= set(TOOLS)
