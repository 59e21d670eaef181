"""Integrated gradients, occlusion and guided back-propagation against captum, loops and formulas."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from core.errors import LayerscopeError
from core.insight.attribution import pace
from core.insight.attribution.captum_door import captum_attr
from core.insight.attribution.guided import GuidedRelus, guided_backprop
from core.insight.attribution.integrated import black, integrated_gradients
from core.insight.attribution.occlusion import covered_pictures, occlusion, sizes, squares
from tests.core.insight.attribution.nets import (
    HOW,
    Functional,
    Last,
    Plain,
    Reused,
    finish,
    seeded,
    session_of,
    some_input,
    untouched,
)  # fmt: skip


@pytest.fixture(scope="module")
def attr():
    return captum_attr()


def test_black_is_black():
    from core.images.preprocess import network_pixels

    assert not network_pixels(black(some_input(), HOW), HOW).any()


@pytest.mark.parametrize("make", [lambda: seeded(Plain), lambda: seeded(Plain, True), lambda: seeded(Reused)])
@pytest.mark.parametrize("most", [1, 7, 16])
def test_integrated_gradients_in_slices_equal_captum_in_one_go(attr, monkeypatch, make, most):
    monkeypatch.setattr(pace, "MOST", most)
    session, batch = session_of(make()), some_input()
    whole = attr.IntegratedGradients(session.model).attribute(batch, black(batch, HOW), target=2, n_steps=50)
    with untouched(session, batch):
        found = finish(integrated_gradients(session, batch, 2))
    expected = whole[0].sum(0).detach().numpy()
    # A ReLU whose input is almost 0 may fall on the other side of it in a batch of another size.
    np.testing.assert_allclose(found.values, expected, atol=1e-3 * np.abs(expected).max(), rtol=1e-4)


def test_integrated_gradients_are_complete():
    session = session_of(seeded(Reused))
    for seed in range(4):
        batch = some_input(seed)
        with torch.no_grad():
            scores = session.model(torch.cat([batch, black(batch, HOW)]))[:, 1]
        found = finish(integrated_gradients(session, batch, 1))
        assert found.values.sum() == pytest.approx(float(scores[0] - scores[1]), rel=0.02)


def test_integrated_gradients_of_a_linear_network_are_exact():
    session = session_of(nn.Sequential(nn.Flatten(), seeded(nn.Linear, 3 * 24 * 24, 5)))
    batch = some_input()
    found = finish(integrated_gradients(session, batch, 4))
    weights = session.model[1].weight[4].view(3, 24, 24)
    np.testing.assert_allclose(found.values, ((batch - black(batch, HOW))[0] * weights).sum(0), atol=1e-6)


@given(st.integers(4, 40), st.integers(4, 40), st.integers(1, 12), st.integers(1, 12))
def test_squares_cover_every_pixel_and_stay_inside(height, width, window, stride):
    window = min(window, height, width)
    covered = np.zeros((height, width), int)
    for top, bottom, left, right in squares(height, width, window, min(stride, window)):
        assert 0 <= top < bottom <= height
        assert 0 <= left < right <= width
        assert bottom - top <= window
        covered[top:bottom, left:right] += 1
    assert covered.min() >= 1


@pytest.mark.parametrize("make", [lambda: seeded(Plain, True), lambda: seeded(Last)])
def test_occlusion_equals_a_loop_and_captum(attr, make):
    session, batch = session_of(make()), some_input()
    with untouched(session, batch):
        found = finish(occlusion(session, batch, 3))
    window, stride = sizes(24)
    assert (window, stride) == (3, 1)
    lost, times = np.zeros((24, 24)), np.zeros((24, 24))
    with torch.no_grad():
        whole = float(session.model(batch)[0, 3])
        for top in range(22):
            for left in range(22):
                picture = batch.clone()
                picture[:, :, top : top + 3, left : left + 3] = 0
                lost[top : top + 3, left : left + 3] += whole - float(session.model(picture)[0, 3])
                times[top : top + 3, left : left + 3] += 1
        theirs = attr.Occlusion(session.model).attribute(batch, (3, 3, 3), (3, 1, 1), target=3, perturbations_per_eval=50)
    np.testing.assert_allclose(found.values, lost / times, atol=1e-6)
    np.testing.assert_allclose(found.values, theirs[0, 0].numpy(), atol=1e-5)


@settings(max_examples=5)
@given(st.sampled_from([(5, 3), (7, 2), (6, 4)]))
def test_occlusion_with_squares_cut_at_the_border_equals_captum(size):
    session, batch, (window, stride) = session_of(seeded(Plain)), some_input(), size
    places = squares(24, 24, window, stride)
    scores = session.forward(covered_pictures(batch, places))[:, 0]
    lost, times = torch.zeros(24, 24), torch.zeros(24, 24)
    for (top, bottom, left, right), score in zip(places, scores, strict=True):
        lost[top:bottom, left:right] += session.forward(batch)[0, 0] - score
        times[top:bottom, left:right] += 1
    with torch.no_grad():
        method = captum_attr().Occlusion(session.model)
        theirs = method.attribute(batch, (3, window, window), (3, stride, stride), target=0, perturbations_per_eval=50)
    np.testing.assert_allclose(lost / times, theirs[0, 0].numpy(), atol=1e-5)


def captums(attr, module, batch, category):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return attr.GuidedBackprop(module).attribute(batch, category)[0].sum(0).detach().numpy()


def test_guided_backprop_equals_captum_where_that_is_right_and_is_the_same_however_relu_is_called(attr):
    batch, plain = some_input(), seeded(Plain)
    expected = captums(attr, plain.eval(), batch, 2)
    assert np.abs(expected).max() > 0
    for module in (plain, seeded(Plain, True), Functional(seeded(Plain))):
        session = session_of(module)
        with untouched(session, batch):
            found = finish(guided_backprop(session, batch, 2))
        np.testing.assert_allclose(found.values, expected, atol=1e-7, rtol=1e-5)


class Guided(torch.autograd.Function):
    """Springenberg et al., figure 1: the gradient passes where it and the input are positive."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x.clamp(min=0)

    @staticmethod
    def backward(ctx, gradient):
        return gradient * (gradient > 0) * (ctx.saved_tensors[0] > 0)


def test_guided_backprop_of_a_reused_in_place_relu_equals_the_formula():
    session, batch = session_of(seeded(Reused)), some_input()
    module, leaf = session.model, batch.clone().requires_grad_()
    with torch.enable_grad():
        x = Guided.apply(module.stem(leaf))
        for _ in range(2):
            x = Guided.apply(module.conv(Guided.apply(module.conv(x))) + x)
        module.head(x.mean((2, 3)))[0, 1].backward()
    with untouched(session, batch):
        found = finish(guided_backprop(session, batch, 1))
    np.testing.assert_allclose(found.values, leaf.grad[0].sum(0).numpy(), atol=1e-7, rtol=1e-5)


CALLS = {
    "F.relu": F.relu, "in place": lambda x: F.relu(x, inplace=True), "F.relu_": F.relu_, "torch.relu": torch.relu,
    "torch.relu_": torch.relu_, "method": lambda x: x.relu(), "method_": lambda x: x.relu_(), "nn.ReLU": nn.ReLU(),
    "nn.ReLU(True)": nn.ReLU(True), "F.relu6": F.relu6, "F.relu6 in place": lambda x: F.relu6(x, inplace=True),
    "nn.ReLU6": nn.ReLU6(), "nn.ReLU6(True)": nn.ReLU6(True), "hardtanh": lambda x: F.hardtanh(x, 0.0, 6.0),
}  # fmt: skip


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_every_call_of_relu_is_guided(call):
    values = torch.tensor([-1.0, 2.0, 3.0, 4.0], requires_grad=True)
    slopes = torch.tensor([1.0, -5.0, 2.0, 7.0])
    with GuidedRelus() as guided:
        total = (call(values * 1) * 3 * slopes).sum()
    assert guided.count == 1
    (gradient,) = torch.autograd.grad(total, values)
    assert gradient.tolist() == [0, 0, 6, 21]


def test_what_is_no_relu_is_left_alone():
    values = torch.tensor([-0.5, 0.5], requires_grad=True)
    with GuidedRelus() as guided:
        y = F.hardtanh(values) + F.leaky_relu(values) + F.gelu(values) + values.clamp(-1, 1)
    assert guided.count == 0
    (expected,) = torch.autograd.grad((F.hardtanh(values) + F.leaky_relu(values) + F.gelu(values) + values).sum(), values)
    assert torch.equal(torch.autograd.grad(y.sum(), values)[0], expected)


def test_a_network_without_relu_is_refused_with_the_reason():
    session, batch = session_of(seeded(Last)), some_input()
    with untouched(session, batch), pytest.raises(LayerscopeError, match=r"Last has no ReLU.* rule for ReLU") as refusal:
        finish(guided_backprop(session, batch, 0))
    assert refusal.value.kind == "unsupported"


@pytest.mark.parametrize("method", [integrated_gradients, occlusion])
def test_long_ones_can_be_closed_at_any_step(monkeypatch, method):
    monkeypatch.setattr(pace, "MOST", 4)
    session, batch = session_of(seeded(Plain, True)), some_input()
    steps = 0
    for stop in (1, 2, 5, 9):
        with untouched(session, batch):
            search = method(session, batch, 0)
            for _ in range(stop):
                progress = next(search)
                assert not [part for part in session.model.modules() if part._forward_hooks or part._backward_hooks]
                assert 0 <= progress.done <= progress.total
            search.close()
        steps += stop
    assert steps == 17


def test_the_pace_grows_shrinks_and_stays_in_bounds(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(pace.time, "perf_counter", lambda: clock[0])
    own = pace.Pace()
    counts = []
    for seconds in [0.001] * 6 + [0.05] + [1.0] * 6:
        own.start()
        clock[0] += seconds
        own.stop()
        counts.append(own.count)
    assert counts == [2, 4, 8, 16, 16, 16, 16, 8, 4, 2, 1, 1, 1]
