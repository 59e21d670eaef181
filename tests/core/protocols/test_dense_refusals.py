"""Networks that cannot slide, and the reasons that are given."""

import warnings

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.errors import LayerscopeError
from core.inference.session import Session
from core.protocols.dense import dense_form, why_not_dense
from core.types import ModelSpec, WeightsSpec
from tests.helpers.sessions import session_of


class Network(nn.Module):
    """For pictures of 32x32: maps of 8x8 with 6 channels."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 6, 4, 4)
        self.head = nn.Linear(6, 5)

    def forward(self, x):
        return self.head(self.body(self.stem(x)).mean((2, 3)))


class Embedded(Network):
    def __init__(self):
        super().__init__()
        self.position = nn.Parameter(torch.randn(1, 6, 8, 8))

    def body(self, x):
        return x + self.position


class EmbeddedTokens(Network):
    """A vision transformer with a class token, in a few lines."""

    def __init__(self):
        super().__init__()
        self.token, self.position = nn.Parameter(torch.randn(1, 1, 6)), nn.Parameter(torch.randn(65, 6))
        self.attend = nn.MultiheadAttention(6, 2, batch_first=True)

    def forward(self, x):
        x = self.stem(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.token.expand(x.size(0), -1, -1), x], 1) + self.position
        return self.head(self.attend(x, x, x, need_weights=False)[0][:, 0])


class Attending(Network):
    def body(self, x):
        tokens = x.flatten(2)
        weights = torch.softmax(tokens.transpose(1, 2) @ tokens, -1)
        return (tokens @ weights).unflatten(2, (8, 8))


class Rolled(Network):
    def body(self, x):
        return torch.roll(x, 1, 2)


class Resized(Network):
    def forward(self, x):
        return super().forward(F.interpolate(x, (32, 32)))

    def body(self, x):
        return x


class OtherWay(Network):
    def body(self, x):
        return x.relu() if x.shape[2] == 8 else x.sigmoid()


class FixedSize(Network):
    def body(self, x):
        assert x.shape[2:] == (8, 8), "only 8×8.\nNothing else."
        return x


class OneSizeView(Network):
    def body(self, x):
        return x.view(1, 6, 8, 8).relu()


class Restless(Network):
    def body(self, x):
        return F.dropout(x, 0.5, training=True)


class BatchStatistics(Network):
    def __init__(self):
        super().__init__()
        self.norm = nn.BatchNorm2d(6, track_running_stats=False)

    def body(self, x):
        return self.norm(x)


class MixedWindows(Network):
    """Merges the batch into another dimension, and takes a mean over it."""

    def forward(self, x):
        x = self.stem(x).mean((2, 3)).view(2, -1)
        return self.head((x - x.mean(1, keepdim=True)).view(-1, 6))


class SeveralStrides(Network):
    def __init__(self):
        super().__init__()
        self.second, self.both = nn.Conv2d(6, 6, 2, 2), nn.Linear(12, 5)

    def forward(self, x):
        x = self.stem(x)
        return self.both(torch.cat([x.mean((2, 3)), self.second(x).mean((2, 3))], 1))


class SharedPool(Network):
    def __init__(self):
        super().__init__()
        self.both = nn.Linear(12, 5)

    def forward(self, x):
        x = self.stem(x)
        pooled = x.mean((2, 3), keepdim=True)
        return self.both(torch.cat([(x * pooled).mean((2, 3)), pooled.flatten(1)], 1))


class OutOfTorch(Network):
    def body(self, x):
        return torch.from_numpy(x.numpy().copy())


CASES = {
    Embedded: "it adds an embedding of its own to each of 8×8 positions, those of a picture of 32×32 pixels, and has none",
    EmbeddedTokens: "it adds an embedding of its own to each of 8×8 positions",
    Attending: "its attention compares every position with all others",
    Rolled: "it calls “roll” on a map",
    Resized: "it calls “interpolate” on a map",
    OtherWay: "its code takes another way for a picture of another size",
    FixedSize: r"it takes pictures of 32×32 pixels only \(only 8×8\)",
    OneSizeView: r"it takes pictures of 32×32 pixels only \(shape '\[1, 6, 8, 8\]' is invalid",
    Restless: r"does not get the same answer twice \(scores differ by \d",
    BatchStatistics: "its batch norm keeps no running statistics",
    MixedWindows: "its head gives a window another answer when there are others beside it",
    SeveralStrides: "its head takes maps of several strides",
    SharedPool: "its head takes values that its maps take too",
    OutOfTorch: "the way from its input to its answer cannot be followed",
}


@pytest.mark.parametrize("kind", CASES, ids=lambda kind: kind.__name__)
def test_the_reason_is_given_in_the_words_of_the_field(kind):
    session = session_of(kind(), 32)
    for _ in range(2):
        with pytest.raises(LayerscopeError, match=CASES[kind]) as raised:
            dense_form(session)
        assert raised.value.kind == "unsupported"
        assert raised.value.message.startswith("The test network cannot be evaluated densely: ")
        assert raised.value.message.endswith(". Choose a protocol with crops.")
    assert why_not_dense(session) == raised.value.message
    assert session.forward(torch.zeros(1, 3, 32, 32)).shape == (1, 5)


def test_compiled_code_cannot_be_followed():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 5)).eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TorchScript goes, but there are files of it
        compiled = torch.jit.trace(network, torch.zeros(1, 3, 8, 8))
    assert "cannot be followed" in why_not_dense(session_of(compiled, 8))


@pytest.mark.slow
def test_an_exported_program_of_one_size():
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 5)).eval()
    program = torch.export.export(network, (torch.zeros(1, 3, 8, 8),)).module()
    program.eval = lambda: program
    assert "takes pictures of 8×8 pixels only (Guard failed" in why_not_dense(session_of(program, 8))


@pytest.mark.parametrize(
    ("architecture", "reason"),
    [
        ("swin_t", "its attention compares positions within windows of 7×7 that lie on a fixed grid"),
        ("vit_b_32", "it adds an embedding of its own to each of 7×7 positions, those of a picture of 224×224 pixels"),
    ],
)
@pytest.mark.slow
def test_transformers(architecture, reason):
    assert reason in why_not_dense(Session.load(ModelSpec(architecture, WeightsSpec("random")), "cpu"))


def test_a_picture_on_which_the_code_takes_another_way():
    class ForPanoramas(Network):
        def body(self, x):
            return x.relu() if x.shape[3] < 20 else x.sigmoid()

    dense = dense_form(session_of(ForPanoramas(), 32))
    assert dense.scores(torch.rand(1, 3, 32, 60)).shape == (1, 5, 1, 8)
    with pytest.raises(LayerscopeError, match="another way") as raised:
        dense.scores(torch.rand(1, 3, 32, 120))
    assert raised.value.kind == "unsupported"
