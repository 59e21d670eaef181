import os

import numpy as np
import pytest
import torch
from PIL import Image

from core.cancel import CancelToken
from core.errors import Cancelled, ImageError, LayerError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.insight.layers import default_layer
from core.jobs.classify import classify_files
from core.types import BUILTIN_SPEC, ActivationGrid, ActivationVector, ImageRef, ModelSpec, WeightsSpec
from core.zoo import backend
from tests.helpers.shared_data import need_shared_data


@pytest.fixture(scope="module")
def session():
    return Session.load(BUILTIN_SPEC, "cpu")


@pytest.fixture
def picture(tmp_path):
    return write(tmp_path / "ü 1.png", 0)


def write(path, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(path)
    return ImageRef(path)


def test_one_forward_gives_everything(session, picture):
    calls = []
    handle = session.model.register_forward_hook(lambda *_: calls.append(1))
    layer = default_layer(session.info.layers)
    inspection = Inspector(session).classify(picture, layer)
    handle.remove()
    assert len(calls) == 1
    assert inspection.picture.size == (120, 90)
    assert inspection.network_input.pixels.shape == (session.info.preprocessing.crop,) * 2 + (3,)
    assert inspection.network_input.preprocessing == session.info.preprocessing
    rows = inspection.classification.predictions
    assert [row.rank for row in rows] == list(range(1, 11))
    assert [row.probability for row in rows] == sorted((row.probability for row in rows), reverse=True)
    assert inspection.classification.model == BUILTIN_SPEC
    timings = inspection.classification.timings
    assert min(timings.decode_ms, timings.preprocess_ms, timings.forward_ms) > 0
    assert isinstance(inspection.activations, ActivationGrid)
    assert inspection.activations.layer.key == layer
    assert inspection.notices == ()
    assert Inspector(session).classify(picture).activations is None


def test_another_layer_reuses_the_input_and_is_the_same_as_in_one_pass(session, picture):
    inspector = Inspector(session)
    inspector.classify(picture)
    picture_bytes = picture.path.read_bytes()
    before = picture.path.stat()
    picture.path.write_bytes(bytes(len(picture_bytes)))  # cannot be read again, but looks unchanged
    os.utime(picture.path, ns=(before.st_atime_ns, before.st_mtime_ns))
    for layer in session.info.layers:
        alone = inspector.activations(picture, layer.key)
        together = inspector.classify(picture, layer.key).activations
        assert type(alone) is type(together)
        if isinstance(alone, ActivationGrid):
            np.testing.assert_array_equal(alone.values, together.values)
            np.testing.assert_array_equal(alone.maximum, together.maximum)
        else:
            np.testing.assert_array_equal(alone.values, together.values)
    with pytest.raises(ImageError):
        Inspector(session).classify(picture)


def test_a_picture_that_changed_on_disk_is_read_again(session, picture):
    inspector = Inspector(session)
    first = inspector.classify(picture).classification.predictions
    write(picture.path, 1)
    os.utime(picture.path, ns=(1, 1))
    assert inspector.classify(picture).classification.predictions != first


def test_last_layer_is_a_vector_with_categories(session, picture):
    inspector = Inspector(session)
    inspection = inspector.classify(picture, "classifier")
    vector = inspection.activations
    assert isinstance(vector, ActivationVector)
    names = [row.category for row in inspection.classification.predictions]
    assert list(vector.labels[:10]) == names


def test_errors(session, tmp_path):
    inspector = Inspector(session)
    with pytest.raises(ImageError):
        inspector.classify(ImageRef(tmp_path / "gone.png"))
    with pytest.raises(LayerError):
        inspector.activations(ImageRef(tmp_path / "gone.png"), "nonsense")
    verdict = inspector.verdict(ImageRef(tmp_path / "gone.png"))
    assert verdict.prediction is None
    assert verdict.failure.kind == "missing"


def test_verdict_is_the_top_1(session, picture):
    inspector = Inspector(session)
    assert inspector.verdict(picture).prediction == inspector.classify(picture).classification.predictions[0]


def test_batch_keeps_the_order_and_goes_on_after_errors(session, tmp_path):
    images = [write(tmp_path / f"{number}.png", number) for number in range(4)]
    images.insert(2, ImageRef(tmp_path / "gone.png"))
    rows = list(classify_files(session, images, 3))
    assert [row.image for row in rows] == images
    assert [row.failure.kind if row.failure else None for row in rows] == [None, None, "missing", None, None]
    inspector = Inspector(session)
    assert rows[3].predictions == inspector.classify(images[3]).classification.predictions[:3]
    assert list(classify_files(session, [], 3)) == []


def test_batch_can_be_cancelled_and_abandoned(session, tmp_path):
    images = [write(tmp_path / f"{number}.png", number) for number in range(4)]
    token = CancelToken()
    rows = classify_files(session, images, 1, token)
    next(rows)
    token.cancel()
    with pytest.raises(Cancelled):
        list(rows)
    rows = classify_files(session, images, 1)
    next(rows)
    rows.close()


@pytest.fixture(scope="module")
def squeezenet():
    path = need_shared_data("weights/squeezenet1_1-imagenet.pth")
    return Session.load(ModelSpec("squeezenet1_1", WeightsSpec.parse(str(path))), "cpu"), path


def test_predictions_equal_plain_torchvision(squeezenet):
    session, path = squeezenet
    models = backend._torchvision().models
    model = models.squeezenet1_1().eval()
    model.load_state_dict(torch.load(path, weights_only=True))
    transforms = models.SqueezeNet1_1_Weights.IMAGENET1K_V1.transforms()
    inspector = Inspector(session)
    photos = sorted(need_shared_data("photos").iterdir())
    assert len(photos) == 20
    for photo in photos:
        with Image.open(photo) as image, torch.inference_mode():
            expected = model(transforms(image.convert("RGB")).unsqueeze(0)).softmax(1)[0].topk(5)
        rows = inspector.classify(ImageRef(photo)).classification.predictions[:5]
        assert [row.index for row in rows] == expected.indices.tolist()
        assert [row.probability for row in rows] == pytest.approx(expected.values.tolist(), abs=1e-4)


@pytest.mark.parametrize(
    ("name", "layer", "shape", "note"),
    [
        pytest.param("swin_t", "features.1.0.norm1", (96, 56, 56), "channels last", marks=pytest.mark.slow),
        pytest.param("swin_t", "features.1.0.attn", (96, 56, 56), "channels last", marks=pytest.mark.slow),
        pytest.param("swin_t", "permute", (768, 7, 7), "", marks=pytest.mark.slow),
        pytest.param("convnext_tiny", "features.1.0.block.3", (384, 56, 56), "channels last", marks=pytest.mark.slow),
        pytest.param("convnext_tiny", "features.1.0", (96, 56, 56), "", marks=pytest.mark.slow),
        pytest.param("vit_b_16", "encoder.layers.encoder_layer_3", (768, 14, 14),
                     "tokens as a 14×14 map, class token left out", marks=pytest.mark.slow),
        pytest.param("vit_b_16", "conv_proj", (768, 14, 14), "", marks=pytest.mark.slow),
    ],
)
def test_layouts_of_transformers_and_convnext(picture, name, layer, shape, note):
    session = Session.load(ModelSpec(name, WeightsSpec("random")), "cpu")
    grid = Inspector(session).classify(picture, layer).activations
    assert (grid.count, grid.tile_height, grid.tile_width) == shape
    assert grid.note == note
