"""Weights with repairs that a person agreed to, and the list of their tensors."""

from __future__ import annotations

import pytest
import torch

from core.errors import WeightsError
from core.inference.session import Session
from core.types import ModelSpec, WeightsSpec
from core.weights.key_table import key_table
from core.zoo import backend
from core.zoo.backend import BuildOptions

NAME = "squeezenet1_1"


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(2)
    return backend.build(NAME, options=BuildOptions(num_classes=4)).eval()


def logits(session: Session) -> torch.Tensor:
    return session.forward(torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1)))


def test_a_repaired_file_answers_as_the_network_that_it_was(network, tmp_path):
    path = tmp_path / "wrapped.pth"
    torch.save({"epoch": 1, "state_dict": {f"backbone.{name}": value for name, value in network.state_dict().items()}}, path)
    (tmp_path / "classes.txt").write_text("ant\nbee\ncat\ndog\n")
    spec = ModelSpec(NAME, WeightsSpec("file", path=path, repairs=("unwrap", "strip_prefix")))
    session = Session.load(spec)
    with torch.inference_mode():
        wanted = network(torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(1)))
    assert torch.allclose(logits(session), wanted, atol=1e-6)
    assert session.info.spec == spec
    assert session.info.categories == ("ant", "bee", "cat", "dog")
    assert any("repaired as it was read" in notice for notice in session.info.notices)


def test_a_new_head_has_as_many_classes_as_were_asked_for_and_is_said_to_be_untrained(network, tmp_path):
    path = tmp_path / "features.pth"
    torch.save({name: value for name, value in network.state_dict().items() if "classifier" not in name}, path)
    session = Session.load(ModelSpec(NAME, WeightsSpec("file", path=path, repairs=("new_head",), classes=6)))
    assert session.info.categories == tuple(f"class {index}" for index in range(6))
    assert any("untrained" in notice for notice in session.info.notices)
    again = Session.load(ModelSpec(NAME, WeightsSpec("file", path=path, repairs=("new_head",), classes=6)))
    assert torch.equal(logits(session), logits(again))


def test_repairs_that_are_not_enough_are_said(network, tmp_path):
    path = tmp_path / "features.pth"
    torch.save({f"module.{k}": v for k, v in network.state_dict().items() if "classifier" not in k}, path)
    with pytest.raises(WeightsError, match="one more repair"):
        Session.load(ModelSpec(NAME, WeightsSpec("file", path=path, repairs=("strip_prefix",))))


def test_a_plain_file_is_written_as_its_path_and_read_back(tmp_path):
    spec = WeightsSpec.parse(str(tmp_path / "a.pth"))
    assert str(spec) == str(tmp_path / "a.pth")
    assert WeightsSpec.parse(str(spec)) == spec
    assert (spec.repairs, spec.classes) == ((), None)


def test_every_tensor_has_its_status(network, tmp_path):
    state = {f"module.{name}": value for name, value in network.state_dict().items()}
    del state["module.features.0.bias"]
    state["module.features.3.squeeze.weight"] = torch.zeros(16, 64, 3, 3)
    state["module.extra"] = torch.zeros(2)
    path = tmp_path / "odd.pth"
    torch.save(state, path)
    table = key_table(path, NAME)
    rows = {row.name: row for row in table.rows}
    assert [row.name for row in table.rows[:-1]] == list(network.state_dict())
    assert rows["features.0.bias"].status == "missing"
    assert rows["features.0.bias"].in_file is None
    squeeze = rows["features.3.squeeze.weight"]
    assert (squeeze.status, squeeze.in_file, squeeze.wanted) == ("misshapen", (16, 64, 3, 3), (16, 64, 1, 1))
    assert (rows["extra"].status, rows["extra"].wanted) == ("unexpected", None)
    assert rows["classifier.1.weight"].in_file == (4, 512, 1, 1)
    others = set(rows) - {"features.0.bias", "features.3.squeeze.weight", "extra"}
    assert {rows[name].status for name in others} == {"matched"}
