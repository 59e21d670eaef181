"""All heads along the depth: shares by arithmetic from the paper's widths, answers by the heads themselves."""

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from core.errors import ImageError
from core.inference.session import Session
from core.insight.heads import ask_heads, depth_of
from core.insight.inspect import Inspector
from core.types import HEADED, HeadsRequest, ImageRef, LayerInfo, ModelSpec, WeightsSpec
from core.zoo import backend
from core.zoo.backend import BuildOptions
from tests.core.insight.work import finished


@pytest.fixture
def photo(tmp_path):
    path = tmp_path / "noise.png"
    Image.fromarray(np.random.default_rng(2).integers(0, 256, (320, 340, 3), dtype=np.uint8)).save(path)
    return ImageRef(path)


def inspector(name, weights=None):
    spec = ModelSpec(name, weights or WeightsSpec("random", seed=3), classes=None if weights else 7)
    return Inspector(Session.load(spec, "cpu"))


def by_hand(model, batch, found):
    """The likeliest five of a head, from its own logits."""
    kept = {}
    handle = model.get_submodule(found.layer).register_forward_hook(lambda _m, _i, output: kept.update(maps=output.clone()))
    with torch.no_grad():
        logits = model(batch)
        handle.remove()
        said = logits if found.final else getattr(model, found.name)(kept["maps"])
    values, indices = (part[:5] for part in said.softmax(1)[0].sort(descending=True, stable=True))  # ties: by index
    return indices.tolist(), values.tolist()


@pytest.mark.parametrize("name", HEADED)
def test_every_head_says_what_it_says_by_hand(name, photo):
    looked = inspector(name)
    answer = finished(ask_heads(looked, HeadsRequest(1, photo)))
    assert [head.name for head in answer.heads][-1] == "final"
    assert len(answer.heads) == (2 if name == "inception_v3" else 3)
    assert answer.reason == ""
    batch = looked.tensor(photo)
    for head in answer.heads:
        indices, values = by_hand(looked.session.model, batch, head)
        assert [one.index for one in head.predictions] == indices
        np.testing.assert_allclose([one.probability for one in head.predictions], values, rtol=1e-5)
        looked.layer(head.layer)  # it can be looked at
    shares = [head.share for head in answer.heads]
    assert shares == sorted(shares)
    assert (shares[-1], answer.heads[-1].depth) == (1.0, answer.heads[-1].depths)
    assert not any(module._forward_hooks for module in looked.session.model.modules())


def test_shares_by_the_widths_of_the_paper(photo):
    widths = {
        "3a": (192, 28, (64, 96, 128, 16, 32, 32)), "3b": (256, 28, (128, 128, 192, 32, 96, 64)),
        "4a": (480, 14, (192, 96, 208, 16, 48, 64)), "4b": (512, 14, (160, 112, 224, 24, 64, 64)),
        "4c": (512, 14, (128, 128, 256, 24, 64, 64)), "4d": (512, 14, (112, 144, 288, 32, 64, 64)),
        "4e": (528, 14, (256, 160, 320, 32, 128, 128)), "5a": (832, 7, (256, 160, 320, 32, 128, 128)),
        "5b": (832, 7, (384, 192, 384, 48, 128, 128)),
    }  # fmt: skip
    spent, total = {}, 49 * 3 * 64 * 112**2 + (64 * 64 + 9 * 64 * 192) * 56**2
    for block, (inputs, side, (one, reduce3, three, reduce5, five, pool)) in widths.items():
        total += (inputs * (one + reduce3 + reduce5 + pool) + 9 * reduce3 * three + 25 * reduce5 * five) * side**2
        spent[block] = total
    total += 1024 * 7
    first, second, _ = finished(ask_heads(inspector("googlenet_seed"), HeadsRequest(1, photo))).heads
    assert first.share == pytest.approx(spent["4a"] / total, rel=1e-12)
    assert second.share == pytest.approx(spent["4d"] / total, rel=1e-12)
    assert (first.depth, second.depth, first.depths) == (3 + 3 * 6, 3 + 6 * 6, 3 + 9 * 6 + 1)


def test_weights_without_them_leave_the_final_one_and_say_why(tmp_path, photo):
    bare = backend.build("googlenet", 4, options=BuildOptions(aux_logits=False)).state_dict()
    save_file({key: value.contiguous() for key, value in bare.items()}, tmp_path / "bare.safetensors")
    looked = inspector("googlenet", WeightsSpec("file", path=tmp_path / "bare.safetensors"))
    answer = finished(ask_heads(looked, HeadsRequest(1, photo)))
    (only,) = answer.heads
    assert only.final
    assert len(only.predictions) == 4
    assert "only the final one was saved" in answer.reason


def test_a_picture_that_cannot_be_read(tmp_path):
    with pytest.raises(ImageError):
        finished(ask_heads(inspector("googlenet_seed"), HeadsRequest(1, ImageRef(tmp_path / "none.png"))))


def test_depth_where_nothing_can_be_counted():
    layers = [LayerInfo(f"layer{number}", "ReLU", (1, 3), 0, macs=None) for number in range(4)]
    assert depth_of(layers, "layer1") == (0.5, 0, 0)
