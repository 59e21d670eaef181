"""Dense evaluation against what it stands for: the network, shown one window after the other."""

import copy
import dataclasses
import gc
import weakref

import pytest
import torch
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from core.errors import DeviceError, UsageError
from core.inference.session import Session
from core.protocols.dense import dense_form, why_not_dense
from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from tests.helpers.sessions import session_of


def vgg_like(*, padding=0):
    """For 30 pixels: maps of 5x5 without padding, a fully connected layer over all of them, and a hidden one."""
    side = 7 if padding else 5
    return nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=padding),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(2),
        nn.Conv2d(8, 12, 3, padding=padding),
        nn.ReLU(inplace=True),
        nn.Conv2d(12, 12, 2 if not padding else 3, padding=padding),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(12 * side * side, 20),
        nn.ReLU(inplace=True),
        nn.Dropout(),
        nn.Linear(20, 6),
    )


def gap_net():
    return nn.Sequential(
        nn.Conv2d(3, 8, 5, stride=2), nn.BatchNorm2d(8), nn.ReLU(), nn.Conv2d(8, 10, 3, stride=3), nn.Hardswish(),
        nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(10, 16), nn.Hardswish(), nn.Linear(16, 7),
    )  # fmt: skip


def windows(network, pictures, side, stride, rows, columns):
    """The truth: plain forwards of explicit crops; what lies beyond the picture is not seen, and zero."""
    down, right = stride
    padded = F.pad(pictures, (0, right, 0, down))
    cells = [
        torch.stack(
            [
                network(padded[..., row * down : row * down + side, column * right : column * right + side].contiguous())
                for column in range(columns)
            ],
            dim=-1,
        )
        for row in range(rows)
    ]
    return torch.stack(cells, dim=-2)


def assert_equal(found, expected):
    assert found.shape == expected.shape
    torch.testing.assert_close(found, expected, rtol=0, atol=1e-5 * float(expected.abs().max()))


@pytest.mark.parametrize("make", [vgg_like, gap_net])
@pytest.mark.parametrize("size", [(30, 30), (41, 57), (64, 30), (47, 33)])
def test_each_cell_is_a_plain_forward_of_its_window(make, size):
    torch.manual_seed(1)
    network = make().eval()
    dense = dense_form(session_of(network, 30))
    pictures = torch.randn(2, 3, *size)
    scores = dense.scores(pictures)
    rows, columns = ((long - 30) // step + 1 for long, step in zip(size, dense.stride, strict=True))
    # A picture whose side is not a whole number of steps more may have one window more, none of whose units look beyond it.
    assert scores.shape[2] - rows in (0, 1)
    assert scores.shape[3] - columns in (0, 1)
    with torch.no_grad():
        assert_equal(scores, windows(network, pictures, 30, dense.stride, *scores.shape[2:]))


def test_side_stride_and_type():
    dense = dense_form(session_of(vgg_like(), 30))
    assert (dense.side, dense.stride, dense.notes) == (30, (4, 4), ())
    scores = dense.scores(torch.rand(1, 3, 30, 34))
    assert (scores.shape, scores.dtype, scores.requires_grad) == ((1, 6, 1, 2), torch.float32, False)
    assert scores.device.type == "cpu"


def test_the_built_in_model():
    session = Session.load(BUILTIN_SPEC, "cpu")
    dense = dense_form(session)
    side = session.info.preprocessing.crop
    picture = torch.randn(1, 3, side, side)
    assert (dense.side, dense.stride) == (side, (16, 16))
    assert_equal(dense.scores(picture)[..., 0, 0], session.forward(picture))
    assert dense.scores(torch.randn(2, 3, side + 16, side + 64)).shape == (2, 102, 2, 5)
    assert "3.2" in dense.notes[0]


def test_alexnet_is_the_convolutional_network_that_the_paper_makes_of_it():
    session = Session.load(ModelSpec("alexnet", WeightsSpec("random")), "cpu")
    compare_with_convolutions(session, [(1, 6), (4, 1), (6, 1)], torch.randn(1, 3, 256, 320))


@pytest.mark.slow
def test_vgg_16_is_the_convolutional_network_that_the_paper_makes_of_it():
    session = Session.load(ModelSpec("vgg16", WeightsSpec("random")), "cpu")
    compare_with_convolutions(session, [(0, 7), (3, 1), (6, 1)], torch.randn(1, 3, 256, 320))


def compare_with_convolutions(session, layers, picture):
    """Section 3.2: fully connected layers are turned into convolutions; here by hand, with copied weights."""
    convolutions = []
    for place, kernel in layers:
        linear = session.model.classifier[place]
        convolution = nn.Conv2d(linear.in_features // kernel**2, linear.out_features, kernel)
        convolution.weight.data = linear.weight.detach().clone().reshape(convolution.weight.shape)
        convolution.bias.data = linear.bias.detach().clone()
        convolutions += [convolution, nn.ReLU()]
    network = nn.Sequential(copy.deepcopy(session.model.features), *convolutions[:-1])
    with torch.no_grad():
        expected = network(picture)
    assert expected.shape[3] == expected.shape[2] + 2
    assert_equal(dense_form(session).scores(picture), expected)


# --- borders


def only_the_middle(network, margin):
    """Take away the weights with which the first fully connected layer looks at the border of its maps."""
    linear = next(module for module in network if isinstance(module, nn.Linear))
    weights = linear.weight.data.view(linear.out_features, 12, 7, 7)
    kept = torch.zeros(7, 7)
    kept[margin:-margin, margin:-margin] = 1
    weights *= kept
    return network


def test_where_only_inner_positions_count_padding_changes_nothing():
    torch.manual_seed(2)
    network = only_the_middle(vgg_like(padding=1).eval(), 2)
    dense = dense_form(session_of(network, 30))
    picture = torch.randn(1, 3, 42, 50)
    scores = dense.scores(picture)
    assert scores.shape == (1, 6, 4, 6)
    with torch.no_grad():
        assert_equal(scores, windows(network, picture, 30, dense.stride, 4, 6))


def test_at_the_border_of_a_window_a_padded_network_sees_its_neighbourhood():
    torch.manual_seed(2)
    network = vgg_like(padding=1).eval()
    dense = dense_form(session_of(network, 30))
    picture = torch.randn(1, 3, 42, 50)
    with torch.no_grad():
        difference = (dense.scores(picture) - windows(network, picture, 30, dense.stride, 4, 6)).abs().amax((0, 1))
        head_of_maps = network[:7](picture)
        truth = torch.stack(
            [
                torch.stack([network[7:](head_of_maps[..., row : row + 7, column : column + 7]) for column in range(6)], -1)
                for row in range(4)
            ],
            -2,
        )
    assert bool((difference > 1e-3).all())
    assert_equal(dense.scores(picture), truth)
    assert len(dense.notes) == 1
    assert "padded" in dense.notes[0]


# --- hypothesis


@st.composite
def networks(draw):
    """Small networks without padding, with random layers, strides and heads, for pictures of a fitting size."""
    channels, body, side = 2, [], draw(st.integers(1, 4))
    maps = (side, side)
    for _ in range(draw(st.integers(1, 3))):
        width, kernel, stride = draw(st.integers(1, 5)), draw(st.integers(1, 4)), draw(st.integers(1, 3))
        dilation = draw(st.integers(1, 2))
        kind = draw(st.sampled_from(["conv", "max", "average"]))
        if kind == "conv":
            layers = [nn.Conv2d(channels, width, kernel, stride, dilation=dilation), nn.LeakyReLU()]
            channels = width
        elif kind == "max":
            layers, dilation = [nn.MaxPool2d(kernel, stride)], 1
        else:
            layers, dilation = [nn.AvgPool2d(kernel, stride)], 1
        body += layers
    # The side of the picture is found backwards: the last maps are to have ``side`` positions.
    needed = side
    for layer in reversed(body):
        if isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
            kernel, stride, dilation = (_first(getattr(layer, name, 1)) for name in ("kernel_size", "stride", "dilation"))
            needed = (needed - 1) * stride + dilation * (kernel - 1) + 1
    head = draw(st.sampled_from(["flat", "global", "quarters", "maximum"]))
    pooled = {"flat": [], "global": [nn.AdaptiveAvgPool2d(1)], "quarters": [nn.AdaptiveAvgPool2d(2)],
              "maximum": [nn.AdaptiveMaxPool2d(1)]}[head]  # fmt: skip
    positions = {"flat": maps[0] * maps[1], "quarters": 4}.get(head, 1)
    return nn.Sequential(*body, *pooled, nn.Flatten(), nn.Linear(channels * positions, 5)), needed + draw(st.integers(0, 2))


def _first(value):
    return value[0] if isinstance(value, tuple) else value


@settings(max_examples=60)
@given(networks(), st.integers(0, 9), st.integers(0, 9), st.integers(0, 1000))
def test_random_networks_without_padding(network_and_side, lower, wider, seed):
    network, side = network_and_side
    torch.manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            nn.init.normal_(module.weight)
    try:
        session = session_of(network, side, channels=2)
    except RuntimeError:
        reject()  # the picture is a little larger, and the maps with it: they do not fit the layer
    dense = dense_form(session)
    picture = torch.randn(1, 2, side + lower, side + wider)
    scores = dense.scores(picture)
    with torch.no_grad():
        assert_equal(scores, windows(network, picture, side, dense.stride, *scores.shape[2:]))


# --- what it leaves alone


def test_the_network_is_left_as_it_was():
    session = session_of(vgg_like(padding=1), 30)
    before = {name: (value.data_ptr(), value.clone()) for name, value in session.model.state_dict().items()}
    modules = list(session.model.modules())
    picture = torch.randn(1, 3, 30, 30)
    plain = session.forward(picture)
    dense_form(session).scores(torch.randn(1, 3, 40, 40))
    assert list(session.model.modules()) == modules
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in modules)
    for name, value in session.model.state_dict().items():
        assert value.data_ptr() == before[name][0]
        assert torch.equal(value, before[name][1])
    assert torch.equal(session.forward(picture), plain)


def test_it_is_found_out_once_and_goes_with_the_session():
    session = session_of(Counting(gap_net()), 30)
    dense_form(session)
    passes = session.model.passes
    dense_form(session)
    assert why_not_dense(session) == ""
    assert session.model.passes == passes
    gone = weakref.ref(session)
    del session
    gc.collect()
    assert gone() is None


class Counting(nn.Module):
    def __init__(self, inner):
        super().__init__()
        self.inner = inner
        self.passes = 0

    def forward(self, x):
        self.passes += 1
        return self.inner(x)


class Stubborn(nn.Module):
    """A network that does not fit into the memory of the meta device."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def to(self, device):
        if torch.device(device).type == "meta":
            raise torch.OutOfMemoryError("out of memory")
        return super().to(device)

    def forward(self, batch):
        return self.inner(batch)


def test_a_full_device_moves_the_network_to_the_cpu():
    loaded = session_of(gap_net(), 30)
    session = Session(Stubborn(loaded.model), dataclasses.replace(loaded.info, device="meta"), torch.device("meta"))
    assert dense_form(session).scores(torch.rand(1, 3, 30, 36)).shape == (1, 7, 1, 2)
    assert session.info.device == "cpu"
    assert "memory of meta is full" in session.info.notices[-1]


# --- limits


def test_a_picture_smaller_than_the_window():
    dense = dense_form(session_of(gap_net(), 30))
    with pytest.raises(UsageError, match=r"40×29 pixels is smaller than the window of 30×30"):
        dense.scores(torch.rand(1, 3, 29, 40))


def test_a_pass_beyond_the_budget_is_refused_with_the_numbers(monkeypatch):
    dense = dense_form(session_of(gap_net(), 30))
    monkeypatch.setenv("LAYERSCOPE_ACTIVATION_BUDGET", "1")
    assert dense.scores(torch.rand(1, 3, 30, 30)).shape == (1, 7, 1, 1)
    with pytest.raises(DeviceError, match=r"900×600 pixels needs \d+ MiB of memory, and the budget is 1 MiB"):
        dense.scores(torch.rand(1, 3, 600, 900))


def test_windows_of_a_network_that_begins_with_its_head_are_counted_before_they_are_cut(monkeypatch):
    dense = dense_form(session_of(nn.Sequential(nn.Flatten(), nn.Linear(3 * 30 * 30, 4)), 30))
    assert dense.stride == (1, 1)
    monkeypatch.setenv("LAYERSCOPE_ACTIVATION_BUDGET", "64")
    with pytest.raises(DeviceError, match="MiB"):
        dense.scores(torch.rand(1, 3, 200, 200))
