"""The small networks of the seed documents: their form, and that pictures reach them as they should."""

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.errors import ModelError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.types import BUILTIN_MODEL, ImageRef, ModelSpec, WeightsSpec
from core.weights import usual
from core.zoo import backend, catalog, channels
from core.zoo.backend import BuildOptions
from core.zoo.own import NETWORKS


def shapes(model):
    return {name: tuple(value.shape) for name, value in model.state_dict().items()}


def alexnet_of_the_document():
    """Transcribed from seed document 002."""
    return nn.Sequential(
        nn.Conv2d(1, 96, kernel_size=11, stride=4, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(96, 256, kernel_size=5, padding=2), nn.ReLU(), nn.MaxPool2d(kernel_size=3, stride=2),
        nn.Conv2d(256, 384, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 384, kernel_size=3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(kernel_size=3, stride=2), nn.Flatten(),
        nn.Linear(6400, 4096), nn.ReLU(), nn.Dropout(p=0.5), nn.Linear(4096, 4096), nn.ReLU(), nn.Dropout(p=0.5),
        nn.Linear(4096, 10),
    )  # fmt: skip


def vgg_of_the_document(ratio=4):
    """Transcribed from seed document 002."""
    blocks, inputs = [], 1
    for convolutions, outputs in ((1, 64), (1, 128), (2, 256), (2, 512), (2, 512)):
        outputs //= ratio
        layers = []
        for _ in range(convolutions):
            layers += [nn.Conv2d(inputs, outputs, kernel_size=3, padding=1), nn.ReLU()]
            inputs = outputs
        blocks.append(nn.Sequential(*layers, nn.MaxPool2d(kernel_size=2, stride=2)))
    return nn.Sequential(
        *blocks, nn.Flatten(), nn.Linear(inputs * 7 * 7, 4096), nn.ReLU(), nn.Dropout(0.5), nn.Linear(4096, 4096), nn.ReLU(),
        nn.Dropout(0.5), nn.Linear(4096, 10),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "document"), [("alexnet_gray", alexnet_of_the_document), ("vgg11_narrow", vgg_of_the_document)]
)
def test_files_of_the_documents_own_programs_fit_and_give_the_same(name, document):
    theirs, ours = document().eval(), backend.build(name)
    assert [type(one) for one in theirs.modules()][1:] == [type(one) for one in ours.modules()][1:]
    ours.load_state_dict(theirs.state_dict())
    batch = torch.randn(1, 1, 224, 224, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        torch.testing.assert_close(ours(batch), theirs(batch), rtol=0, atol=0)


def test_vgg_with_batch_norm_for_ten_classes_is_torchvisions():
    torchvision = backend._torchvision()
    assert type(backend.skeleton("vgg16_bn_10")) is torchvision.models.VGG
    assert shapes(backend.skeleton("vgg16_bn_10")) == shapes(backend.skeleton("vgg16_bn", 10))


def test_network_in_network():
    model = backend.build("nin")
    # By hand: kernel² · inputs · outputs + outputs.
    sizes = [(5, 3, 192), (1, 192, 160), (1, 160, 96), (5, 96, 192), (1, 192, 192), (1, 192, 192), (3, 192, 192)]
    sizes += [(1, 192, 192), (1, 192, 10)]
    assert sum(p.numel() for p in model.parameters()) == sum(k * k * i * o + o for k, i, o in sizes) == 966_986
    batch = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(3))
    with torch.no_grad():
        halves = model.block1(batch), model.block2(model.block1(batch))
        assert [tuple(one.shape[2:]) for one in halves] == [(16, 16), (8, 8)]  # "downsamples by a factor of two"
        maps = model.block3[:6](halves[1])
        torch.testing.assert_close(model(batch), maps.mean((2, 3)))  # global average pooling
        assert float(model(batch).min()) >= 0  # the last convolution, too, has its ReLU
    assert not any(isinstance(one, nn.Linear | nn.Softmax) for one in model.modules())


def test_googlenet_has_the_widths_and_the_arithmetic_of_the_paper():
    """Table 1 of https://arxiv.org/abs/1409.4842: output size of each stage."""
    model = backend.build("googlenet_seed")
    expected = {
        "conv1": (64, 112), "maxpool1": (64, 56), "conv3": (192, 56), "maxpool2": (192, 28), "inception3a": (256, 28),
        "inception3b": (480, 28), "maxpool3": (480, 14), "inception4a": (512, 14), "inception4b": (512, 14),
        "inception4c": (512, 14), "inception4d": (528, 14), "inception4e": (832, 14), "maxpool4": (832, 7),
        "inception5a": (832, 7), "inception5b": (1024, 7), "avgpool": (1024, 1),
    }  # fmt: skip
    seen = {}

    def look(name):
        def hook(_module, _inputs, output):
            seen[name] = (output.shape[1], output.shape[2])

        return hook

    for name in expected:
        model.get_submodule(name).register_forward_hook(look(name))
    with torch.no_grad():
        assert model(torch.zeros(1, 3, 224, 224)).shape == (1, 1000)
    assert seen == expected
    kernels = {model.get_submodule(f"inception{part}.branch3.1.conv.0").kernel_size for part in ("3a", "4c", "5b")}
    assert kernels == {(5, 5)}
    model.train()
    logits, second, first = model(torch.zeros(2, 3, 224, 224))
    assert logits.shape == second.shape == first.shape == (2, 1000)


@pytest.mark.parametrize("name", [BUILTIN_MODEL, "alexnet", *catalog.FAMILIES["VGG"], *catalog.FAMILIES["Seed documents"]])
def test_any_number_of_classes_and_input_channels(name):
    usual_shapes = shapes(backend.skeleton(name, 7))
    assert channels.takes_any(name)
    for wanted in (1, 2, 3, 5):
        model = backend.skeleton(name, 7, options=BuildOptions(in_channels=wanted))
        found = shapes(model)
        first = next(iter(found))
        assert found[first][1] == wanted
        assert {key: shape for key, shape in found.items() if key != first} == {
            key: shape for key, shape in usual_shapes.items() if key != first
        }


def test_the_first_convolution_of_a_grey_vgg_is_drawn_as_the_others_are():
    torch.manual_seed(0)
    model = backend.build("vgg11", 2, options=BuildOptions(in_channels=1))
    first = model.features[0]
    assert first.weight.std().item() == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.1)  # He et al. 2015, fan out
    assert not first.bias.any()
    with torch.no_grad():
        assert model(torch.zeros(1, 1, 64, 64)).shape == (1, 2)


def test_networks_for_colour_pictures_only_say_so():
    assert backend.build("resnet18", 2, options=BuildOptions(in_channels=3)).fc.out_features == 2
    with pytest.raises(ModelError, match=r"resnet18 looks at pictures of 3 channels.*nin"):
        backend.build("resnet18", options=BuildOptions(in_channels=1))
    with pytest.raises(ModelError, match="at least one"):
        backend.build("nin", options=BuildOptions(in_channels=0))


@pytest.mark.parametrize("name", NETWORKS)
def test_what_they_look_at(name):
    own, entry = usual.of_architecture(name), NETWORKS[name]
    assert len(own.categories) == entry.num_classes == backend.default_classes(name)
    assert len(own.preprocessing.mean) == entry.in_channels == channels.default(name)
    assert own.preprocessing.source.startswith(usual.ASSUMED)
    assert (own.names == ()) == (entry.num_classes == 10)


def picture(folder):
    rng = np.random.default_rng(4)
    path = folder / "colours.png"
    Image.fromarray(rng.integers(0, 256, (300, 260, 3), dtype=np.uint8)).save(path)
    return path


@pytest.mark.parametrize("spec", [
    ModelSpec("alexnet_gray", WeightsSpec("random")),
    ModelSpec(BUILTIN_MODEL, WeightsSpec("random"), classes=4, channels=1),
    ModelSpec("nin", WeightsSpec("random"), channels=1),
])  # fmt: skip
def test_grey_networks_get_the_luminance_that_pillow_makes(spec, tmp_path):
    session = Session.load(spec, "cpu")
    inspector, how = Inspector(session), session.info.preprocessing
    path = picture(tmp_path)
    grey = Image.open(path).convert("L")
    short = min(grey.size)
    size = tuple(how.resize if side == short else int(how.resize * side / short) for side in grey.size)
    resized = grey.resize(size, Image.Resampling.BILINEAR)
    left, top = (round((side - how.crop) / 2) for side in size)
    cropped = np.asarray(resized.crop((left, top, left + how.crop, top + how.crop)))
    tensor = inspector.tensor(ImageRef(path))
    expected = (torch.from_numpy(cropped.copy()).float() / 255 - how.mean[0]) / how.std[0]
    torch.testing.assert_close(tensor, expected[None, None], rtol=0, atol=1e-6)
    shown = inspector.network_input(ImageRef(path)).pixels
    np.testing.assert_array_equal(shown, np.repeat(cropped[:, :, None], 3, axis=2))


def test_the_grey_mean_is_the_luma_of_the_colours():
    how = usual.for_channels("vgg16", usual.of_architecture("vgg16").preprocessing, 1)
    assert how.mean == (pytest.approx(0.299 * 0.485 + 0.587 * 0.456 + 0.114 * 0.406, abs=1e-4),)
    assert how.source.startswith("assumed, as weights VGG16_Weights")
    assert how.source.endswith("for grey pictures")
    with pytest.raises(ModelError, match="vgg16 for 2 channels cannot be given a picture"):
        usual.for_channels("vgg16", usual.of_architecture("vgg16").preprocessing, 2)
    colours = usual.for_channels("alexnet_gray", usual.of_architecture("alexnet_gray").preprocessing, 3)
    assert (colours.mean, colours.std) == ((0.0,) * 3, (1.0,) * 3)
