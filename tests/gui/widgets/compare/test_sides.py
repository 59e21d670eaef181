from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.types import ModelSpec, NetworkInput, WeightsSpec
from gui.facts.comparison import DIFFERENCE, A, B, Opponent
from gui.widgets.compare.picture_pair import PicturePair, weights_words
from gui.widgets.compare.side_b import SideB, carried
from gui.widgets.compare.side_header import SideHeader
from gui.widgets.compare.twin_cursor import carried_point
from gui.widgets.image_view import ImageView
from tests.gui import samples
from tests.gui.compared import comparison


@given(st.integers(1, 60), st.integers(1, 60), st.data())
def test_unit_is_carried_to_the_one_that_holds_its_middle(height, width, data):
    source, target = samples.grid(1, height, width, 1), samples.grid(1, 7, 9, 1)
    unit = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    row, column = carried(unit, source, target)
    assert row / 7 <= (unit[0] + 0.5) / height < (row + 1) / 7
    assert column / 9 <= (unit[1] + 0.5) / width < (column + 1) / 9
    assert carried(unit, source, source) == unit
    assert carried(unit, None, target) is None


def test_point_lies_in_one_crop_where_it_lies_in_the_other():
    pixels, how = comparison().network_input.pixels, samples.model().preprocessing
    one, two = NetworkInput(pixels, (10, 20, 110, 120), how), NetworkInput(pixels, (0, 0, 50, 50), how)
    assert carried_point((35, 120), one, two) == pytest.approx((12.5, 50))
    assert carried_point((12.5, 50), two, one) == pytest.approx((35, 120))


def test_sides_can_be_chosen_only_while_one_compares(state):
    facts = state.comparison
    facts.set_side(B)
    assert facts.side == A
    facts.begin(Opponent(image=samples.LEMON))
    facts.set_side(DIFFERENCE)
    facts.set_side("C")
    assert facts.side == DIFFERENCE
    assert facts.pick(samples.grid()) is None
    facts.end()
    assert (facts.side, facts.answer, facts.active) == (A, None, False)


def test_same_picture_for_another_layer_is_not_drawn_anew(state, qtbot):
    state.set_image(samples.ORANGE)
    state.comparison.begin(Opponent(image=samples.LEMON))
    side = SideB(state)
    told = []
    side.state.picture_changed.connect(told.append)
    first = comparison()
    state.comparison.set_answer(first)
    state.comparison.set_answer(replace(first, activations=samples.grid(3)))
    assert told == [first.picture]
    assert side.state.activations.count == 3


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        (WeightsSpec("random", seed=3), "random, seed 3"),
        (WeightsSpec("builtin"), "built-in"),
        (samples.V1, "IMAGENET1K_V1"),
        (WeightsSpec("file", path=Path("/somewhere/mine.pth")), "mine.pth"),
    ],
)
def test_weights_have_short_names(weights, words):
    assert weights_words(weights) == words


def test_headers_say_first_what_differs(state, qtbot):
    state.set_image(samples.ORANGE)
    state.set_model(samples.model())
    pair = PicturePair(state, ImageView(state))
    qtbot.addWidget(pair)
    state.comparison.begin(Opponent(image=samples.LEMON))
    names = pair._header.accessibleName, pair._other_header.accessibleName
    assert [name() for name in names] == [
        "A: orange.jpg, resnet50 · IMAGENET1K_V1",
        "B: lemon.jpg, resnet50 · IMAGENET1K_V1",
    ]
    state.comparison.begin(Opponent(spec=ModelSpec("resnet50", samples.V2)))
    assert [name() for name in names] == [
        "A: IMAGENET1K_V1, resnet50 · orange.jpg",
        "B: IMAGENET1K_V2, resnet50 · orange.jpg",
    ]
    state.comparison.begin(Opponent(spec=ModelSpec("vgg11", WeightsSpec("random", seed=2))))
    assert names[1]() == "B: vgg11, random, seed 2 · orange.jpg"
    assert (pair._view.accessibleName(), pair.second.accessibleName()) == ("Picture A", "Picture B")


def test_header_leaves_out_what_cannot_be_read(styled_app, qtbot):
    header = SideHeader("B", closable=True)
    qtbot.addWidget(header)
    header.set_words("squeezenet1_1", "random, seed 1 · orange.jpg")
    header.resize(420, 32)
    header.show()
    assert header._second.isVisible()
    header.resize(176, 32)
    assert not header._second.isVisible()
    assert header.close_button.isVisible()
    assert "orange.jpg" in header.toolTip()
