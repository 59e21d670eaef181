"""``layerscope doctor``: the JSON, the exit status, the copy."""

import json
import os
import pickle
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from core.cli.main import main
from core.zoo import backend
from tests.core.cli.test_process import run
from tests.helpers.shared_data import need_shared_data

KEYS = [
    "path", "format", "readable", "executes_code", "globals", "architecture", "candidates", "num_classes",
    "categories_source", "problems", "repairs",
]


@pytest.fixture(scope="module")
def state():
    torch.manual_seed(2)
    return backend.build("squeezenet1_1", 5).state_dict()


def saved(content, path):
    torch.save(content, path)
    return path


def asked(capsys, *arguments):
    status = main(["doctor", *map(str, arguments)])
    out, err = capsys.readouterr()
    return status, out, err


def as_object(capsys, *arguments):
    status, out, _ = asked(capsys, *arguments, "--json")
    found = json.loads(out)
    assert list(found) == KEYS
    assert all(list(one) == ["model", "matched", "missing", "unexpected"] for one in found["candidates"])
    assert all(list(one) == ["kind", "message"] for one in (*found["problems"], *found["repairs"]))
    return status, found


def test_a_sound_file(capsys, tmp_path, state):
    path = saved(state, tmp_path / "w.pth")
    status, found = as_object(capsys, path)
    assert (status, found["path"], found["format"], found["readable"]) == (0, str(path), "torch-zip", True)
    assert (found["architecture"], found["num_classes"], found["categories_source"]) == ("squeezenet1_1", 5, "numbered")
    assert found["candidates"][0] == {"model": "squeezenet1_1", "matched": 52, "missing": 0, "unexpected": 0}
    other = found["candidates"][1]
    assert other["matched"] + other["missing"] == other["matched"] + other["unexpected"] == 52
    assert found["problems"] == found["repairs"] == []


def test_repairable_and_refused(capsys, tmp_path, state):
    path = saved({"model": {f"module.{key}": value.half() for key, value in state.items()}}, tmp_path / "w.pth")
    status, found = as_object(capsys, path)
    assert (status, [one["kind"] for one in found["repairs"]]) == (3, ["unwrap", "strip_prefix", "cast"])
    status, found = as_object(capsys, path, "--model", "squeezenet1_0")
    assert (status, found["repairs"][-1]["kind"]) == (3, "choose_architecture")
    status, found = as_object(capsys, saved({"a.weight": torch.ones(3, 3, 3)}, tmp_path / "foreign.pth"))
    assert (status, found["architecture"], found["candidates"], found["repairs"]) == (4, None, [], [])


def test_what_cannot_be_read(capsys, tmp_path):
    class Spy:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "run"),)

    (tmp_path / "evil.pth").write_bytes(pickle.dumps(Spy()))
    (tmp_path / "empty.pth").write_bytes(b"")
    status, found = as_object(capsys, tmp_path / "evil.pth")
    assert (status, found["readable"], found["executes_code"]) == (4, False, True)
    assert any("mkdir" in name for name in found["globals"])
    assert not (tmp_path / "run").exists()
    for name in ("empty.pth", "missing.pth", "."):
        status, found = as_object(capsys, tmp_path / name)
        assert (status, found["readable"]) == (4, False)
        assert found["problems"][0]["message"]


def test_wrong_use(capsys, tmp_path, state):
    path = saved(state, tmp_path / "w.pth")
    status, out, err = asked(capsys, path, "--model", "nonsense")
    assert (status, out) == (2, "")
    assert "no architecture called “nonsense”" in err
    assert asked(capsys)[0] == asked(capsys, path, "--classes", "0")[0] == asked(capsys, path, "--repair")[0] == 2
    status, out, err = asked(capsys, path, "--repair", path)
    assert (status, "original" in err) == (2, True)
    status, out, err = asked(capsys, path, "--repair", tmp_path / "gone" / "x.safetensors")
    assert (status, "could not be written" in err) == (1, True)


def test_a_repaired_copy(capsys, tmp_path, state):
    path = saved({"net": {f"model.{key}": value for key, value in state.items()}}, tmp_path / "w.ckpt")
    before = path.read_bytes()
    out = tmp_path / "copy.safetensors"
    status, found, said = asked(capsys, path, "--repair", out, "--json")
    assert status == 3
    assert json.loads(found)["architecture"] == "squeezenet1_1"
    assert "squeezenet1_1 for 5 classes (unwrap, strip_prefix)" in said
    assert load_file(out).keys() == state.keys()
    assert path.read_bytes() == before
    assert as_object(capsys, out)[0] == 0
    status, _, said = asked(capsys, out, "--repair", tmp_path / "seven.safetensors", "--classes", "7")
    assert (status, "for 7 classes (new_head)" in said) == (0, True)
    assert as_object(capsys, tmp_path / "seven.safetensors")[1]["num_classes"] == 7
    foreign = saved({"a.weight": torch.ones(3, 3, 3)}, tmp_path / "foreign.pth")
    status, _, said = asked(capsys, foreign, "--repair", tmp_path / "none.safetensors")
    assert (status, "cannot be repaired" in said, (tmp_path / "none.safetensors").exists()) == (4, True, False)


def test_a_copy_replaces_nothing_unasked(capsys, tmp_path, state):
    path, out = saved(state, tmp_path / "w.pth"), tmp_path / "mine.safetensors"
    out.write_bytes(b"precious")
    status, _, said = asked(capsys, path, "--repair", out)
    assert (status, "--replace" in said, out.read_bytes()) == (2, True, b"precious")
    assert asked(capsys, path, "--repair", out, "--replace")[0] == 0
    assert load_file(out).keys() == state.keys()


def test_a_new_head_needs_a_number_of_classes(capsys, tmp_path, state):
    path = saved({key: value for key, value in state.items() if key.startswith("features.")}, tmp_path / "w.pth")
    out = tmp_path / "new.safetensors"
    status, _, said = asked(capsys, path, "--repair", out)
    assert (status, "--classes N" in said, out.exists()) == (2, True, False)
    assert asked(capsys, path, "--repair", out, "--classes", "7")[0] == 3
    assert as_object(capsys, out)[1]["num_classes"] == 7


def test_what_loading_does_by_itself_comes_last(capsys, tmp_path, state):
    path = saved({"model": {f"module.{key}": value * float("nan") for key, value in state.items()}}, tmp_path / "w.pth")
    status, found = as_object(capsys, path)
    assert (status, [one["kind"] for one in found["problems"]]) == (4, ["not_finite", "wrapped", "prefix"])
    out = asked(capsys, path)[1]
    assert out.index("NaN") < out.index("No obstacle") < out.index("“module.”")


def test_a_file_that_is_cut_off_is_named_by_its_beginning(capsys, tmp_path, state):
    path = saved(state, tmp_path / "w.pth")
    path.write_bytes(path.read_bytes()[:100_000])
    assert as_object(capsys, path)[1]["format"] == "torch-zip"
    assert "Format: torch-zip, cut off." in asked(capsys, path)[1]
    path.write_bytes(b"PK\x03\x04" + bytes(22) + b"\x05\x00\x00\x00a.txt" + bytes(1000))
    assert as_object(capsys, path)[1]["format"] == "zip"


def test_words_for_a_person(capsys, tmp_path, state):
    path = saved({f"module.{key}": value for key, value in state.items()}, tmp_path / "ü 画像.pth")
    status, out, _ = asked(capsys, path, "--keys")
    assert status == 3
    for words in (
        "“ü 画像.pth” can be loaded after the repairs below.", "It is a SqueezeNet 1.1 (squeezenet1_1, 5 classes).",
        "strip_prefix  Take the prefix “module.” off the names.", "features.0.weight", "64×3×3×3", "any×512×1×1",
    ):
        assert words in out
    out = asked(capsys, tmp_path / "gone.pth", "--keys")[1]
    assert out.strip().endswith(f"There is no weights file “{tmp_path / 'gone.pth'}”.")


def test_help_says_what_the_exit_status_means(capsys):
    assert main(["doctor", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "3 after the repairs that are listed" in text
    assert "4 it is refused" in text


def test_in_a_process_of_its_own_without_torchvision(tmp_path, state):
    path = saved(state, tmp_path / "w.pth")
    done = run("doctor", path, "--json")
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["architecture"] == "squeezenet1_1"


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("squeezenet1_1_flowers5.pth", 0), ("legacy_nonzip.pth", 0), ("module_prefix.pth", 3), ("truncated_half.pth", 4),
        ("git_lfs_pointer_flower_model.pth", 4), ("legacy_dataparallel_statedict_resnet20_cifar10.th", 4),
        ("whole_model_pickle_custom_class.pth", 4), ("class_indices.json", 4),
    ],
)
def test_real_files(capsys, name, status):
    path = Path(need_shared_data("checkpoints") / name)
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    assert as_object(capsys, path)[0] == status
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
