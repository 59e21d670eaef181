import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.insight.humanise import humanise


@pytest.mark.parametrize(
    ("number", "unit", "text"),
    [
        (0, "", "0"), (96, "", "96"), (999, "", "999"), (1000, "", "1.0 k"), (1234, "", "1.2 k"), (99_949, "", "99.9 k"),
        (99_950, "", "100 k"), (999_499, "", "999 k"), (999_500, "", "1.0 M"), (1_814_073_344, "", "1.8 G"),
        (15_470_264_320, "", "15.5 G"), (3_145_728, "B", "3.1 MB"), (12, "B", "12 B"), (0, "B", "0 B"),
        (5e18, "", "5000 P"),
    ],
)  # fmt: skip
def test_numbers(number, unit, text):
    assert humanise(number, unit) == text


@given(st.integers(0, 10**17))
def test_close_and_short(number):
    text = humanise(number)
    digits, _, prefix = text.partition(" ")
    value = float(digits) * 1000 ** ["", "k", "M", "G", "T", "P"].index(prefix)
    assert abs(value - number) <= 0.05 * number
    assert len(digits) <= 4
