"""Each network learns for one step, is saved, found by the checkpoint doctor, loaded, and shows in the inspector."""

import gc

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torch import nn

from core.errors import ModelError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.insight.layers import default_layer
from core.types import ActivationGrid, ActivationVector, ImageRef, ModelSpec, WeightsSpec
from core.weights import usual
from core.weights.choose import choose_spec
from core.weights.doctor import diagnose
from core.zoo import backend, catalog
from core.zoo.own import NETWORKS

LARGE = [name for name in NETWORKS if name.startswith(("vgg", "alexnet"))]
CLASSES = 6


def trained(name, classes, in_channels=None):
    """One step of stochastic gradient descent on the cross-entropy of all heads; the network in evaluation mode."""
    torch.manual_seed(11)
    options = backend.BuildOptions(num_classes=classes, in_channels=in_channels)
    model = backend.build(name, options=options).train()
    before = {key: value.clone() for key, value in model.state_dict().items() if key.endswith("weight")}
    how = usual.of_architecture(name).preprocessing
    batch = torch.randn(2, channels_of(name, in_channels), how.crop, how.crop)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    outputs = model(batch)
    heads = outputs if isinstance(outputs, tuple) else (outputs,)
    # Szegedy et al. 2014, section 5: the auxiliary losses count 0.3.
    loss = sum(
        weight * nn.functional.cross_entropy(logits, torch.tensor([0, classes - 1]))
        for logits, weight in zip(heads, (1, 0.3, 0.3), strict=False)
    )
    loss.backward()
    assert all(parameter.grad is not None and parameter.grad.isfinite().all() for parameter in model.parameters())
    optimizer.step()
    optimizer.zero_grad(set_to_none=True)
    changed = [key for key, value in before.items() if not torch.equal(value, model.state_dict()[key])]
    assert changed, name
    return model.eval()


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("photo") / "noise.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 256, (240, 300, 3), dtype=np.uint8)).save(path)
    return ImageRef(path)


def channels_of(name, in_channels):
    return in_channels or len(usual.of_architecture(name).preprocessing.mean)


def check(name, folder, photo, in_channels=None):
    model = trained(name, CLASSES, in_channels)
    said = catalog.SAME_AS.get(name, name)
    saved = {"a.pth": torch.save, "b.safetensors": lambda state, path: save_file(state, path)}
    for file, save in saved.items():
        path = folder / file
        save(model.state_dict(), path)
        found = diagnose(path)
        assert (found.verdict, found.architecture, found.num_classes, found.repairs) == ("loadable", said, CLASSES, ())
        assert choose_spec(None, str(path)) == ModelSpec(said, WeightsSpec("file", path=path))
        grey = ["The network looks at pictures of 1 channel (grey), not of three."]
        assert [one.message for one in found.problems if one.kind == "channels"] == grey * (channels_of(name, in_channels) == 1)
        picked = diagnose(path, name)
        assert (picked.verdict, picked.repairs) == ("loadable", ())
    session = Session.load(ModelSpec(name, WeightsSpec("file", path=path)), "cpu")
    for file in saved:
        (folder / file).unlink()  # some are half a gigabyte
    assert session.info.parameters == sum(parameter.numel() for parameter in model.parameters())
    inspect(session, model, photo)


def inspect(session, model, photo):
    """Its predictions are the trained network's; every layer is there, and a map and the logits can be seen."""
    inspector = Inspector(session)
    with torch.no_grad():
        logits = model(inspector.tensor(photo))[0]
    layers = session.info.layers
    inspection = inspector.classify(photo, default_layer(layers))
    np.testing.assert_allclose(inspection.probabilities, logits.softmax(0).numpy(), atol=1e-6)
    assert [one.index for one in inspection.classification.predictions] == logits.argsort(descending=True).tolist()
    assert isinstance(inspection.activations, ActivationGrid)
    assert inspection.activations.values.std() > 0
    assert isinstance(inspector.activations(photo, layers[-1].key), ActivationVector)
    ran = {one.name for one in layers if one.leaf}
    wanted = {name for name, module in model.named_modules() if isinstance(module, nn.Conv2d) and not name.startswith("aux")}
    assert wanted <= ran
    convolution = next(one for one in layers if one.kind == "Conv2d")
    assert convolution.receptive_field == model.get_submodule(convolution.name).kernel_size
    assert all(one.macs is not None for one in layers)


@pytest.mark.parametrize("name", [name for name in NETWORKS if name not in LARGE])
def test_a_step_a_file_the_doctor_and_the_inspector(name, tmp_path, photo):
    check(name, tmp_path, photo)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_a_step_a_file_the_doctor_and_the_inspector_of_large_ones(name, tmp_path, photo):
    check(name, tmp_path, photo)
    gc.collect()


@pytest.mark.parametrize("name", ["compact_vgg", "nin"])
def test_networks_for_grey_pictures(name, tmp_path, photo):
    check(name, tmp_path, photo, 1)


def test_a_network_for_pictures_that_there_are_none_of_is_refused(tmp_path):
    path = tmp_path / "two.pth"
    torch.save(backend.build("nin", options=backend.BuildOptions(in_channels=2)).state_dict(), path)
    found = diagnose(path)
    assert (found.verdict, found.architecture) == ("refused", "nin")
    assert "for pictures of 2 channels; a picture has one (grey) or three" in found.problems[0].message
    with pytest.raises(ModelError, match="nin for 2 channels cannot be given a picture"):
        Session.load(ModelSpec("nin", WeightsSpec("file", path=path)), "cpu")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "channels"), [("vgg11", 1), ("alexnet", 1), ("googlenet_seed", 1), ("alexnet_gray", 3)]
)
def test_large_networks_for_other_pictures(name, channels, tmp_path, photo):
    check(name, tmp_path, photo, channels)
    gc.collect()
