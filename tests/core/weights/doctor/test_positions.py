"""Foreign names over known shapes: a suspicion that a person agrees to, never a silent answer."""

import json
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.cli.main import main
from core.errors import WeightsError
from core.types import ModelSpec, WeightsSpec
from core.weights.doctor import diagnose, repaired, usual_repairs
from core.weights.resolve import resolve
from core.zoo import backend, catalog
from tests.core.weights.doctor.states import shapes, state_of, taken

PATH = Path("w.pth")


def network(name="resnet18", classes=5):
    torch.manual_seed(4)
    return backend.build(name, classes).eval()


def answers(module):
    with torch.no_grad():
        return module(torch.linspace(-1, 1, 3 * 96 * 96).reshape(1, 3, 96, 96))


def loaded(found):
    module = backend.skeleton(found.architecture, found.num_classes)
    module.load_state_dict(found.state_dict, strict=True, assign=True)
    return module.eval()


def as_children(network):
    """What a person writes to cut a network up, the flattening that forward does included."""
    *features, head = network.children()
    return nn.Sequential(*features, nn.Flatten(), head) if isinstance(head, nn.Linear) else nn.Sequential(*network.children())


def renamed(state):
    """Each module under a name that nobody uses, in the same order."""
    modules = list(dict.fromkeys(name.rpartition(".")[0] for name in state))
    return {f"part{modules.index(n.rpartition('.')[0])}x.{n.rpartition('.')[2]}": v for n, v in state.items()}


@pytest.mark.parametrize("kind", ["pickle", "module", "wrapped", "safetensors"])
def test_children_of_a_resnet_give_the_same_logits(tmp_path, kind):
    own = network()
    cut = as_children(own).eval()
    state, path = cut.state_dict(), tmp_path / "w.pth"
    if kind == "safetensors":
        save_file(state, path)
    else:
        torch.save({"module": {f"module.{k}": v for k, v in state.items()}, "wrapped": {"model": state}}.get(kind, state), path)
    found = diagnose(path)
    assert (found.verdict, found.architecture, found.num_classes) == ("repairable", "resnet18", 5)
    assert any(one.kind == "rename" and "shapes and order are those of a ResNet-18" in one.message for one in found.repairs)
    assert any(one.kind == "foreign_names" and one.message.startswith("Suspected: ") for one in found.problems)
    made = repaired(path, usual_repairs(found.repairs))
    assert torch.equal(answers(loaded(made)), answers(cut))
    with pytest.raises(WeightsError, match="rename"):
        repaired(path, set(usual_repairs(found.repairs)) - {"rename"})
    with pytest.raises(WeightsError, match=r"uspected.*--repair"):
        resolve(ModelSpec("resnet18", WeightsSpec("file", path=path)))
    spec = WeightsSpec("file", path=path, repairs=usual_repairs(found.repairs))
    assert resolve(ModelSpec("resnet18", spec)).num_classes == 5


def test_children_without_the_last(tmp_path, capsys):
    own, path = network(), tmp_path / "w.pth"
    cut = nn.Sequential(*list(own.children())[:-1]).eval()
    torch.save(cut.state_dict(), path)
    assert main(["doctor", str(path), "--json"]) == 3
    told = json.loads(capsys.readouterr().out)
    assert (told["architecture"], [one["kind"] for one in told["repairs"]]) == ("resnet18", ["rename", "new_head"])
    made = loaded(repaired(path, ("rename", "new_head"), num_classes=3))
    made.fc = nn.Identity()
    assert torch.equal(answers(made), answers(cut).flatten(1))


@pytest.mark.parametrize("name", ["vgg11", "vgg11_bn"])
def test_the_features_of_a_vgg_alone(tmp_path, name):
    own = network(name)
    save_file(own.features.state_dict(), tmp_path / "w.safetensors")
    found = diagnose(tmp_path / "w.safetensors")
    assert (found.architecture, [one.kind for one in found.repairs]) == (name, ["rename", "new_head"])
    made = loaded(repaired(tmp_path / "w.safetensors", ("rename", "new_head"), num_classes=3))
    assert all(torch.equal(v, own.features.state_dict()[k]) for k, v in made.features.state_dict().items())


def test_a_vgg_of_a_lesson(tmp_path):
    """Its convolutions are VGG's, under names of its own; its classifier is smaller."""
    own = network("vgg11")
    clf = nn.Sequential(nn.Flatten(), nn.Linear(512 * 7 * 7, 64), nn.ReLU(), nn.Linear(64, 4))
    parts = OrderedDict(feature_part=own.features, avgpool=own.avgpool, clf_part=clf)
    torch.save(nn.Sequential(parts).state_dict(), tmp_path / "w.pth")
    found = diagnose(tmp_path / "w.pth")
    assert (found.verdict, found.architecture, found.num_classes) == ("repairable", "vgg11", 4)
    assert [one.kind for one in found.repairs] == ["rename", "new_head"]


@pytest.mark.slow
@pytest.mark.parametrize("architecture", catalog.architectures())
def test_every_architecture_under_foreign_names(architecture):
    reading = taken(renamed(state_of(architecture, 7)), PATH)
    assert reading.as_saved is not None
    assert reading.match.plan.name == {**catalog.SAME_AS, **catalog.SAME_SHAPES}.get(architecture, architecture)
    assert taken(state_of(architecture, 7), PATH).as_saved is None


def unrelated():
    base = shapes("resnet18", 10)
    yield "one block more", [*base.items(), ("extra.weight", (512, 512, 3, 3))]
    yield "small pictures", (base | {"conv1.weight": (64, 3, 3, 3)}).items()
    yield "another order", list(base.items())[::-1]
    yield "a block less", [(n, s) for n, s in base.items() if not n.startswith("layer4.1")]
    yield "features and a head for pictures", [*list(base.items())[:-2], ("out.weight", (21, 512, 1, 1)), ("out.bias", (21,))]
    yield "features and towers", [*list(base.items())[:-2], ("a.weight", (9, 512)), ("b.weight", (9, 512))]
    yield "perceptron", [("0.weight", (64, 784)), ("0.bias", (64,)), ("2.weight", (10, 64)), ("2.bias", (10,))]
    yield "lenet", [("0.weight", (6, 1, 5, 5)), ("0.bias", (6,)), ("3.weight", (16, 6, 5, 5)), ("3.bias", (16,))]
    yield "first layers of a vgg", list(shapes("vgg16").items())[:12]


@pytest.mark.parametrize("case", list(unrelated()), ids=lambda case: case[0])
def test_unrelated_networks_stay_unknown(case):
    state = {name: torch.ones(()).expand(shape) for name, shape in case[1]}
    assert taken(renamed(state), PATH).match is None


def test_mlp_and_unet_of_sequentials_stay_unknown():
    for module in (
        nn.Sequential(nn.Conv2d(3, 64, 3), nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.Linear(64, 10)),
        nn.Transformer(32, 2, 1, 1, 64, batch_first=True),
        nn.LSTM(8, 16, 2),
    ):
        assert taken(module.state_dict(), PATH).match is None
