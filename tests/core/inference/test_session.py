import dataclasses

import pytest
import torch

from core.cancel import CancelToken
from core.errors import Cancelled, DeviceError, ModelError, WeightsError
from core.inference.classify import top_predictions
from core.inference.session import Session
from core.types import BUILTIN_SPEC, ModelSpec, WeightsSpec
from core.zoo import backend


@pytest.fixture(scope="module")
def session():
    return Session.load(BUILTIN_SPEC, "cpu")


def test_info_of_the_builtin_model(session):
    info = session.info
    assert info.title == "Compact VGG (built-in)"
    assert (info.device, str(session.device)) == ("cpu", "cpu")
    assert len(info.categories) == 102
    assert info.parameters == sum(layer.parameters for layer in info.layers if layer.leaf)
    assert info.layers[-1].output_shape == (1, 102)
    assert info.notices == ()


def test_forward_is_in_inference_mode_and_gives_logits(session):
    batch = torch.rand(3, 3, 64, 64)
    logits = session.forward(batch)
    assert logits.shape == (3, 102)
    assert logits.is_inference()
    torch.testing.assert_close(logits.clone(), session.model(batch))


def test_run_gives_the_result_and_milliseconds(session):
    result, milliseconds = session.run(lambda model, batch: batch.shape, torch.zeros(2, 3, 64, 64))
    assert result == (2, 3, 64, 64)
    assert milliseconds >= 0


def test_random_weights_say_so():
    session = Session.load(ModelSpec("squeezenet1_1", WeightsSpec("random", seed=2)), "cpu")
    assert session.info.title == "squeezenet1_1"
    assert "random (seed 2)" in session.info.notices[0]


def test_out_of_memory_in_a_forward_moves_the_model_to_the_cpu():
    # The model is on the CPU already, so that it can be moved "back" from a device that has no memory at all.
    loaded = Session.load(BUILTIN_SPEC, "cpu")
    session = Session(Stubborn(loaded.model), dataclasses.replace(loaded.info, device="meta"), torch.device("meta"))
    logits = session.forward(torch.zeros(1, 3, 64, 64))
    assert logits.shape == (1, 102)
    assert session.info.device == str(session.device) == "cpu"
    assert "memory of meta is full" in session.info.notices[-1]
    assert len(session.info.notices) == 1
    session.forward(torch.zeros(1, 3, 64, 64))
    assert len(session.info.notices) == 1


class Stubborn(torch.nn.Module):
    """A network that does not fit into the memory of the meta device."""

    def __init__(self, inner):
        super().__init__()
        self.inner = inner

    def to(self, device):
        if torch.device(device).type == "meta":
            raise torch.OutOfMemoryError("out of memory")
        return super().to(device)

    def forward(self, batch):
        return self.inner(batch)


def test_errors_come_in_words(tmp_path):
    with pytest.raises(DeviceError):
        Session.load(BUILTIN_SPEC, "cuda:77")
    with pytest.raises(ModelError):
        Session.load(ModelSpec("nonsense", WeightsSpec("random")), "cpu")
    state = backend.build("compact_vgg", 2).state_dict()
    state["classifier.bias"][0] = float("nan")
    torch.save(state, tmp_path / "nan.pth")
    with pytest.raises(WeightsError, match="NaN or infinite values"):
        Session.load(ModelSpec("compact_vgg", WeightsSpec.parse(str(tmp_path / "nan.pth"))), "cpu")


def test_loading_can_be_cancelled():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        Session.load(BUILTIN_SPEC, "cpu", token)


def test_top_predictions():
    rows = top_predictions(torch.tensor([[0.0, 2.0, 1.0]]), ("a", "b", "c"), 2)
    assert [(row.rank, row.index, row.category) for row in rows] == [(1, 1, "b"), (2, 2, "c")]
    assert rows[0].probability == pytest.approx(0.66524, abs=1e-5)
    assert len(top_predictions(torch.zeros(1, 3), ("a", "b", "c"))) == 3
    with pytest.raises(ModelError, match="not a number"):
        top_predictions(torch.full((1, 3), float("nan")), ("a", "b", "c"))
