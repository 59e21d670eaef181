"""The whole way from a picture to an explanation, and what goes wrong on it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch
from torch import nn

from core import paths
from core.errors import LayerError, LayerscopeError, UsageError
from core.inference.session import Session
from core.insight.attribution import explain
from core.insight.inspect import Inspector
from core.types import BUILTIN_SPEC, METHODS, ExplainRequest, ImageRef, ModelSpec, WeightsSpec
from core.weights import builtin
from tests.core.insight.attribution.nets import finish, state_of
from tests.helpers.shared_data import ROOT, need_shared_data

ORANGE = ImageRef(paths.SAMPLES / "1_orange.jpg")
SIDE = builtin.card().preprocessing.crop


@pytest.fixture(scope="module")
def inspector():
    return Inspector(Session.load(BUILTIN_SPEC, "cpu"))


def ask(inspector, method, category, layer="", image=ORANGE):
    return finish(explain(inspector, ExplainRequest(1, image, method, category, layer)))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_explains_and_changes_nothing(inspector, method):
    session = inspector.session
    seen, batch = inspector.classify(ORANGE), inspector.tensor(ORANGE)
    top = seen.classification.predictions[0]
    before, logits = state_of(session.model), session.forward(batch)
    found = ask(inspector, method, top.index)
    assert state_of(session.model) == before
    assert not before["hooks"]
    assert torch.equal(session.forward(batch), logits)
    about = METHODS[method]
    assert (found.method, found.category, found.name, found.image) == (method, top.index, top.category, ORANGE)
    assert found.layer == ("features" if about.needs_layer else "")
    assert found.values.shape == ((SIDE // 16, SIDE // 16) if about.needs_layer else (SIDE, SIDE))
    assert found.values.dtype == np.float32
    assert not found.values.flags.writeable
    assert found.values.any()
    assert np.isfinite(found.values).all()
    assert (found.values.min() < 0) == about.diverging
    assert found.box == seen.network_input.box
    assert found.probability == pytest.approx(top.probability, rel=1e-5)
    assert found.logit == pytest.approx(float(logits[0, top.index]), rel=1e-5)
    heat = found.heat
    assert heat.diverging == about.diverging
    assert about.title in heat.words
    assert top.category in heat.words
    low, high = heat.ends
    assert high > 0
    assert low == (-high if about.diverging else 0)
    # Only the maps of single pixels have outliers beyond the last colour.
    assert any(heat.beyond) == about.fine


def test_another_category_and_another_layer_give_another_map(inspector):
    top = inspector.classify(ORANGE).classification.predictions
    one, other = (ask(inspector, "gradcam", prediction.index) for prediction in top[:2])
    assert not np.array_equal(one.values, other.values)
    early = ask(inspector, "gradcam", top[0].index, "features.4")
    assert early.layer == "features.4"
    assert early.values.shape == (SIDE // 2, SIDE // 2)


def test_wrong_wishes_are_refused_in_words(inspector):
    with pytest.raises(UsageError, match=r"no method “magic”.* gradcam, gradcam\+\+, integrated"):
        ask(inspector, "magic", 0)
    with pytest.raises(UsageError, match="no category 102; the last one is 101"):
        ask(inspector, "gradcam", 102)
    with pytest.raises(LayerError, match="Did you mean features"):
        ask(inspector, "gradcam", 0, "featurs")
    with pytest.raises(LayerError, match=r"“classifier” puts out 1×102.*last one is “features”"):
        ask(inspector, "gradcam", 0, "classifier")


class Overwriting(nn.Module):
    """Writes into what a ReLU returned, which its gradient needs."""

    def __init__(self, network):
        super().__init__()
        self.network = network

    def forward(self, x):
        y = torch.relu(self.network.features(x))
        y *= 2
        return self.network.classifier(y.mean((2, 3)))


def test_a_network_that_overwrites_what_its_gradient_needs_is_refused_in_words():
    session = Session.load(BUILTIN_SPEC, "cpu")
    inspector = Inspector(Session(Overwriting(session.model), session.info, session.device))
    for method in ("integrated-gradients", "guided-backprop"):
        with pytest.raises(LayerscopeError, match=r"overwrites values .* Choose occlusion"):
            ask(inspector, method, 0)
    assert ask(inspector, "occlusion", 0).values.any()


def test_captum_comes_late_quietly_and_without_matplotlib():
    code = (
        "import sys, warnings; warnings.simplefilter('error')\n"
        "import core.insight.attribution\n"
        "from core.insight.attribution.captum_door import captum_attr\n"
        "assert not [name for name in sys.modules if name.startswith(('captum', 'matplotlib'))]\n"
        "attr = captum_attr()\n"
        "assert captum_attr() is attr and attr.LayerGradCam\n"
        "assert not [name for name in sys.modules if name.startswith(('matplotlib', 'mpl_toolkits'))]\n"
        "import matplotlib.colors\n"
        "assert matplotlib.colors.to_hex('red') == '#ff0000'\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


FEW = ["alexnet", "squeezenet1_1", "googlenet", "densenet121", "mobilenet_v3_small", "vit_b_16", "swin_t", "convnext_tiny",
       "maxvit_t", "efficientnet_b0", "shufflenet_v2_x0_5", "inception_v3", "regnet_y_400mf"]  # fmt: skip
WITHOUT_RELU = ("vit_", "swin_", "convnext_", "efficientnet_", "maxvit_")


@pytest.mark.slow
@pytest.mark.parametrize("architecture", FEW)
def test_torchvisions_networks(architecture):
    session = Session.load(ModelSpec(architecture, WeightsSpec("random", 1)), "cpu")
    for module in session.model.modules():
        if isinstance(module, nn.Linear) and not module.weight.any():
            nn.init.normal_(module.weight, std=0.02)  # the head of a vision transformer begins with zeros
    inspector = Inspector(session)
    batch = inspector.tensor(ORANGE)
    before, logits = state_of(session.model), session.forward(batch)
    category = int(logits[0].argmax())
    for method in ("gradcam", "gradcam++", "guided-backprop"):
        if method == "guided-backprop" and architecture.startswith(WITHOUT_RELU):
            with pytest.raises(LayerscopeError, match="has no ReLU"):
                ask(inspector, method, category)
        else:
            found = ask(inspector, method, category)
            assert np.isfinite(found.values).all()
            # The signal of some untrained networks dies on its way (ShuffleNet); that is said.
            assert found.values.any() or "nothing in this layer" in found.note
        assert state_of(session.model) == before
        assert torch.equal(session.forward(batch), logits)
    for method in ("integrated-gradients", "occlusion"):
        search = explain(inspector, ExplainRequest(1, ORANGE, method, category, ""))
        for _ in range(3):
            next(search)
        search.close()
        assert state_of(session.model) == before
    assert not before["hooks"]


@pytest.mark.slow
def test_integrated_gradients_of_a_real_network_are_complete():
    weights = need_shared_data("weights/squeezenet1_1-imagenet.pth")
    picture = ImageRef(need_shared_data("photos/0950_n07747607_orange.JPEG"))
    inspector = Inspector(Session.load(ModelSpec("squeezenet1_1", WeightsSpec("file", path=weights)), "cpu"))
    orange = inspector.session.info.categories.index("orange")
    found = ask(inspector, "integrated-gradients", orange, image=picture)
    batch = inspector.tensor(picture)
    from core.insight.attribution.integrated import black

    scores = inspector.session.forward(torch.cat([batch, black(batch, inspector.session.info.preprocessing)]))[:, orange]
    assert found.values.sum() == pytest.approx(float(scores[0] - scores[1]), rel=0.03)
