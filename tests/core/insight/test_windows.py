import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from core.insight.windows import describe, put_together
from core.types import Windows

SIDES = st.integers(1, 9)


@st.composite
def cuts(draw):
    height, width, rows, columns = (draw(SIDES) for _ in range(4))
    return Windows(height, width, rows, columns, draw(st.integers(0, rows)), draw(st.integers(0, columns)))


@given(cuts(), st.integers(0, 2))
def test_cutting_with_torch_and_putting_together_is_nothing(windows, more):
    rng = np.random.default_rng(0)
    whole = torch.from_numpy(rng.normal(size=(windows.height, windows.width, *[2] * more)).astype(np.float32))
    down, across = windows.grid
    filled = torch.zeros(down * windows.rows, across * windows.columns, *whole.shape[2:])
    filled[: windows.height, : windows.width] = whole
    rolled = torch.roll(filled, (-windows.down, -windows.across), (0, 1))
    pieces = torch.stack([
        rolled[top : top + windows.rows, left : left + windows.columns].flatten(0, 1)
        for top in range(0, len(rolled), windows.rows)
        for left in range(0, rolled.shape[1], windows.columns)
    ])
    assert len(pieces) == windows.count
    np.testing.assert_array_equal(put_together(pieces.numpy(), windows), whole.numpy())


@given(SIDES, SIDES, SIDES, SIDES)
def test_grids(down, across, rows, columns):
    windows = Windows(down * rows, across * columns, rows, columns, strided=True)
    whole = np.arange(windows.height * windows.width, dtype=np.float32).reshape(windows.height, windows.width)
    pieces = np.stack([whole[row::down, column::across].ravel() for row in range(down) for column in range(across)])
    np.testing.assert_array_equal(put_together(pieces, windows), whole)


def test_words():
    assert describe(Windows(14, 14, 7, 7)) == "windows of 7×7 positions, put together"
    assert describe(Windows(14, 14, 7, 7, 3, 3)) == "windows of 7×7 positions, shifted by 3×3, put together"
    assert describe(Windows(28, 28, 7, 7, strided=True)) == "grids of 7×7 positions, 4×4 apart, put together"
