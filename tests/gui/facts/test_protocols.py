"""What a person chose of a protocol, what is looked at of its answer, and which place of the picture means what."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import PROTOCOLS, Failure, Protocol
from gui.facts.protocol_cost import SOON, is_quick, passes
from gui.facts.protocol_look import MAP, VIEWS
from gui.facts.protocols import ProtocolFacts
from gui.facts.vote_geometry import cell_at, cell_box, closest, middle, steps_of, view_at
from gui.itemmodels.view_words import places
from tests.gui.protocol_samples import SIDE, USUAL, crops, dense


@pytest.fixture
def facts(qapp: object) -> ProtocolFacts:
    made = ProtocolFacts()
    made.set_ground(SIDE, USUAL)
    return made


def test_each_protocol_keeps_the_scales_that_were_chosen_for_it(facts: ProtocolFacts) -> None:
    facts.choose("dense")
    assert facts.scales == (256,)
    facts.set_scales((384,))
    facts.choose("multi-crop")
    assert facts.protocol == Protocol("multi-crop")
    assert facts.scales == (256, 384, 512)
    facts.choose("dense")
    assert facts.protocol.scales == facts.scales == (384,)
    facts.set_scales((256,))
    assert facts.protocol.scales == (), "the usual ones are not a choice: those of the next model may be others"


def test_scales_that_another_model_cannot_take_go(facts: ProtocolFacts) -> None:
    facts.choose("dense")
    facts.set_scales((256, 700))
    facts.set_ground(64, {"dense": (72,)})
    assert facts.scales == (72,)
    facts.set_scales((128, 256))
    facts.set_ground(48, {"dense": (60,)})
    assert facts.scales == (60,), "256 is more than four times 48"
    facts.restore(Protocol("single", (64,)))
    facts.set_ground(64, {"dense": (72,)})
    assert facts.protocol == Protocol("single")
    facts.restore(Protocol("scale", (64, 72)))
    facts.set_ground(64, {"dense": (72,)})
    assert facts.protocol.scales == ()


def test_mirror_images_are_asked_for_only_where_they_are_a_choice(facts: ProtocolFacts) -> None:
    facts.set_flip(True)
    assert {name for name in PROTOCOLS if facts.with_name(name).flip} == {n for n, kind in PROTOCOLS.items() if kind.takes_flip}


@pytest.mark.parametrize(
    ("protocol", "scales", "expected"),
    [
        (Protocol("single"), (256,), 1), (Protocol("single", flip=True), (256,), 2),
        (Protocol("multi-scale"), (256, 384, 512), 3), (Protocol("ten-crop"), (256, 384), 20),
        (Protocol("multi-crop", flip=True), (256, 384, 512), 150), (Protocol("dense"), (448,), 4 * 1.4),
        (Protocol("dense+multi-crop", flip=True), (448,), 50 + 2 * 4 * 1.4),
    ],
)  # fmt: skip
def test_passes(protocol: Protocol, scales: tuple[int, ...], expected: float) -> None:
    assert passes(protocol, scales, 224) == pytest.approx(expected)


def test_what_is_quick_depends_on_the_pace_but_a_view_always_is(facts: ProtocolFacts) -> None:
    assert facts.quick
    assert not is_quick(Protocol("ten-crop"), (256,), 224, 0.0), "nobody knows yet how long it takes"
    assert is_quick(Protocol("ten-crop"), (256,), 224, SOON / 10)
    assert not is_quick(Protocol("ten-crop"), (256,), 224, SOON / 9)
    facts.note_pace(30.0)
    facts.note_pace(900.0)
    assert facts.pace == 30.0, "a busy machine is no slower model"
    facts.set_ground(SIDE, USUAL)
    assert facts.pace == 0.0


def test_many_views_are_shown_a_scale_at_a_time(facts: ProtocolFacts) -> None:
    facts.set_answer(crops((256, 384, 512), (0,)))
    assert facts.look.scale == 256
    assert len(facts.look.crops) == 50
    facts.look.show_scale(512)
    assert {facts.look.views[at].scale for at in facts.look.crops} == {512}
    facts.look.show_scale(None)
    assert len(facts.look.crops) == 150
    facts.set_answer(crops((256,), (0,), grid=2))
    assert facts.look.scale is None


def test_the_chosen_view_stays_in_an_answer_of_the_same_views_and_goes_with_another(facts: ProtocolFacts) -> None:
    facts.set_answer(crops((256,), (0, 1)))
    facts.look.choose_view(7)
    facts.set_answer(crops((256,), (2,)))
    assert facts.look.view == 7
    facts.set_answer(crops((384,), (2,)))
    assert facts.look.view is None
    facts.look.choose_view(3)
    facts.set_answer(None)
    assert facts.look.view is None


def test_the_chosen_cell_stays_where_it_is_on_the_picture(facts: ProtocolFacts) -> None:
    facts.set_answer(dense(6, 9, 384))
    facts.look.choose_cell((0, 4, 6))
    before = facts.look.map.box(4, 6)
    facts.set_answer(dense(10, 14, 512))
    after = facts.look.map.box(*facts.look.cell[1:])
    step = facts.look.map.stride[0]
    for one, other in ((0, 2), (1, 3)):
        assert abs((before[one] + before[other]) / 2 - (after[one] + after[other]) / 2) <= step / 2 + 1e-6
    facts.set_answer(dense(1, 1, 224))
    assert facts.look.cell == (0, 0, 0)
    facts.set_answer(None)
    assert facts.look.cell is None


def test_what_lies_over_the_picture(facts: ProtocolFacts) -> None:
    assert facts.look.showing == VIEWS
    facts.set_answer(dense(2, 2))
    assert facts.look.showing == MAP
    facts.look.show_kind(VIEWS)
    assert facts.look.showing == MAP, "there are no crops to show"
    facts.set_answer(crops((256,), (0,)))
    assert facts.look.showing == VIEWS


def test_a_failure_is_told_once(facts: ProtocolFacts, qtbot: object) -> None:
    with qtbot.waitSignal(facts.failure_changed):
        facts.set_failure(Failure("unsupported", "No."))
    with qtbot.assertNotEmitted(facts.failure_changed):
        facts.set_failure(Failure("unsupported", "No."))


def test_places_are_named_where_there_are_few_and_counted_where_there_are_many() -> None:
    found = places(crops((256,), (0,), grid=2).views)
    assert found[:4] == ("upper left", "upper right", "lower left", "lower right")
    assert places(crops((256,), (0,), grid=3).views)[4] == "centre"
    assert places(crops((256, 384), (0,)).views)[50 + 7] == "row 2, column 3"
    assert places(dense(2, 2).views) == ("whole picture",)


def test_the_crops_of_a_mirrored_picture_are_in_the_same_places_though_rounding_moves_them() -> None:
    views = crops((256,), (0,)).views
    moved = [view for view in views if view.flipped]
    shifted = [type(v)(v.scale, True, (v.box[0] + 0.7, *v.box[1:]), v.weight, v.predictions) for v in moved]
    mixed = [view for view in views if not view.flipped] + shifted
    steps = steps_of(mixed, range(50))
    assert [steps[at] for at in range(25)] == [steps[at] for at in range(25, 50)]
    assert set(steps.values()) == {(row, column, 5, 5) for row in range(5) for column in range(5)}


def test_a_point_means_the_nearest_view_that_holds_it() -> None:
    views = crops((256,), (0,)).views
    for index in (0, 12, 24, 25 + 12):
        left, top, right, bottom = views[index].box
        side = 1 if views[index].flipped else -1
        assert view_at(((left + right) / 2 + side * 0.2, (top + bottom) / 2), views, range(50)) == index
    assert view_at((-1, 5), views, range(50)) is None


@given(st.integers(1, 12), st.integers(1, 12), st.data())
def test_each_cell_is_found_where_it_is_drawn(rows: int, columns: int, data: st.DataObject) -> None:
    found = dense(rows, columns).views[0].dense
    row, column = data.draw(st.integers(0, rows - 1)), data.draw(st.integers(0, columns - 1))
    left, top, right, bottom = cell_box(found, row, column)
    across, down = (data.draw(st.floats(0.01, 0.99)) for _ in "xy")
    assert cell_at((left + across * (right - left), top + down * (bottom - top)), found) == (row, column)
    assert cell_at((-1e4, -1e4), found) == (0, 0)
    assert cell_at((1e4, 1e4), found) == (rows - 1, columns - 1)


def test_of_crops_around_the_same_middle_a_point_means_the_smallest_that_holds_it() -> None:
    like = crops((256,), (0,)).views[0]
    boxes = [(10.3, 10, 210.3, 210), (60, 60.2, 160, 160.2), (85, 85, 135.4, 135.4)]
    views = [type(like)(scale, False, box, 1 / 3, like.predictions) for scale, box in zip((256, 384, 512), boxes, strict=True)]
    assert [view_at((x, 108), views, range(3)) for x in (112, 70, 20, 220)] == [2, 1, 0, None]


def test_the_least_distance() -> None:
    middles = list({middle(view.box) for view in crops((256,), (0,)).views})
    assert closest(middles) == pytest.approx((375 / 256) * 32 / 4, abs=0.01)
    assert closest([(0, 0), (3, 4), (30, 0)]) == 5
    assert math.isinf(closest([(1, 1)]))
