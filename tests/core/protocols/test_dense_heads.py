"""The ways in which people write the end of a network; each cell must be the head on a window of the larger maps."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from core.inference.session import Session
from core.protocols.dense import dense_form
from core.types import ModelSpec
from tests.core.protocols.test_dense import assert_equal, windows
from tests.helpers import model_code
from tests.helpers.sessions import session_of

SIDE, MAP, CHANNELS = 36, 5, 6


class Network(nn.Module):
    """Two padded convolutions, maps of 5x5 for pictures of 36x36, and the head of a subclass."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 3, stride=2, padding=1), nn.ReLU(inplace=True),
            nn.MaxPool2d(3, 2, ceil_mode=True), nn.Conv2d(8, CHANNELS, 3, 2, 1), nn.ReLU(inplace=True),
        )  # fmt: skip
        self.flat = nn.Linear(CHANNELS * MAP * MAP, 7)
        self.short = nn.Linear(CHANNELS, 7)

    def forward(self, x):
        return self.head(self.features(x))


class ViewMinusOne(Network):
    def head(self, x):
        return self.flat(x.view(-1, CHANNELS * MAP * MAP))


class ViewOfItsSize(Network):
    def head(self, x):
        return self.flat(x.view(x.size(0), -1))


class ViewOfItsShape(Network):
    def head(self, x):
        return self.flat(x.reshape(x.shape[0], x.shape[1] * x.shape[2] * x.shape[3]))


class ViewOfTheInputsSize(Network):
    def forward(self, x):
        pictures = x.size(0)
        return self.head(self.features(x).contiguous().view((pictures, -1)))

    def head(self, x):
        return self.flat(x.reshape(len(x), -1))


class Flattened(Network):
    def head(self, x):
        return F.log_softmax(self.flat(torch.flatten(x, 1)), dim=1)


class Means(Network):
    def head(self, x):
        return self.short(x.mean([2, 3]))


class MeansOneByOne(Network):
    def head(self, x):
        return self.short(x.mean(3).mean(2))


class MeansThatKeep(Network):
    def head(self, x):
        return self.short(x.mean((-2, -1), keepdim=True).squeeze(-1).squeeze(-1))


class Sums(Network):
    def head(self, x):
        return self.short(torch.sum(x, dim=(2, 3)))


class LogSumExp(Network):
    def head(self, x):
        return self.short(torch.logsumexp(x, dim=(2, 3)))


class GeneralisedMean(Network):
    def head(self, x):
        return self.short(F.avg_pool2d(x.clamp(min=1e-6).pow(3), (x.size(-2), x.size(-1))).pow(1 / 3)[:, :, 0, 0])


class PoolOfItsSize(Network):
    def head(self, x):
        return self.short(F.avg_pool2d(x, x.size()[2:]).view(x.size(0), -1))


class PoolThatSlides(Network):
    def head(self, x):
        return self.short(F.avg_pool2d(x, MAP, stride=1).flatten(1))


class BothPools(Network):
    def __init__(self):
        super().__init__()
        self.both = nn.Linear(2 * CHANNELS, 7)

    def head(self, x):
        average, largest = F.adaptive_avg_pool2d(x, 1), F.adaptive_max_pool2d(x, (1, 1))
        return self.both(torch.cat([average, largest], 1).flatten(1))


class Pyramid(Network):
    def __init__(self):
        super().__init__()
        self.levels = nn.Linear(CHANNELS * (1 + 4 + 9), 7)

    def head(self, x):
        return self.levels(torch.cat([F.adaptive_avg_pool2d(x, side).flatten(1) for side in (1, 2, 3)], 1))


class Bilinear(Network):
    def __init__(self):
        super().__init__()
        self.pairs = nn.Linear(CHANNELS**2, 7)

    def head(self, x):
        x = x.flatten(2)
        return self.pairs(F.normalize(torch.bmm(x, x.transpose(1, 2)).flatten(1)))


class Nin(Network):
    def __init__(self):
        super().__init__()
        self.classes = nn.Conv2d(CHANNELS, 7, 1)
        self.pool = nn.AvgPool2d(MAP, stride=1)

    def head(self, x):
        return torch.squeeze(self.pool(self.classes(x).relu()), (2, 3))


class SqueezeNet(Network):
    def __init__(self):
        super().__init__()
        self.classifier = nn.Sequential(nn.Dropout(), nn.Conv2d(CHANNELS, 7, 1), nn.ReLU(inplace=True), nn.AdaptiveAvgPool2d(1))

    def head(self, x):
        return torch.flatten(self.classifier(x), 1)


class AdaptiveToLess(Network):
    def __init__(self):
        super().__init__()
        self.nine = nn.Linear(CHANNELS * 9, 7)

    def head(self, x):
        return self.nine(F.adaptive_avg_pool2d(x, 3).flatten(1))


class Normalised(Network):
    def __init__(self):
        super().__init__()
        self.batch, self.layer = nn.BatchNorm1d(CHANNELS * MAP * MAP), nn.LayerNorm(CHANNELS * MAP * MAP)

    def head(self, x):
        return self.flat(self.layer(self.batch(nn.Flatten()(x))))


class ChannelsLast(Network):
    def __init__(self):
        super().__init__()
        self.norm = nn.LayerNorm(CHANNELS)

    def head(self, x):
        return self.short(self.norm(x.permute(0, 2, 3, 1)).mean((1, 2)))


class ChannelsLastKept(ChannelsLast):
    def head(self, x):
        return self.short(self.norm(x.permute(0, 2, 3, 1)).mean((1, 2), keepdim=True)).flatten(1)


class FullyConvolutional(Network):
    """The last convolution covers all of the maps, as in the networks that the paper makes."""

    def __init__(self):
        super().__init__()
        self.first, self.second = nn.Conv2d(CHANNELS, 9, MAP), nn.Conv2d(9, 7, 1)

    def head(self, x):
        return self.second(self.first(x).relu()).flatten(1)


class PositionsInARow(Network):
    def __init__(self):
        super().__init__()
        self.recurrent = nn.GRU(CHANNELS, 7, batch_first=True)

    def head(self, x):
        _, last = self.recurrent(x.flatten(2).transpose(1, 2))
        return last.squeeze(0)


HEADS = Network.__subclasses__() + ChannelsLast.__subclasses__()


@pytest.mark.parametrize("kind", HEADS, ids=lambda kind: kind.__name__)
def test_each_cell_is_the_head_on_a_window_of_the_maps(kind):
    torch.manual_seed(3)
    network = kind()
    dense = dense_form(session_of(network, SIDE))
    pictures = torch.randn(2, 3, 52, 71)
    scores = dense.scores(pictures)
    assert dense.stride == (8, 8)
    with torch.no_grad():
        maps = network.features(pictures)
        assert maps.shape == (2, CHANNELS, 7, 9)
        assert_equal(scores, windows(network.head, maps, MAP, (1, 1), 3, 5))
        usual = torch.randn(1, 3, SIDE, SIDE)
        assert_equal(dense.scores(usual)[..., 0, 0], network(usual))


class Excited(Network):
    """Squeeze-and-excitation, written in the ways that there are."""

    def __init__(self, join):
        super().__init__()
        self.squeeze, self.excite = nn.Linear(CHANNELS, 3), nn.Linear(3, CHANNELS)
        self.join = join

    def forward(self, x):
        return self.head(self.excited(self.features(x)))

    def excited(self, x):
        scale = self.excite(self.squeeze(x.mean((2, 3))).relu()).sigmoid()
        return self.join(x, scale.view(x.size(0), CHANNELS, 1, 1))

    def head(self, x):
        return self.short(F.adaptive_avg_pool2d(x, 1).flatten(1))


JOINS = {
    "times": lambda x, scale: x * scale,
    "scaled first": lambda x, scale: scale * x,
    "in place": lambda x, scale: x.mul_(scale),
    "expand_as": lambda x, scale: x * scale.expand_as(x),
    "expand": lambda x, scale: x * scale.expand(-1, -1, x.size(2), x.size(3)),
    "plus": lambda x, scale: torch.add(x, x * scale, alpha=0.5),
    "beside": lambda x, scale: torch.cat([x, F.interpolate(scale, x.shape[2:])], 1)[:, 3 : 3 + CHANNELS],
}


@pytest.mark.parametrize("join", JOINS)
def test_what_is_pooled_on_the_way_is_pooled_over_the_whole_picture(join):
    network = Excited(JOINS[join])
    dense = dense_form(session_of(network, SIDE))
    picture = torch.randn(1, 3, 52, 71)
    with torch.no_grad():
        maps = network.excited(network.features(picture))
        assert_equal(dense.scores(picture), windows(network.head, maps, MAP, (1, 1), 3, 5))
    assert any("squeeze-and-excitation" in note for note in dense.notes)


class SpatialAttention(Network):
    """Each position is scaled by a convolution over the mean and the maximum of its channels (CBAM)."""

    def __init__(self):
        super().__init__()
        self.look = nn.Conv2d(2, 1, 3, padding=1)
        self.groups = nn.GroupNorm(2, CHANNELS)

    def forward(self, x):
        return self.head(self.attended(self.features(x)))

    def attended(self, x):
        scale = self.look(torch.cat([x.mean(1, keepdim=True), x.amax(1, keepdim=True)], 1)).sigmoid()
        return self.groups(F.pad(x * scale, (1, 1, 1, 1), mode="reflect")[:, :, 1:-1, 1:-1])

    def head(self, x):
        return self.flat(x.flatten(1))


def test_scales_by_position_and_norms_over_space():
    network = SpatialAttention()
    dense = dense_form(session_of(network, SIDE))
    picture = torch.randn(1, 3, 52, 71)
    with torch.no_grad():
        maps = network.attended(network.features(picture))
        assert_equal(dense.scores(picture), windows(network.head, maps, MAP, (1, 1), 3, 5))


class WithAuxiliary(Network):
    """Auxiliary heads that fit no larger picture, before and after the answer, and that calculate in place."""

    def __init__(self, answer):
        super().__init__()
        self.auxiliary = nn.Linear(8 * 9 * 9, 7)
        self.answer = answer

    def forward(self, x):
        middle = self.features[:3](x)
        vector = middle.view(x.size(0), -1)
        early = self.auxiliary(vector).relu_()
        early[:, 0] = 1
        largest, _ = early.max(1)
        main = self.head(self.features[3:](middle))
        late = self.auxiliary(middle.flatten(1)).add_(largest)
        return self.answer(main, early, late)

    def head(self, x):
        return self.short(x.mean((2, 3)))


@pytest.mark.parametrize(
    "answer",
    [lambda main, early, late: (main, early, late), lambda main, early, late: {"out": main, "early": early}],
    ids=["tuple", "dict"],
)
def test_auxiliary_heads_are_left_out(answer):
    network = WithAuxiliary(answer)
    dense = dense_form(session_of(network, SIDE))
    picture = torch.randn(1, 3, 52, 71)
    with torch.no_grad():
        assert_equal(dense.scores(picture), windows(network.head, network.features(picture), MAP, (1, 1), 3, 5))


class Shuffled(nn.Module):
    """Residual, dense and shuffled connections, with a stride of its own in each direction."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, (2, 1), 1)
        self.branch = nn.Conv2d(4, 4, 3, 1, 1, groups=2)
        self.down = nn.Conv2d(8, 8, (3, 5), (2, 3), (1, 2))
        self.head = nn.Linear(16, 5)

    def forward(self, x):
        x = self.stem(x)
        left, right = x.chunk(2, 1)
        x = torch.cat([left, F.silu(self.branch(right)) + left], 1)
        count, channels, height, width = x.shape
        x = x.view(count, 2, channels // 2, height, width).transpose(1, 2).contiguous().view(count, channels, height, width)
        x = self.down(x)
        x = torch.cat([x, torch.zeros_like(x)], 1)
        return self.head(x.mean([2, 3]))


def test_branches_and_a_stride_for_each_direction():
    network = Shuffled()
    dense = dense_form(session_of(network, 24))
    assert dense.stride == (4, 3)
    picture = torch.randn(1, 3, 24, 24)
    assert_equal(dense.scores(picture)[..., 0, 0], network(picture))
    assert dense.scores(torch.randn(1, 3, 32, 33)).shape == (1, 5, 3, 4)


@pytest.mark.parametrize(
    "pool",
    [lambda x: x.mean((2, 3)), lambda x: x.amax((2, 3)), lambda x: F.avg_pool2d(x, 1).flatten(1), lambda x: x[:, :, 0, 0]],
    ids=["mean", "maximum", "average", "first"],
)
def test_maps_of_one_position(pool):
    class Small(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.head = nn.Conv2d(3, 4, 6, 4), nn.Linear(4, 5)

        def forward(self, x):
            return self.head(pool(self.body(x)))

    network = Small()
    picture = torch.randn(1, 3, 14, 18)
    scores = dense_form(session_of(network, 6)).scores(picture)
    with torch.no_grad():
        assert_equal(scores, windows(network, picture, 6, (4, 4), 3, 4))


def test_padding_below_and_to_the_right_is_padding_too():
    class OneSided(Shuffled):
        def __init__(self):
            super().__init__()
            self.stem = nn.Conv2d(3, 5, 3)

        def forward(self, x):
            return self.stem(F.pad(x, (0, 2, 0, 0))).mean([2, 3])

    assert len(dense_form(session_of(OneSided(), 24)).notes) == 1


def test_a_network_of_a_persons_own_file(tmp_path):
    path, _ = model_code.write(tmp_path)
    session = Session.load(ModelSpec.of_code(path), "cpu")
    dense = dense_form(session)
    picture = torch.randn(1, 3, 40, 37)
    network = session.model
    with torch.no_grad():
        maps = network.second(network.first(picture).relu()).relu()
        expected = windows(lambda part: network.head(part.mean((2, 3))), maps, 32, (1, 1), 9, 6)
    assert (dense.side, dense.stride) == (32, (1, 1))
    assert_equal(dense.scores(picture), expected)
