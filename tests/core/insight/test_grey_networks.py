"""The tools of the inspector on a network that looks at grey pictures."""

import numpy as np
import pytest
import torch
from PIL import Image

from core.inference.session import Session
from core.insight.attribution import explain
from core.insight.channel import look_up
from core.insight.effective_field import measure_field
from core.insight.inspect import Inspector
from core.insight.lesions import classify_with_lesions
from core.types import (
    METHODS,
    ChannelRequest,
    EffectiveFieldRequest,
    ExplainRequest,
    ImageRef,
    Lesion,
    LesionRequest,
    ModelSpec,
    WeightsSpec,
)
from tests.core.insight.work import finished

SPEC = ModelSpec("compact_vgg", WeightsSpec("random"), classes=5, channels=1)


@pytest.fixture(scope="module")
def inspector():
    return Inspector(Session.load(SPEC, "cpu"))


@pytest.fixture(scope="module")
def photo(tmp_path_factory):
    path = tmp_path_factory.mktemp("grey") / "photo.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (80, 80, 3), dtype=np.uint8)).save(path)
    return ImageRef(path)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_explains_a_grey_input(inspector, photo, method):
    found = finished(explain(inspector, ExplainRequest(1, photo, method, 3, "")))
    logits = inspector.session.forward(inspector.tensor(photo))[0]
    assert found.logit == pytest.approx(float(logits[3]), abs=1e-4)
    assert found.values.ndim == 2
    assert np.isfinite(found.values).all()
    assert found.values.std() > 0


def test_the_first_kernels_have_one_channel(inspector):
    found = finished(look_up(inspector, ChannelRequest(1, "features.0", 4)))
    weight = inspector.session.model.features[0].weight
    np.testing.assert_array_equal(found.kernel.weights, weight[4].numpy())
    assert found.kernel.weights.shape == (1, 3, 3)


def test_fields_and_lesions(inspector, photo):
    field = finished(measure_field(inspector, EffectiveFieldRequest(1, photo, "features.4", 1, 2, 2)))
    assert field.heat is not None
    lesioned = finished(classify_with_lesions(inspector, LesionRequest(1, photo, (Lesion("features.0", 0),))))
    model, batch = inspector.session.model, inspector.tensor(photo)

    def mute(_module, _inputs, output):
        output = output.clone()
        output[:, 0] = 0
        return output

    handle = model.features[0].register_forward_hook(mute)
    with torch.no_grad():
        expected = model(batch)[0].softmax(0).numpy()
    handle.remove()
    np.testing.assert_allclose(lesioned.probabilities, expected, atol=1e-6)
