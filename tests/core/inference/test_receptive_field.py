"""Theoretical receptive fields against what a gradient reaches."""

import weakref

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn import functional as F

from core.inference.measure import measure_layers
from core.zoo import backend


class Positive(nn.Module):
    """A convolution, or a pooling, all of whose weights are equal and above zero: no part of the field is lost."""

    def __init__(self, module):
        super().__init__()
        self.kernel, self.stride = pair(module.kernel_size), module.stride or module.kernel_size
        self.padding, self.dilation = module.padding, getattr(module, "dilation", 1)
        self.channels = getattr(module, "out_channels", None)

    def forward(self, x):
        weight = torch.full((1, 1, *self.kernel), 1 / (self.kernel[0] * self.kernel[1]), dtype=x.dtype)
        one = F.conv2d(x.mean(1, keepdim=True), weight, None, self.stride, self.padding, self.dilation)
        return one.expand(-1, self.channels or x.shape[1], -1, -1)


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def positive(model):
    """Take out of a real network what hides parts of the field: signs, ReLU, and maxima, which pass one gradient only.

    What has weights is replaced, so that the network may be a skeleton.
    """
    for module in model.modules():
        for name, child in module.named_children():
            if isinstance(child, nn.Conv2d | nn.MaxPool2d):
                if isinstance(child, nn.MaxPool2d):
                    child.ceil_mode = False
                setattr(module, name, Positive(child))
            elif isinstance(child, nn.BatchNorm2d | nn.ReLU | nn.ReLU6 | nn.Linear):
                setattr(module, name, nn.Identity())
    return model.eval()


def reached(unit, pixels):
    """First and last row and column of the pixels that a unit depends on."""
    (gradient,) = torch.autograd.grad(unit, pixels, retain_graph=True)
    seen = gradient[0].abs().sum(0) > 0
    rows, columns = seen.any(1).nonzero().flatten(), seen.any(0).nonzero().flatten()
    return (int(rows[0]), int(rows[-1])), (int(columns[0]), int(columns[-1]))


def predicted(layer, unit, sides):
    """The same from the facts, clipped at the border."""
    return tuple(
        (int(max(0, centre - (size - 1) / 2)), int(min(side - 1, centre + (size - 1) / 2)))
        for size, stride, offset, place, side in zip(
            layer.receptive_field, layer.stride, layer.offset, unit, sides, strict=True
        )
        for centre in [offset + place * stride]
    )


def middle(length):
    return length // 2


def corner(length):
    return length - 1


def convolutions_agree(name, side, kinds=("Conv2d",), place=middle):
    """Compare every layer of these kinds of an architecture, at one unit; return how many there are."""
    options = backend.BuildOptions(aux_logits=False)
    layers = measured(backend.skeleton(name, options=options).to("meta"), side, "meta")
    model = positive(backend.skeleton(name, options=options))
    pixels = torch.ones(1, 3, side, side, requires_grad=True)
    outputs = {}
    compared = [layer for layer in layers if layer.kind in kinds]
    names = {layer.name for layer in compared}
    for key, module in model.named_modules():
        if key in names or isinstance(module, Positive):
            # the network goes on with a clone, which it may overwrite
            module.register_forward_hook(lambda _m, _i, output, key=key: outputs.setdefault(key, output).clone())
    model(pixels)
    for layer in compared:
        output = outputs[layer.name]
        assert output.shape[1] == layer.output_shape[1], layer
        unit = tuple(place(length) for length in output.shape[-2:])
        assert reached(output[0, :, unit[0], unit[1]].sum(), pixels) == predicted(layer, unit, (side, side)), layer
    return len(compared)


def measured(model, side, device="cpu"):
    with torch.inference_mode():
        return measure_layers(model.eval(), torch.zeros(1, 3, side, side, device=device))[0]


def facts(name, side=224):
    return {layer.name: layer for layer in measured(backend.skeleton(name).to("meta"), side, "meta")}


def test_vgg_16():
    layers = facts("vgg16")
    assert (layers["features.28"].receptive_field, layers["features.28"].stride) == ((196, 196), (16, 16))
    assert (layers["features.30"].receptive_field, layers["features.30"].stride) == ((212, 212), (32, 32))
    assert layers["features.30"].offset == (15.5, 15.5)
    assert layers["features.0"].offset == (0.0, 0.0)
    assert layers["features"].receptive_field == layers["avgpool"].receptive_field == (212, 212)
    assert layers["classifier.0"].receptive_field is layers["classifier.0"].stride is layers["classifier"].offset is None
    assert layers["features.0"].activation_bytes == 4 * 64 * 224 * 224


@pytest.mark.parametrize(
    ("name", "side", "count"),
    [
        ("vgg16", 256, 13),
        ("resnet18", 544, 20),
        pytest.param("googlenet", 512, 57, marks=pytest.mark.slow),
        ("squeezenet1_1", 256, 26),
        ("mobilenet_v2", 544, 52),
        ("shufflenet_v2_x0_5", 544, 56),
        pytest.param("inception_v3", 395, 94, marks=pytest.mark.slow),
    ],
)
def test_convolutions_see_what_their_gradient_reaches(name, side, count):
    assert convolutions_agree(name, side) == count


BLOCKS = ("BasicBlock", "MaxPool2d", "Inception", "Bottleneck")


@pytest.mark.parametrize(
    ("name", "side", "count"),
    [
        ("vgg16", 256, 5),
        ("resnet18", 544, 9),
        pytest.param("googlenet", 512, 22, marks=pytest.mark.slow),
        pytest.param("resnet50", 640, 17, marks=pytest.mark.slow),
    ],
)
def test_blocks_and_poolings_see_what_their_gradient_reaches(name, side, count):
    assert convolutions_agree(name, side, BLOCKS) == count


@pytest.mark.parametrize(
    ("name", "place", "count"),
    # The first convolution of squeezenet1_1 leaves out the last row and column of an even picture, so not its far corner.
    [("vgg11", corner, 8), ("vgg11", lambda _length: 0, 8), ("squeezenet1_1", lambda _length: 0, 26)],
)
def test_units_at_the_border_see_what_is_left_of_the_picture(name, place, count):
    assert convolutions_agree(name, 224, place=place) == count


@pytest.mark.parametrize("name", ["vgg11", "resnet18"])
def test_real_weights_never_reach_further(name):
    """ReLU, signs and maxima hide parts of the field; nothing may come from outside of it."""
    with torch.random.fork_rng(devices=()):
        torch.manual_seed(1)
        model = backend.build(name).eval().requires_grad_(False)
        pixels = torch.rand(1, 3, 224, 224, requires_grad=True)
    layers = [layer for layer in measured(model, 224) if layer.kind == "Conv2d"]
    outputs = {}
    for layer in layers:
        module = model.get_submodule(layer.name)
        module.register_forward_hook(lambda _m, _i, output, key=layer.name: outputs.setdefault(key, output).clone())
    model(pixels)
    for layer in layers[::3]:
        output = outputs[layer.name]
        unit = tuple(length // 3 for length in output.shape[-2:])
        rows, columns = reached(output[0, :, unit[0], unit[1]].sum(), pixels)
        (top, bottom), (left, right) = predicted(layer, unit, (224, 224))
        assert top <= rows[0] <= rows[1] <= bottom
        assert left <= columns[0] <= columns[1] <= right


def test_transformers_see_everything_from_the_first_attention_on():
    layers = facts("vit_b_16")
    assert layers["conv_proj"].receptive_field == (16, 16)
    assert layers["encoder.layers.encoder_layer_0.self_attention"].receptive_field is None
    assert layers["heads"].receptive_field is None
    layers = facts("swin_t")
    assert layers["features.0"].receptive_field == layers["features.0"].stride == (4, 4)
    assert layers["features.1.0.attn"].receptive_field is layers["features.2"].receptive_field is None


def test_channels_last_and_gates():
    assert facts("convnext_tiny")["features.7.2"].stride == (32, 32)
    layers = facts("mobilenet_v3_small")
    assert layers["features.1.block.0"].receptive_field == (7, 7)
    assert layers["features.1.block.1"].receptive_field is None, "the gate averages over all of space"


SIZES = st.tuples(st.integers(1, 4), st.integers(1, 4))
STEPS = st.tuples(st.integers(1, 3), st.integers(1, 3))


@st.composite
def stacks(draw):
    layers = []
    for kind in draw(st.lists(st.sampled_from(("conv", "max", "average", "relu")), min_size=1, max_size=4)):
        kernel, stride, dilation = draw(SIZES), draw(STEPS), draw(STEPS)
        spread = kernel if kind != "conv" else tuple(d * (k - 1) + 1 for d, k in zip(dilation, kernel, strict=True))
        padding = tuple(draw(st.integers(0, side // 2)) for side in spread)
        ceil = draw(st.booleans())
        layers.append(
            nn.ReLU()
            if kind == "relu"
            else nn.Conv2d(3, 3, kernel, stride, padding, dilation)
            if kind == "conv"
            else nn.MaxPool2d(kernel, stride, padding, dilation, ceil_mode=ceil)
            if kind == "max"
            else nn.AvgPool2d(kernel, stride, padding, ceil_mode=ceil)
        )
    return layers


@given(stacks())
@settings(max_examples=60)
def test_any_stack_sees_what_its_gradient_reaches(stack):
    side = 600
    model = nn.Sequential(*stack)
    layer = measured(model.to("meta"), side, "meta")[-1]
    with torch.enable_grad():
        pixels = torch.zeros(1, 3, side, side, requires_grad=True)
        output = nn.Sequential(*(nn.Identity() if isinstance(one, nn.ReLU) else Positive(one) for one in stack))(pixels)
        unit = tuple(round((side / 2 - offset) / step) for offset, step in zip(layer.offset, layer.stride, strict=True))
        expected = predicted(layer, unit, (side, side))
        assert all(first > 0 and last < side - 1 for first, last in expected)
        assert reached(output[0, 0, unit[0], unit[1]], pixels) == expected


class Free(nn.Module):
    """Runs any function as a network."""

    def __init__(self, function):
        super().__init__()
        self.function = function
        self.scale = nn.Parameter(torch.ones(3, 1, 1))
        self.register_buffer("mask", torch.ones(1, 1, 12, 12))

    def forward(self, x):
        return self.function(self, x)


def field_of(function):
    layer = measured(Free(function), 12)[0]
    assert (layer.receptive_field is None) == (layer.stride is None) == (layer.offset is None)
    return (layer.receptive_field, layer.stride, layer.offset) if layer.stride else None


SAME = ((1, 1), (1, 1), (0.0, 0.0))


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (lambda net, x: x * 2 + net.scale, SAME),
        (lambda net, x: torch.cat([x, x[:, :1]], dim=1), SAME),
        (lambda net, x: torch.cat((x[:, 0].unsqueeze(1), x[:, None, 2] - 1), 1), SAME),
        (lambda net, x: x.view(1, 3, 1, 12, 12).transpose(1, 2).reshape(1, -1, 12, 12), SAME),
        (lambda net, x: torch.permute(x, (0, 2, 3, 1)), SAME),
        (lambda net, x: F.linear(x.permute(0, 2, 3, 1), torch.ones(5, 3)).permute(0, 3, 1, 2), SAME),
        (lambda net, x: x.transpose(2, 3).softmax(1).chunk(3, dim=1)[1], SAME),
        (lambda net, x: x + F.avg_pool2d(x, 3, 1, 1), ((3, 3), (1, 1), (0.0, 0.0))),
        (lambda net, x: x[..., 2:, 1::2], ((1, 1), (1, 2), (2.0, 1.0))),
        (lambda net, x: x.permute(0, 3, 2, 1)[:, 1::2, 2:], ((1, 1), (1, 2), (2.0, 1.0))),
        (lambda net, x: F.pad(x, (1, 0, 2, 0)), ((1, 1), (1, 1), (-2.0, -1.0))),
        (lambda net, x: F.adaptive_avg_pool2d(x, (6, 4)), ((2, 3), (2, 3), (0.5, 1.0))),
        (lambda net, x: F.conv2d(x, torch.ones(1, 3, 5, 3), padding="same"), ((5, 3), (1, 1), (0.0, 0.0))),
        (lambda net, x: x.relu_().add_(1), SAME),
        (lambda net, x: F.adaptive_avg_pool2d(x, 1), None),
        (lambda net, x: F.adaptive_avg_pool2d(x, 5), None),
        (lambda net, x: x * x.mean((2, 3), keepdim=True), None),
        (lambda net, x: x + F.interpolate(F.max_pool2d(x, 2), scale_factor=2), None),
        (lambda net, x: F.max_pool2d(x, 2) + x[..., :6, :6], None),
        (lambda net, x: x.roll(1, 2), None),
        (lambda net, x: x + net.mask, None),
        (lambda net, x: F.pad(x, (1, 1, 1, 1), mode="reflect"), None),
        (lambda net, x: torch.cat([x, x], dim=2), None),
        (lambda net, x: x.softmax(-1), None),
        (lambda net, x: F.layer_norm(x, (12, 12)), None),
        (lambda net, x: F.linear(x, torch.ones(5, 12)), None),
        (lambda net, x: x @ x, None),
        (lambda net, x: x[..., 0], None),
        (lambda net, x: x[torch.zeros(1, dtype=torch.long)], None),
        (lambda net, x: x.flatten(1), None),
        (lambda net, x: F.batch_norm(x, None, None, training=True), None),
        (lambda net, x: F.fold(F.unfold(x, 3, padding=1), (12, 12), 3, padding=1), None),
        (lambda net, x: overwritten(x), None),
    ],
)
def test_operations(function, expected):
    assert field_of(function) == expected


def overwritten(x):
    x = x.clone()
    x[:, 0] = x.mean()
    return x


def test_an_input_that_is_no_picture():
    (layer,) = measure_layers(nn.Linear(3, 2), torch.zeros(1, 3))[0]
    assert (layer.receptive_field, layer.macs) == (None, 6)


def test_tensors_are_not_kept():
    made, alive = [], []
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Conv2d(4, 2, 3))
    model[0].register_forward_hook(lambda _module, _inputs, output: made.append(weakref.ref(output)))
    model[2].register_forward_hook(lambda *_: alive.append(made[0]() is not None))
    batch = torch.zeros(1, 3, 9, 9)
    with torch.inference_mode():
        _, output = measure_layers(model, batch)
    assert alive == [False]
    assert not vars(batch)
    assert not vars(output)
