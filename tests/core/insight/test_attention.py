"""Attention per head against a calculation of its own, from the input and the weights of each module."""

import numpy as np
import pytest
import torch
from torch import nn

from core.errors import LayerError
from core.inference.attention import attention_shape
from core.inference.measure import measure_layers, module_of
from core.insight.activations import Capture, present
from core.insight.layers import default_layer, find_layer
from core.types import ATTENTION, ActivationGrid
from tests.core.insight.small_networks import small

NAMES = ("vit", "swin", "swin_v2", "maxvit")


class Looked:
    """A small network, its layers, its plain output, and the input of every module."""

    def __init__(self, name):
        self.model, self.batch = small(name)
        self.inputs = {}

        def keep(key):
            def hook(_module, inputs):
                self.inputs.setdefault(key, inputs[0].clone())

            return hook

        modules = list(self.model.named_modules())[1:]
        handles = [module.register_forward_pre_hook(keep(key)) for key, module in modules]
        with torch.inference_mode():
            self.output = self.model(self.batch)
            self.layers, _ = measure_layers(self.model, self.batch)
        for handle in handles:
            handle.remove()

    @property
    def attention(self):
        return [layer for layer in self.layers if layer.heads is not None]

    def capture(self, layer, **options):
        capture = Capture(layer, **options)
        with torch.inference_mode():
            output = capture.run(self.model, self.batch)
        return capture.values(), output


@pytest.fixture(scope="module", params=NAMES)
def looked(request):
    return Looked(request.param)


def test_every_module_that_attends_has_a_layer_for_it(looked):
    kinds = ("MultiheadAttention", "ShiftedWindowAttention", "ShiftedWindowAttentionV2", "RelativePositionalMultiHeadAttention")
    modules = [name for name, module in looked.model.named_modules() if type(module).__name__ in kinds]
    assert [layer.name for layer in looked.attention] == [f"{name}{ATTENTION}" for name in modules]
    keys = [layer.key for layer in looked.layers]
    for layer in looked.attention:
        assert (layer.kind, layer.parameters, layer.macs, layer.leaf) == ("Attention", 0, 0, True)
        assert layer.heads == layer.output_shape[1]
        assert find_layer(looked.layers, layer.key) is layer
        around = [key for key in keys if key == layer.module or key.startswith(f"{layer.module}.")]
        assert keys.index(layer.key) == keys.index(around[-1]) + 1
    assert find_layer(looked.layers, default_layer(looked.layers)).heads is None


def test_rows_sum_to_one_and_the_predictions_stay(looked):
    for layer in looked.attention:
        values, output = looked.capture(layer)
        assert values.shape == layer.output_shape
        assert (values >= 0).all()
        np.testing.assert_allclose(values.sum(axis=-1), 1, atol=1e-5)
        assert values.std(axis=-1).max() > 0.01, "flat attention would prove nothing"
        assert torch.equal(output, looked.output)
        stopped, nothing = looked.capture(layer, stop=True)
        assert nothing is None
        np.testing.assert_array_equal(stopped, values)
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in looked.model.modules())


def test_a_map_a_head(looked):
    for layer in looked.attention:
        values, _ = looked.capture(layer)
        grid = present(values, layer, looked.layers)
        assert isinstance(grid, ActivationGrid)
        assert grid.count == layer.heads
        assert "attention" in grid.note
        if layer.windows is not None:
            assert grid.values.shape[1:] == (layer.windows.height, layer.windows.width)


def projected(module, x, heads):
    """Queries and keys of tokens (N, C), each (heads, N, C / heads), from the weights alone."""
    weight = module.in_proj_weight if isinstance(module, nn.MultiheadAttention) else module.qkv.weight
    bias = module.in_proj_bias if isinstance(module, nn.MultiheadAttention) else module.qkv.bias
    width = x.shape[-1]
    parts = (x @ weight[: 2 * width].T + bias[: 2 * width]).reshape(len(x), 2, heads, width // heads)
    return parts[:, 0].transpose(0, 1), parts[:, 1].transpose(0, 1)


def test_vit_is_softmax_of_queries_times_keys():
    looked = Looked("vit")
    assert len(looked.attention) == 2
    for layer in looked.attention:
        values, _ = looked.capture(layer)
        module = looked.model.get_submodule(layer.module)
        q, k = projected(module, looked.inputs[layer.module][0], module.num_heads)
        expected = (q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1)
        np.testing.assert_allclose(values[0], expected.numpy(), atol=1e-5)
        grid = present(values, layer, looked.layers)
        np.testing.assert_allclose(grid.values, expected[:, 0, 1:].reshape(3, 4, 4).numpy(), atol=1e-5)
        assert grid.note == "attention from the class token to the 4×4 patches, a map a head"


def windows_of(side, window, shift):
    """Positions (row, column) of each window, in the order of torchvision, and the region that the mask sees each in."""
    padded = -(-side // window) * window
    shift = 0 if window >= padded else shift

    def region(place):
        return 0 if place < padded - window else 1 if place < padded - shift else 2

    for top in range(0, padded, window):
        for left in range(0, padded, window):
            rolled = [(row, column) for row in range(top, top + window) for column in range(left, left + window)]
            yield (
                [((row + shift) % padded, (column + shift) % padded) for row, column in rolled],
                [(region(row), region(column)) if shift else (0, 0) for row, column in rolled],
            )


@pytest.mark.parametrize(("name", "side"), [("swin", 15), ("swin_v2", 16)])
def test_swin_window_by_window_and_on_the_map(name, side):
    looked = Looked(name)
    assert len(looked.attention) == 4
    assert any(layer.windows.down for layer in looked.attention)
    for layer in looked.attention:
        module = looked.model.get_submodule(layer.module)
        x = looked.inputs[layer.module][0]
        side, window = len(x), module.window_size[0]
        values, _ = looked.capture(layer)
        padded = -(-side // window) * window
        x = torch.nn.functional.pad(x, (0, 0, 0, padded - side, 0, padded - side))
        received = torch.zeros(module.num_heads, padded, padded)
        for number, (places, regions) in enumerate(windows_of(side, window, module.shift_size[0])):
            tokens = torch.stack([x[row, column] for row, column in places])
            logits = swin_logits(module, tokens)
            for one, here in enumerate(regions):
                for other, there in enumerate(regions):
                    if here != there:
                        logits[:, one, other] -= 100
            expected = logits.softmax(-1)
            np.testing.assert_allclose(values[number], expected.numpy(), atol=1e-5)
            for key, (row, column) in enumerate(places):
                received[:, row, column] = expected[:, :, key].mean(1)
        grid = present(values, layer, looked.layers)
        np.testing.assert_allclose(grid.values, received[:, :side, :side].numpy(), atol=1e-5)
        assert ("shifted by" in grid.note) == (window < padded and module.shift_size[0] > 0)


def swin_logits(module, tokens):
    """Attention before softmax of one window, without the mask; the bias is looked up pair by pair."""
    side = module.window_size[0]
    if not hasattr(module, "logit_scale"):
        q, k = projected(module, tokens, module.num_heads)
        logits = q @ k.transpose(1, 2) / q.shape[-1] ** 0.5
        table = module.relative_position_bias_table
    else:
        width = tokens.shape[-1]
        bias = module.qkv.bias.clone()
        bias[width : 2 * width] = 0
        q, k = (
            (tokens @ module.qkv.weight[part].T + bias[part]).reshape(len(tokens), module.num_heads, -1).transpose(0, 1)
            for part in (slice(0, width), slice(width, 2 * width))
        )
        cosine = torch.einsum("hid,hjd->hij", q / q.norm(dim=-1, keepdim=True), k / k.norm(dim=-1, keepdim=True))
        logits = cosine * module.logit_scale.clamp(max=np.log(100)).exp()
        table = 16 * module.cpb_mlp(module.relative_coords_table).reshape(-1, module.num_heads).sigmoid()
    for one in range(side * side):
        for other in range(side * side):
            down, across = one // side - other // side, one % side - other % side
            logits[:, one, other] += table[(down + side - 1) * (2 * side - 1) + across + side - 1]
    return logits


def test_maxvit_from_its_queries_and_keys_and_on_the_map():
    looked = Looked("maxvit")
    assert {layer.windows.strided for layer in looked.attention} == {False, True}
    for layer in looked.attention:
        module = looked.model.get_submodule(layer.module)
        x = looked.inputs[layer.module][0]
        qkv = x @ module.to_qkv.weight.T + module.to_qkv.bias
        q, k = (part.reshape(*x.shape[:2], module.n_heads, -1).transpose(1, 2) for part in qkv.chunk(3, -1)[:2])
        logits = q @ k.transpose(2, 3) * x.shape[-1] ** -0.5
        expected = (logits + module.get_relative_positional_bias()).softmax(-1)
        values, _ = looked.capture(layer)
        np.testing.assert_allclose(values, expected.numpy(), atol=1e-5)
        grid = present(values, layer, looked.layers)
        places = layer.windows
        down, across = places.grid
        for window in range(places.count):
            for key in range(places.rows * places.columns):
                row, column = divmod(key, places.columns)
                if places.strided:
                    place = (row * down + window // across, column * across + window % across)
                else:
                    place = (window // across * places.rows + row, window % across * places.columns + column)
                np.testing.assert_allclose(grid.values[:, *place], expected[window, :, :, key].mean(1), atol=1e-5)


def test_what_maxvit_cuts_up_is_put_together_again():
    looked = Looked("maxvit")
    holders = [name for name, module in looked.model.named_modules() if type(module).__name__ == "PartitionAttentionLayer"]
    assert len(holders) == 6
    for holder in holders:
        before = looked.inputs[holder][0].numpy()
        for part in ("partition_op", "partition_swap"):
            layer = find_layer(looked.layers, f"{holder}.{part}")
            grid = present(looked.capture(layer)[0], layer, looked.layers)
            np.testing.assert_array_equal(grid.values, before)
            assert "put together" in grid.note
        after = present(*first(looked, f"{holder}.departition_op"), looked.layers).values
        np.testing.assert_array_equal(present(*first(looked, f"{holder}.departition_swap"), looked.layers).values, after)
        mixed = present(*first(looked, f"{holder}.mlp_layer.0"), looked.layers)
        assert mixed.values.shape == before.shape
        assert ("grids of 7×7" in mixed.note) == holder.endswith("grid_attention")


def first(looked, key):
    layer = find_layer(looked.layers, key)
    return looked.capture(layer)[0], layer


def test_a_module_that_is_called_twice_and_one_with_other_keys():
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.attend = nn.MultiheadAttention(8, 2, batch_first=False)

        def forward(self, x):
            x, _ = self.attend(x, x, x, need_weights=False)
            return self.attend(query=x, key=x[:2], value=x[:2])[0] if self.short else self.attend(x, x[:2], x[:2])[0]

    model = Twice().eval().requires_grad_(False)
    x = torch.randn(5, 1, 8, generator=torch.Generator().manual_seed(0))
    model.short = False
    layers, output = measure_layers(model, x)
    attention = [layer for layer in layers if layer.heads]
    assert [layer.key for layer in attention] == ["attend#attention@1", "attend#attention@2"]
    assert [layer.output_shape for layer in attention] == [(1, 2, 5, 5), (1, 2, 5, 2)]
    for layer in attention:
        capture = Capture(layer)
        assert torch.equal(capture.run(model, x), output)
        assert capture.values().shape == layer.output_shape
    model.short = True
    capture.run(model, x)
    assert capture.values().shape == (1, 2, 5, 2)


def test_what_does_not_attend_has_none():
    assert attention_shape(nn.Linear(3, 3), (), (1, 3)) is None
    assert attention_shape(nn.Softmax(-1), (), (1, 2, 3, 3)) is None


def test_attention_cannot_be_hooked_as_an_output():
    looked = Looked("vit")
    with pytest.raises(LayerError, match=r"Choose “encoder\.layers\.encoder_layer_0\.self_attention” for that"):
        module_of(looked.model, looked.attention[0])
