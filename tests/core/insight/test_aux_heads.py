"""Auxiliary heads: the truth is the head itself, applied by hand to the layer it hangs on."""

from dataclasses import replace

import pytest
import torch
from safetensors.torch import save_file

from core.errors import ModelError
from core.inference.session import Session
from core.insight.aux_heads import auxiliary_logits, why_none
from core.types import ModelSpec, WeightsSpec
from core.zoo import backend
from core.zoo.backend import BuildOptions

EXPECTED = {
    "googlenet": [("aux1", "inception4a"), ("aux2", "inception4d")],
    "googlenet_seed": [("aux1", "inception4a"), ("aux2", "inception4d")],
    "inception_v3": [("AuxLogits", "Mixed_6e")],
}


def random_session(name, seed=3):
    return Session.load(ModelSpec(name, WeightsSpec("random", seed), classes=7), "cpu")


def by_hand(model, layer, head, batch):
    """Run up to the layer with a plain hook, then the head, in evaluation mode."""
    kept = []
    handle = model.get_submodule(layer).register_forward_hook(lambda _m, _i, output: kept.append(output.clone()))
    with torch.no_grad():
        logits = model(batch)
        handle.remove()
        return getattr(model, head).eval()(kept[0]), logits


@pytest.mark.parametrize("name", EXPECTED)
def test_the_heads_say_what_they_say_by_hand(name):
    session = random_session(name)
    side = session.info.preprocessing.crop
    batch = torch.randn(2, 3, side, side, generator=torch.Generator().manual_seed(1))
    assert why_none(session) == ""
    found = auxiliary_logits(session, batch)
    assert [(one.head, one.layer) for one in found] == EXPECTED[name]
    for one in found:
        truth, logits = by_hand(session.model, one.layer, one.head, batch)
        assert one.logits.shape == (2, 7)
        assert one.logits.dtype == torch.float32
        torch.testing.assert_close(one.logits, truth, rtol=0, atol=0)
        torch.testing.assert_close(session.forward(batch), logits, rtol=0, atol=0)  # the hooks are off, nothing was changed
    assert not any(module._forward_hooks for module in session.model.modules())


def test_networks_and_weights_without_them(tmp_path):
    plain = Session.load(ModelSpec("nin", WeightsSpec("random")), "cpu")
    assert auxiliary_logits(plain, torch.zeros(1, 3, 32, 32)) == ()
    assert why_none(plain).startswith("nin has no auxiliary heads.")
    for name in ("googlenet", "googlenet_seed"):
        bare = backend.build(name, 4, options=BuildOptions(aux_logits=False)).state_dict()
        path = tmp_path / f"{name}.safetensors"
        save_file({key: value.contiguous() for key, value in bare.items()}, path)
        session = Session.load(ModelSpec(name, WeightsSpec("file", path=path)), "cpu")
        assert auxiliary_logits(session, torch.zeros(1, 3, 224, 224)) == ()
        assert "only the final one was saved" in why_none(session)


def test_heads_that_were_never_trained(tmp_path):
    """As in the weights that torchvision publishes: fresh heads behind a trained network."""
    model = backend.build("googlenet_seed", 4)
    with torch.no_grad():
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean") and not name.startswith("aux"):
                buffer.add_(0.1)
    torch.save(model.state_dict(), tmp_path / "fresh.pth")
    session = Session.load(ModelSpec("googlenet_seed", WeightsSpec("file", path=tmp_path / "fresh.pth")), "cpu")
    assert "never trained" in why_none(session)
    assert auxiliary_logits(session, torch.zeros(1, 3, 224, 224)) == ()


def test_the_published_weights_of_googlenet_are_known_by_their_hash():
    session = random_session("googlenet")
    digest = backend.default_entry("googlenet").sha256_prefix
    session.info = replace(session.info, weights_sha256=digest + "0" * (64 - len(digest)))
    assert "never trained" in why_none(session)


def test_maps_that_a_head_cannot_read():
    session = random_session("googlenet_seed")
    with pytest.raises(ModelError, match="aux1 cannot read maps of 8×8"):
        auxiliary_logits(session, torch.zeros(1, 3, 128, 128))
    assert not any(module._forward_hooks for module in session.model.modules())
