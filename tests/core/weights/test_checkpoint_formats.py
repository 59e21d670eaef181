"""Every format against what torch.load, torch.jit.load and safetensors read from the same file."""

import argparse
import io
import json
import pickle
import zipfile
from collections import Counter, OrderedDict, defaultdict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.errors import WeightsError
from core.weights.checkpoint import open_checkpoint
from core.zoo import backend


def model(name):
    torch.manual_seed(3)
    return backend._torchvision().models.get_model(name, weights=None, num_classes=7).eval()


def raw(tensor):
    return tensor.detach().contiguous().view(-1).view(torch.uint8)


def assert_same(content, truth):
    assert list(content) == list(truth)
    for key, value in truth.items():
        if isinstance(value, torch.Tensor):
            assert content[key].dtype == value.dtype, key
            assert content[key].shape == value.shape, key
            assert torch.equal(raw(content[key]), raw(value)), key
        elif isinstance(value, dict):
            assert_same(content[key], value)
        else:
            assert content[key] == value, key


ALL_TYPES = [
    torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
    torch.uint8, torch.bool, torch.complex64, torch.complex128, torch.float8_e4m3fn, torch.float8_e5m2, torch.uint16,
    torch.uint32, torch.uint64,
]  # fmt: skip


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v3_small", "shufflenet_v2_x0_5"])
@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors", "whole", "whole legacy", "plain pickle"])
def test_models_of_torchvision(tmp_path, name, form):
    net, path = model(name), tmp_path / "Gewichte für 画像"
    truth = net.state_dict()
    if form == "safetensors":
        save_file(truth, path)
    elif form == "plain pickle":
        path.write_bytes(pickle.dumps(net))
    else:
        torch.save(net if "whole" in form else truth, path, _use_new_zipfile_serialization="legacy" not in form)
    found = open_checkpoint(path)
    whole = "whole" in form or form == "plain pickle"
    content = found.content if form != "safetensors" else {key: found.content[key] for key in truth}
    assert_same(content, truth)
    assert found.format == {"safetensors": "safetensors", "zip": "torch-zip", "whole": "torch-zip"}.get(form, "torch-legacy")
    assert found.executes_code == whole
    assert any(name.startswith("torchvision.models.") for name in found.globals) == whole
    assert bool(found.notes) == whole
    if not whole and form != "safetensors":
        assert found.metadata["_metadata"] == truth._metadata
    model(name).load_state_dict(found.content)


# Scripting is what this build of torch warns of; the files that it wrote are still around.
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
@pytest.mark.parametrize("how", ["script", "trace"])
def test_torchscript(tmp_path, how):
    net, path = model("squeezenet1_1"), tmp_path / "scripted.pt"
    scripted = torch.jit.script(net) if how == "script" else torch.jit.trace(net, torch.zeros(1, 3, 64, 64))
    torch.jit.save(scripted, path)
    found = open_checkpoint(path)
    assert_same(found.content, torch.jit.load(path).state_dict())
    assert found.format == "torchscript"
    assert found.executes_code
    assert any(name.startswith("__torch__.torchvision") for name in found.globals)


@pytest.mark.parametrize("legacy", [False, True])
def test_all_types_shapes_and_strides(tmp_path, legacy):
    base = torch.arange(120.0)
    truth = {f"{kind}": torch.arange(7).to(kind) for kind in ALL_TYPES}
    truth |= {
        "scalar": torch.tensor(3.5), "empty": torch.empty(0, 4), "transposed": base.view(10, 12).T, "slice": base[10:20],
        "steps": base[::3], "parameter": nn.Parameter(torch.ones(3)), "conj": torch.complex(base, base + 1).conj(),
        "expanded": torch.tensor([1.0]).expand(5), "buffer": nn.Buffer(torch.zeros(2)), "size": torch.Size([1, 2]),
    }  # fmt: skip
    path = tmp_path / "types.pt"
    torch.save(truth, path, _use_new_zipfile_serialization=not legacy)
    found = open_checkpoint(path)
    truth["conj"] = truth["conj"].resolve_conj()
    assert_same(found.content, truth)
    assert found.content["slice"].untyped_storage().data_ptr() == found.content["steps"].untyped_storage().data_ptr()
    assert not found.executes_code
    assert not any(value.requires_grad for value in found.content.values() if isinstance(value, torch.Tensor))


def test_safetensors_of_all_types(tmp_path):
    truth = {f"{kind}": torch.arange(7).to(kind) for kind in ALL_TYPES if kind != torch.complex128}
    save_file(truth, tmp_path / "types.safetensors", metadata={"format": "pt", "arch": "x"})
    found = open_checkpoint(tmp_path / "types.safetensors")
    assert_same({key: found.content[key] for key in truth}, truth)
    assert found.metadata == {"format": "pt", "arch": "x"}


def test_a_safetensors_header_of_an_odd_length(tmp_path):
    values = torch.arange(6.0)
    header = json.dumps({"w": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}}).encode()
    for padding in range(8):
        text = header + b" " * padding
        (tmp_path / "odd").write_bytes(len(text).to_bytes(8, "little") + text + values.numpy().tobytes())
        assert torch.equal(open_checkpoint(tmp_path / "odd").content["w"], values.view(2, 3))


@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
def test_numbers_lie_where_those_of_torch_would(tmp_path, form):
    truth = {f"w{length}": torch.arange(length).to(torch.int8) for length in range(1, 40)}
    truth |= {f"f{length}": torch.randn(length) for length in range(1, 40)}
    if form == "safetensors":
        save_file(truth, tmp_path / "x", metadata={"odd": "length"})
    else:
        torch.save(truth, tmp_path / "x", _use_new_zipfile_serialization=form == "zip")
    content = open_checkpoint(tmp_path / "x").content
    assert_same({key: content[key] for key in truth}, truth)
    assert not any(value.data_ptr() % 64 for value in content.values())


def test_a_training_checkpoint_with_plain_values(tmp_path):
    net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))
    optimizer = torch.optim.Adam(net.parameters())
    net(torch.randn(4, 2)).sum().backward()
    optimizer.step()
    content = {
        "epoch": 3, "best": np.float64(0.25), "model": net.state_dict(), "optimizer": optimizer.state_dict(), "big": 1 << 70,
        "history": [0.5, None, True, "ü", b"bytes", {1, 2}, (1, (2,))], "classes": ["a", "b"], "count": Counter("aab"),
        "array": np.arange(6, dtype=">i4").reshape(2, 3), "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "device": torch.device("cuda:1"), "dtype": torch.float16, "default": defaultdict(list, a=[1]), "z": 1 + 2j,
    }  # fmt: skip
    torch.save(content, tmp_path / "train.pt")
    found = open_checkpoint(tmp_path / "train.pt")
    assert not found.executes_code, found.globals
    assert_same(found.content["model"], net.state_dict())
    state = found.content["optimizer"]["state"][0]
    assert torch.equal(state["exp_avg"], optimizer.state_dict()["state"][0]["exp_avg"])
    assert found.content["history"] == [0.5, None, True, "ü", b"bytes", [1, 2], (1, (2,))]
    assert found.content["array"].tolist() == [[0, 1, 2], [3, 4, 5]] == found.content["fortran"].tolist()
    for key, value in {"epoch": 3, "best": 0.25, "big": 1 << 70, "count": {"a": 2, "b": 1}, "default": {"a": [1]}}.items():
        assert found.content[key] == value
    assert (found.content["device"], found.content["dtype"], found.content["z"]) == ("cuda:1", "torch.float16", 1 + 2j)


def test_objects_beside_the_weights_are_their_attributes_and_are_said(tmp_path):
    torch.save({"args": argparse.Namespace(arch="resnet18", lr=0.1), "net": nn.Linear(2, 1)}, tmp_path / "args.pt")
    found = open_checkpoint(tmp_path / "args.pt")
    assert found.content["args"] == {"arch": "resnet18", "lr": 0.1}
    assert list(found.content["net"]) == ["weight", "bias"]
    assert found.executes_code
    assert "argparse.Namespace" in found.globals
    assert "argparse.Namespace" in found.notes[0]


class Passing(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("kept", torch.ones(1))
        self.register_buffer("passing", torch.ones(1), persistent=False)
        self.parent = [self]
        self.again = self.first = nn.Linear(1, 1)
        self.class_to_idx = {"cat": 0, "dog": 1}


def test_a_module_that_knows_itself_and_shares_its_parts(tmp_path):
    torch.save({"net": Passing()}, tmp_path / "wrapped.pt")
    assert open_checkpoint(tmp_path / "wrapped.pt").metadata["class_to_idx"] == {"cat": 0, "dog": 1}
    torch.save(Passing(), tmp_path / "whole.pt")
    found = open_checkpoint(tmp_path / "whole.pt")
    assert list(found.content) == list(Passing().state_dict())
    assert found.content["again.weight"] is found.content["first.weight"]
    assert found.metadata["class_to_idx"] == {"cat": 0, "dog": 1}


@pytest.mark.parametrize("protocol", range(6))
def test_pickles_of_every_protocol(tmp_path, protocol):
    truth = OrderedDict(weight=torch.randn(300, 5), bias=torch.randn(5), classes=["a", "ü"], number=-(1 << 40), pi=3.25)
    (tmp_path / "plain.pkl").write_bytes(pickle.dumps(truth, protocol))
    assert_same(open_checkpoint(tmp_path / "plain.pkl").content, truth)
    for legacy in (False, True):
        torch.save(truth, tmp_path / "saved", pickle_protocol=protocol or 1, _use_new_zipfile_serialization=not legacy)
        assert_same(open_checkpoint(tmp_path / "saved").content, truth)


# Quantised tensors are what this build of torch warns of; the files with them are still around.
@pytest.mark.filterwarnings("ignore:.*quantize:UserWarning", "ignore:.*deprecated:UserWarning")
def test_quantised_and_sparse_tensors(tmp_path):
    values = torch.randn(4, 3)
    per_tensor = torch.quantize_per_tensor(values, 0.05, 3, torch.quint8)
    per_channel = torch.quantize_per_channel(values, torch.rand(4) + 0.1, torch.arange(4), 0, torch.qint8)
    sparse = torch.eye(3).to_sparse()
    torch.save({"t": per_tensor, "c": per_channel, "s": sparse, "w": values}, tmp_path / "q.pt")
    found = open_checkpoint(tmp_path / "q.pt")
    assert torch.allclose(found.content["t"], per_tensor.dequantize())
    assert torch.allclose(found.content["c"], per_channel.dequantize())
    assert torch.equal(found.content["s"], torch.eye(3))
    assert any("quantised" in note for note in found.notes)


def test_tensors_without_values_are_left_aside_and_said(tmp_path):
    torch.save({"gone": torch.empty(3, device="meta"), "w": torch.ones(1)}, tmp_path / "meta.pt")
    found = open_checkpoint(tmp_path / "meta.pt")
    assert not isinstance(found.content["gone"], torch.Tensor)
    assert any("meta" in note for note in found.notes)


def test_archives_packed_again_and_written_without_sums(tmp_path):
    truth = {"w": torch.arange(1000.0), "b": torch.ones(3)}
    buffer = io.BytesIO()
    torch.save(truth, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(tmp_path / "packed.pt", "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr("some/folder/" + name, source.read(name))
    assert_same(open_checkpoint(tmp_path / "packed.pt").content, truth)
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(truth, tmp_path / "sumless.pt")
    finally:
        torch.serialization.set_crc32_options(True)
    assert_same(open_checkpoint(tmp_path / "sumless.pt").content, truth)


def test_numbers_of_the_other_byte_order(tmp_path):
    buffer = io.BytesIO()
    torch.save({"w": torch.arange(5.0)}, buffer)
    with zipfile.ZipFile(buffer) as source, zipfile.ZipFile(tmp_path / "big.pt", "w") as target:
        for name in source.namelist():
            data = source.read(name)
            if name.endswith("data/0"):
                data = np.frombuffer(data, "<f4").astype(">f4").tobytes()
            target.writestr(name, b"big" if name.endswith("byteorder") else data)
    assert open_checkpoint(tmp_path / "big.pt").content["w"].tolist() == [0, 1, 2, 3, 4]


@pytest.fixture
def shards(tmp_path):
    parts = {f"model-0000{n}-of-00003.safetensors": {f"layer{n}.w": torch.full((4,), float(n))} for n in (1, 2, 3)}
    for name, tensors in parts.items():
        save_file(tensors, tmp_path / name)
    files = {key: name for name, tensors in parts.items() for key in tensors}
    index = tmp_path / "model.safetensors.index.json"
    index.write_text(json.dumps({"metadata": {"total_size": 48}, "weight_map": files}))
    return index


def test_shards_given_the_index_or_any_of_them(shards):
    found = [open_checkpoint(path) for path in (shards, *sorted(shards.parent.glob("*.safetensors")))]
    assert len({one.sha256 for one in found}) == 1
    for one in found:
        assert one.format == "safetensors-sharded"
        assert {key: value[0].item() for key, value in one.content.items()} == {"layer1.w": 1, "layer2.w": 2, "layer3.w": 3}


def test_missing_shards_are_named(shards):
    (shards.parent / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(WeightsError, match=r"of which 1 are missing: model-00002-of-00003\.safetensors") as caught:
        open_checkpoint(shards)
    assert caught.value.kind == "missing"


def test_a_shard_without_its_index_says_so(shards):
    shards.unlink()
    found = open_checkpoint(shards.parent / "model-00001-of-00003.safetensors")
    assert list(found.content) == ["layer1.w"]
    assert "index is not beside it" in found.notes[0]


@pytest.mark.parametrize("name", ["../outside.safetensors", "/etc/passwd", "model.bin", ".."])
def test_an_index_never_leads_out_of_its_folder(shards, name):
    shards.write_text(json.dumps({"weight_map": {"w": name}}))
    with pytest.raises(WeightsError, match="index"):
        open_checkpoint(shards)
