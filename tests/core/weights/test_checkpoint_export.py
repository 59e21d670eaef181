"""Programs of torch.export: read for their tensors, and nothing in them run or unpickled."""

from __future__ import annotations

import json
import pickle
import zipfile
from pathlib import Path

import pytest
import torch

from core.errors import WeightsError
from core.inference.session import Session
from core.types import BUILTIN_MODEL, ModelSpec, WeightsSpec
from core.weights.checkpoint import open_checkpoint
from core.weights.doctor import diagnose
from core.zoo import backend
from core.zoo.backend import BuildOptions


@pytest.fixture(scope="module")
def network() -> torch.nn.Module:
    torch.manual_seed(5)
    return backend.build(BUILTIN_MODEL, options=BuildOptions(num_classes=7)).eval()


@pytest.fixture(scope="module")
def program(network: torch.nn.Module, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive as torch 2.13 writes it, put together by hand: exporting takes ten seconds."""
    path = tmp_path_factory.mktemp("export") / "net.pt2"
    config = {}
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, value) in enumerate(network.state_dict().items()):
            archive.writestr(f"net/data/weights/weight_{number}", value.numpy().tobytes())
            config[name] = {"path_name": f"weight_{number}", "is_param": True, "use_pickle": False, "tensor_meta": meta(value)}
        archive.writestr("net/data/weights/model_weights_config.json", json.dumps({"config": config}))
        archive.writestr("net/data/sample_inputs/model.pt", b"a pickle that nobody opens")
        archive.writestr("net/models/model.json", b"{}")
        archive.writestr("net/archive_format", b"pt2")
    return path


def meta(value: torch.Tensor) -> dict[str, object]:
    sizes, strides = ([{"as_int": number} for number in numbers] for numbers in (value.shape, value.stride()))
    kind = 5 if value.dtype == torch.int64 else 7
    return {"dtype": kind, "sizes": sizes, "strides": strides, "storage_offset": {"as_int": 0}, "layout": 7}


@pytest.mark.slow
def test_what_torch_export_saves_is_read_alike(network, tmp_path):
    path = tmp_path / "real.pt2"
    torch.export.save(torch.export.export(network, (torch.zeros(1, 3, 64, 64),)), path)
    content, wanted = open_checkpoint(path).content, network.state_dict()
    assert set(content) == set(wanted)
    assert all(torch.equal(content[name], wanted[name]) for name in wanted)
    loaded = torch.export.load(path).module()
    batch = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    session = Session.load(ModelSpec(BUILTIN_MODEL, WeightsSpec("file", path=path)))
    with torch.inference_mode():
        assert torch.allclose(session.forward(batch), loaded(batch), atol=1e-5)


def changed(program: Path, out: Path, **parts: bytes) -> Path:
    """Copy an archive with the contents of some of its parts changed, each named by the end of its name."""
    with zipfile.ZipFile(program) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            ending = next((end for end in parts if name.endswith(end.replace("__", "."))), "")
            new.writestr(name, parts[ending] if ending else old.read(name))
    return out


def test_its_tensors_are_those_of_the_network(program, network):
    checkpoint = open_checkpoint(program)
    wanted = network.state_dict()
    assert checkpoint.format == "torch-export"
    assert set(checkpoint.content) == set(wanted)
    assert all(torch.equal(checkpoint.content[name], wanted[name]) for name in wanted)
    assert checkpoint.globals == ()


def test_it_is_told_and_classified_with(program, network):
    found = diagnose(program)
    assert (found.verdict, found.architecture, found.num_classes) == ("loadable", BUILTIN_MODEL, 7)
    session = Session.load(ModelSpec(BUILTIN_MODEL, WeightsSpec("file", path=program)))
    batch = torch.rand(2, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(session.forward(batch), network(batch), atol=1e-5)
    assert any("exported program" in notice for notice in session.info.notices)


def test_no_pickle_in_it_is_opened(program, tmp_path, network):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "owned",))

    evil = pickle.dumps(Evil())
    path = changed(program, tmp_path / "evil.pt2", model__pt=evil, model__json=b"not even JSON")
    assert set(open_checkpoint(path).content) == set(network.state_dict())
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "change",
    [
        {"use_pickle": True},
        {"path_name": "../../outside"},
        {"tensor_meta": {"dtype": 99}},
        {"tensor_meta": {"sizes": [{"as_int": 1 << 40}]}},
        {"tensor_meta": {"sizes": [{"as_expr": "__import__('os')"}]}},
        {"tensor_meta": {"storage_offset": {"as_int": -1}}},
        {"tensor_meta": None},
    ],
)
def test_lists_that_lie_are_refused_in_words(program, tmp_path, change):
    with zipfile.ZipFile(program) as archive:
        config = json.loads(archive.read(next(n for n in archive.namelist() if n.endswith("_weights_config.json"))))
    first = next(iter(config["config"].values()))
    for key, value in change.items():
        first[key] = first[key] | value if isinstance(value, dict) else value
    path = changed(program, tmp_path / "lies.pt2", _weights_config__json=json.dumps(config).encode())
    with pytest.raises(WeightsError, match=r"“lies\.pt2” is"):
        open_checkpoint(path)


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b'{"config": 3}', b'{"config": {"a": 1}}'])
def test_a_damaged_list_is_refused_in_words(program, tmp_path, text):
    path = changed(program, tmp_path / "bad.pt2", _weights_config__json=text)
    with pytest.raises(WeightsError, match=r"“bad\.pt2” is damaged"):
        open_checkpoint(path)


def test_cut_off_at_every_tenth_it_is_refused_in_words(program, tmp_path):
    data = program.read_bytes()
    for tenth in range(10):
        path = tmp_path / f"cut{tenth}.pt2"
        path.write_bytes(data[: len(data) * tenth // 10])
        assert diagnose(path).verdict == "refused"
