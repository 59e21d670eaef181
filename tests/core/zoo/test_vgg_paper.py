"""The VGG configurations against Tables 1 and 2 of the paper (https://arxiv.org/abs/1409.1556), transcribed here."""

import pytest
import torch
from torch import nn

from core.inference.measure import measure_layers
from core.zoo import backend
from core.zoo.vgg import local_response_norm

CLASSIFIER = "FC-4096 FC-4096 FC-1000"

TABLE_1 = {
    "A": """conv3-64
            maxpool conv3-128
            maxpool conv3-256 conv3-256
            maxpool conv3-512 conv3-512
            maxpool conv3-512 conv3-512 maxpool""",
    "A-LRN": """conv3-64 LRN
            maxpool conv3-128
            maxpool conv3-256 conv3-256
            maxpool conv3-512 conv3-512
            maxpool conv3-512 conv3-512 maxpool""",
    "B": """conv3-64 conv3-64
            maxpool conv3-128 conv3-128
            maxpool conv3-256 conv3-256
            maxpool conv3-512 conv3-512
            maxpool conv3-512 conv3-512 maxpool""",
    "C": """conv3-64 conv3-64
            maxpool conv3-128 conv3-128
            maxpool conv3-256 conv3-256 conv1-256
            maxpool conv3-512 conv3-512 conv1-512
            maxpool conv3-512 conv3-512 conv1-512 maxpool""",
    "D": """conv3-64 conv3-64
            maxpool conv3-128 conv3-128
            maxpool conv3-256 conv3-256 conv3-256
            maxpool conv3-512 conv3-512 conv3-512
            maxpool conv3-512 conv3-512 conv3-512 maxpool""",
    "E": """conv3-64 conv3-64
            maxpool conv3-128 conv3-128
            maxpool conv3-256 conv3-256 conv3-256 conv3-256
            maxpool conv3-512 conv3-512 conv3-512 conv3-512
            maxpool conv3-512 conv3-512 conv3-512 conv3-512 maxpool""",
}
NAMES = {"A": "vgg11", "A-LRN": "vgg11_lrn", "B": "vgg13", "C": "vgg16_1x1", "D": "vgg16", "E": "vgg19"}
WEIGHT_LAYERS = {"A": 11, "A-LRN": 11, "B": 13, "C": 16, "D": 16, "E": 19}  # the heads of the table's columns
TABLE_2 = {"A": 133, "A-LRN": 133, "B": 133, "C": 134, "D": 138, "E": 144}  # millions of parameters
EXACT = {"A": 132_863_336, "B": 133_047_848, "D": 138_357_544, "E": 143_667_240}


def layer_list(name):
    """The layers that run, in order, in the table's words; what it leaves out (ReLU, dropout) is checked on the way."""
    model = backend.skeleton(name).to("meta")
    with torch.inference_mode():
        layers, _ = measure_layers(model, torch.zeros(1, 3, 224, 224, device="meta"))
    leaves = [(one, model.get_submodule(one.name)) for one in layers if one.leaf]
    words = []
    for (info, module), (_, follower) in zip(leaves, [*leaves[1:], (None, None)], strict=True):
        if isinstance(module, nn.Conv2d):
            kernel = module.kernel_size[0]
            # Section 2.1: stride 1, and padding that keeps the resolution.
            assert (module.stride, module.padding) == ((1, 1), ((kernel - 1) // 2,) * 2)
            assert isinstance(follower, nn.ReLU | nn.BatchNorm2d)
            words.append(f"conv{kernel}-{module.out_channels}")
        elif isinstance(module, nn.Linear):
            assert isinstance(follower, nn.ReLU) == (module.out_features == 4096)
            words.append(f"FC-{module.out_features}")
        elif isinstance(module, nn.MaxPool2d):
            assert (module.kernel_size, module.stride) == (2, 2)
            words.append("maxpool")
        elif isinstance(module, nn.LocalResponseNorm):
            words.append("LRN")
        elif isinstance(module, nn.BatchNorm2d):
            assert isinstance(follower, nn.ReLU)
            words.append("batch norm")
        elif isinstance(module, nn.AdaptiveAvgPool2d):
            assert info.output_shape == (1, 512, 7, 7)
        else:
            assert isinstance(module, nn.ReLU | nn.Dropout)
    return words


def by_hand(table):
    """Parameters of a column: kernel² · inputs · outputs + outputs of each convolution, and the three linear layers."""
    total, channels = 0, 3
    for word in table.split():
        if word.startswith("conv"):
            kernel, width = map(int, word.removeprefix("conv").split("-"))
            total += kernel * kernel * channels * width + width
            channels = width
    return total + (7 * 7 * channels * 4096 + 4096) + (4096 * 4096 + 4096) + (4096 * 1000 + 1000)


@pytest.mark.parametrize("column", TABLE_1)
def test_the_layer_list_is_the_papers(column):
    expected = [*TABLE_1[column].split(), *CLASSIFIER.split()]
    assert layer_list(NAMES[column]) == expected
    normed = [word for word in layer_list(f"{NAMES[column]}_bn") if word != "batch norm"]
    assert normed == expected
    convolutions = sum(word.startswith("conv") for word in expected)
    assert layer_list(f"{NAMES[column]}_bn").count("batch norm") == convolutions == WEIGHT_LAYERS[column] - 3


@pytest.mark.parametrize("column", TABLE_1)
def test_the_parameters_are_the_papers(column):
    counted = sum(parameter.numel() for parameter in backend.skeleton(NAMES[column]).parameters())
    assert counted == by_hand(TABLE_1[column]) == EXACT.get(column, counted)
    assert round(counted / 1e6) == TABLE_2[column]


def test_the_parameters_of_c_and_a_lrn():
    assert by_hand(TABLE_1["C"]) == 133_638_952
    assert by_hand(TABLE_1["A-LRN"]) == EXACT["A"]  # normalisation has no parameters


def krizhevsky(a, n=5, k=2.0, alpha=1e-4, beta=0.75):
    """The formula of section 3.3 of Krizhevsky, Sutskever and Hinton (2012), number by number: a is (N, maps, H, W)."""
    maps = a.shape[1]
    b = torch.empty_like(a)
    for i in range(maps):
        total = sum(a[:, j] ** 2 for j in range(max(0, i - n // 2), min(maps - 1, i + n // 2) + 1))
        b[:, i] = a[:, i] / (k + alpha * total) ** beta
    return b


def test_local_response_normalisation_is_krizhevskys():
    activities = torch.randn(2, 9, 4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0)) * 100
    torch.testing.assert_close(local_response_norm()(activities), krizhevsky(activities), rtol=1e-12, atol=0)
    # torch's own reading of alpha, a fifth of it, is another function.
    assert not torch.allclose(nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=2.0)(activities), krizhevsky(activities))


def test_normalisation_comes_behind_the_first_relu():
    """Section 3.3 normalises what comes out of a ReLU."""
    kinds = [type(one).__name__ for one in backend.skeleton("vgg11_lrn").features[:4]]
    assert kinds == ["Conv2d", "ReLU", "LocalResponseNorm", "MaxPool2d"]
    kinds = [type(one).__name__ for one in backend.skeleton("vgg11_lrn_bn").features[:5]]
    assert kinds == ["Conv2d", "BatchNorm2d", "ReLU", "LocalResponseNorm", "MaxPool2d"]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["vgg11", "vgg11_bn"])
def test_our_vgg_draws_its_weights_as_torchvisions(name, monkeypatch):
    """The same configuration from both builders, seed for seed."""
    from core.zoo import vgg

    monkeypatch.setitem(vgg.CONFIGURATIONS, "A", tuple(word for word in vgg.CONFIGURATIONS["A-LRN"] if word != "LRN"))
    torch.manual_seed(5)
    theirs = backend.build(name, 10).state_dict()
    torch.manual_seed(5)
    ours = vgg.VGG("A", 10, batch_norm=name.endswith("bn")).state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[key], theirs[key]) for key in theirs)
