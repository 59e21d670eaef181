import contextlib
import json
import os
import pickle
import zipfile
from collections import OrderedDict

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from core.errors import WeightsError
from core.weights.read import read_state_dict, read_weights
from tests.helpers.shared_data import need_shared_data


@pytest.fixture
def tensors():
    return {"conv.weight": torch.randn(4, 3, 3, 3), "conv.bias": torch.arange(4.0), "bn.num_batches_tracked": torch.tensor(7)}


def same(left, right):
    return left.keys() == right.keys() and all(torch.equal(left[key], right[key]) for key in left)


@pytest.mark.parametrize("legacy", [False, True])
def test_torch_files_of_both_formats(tmp_path, tensors, legacy):
    path = tmp_path / "ü 画像.pth"
    torch.save(tensors, path, _use_new_zipfile_serialization=not legacy)
    content = read_weights(path)
    assert same(content.state_dict, tensors)
    assert content.notices == ()
    assert len(content.sha256) == 64


def test_safetensors_are_told_by_content(tmp_path, tensors):
    path = tmp_path / "weights.bin"
    save_file(tensors, path, metadata={"classes": json.dumps(["cat", "dog"])})
    content = read_weights(path)
    assert same(content.state_dict, tensors)
    assert content.categories == ("cat", "dog")


@pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model", "net", "params", "ema"])
def test_training_checkpoints_are_unwrapped_and_say_so(tmp_path, tensors, wrapper):
    path = tmp_path / "checkpoint.pt"
    torch.save({"epoch": 3, wrapper: tensors, "classes": ["a", "b"]}, path)
    content = read_weights(path)
    assert same(content.state_dict, tensors)
    assert content.categories == ("a", "b")
    assert f"“{wrapper}”" in content.notices[0]


def test_nested_wrappers_and_prefixes(tmp_path, tensors):
    path = tmp_path / "checkpoint.pt"
    prefixed = {f"module._orig_mod.{key}": value for key, value in tensors.items()}
    torch.save({"model": {"state_dict": prefixed}, "ema": tensors}, path)
    content = read_weights(path)
    assert same(content.state_dict, tensors)
    assert any("“module._orig_mod.”" in notice for notice in content.notices)
    assert any("“ema” too" in notice for notice in content.notices)


def test_module_versions_survive_the_unwrapping(tmp_path):
    model = torch.nn.Sequential(torch.nn.BatchNorm2d(3))
    path = tmp_path / "parallel.pt"
    torch.save({"state_dict": torch.nn.DataParallel(model).state_dict()}, path)
    content = read_weights(path)
    assert content.state_dict._metadata["0"] == {"version": 2}
    assert content.state_dict._metadata[""] == {"version": 1}


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32_and_say_so(tmp_path, tensors, dtype):
    path = tmp_path / "half.pt"
    torch.save({key: value.to(dtype) if value.is_floating_point() else value for key, value in tensors.items()}, path)
    content = read_weights(path)
    assert content.state_dict["conv.weight"].dtype == torch.float32
    assert content.state_dict["bn.num_batches_tracked"].dtype == torch.int64
    assert "float32" in content.notices[0]


def test_what_is_no_tensor_is_left_aside_and_named(tmp_path, tensors):
    path = tmp_path / "mixed.pt"
    torch.save({**tensors, "epoch": 3}, path)
    content = read_weights(path)
    assert same(content.state_dict, tensors)
    assert "epoch" in content.notices[0]


class Evil:
    def __init__(self, target):
        self.target = target

    def __reduce__(self):
        return os.mkdir, (self.target,)


@pytest.mark.parametrize("write", [torch.save, lambda value, path: path.write_bytes(pickle.dumps(value))])
def test_a_pickle_that_would_run_code_does_not(tmp_path, write):
    path, target = tmp_path / "evil.pt", tmp_path / "made by the pickle"
    write({"state_dict": Evil(str(target))}, path)
    with pytest.raises(WeightsError, match=r"“evil\.pt” holds pickled Python objects.*run code.*state_dict") as caught:
        read_state_dict(path)
    assert caught.value.kind == "unsupported"
    assert not target.exists()


def files(folder):
    model = torch.nn.Linear(2, 2)
    torch.save(model.state_dict(), folder / "sound.pt")
    sound = (folder / "sound.pt").read_bytes()
    save_file(model.state_dict(), folder / "sound.safetensors")
    safe = (folder / "sound.safetensors").read_bytes()
    torch.save(model.state_dict(), folder / "legacy.pt", _use_new_zipfile_serialization=False)
    legacy = (folder / "legacy.pt").read_bytes()
    with zipfile.ZipFile(folder / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "hello")
    yield "empty.pt", b"", "empty", "empty"
    yield "half.pt", sound[: len(sound) // 2], "truncated", "ends too early"
    yield "half legacy.pt", legacy[: len(legacy) // 2], "truncated", "ends too early"
    yield "stub.pt", legacy[:1], "truncated", "ends too early"
    yield "half.safetensors", safe[: len(safe) - 5], "truncated", "ends too early"
    yield "stub.safetensors", safe[:20], "truncated", "ends too early"
    yield "pointer.pt", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "unsupported", "Git LFS pointer"
    yield "page.pt", b"<!DOCTYPE html><html>404</html>", "unsupported", "web page"
    yield "notes.pt", "Gewichte für später".encode("ascii", "replace"), "unsupported", "text file"
    yield "keras.h5", b"\x89HDF\r\n\x1a\n" + bytes(100), "unsupported", "HDF5"
    yield "noise.pt", bytes(range(256)), "unsupported", "unknown kind"
    yield "other.pt", (folder / "other.zip").read_bytes(), "unsupported", "zip archive without weights"


def test_odd_files_are_refused_in_words(tmp_path):
    for name, data, kind, words in files(tmp_path):
        path = tmp_path / name
        path.write_bytes(data)
        with pytest.raises(WeightsError, match=words) as caught:
            read_state_dict(path)
        assert caught.value.kind == kind, name
        assert name in caught.value.message
        assert caught.value.path == path
        assert "\n" not in caught.value.message


def test_missing_files_and_folders(tmp_path):
    with pytest.raises(WeightsError, match=r"no weights file “.*gone\.pt”") as caught:
        read_state_dict(tmp_path / "gone.pt")
    assert caught.value.kind == "missing"
    with pytest.raises(WeightsError, match="is a folder"):
        read_state_dict(tmp_path)


# Scripting is what this build of torch warns of; the files that it wrote are still around.
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_torchscript_is_read_for_its_tensors_and_says_so(tmp_path):
    path = tmp_path / "scripted.pt"
    model = torch.nn.Linear(2, 2)
    torch.jit.save(torch.jit.script(model), path)
    content = read_weights(path)
    assert same(content.state_dict, model.state_dict())
    assert "TorchScript" in content.notices[0]
    assert "without running its code" in content.notices[0]


@pytest.mark.parametrize("value", [torch.zeros(3), [torch.zeros(3)], {"epoch": 3}, {}, {3: torch.zeros(3)}, 7])
def test_files_without_a_state_dict_are_refused(tmp_path, value):
    path = tmp_path / "odd.pt"
    torch.save(value, path)
    with pytest.raises(WeightsError, match=r"Save `model\.state_dict\(\)`") as caught:
        read_state_dict(path)
    assert caught.value.kind == "unsupported"


def test_damaged_bytes_never_leave_as_anything_but_words(tmp_path):
    torch.save(OrderedDict(weight=torch.zeros(2, 2)), tmp_path / "sound.pt", _use_new_zipfile_serialization=False)
    sound = (tmp_path / "sound.pt").read_bytes()
    random = np.random.default_rng(0)
    path = tmp_path / "damaged.pt"
    for _ in range(150):
        data = bytearray(sound)
        for place in random.integers(2, len(data), size=3):
            data[place] = random.integers(256)
        path.write_bytes(data)
        with contextlib.suppress(WeightsError):
            read_state_dict(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("git_lfs_pointer_flower_model.pth", "Git LFS pointer"),
        ("truncated_half.pth", "ends too early"),
        ("class_indices.json", "text file"),
    ],
)
def test_real_odd_checkpoints(name, words):
    with pytest.raises(WeightsError, match=words):
        read_state_dict(need_shared_data("checkpoints") / name)


def test_a_real_whole_model_is_read_for_its_tensors_and_says_so():
    content = read_weights(need_shared_data("checkpoints") / "whole_model_pickle_custom_class.pth")
    assert all(isinstance(value, torch.Tensor) for value in content.state_dict.values())
    assert any("without running any code" in notice for notice in content.notices)


def test_real_checkpoint_saved_on_a_gpu():
    content = read_weights(need_shared_data("checkpoints") / "legacy_dataparallel_statedict_resnet20_cifar10.th")
    assert content.state_dict["conv1.weight"].shape == (16, 3, 3, 3)
    assert any("state_dict" in notice for notice in content.notices)
    assert any("module." in notice for notice in content.notices)
