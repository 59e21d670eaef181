from collections import OrderedDict
from typing import NamedTuple

import pytest
import torch
from torch import nn

from core.inference.measure import first_tensor, measure_layers, with_first_tensor
from core.inference.threads import rough_macs


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.unused = nn.Linear(9, 9)
        self.relu = nn.ReLU(inplace=True)
        self.block = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), self.relu)
        self.pair = Pair()
        self.head = nn.Linear(4, 2)

    def forward(self, x):
        x = self.relu(self.block(x))
        x = self.pair(x)["out"][0]
        return self.head(x.mean((2, 3)))


class Pair(nn.Module):
    def forward(self, x):
        return {"out": (x[..., ::2], x)}


def test_order_calls_containers_and_parameters():
    layers, output = measure_layers(Net().eval(), torch.zeros(1, 3, 8, 8))
    assert [(layer.key, layer.kind, layer.output_shape, layer.parameters, layer.leaf) for layer in layers] == [
        ("block", "Sequential", (1, 4, 8, 8), 112, False),
        ("block.0", "Conv2d", (1, 4, 8, 8), 112, True),
        ("relu@1", "ReLU", (1, 4, 8, 8), 0, True),
        ("relu@2", "ReLU", (1, 4, 8, 8), 0, True),
        ("pair", "Pair", (1, 4, 8, 4), 0, True),
        ("head", "Linear", (1, 2), 10, True),
    ]
    assert output.shape == (1, 2)


def test_a_network_of_one_module_is_its_own_layer():
    layers, _ = measure_layers(nn.Linear(3, 2), torch.zeros(1, 3))
    assert [(layer.name, layer.output_shape) for layer in layers] == [("", (1, 2))]


def test_hooks_are_taken_off_again_whatever_happens():
    model = Net()
    for batch in (torch.zeros(1, 3, 8, 8), torch.zeros(1, 5, 8, 8)):
        try:
            measure_layers(model, batch)
        except RuntimeError:
            assert batch.shape[1] == 5
        assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.modules())


def test_first_tensor():
    one = torch.zeros(1)
    assert first_tensor(one) is first_tensor((None, one)) is first_tensor({"a": [one]}) is one
    assert first_tensor((None, "text", [])) is None


def test_rough_multiply_adds():
    layers, _ = measure_layers(nn.Sequential(nn.Conv2d(3, 64, 3, bias=False)), torch.zeros(1, 3, 10, 10))
    assert rough_macs(layers) == 3 * 64 * 9 * 8 * 8


class Duo(NamedTuple):
    first: torch.Tensor
    second: torch.Tensor | None


ONE, OTHER = torch.zeros(1), torch.ones(1)


@pytest.mark.parametrize(
    "output",
    [ONE, (ONE, None), [None, ONE, 3], {"a": None, "b": ONE}, Duo(ONE, None), OrderedDict(x=(None, [ONE]))],
    ids=lambda output: type(output).__name__,
)
def test_the_first_tensor_is_exchanged_and_all_else_stays(output):
    changed = with_first_tensor(output, OTHER)
    assert type(changed) is type(output)
    assert first_tensor(changed) is OTHER
    assert first_tensor(output) is ONE
    if isinstance(output, list):
        assert changed[2] == 3


def test_there_is_nothing_to_exchange_where_there_is_no_tensor():
    with pytest.raises(TypeError):
        with_first_tensor(None, OTHER)
