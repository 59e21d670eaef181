import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from core.errors import ImageError
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.insight.layer_means import _measure, layer_means
from core.types import BUILTIN_SPEC, ImageRef, LayerMeansRequest, ModelSpec, WeightsSpec


@pytest.fixture
def picture(tmp_path):
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(tmp_path / "a.png")
    return ImageRef(tmp_path / "a.png")


def finish(work):
    steps = 0
    while True:
        try:
            next(work)
            steps += 1
        except StopIteration as end:
            return end.value, steps


def plain(model, batch):
    """Mean absolute values in double precision, of clones that plain hooks made: (name, call) -> mean."""
    found, counts = {}, {}

    def hook_of(name):
        def hook(_module, _inputs, output):
            counts[name] = counts.get(name, 0) + 1
            found[name, counts[name]] = first_tensor(output).clone().double().abs().mean().item()

        return hook

    handles = [module.register_forward_hook(hook_of(name)) for name, module in model.named_modules()]
    with torch.inference_mode():
        model(batch)
    for handle in handles:
        handle.remove()
    return found


@pytest.mark.parametrize("name", ["compact_vgg", "resnet18", "mobilenet_v3_small"])
def test_means_of_all_layers_in_place_operations_or_not(name, picture):
    spec = BUILTIN_SPEC if name == "compact_vgg" else ModelSpec(name, WeightsSpec("random"))
    inspector = Inspector(Session.load(spec, "cpu"))
    answer, _ = finish(layer_means(inspector, LayerMeansRequest(1, picture)))
    expected = plain(inspector.session.model, inspector.tensor(picture))
    layers = inspector.session.info.layers
    assert answer.image == picture
    assert set(answer.means) == {layer.key for layer in layers}
    for layer in layers:
        assert answer.means[layer.key] == pytest.approx(expected[layer.name, layer.call], rel=1e-4), layer.key
    assert not any(module._forward_hooks for module in inspector.session.model.modules())


def test_an_operation_in_place_afterwards_does_not_change_the_figure():
    model = nn.Sequential(nn.Identity(), nn.ReLU(inplace=True))
    found = _measure(model, torch.tensor([[-3.0, 1.0]]), lambda: False)
    assert found == {("0", 1): 2.0, ("1", 1): 0.5, ("", 1): 0.5}


def test_values_that_are_no_numbers_and_integers():
    class Odd(nn.Module):
        def forward(self, x):
            return x / 0 * 0

    found = _measure(nn.Sequential(Odd(), nn.Flatten()), torch.ones(1, 2), lambda: False)
    assert all(np.isnan(value) for value in found.values())


def test_something_more_urgent_interrupts_the_pass_and_it_is_begun_again(picture):
    inspector = Inspector(Session.load(BUILTIN_SPEC, "cpu"))
    looks = []

    def hurry():
        looks.append(1)
        return len(looks) in (3, 8)

    inspector.hurry = hurry
    answer, steps = finish(layer_means(inspector, LayerMeansRequest(1, picture)))
    assert steps == 3
    assert set(answer.means) == {layer.key for layer in inspector.session.info.layers}


def test_a_picture_that_is_gone(tmp_path):
    inspector = Inspector(Session.load(BUILTIN_SPEC, "cpu"))
    with pytest.raises(ImageError):
        finish(layer_means(inspector, LayerMeansRequest(1, ImageRef(tmp_path / "gone.png"))))
