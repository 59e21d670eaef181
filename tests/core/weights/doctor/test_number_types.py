"""Weights stored as any type of number that torch can write: read as the numbers that they are, or refused in words."""

from __future__ import annotations

import warnings

import pytest
import torch

from core.errors import WeightsError
from core.inference.session import Session
from core.types import ModelSpec, WeightsSpec
from core.weights.doctor import diagnose, save_repaired, usual_repairs
from core.zoo import backend
from core.zoo.backend import BuildOptions

NAME = "mobilenet_v3_small"  # with batch norm, whose statistics and counters are looked at, too
GIVEN = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))

FLOATS = ("float16", "bfloat16", "float64", "float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz")
WHOLE = ("bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64")
COMPLEX = ("complex32", "complex64", "complex128")


def network() -> torch.nn.Module:
    torch.manual_seed(11)
    return backend.build(NAME, options=BuildOptions(num_classes=5)).eval()


def stored(kind, path):
    """Write a network whose weights are of a type, and return the tensors in the file."""
    state = network().state_dict()
    scale = 100 if kind in WHOLE and kind != "bool" else 1  # whole numbers that are not all 0
    tensors = {
        name: (value * scale).abs().to(getattr(torch, kind)) if value.is_floating_point() else value
        for name, value in state.items()
    }
    torch.save(tensors, path)
    return tensors


def answer_of(tensors):
    """What torch alone makes of the numbers in the file."""
    module = network()
    module.load_state_dict({name: value.float() if value.ndim else value for name, value in tensors.items()})
    with torch.inference_mode():
        return module(GIVEN)


def test_all_types_that_torch_can_write_are_here():
    """One that a later torch can write, too, is to be added above."""
    can = []
    warnings.simplefilter("ignore")  # complex32 is called experimental
    for kind in {str(one).removeprefix("torch.") for one in vars(torch).values() if isinstance(one, torch.dtype)}:
        try:
            torch.ones(2).to(getattr(torch, kind))
        except RuntimeError:  # there is no conversion to it: it only stands for the bits in memory
            continue
        can.append(kind)
    assert set(can) == {*FLOATS, *WHOLE, *COMPLEX, "float32", "float8_e8m0fnu"}


@pytest.mark.parametrize("kind", [*FLOATS, *WHOLE])
def test_the_numbers_in_the_file_are_those_that_answer(kind, tmp_path):
    path = tmp_path / "weights.pth"
    expected = answer_of(stored(kind, path))
    found = diagnose(path)
    assert (found.verdict, found.architecture) == ("repairable", NAME)
    assert ("whole_numbers" if kind in WHOLE else "precision") in {one.kind for one in found.problems}
    assert any(f"{kind}" in one.message for one in found.problems)
    session = Session.load(ModelSpec(NAME, WeightsSpec("file", path=path)))
    assert torch.allclose(session.forward(GIVEN), expected, rtol=1e-4, atol=1e-4, equal_nan=True)


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "int8", "float64"])
def test_a_repaired_copy_is_float32(kind, tmp_path):
    path, copy = tmp_path / "weights.pth", tmp_path / "copy.safetensors"
    tensors = stored(kind, path)
    done = save_repaired(path, copy, usual_repairs(diagnose(path).repairs))
    assert {value.dtype for name, value in done.state_dict.items() if value.ndim} == {torch.float32}
    assert diagnose(copy).verdict == "loadable"
    session = Session.load(ModelSpec(NAME, WeightsSpec("file", path=copy)))
    assert torch.allclose(session.forward(GIVEN), answer_of(tensors), rtol=1e-4, atol=1e-4, equal_nan=True)


def test_powers_of_two_without_sign_are_read(tmp_path):
    """float8_e8m0fnu has no zero and no sign, so that nothing sensible is in such a file; it is no reason to fail."""
    path = tmp_path / "weights.pth"
    torch.save({name: value.abs().clamp_min(1e-3).to(torch.float8_e8m0fnu) for name, value in network().state_dict().items()
                if value.ndim}, path)  # fmt: skip
    assert diagnose(path).architecture == NAME


@pytest.mark.parametrize("kind", COMPLEX)
def test_complex_numbers_are_refused_in_words(kind, tmp_path):
    path = tmp_path / "weights.pth"
    stored(kind, path)
    assert diagnose(path).verdict == "refused"
    with pytest.raises(WeightsError, match="complex numbers") as raised:
        Session.load(ModelSpec(NAME, WeightsSpec("file", path=path)))
    assert "weights.pth" in raised.value.message
