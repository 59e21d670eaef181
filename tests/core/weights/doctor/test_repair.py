"""Repairs: what comes out loads strictly, gives the same answers, and leaves the original alone."""

import errno
import hashlib
import json
import math
import os
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file

from core.errors import ExportError, UsageError, WeightsError
from core.types import BUILTIN_MODEL, ModelSpec, WeightsSpec
from core.weights.assemble import assemble
from core.weights.choose import choose_spec
from core.weights.doctor import KINDS, copy_name, diagnose, repaired, save_repaired, saving, usual_repairs
from core.weights.read import read_weights
from core.weights.resolve import resolve
from core.zoo import backend
from core.zoo.backend import BuildOptions
from tests.helpers.shared_data import need_shared_data

NAME = "shufflenet_v2_x0_5"


@pytest.fixture
def model():
    torch.manual_seed(11)
    module = backend.build(NAME, 5)
    for name, value in module.named_buffers():
        if name.endswith("running_mean"):
            value.normal_(0, 0.1)
    return module


def saved(content, path):
    torch.save(content, path)
    return path


def strictly(found):
    """Load into torchvision's own network."""
    options = BuildOptions(found.num_classes, found.image_size, found.aux_logits)
    module = backend.build(found.architecture, options=options)
    module.load_state_dict(found.state_dict, strict=True)
    return module.eval()


@torch.inference_mode()
def answers(module):
    return module(torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(1)))


def all_of(path, architecture=None):
    return usual_repairs(diagnose(path, architecture).repairs)


FORMS = {
    "wrapped": lambda s: {"epoch": 1, "model_state_dict": s, "optimizer": {"state": {}, "param_groups": []}},
    "module": lambda s: {f"module.{key}": value for key, value in s.items()},
    "lightning": lambda s: {"state_dict": {f"model.{key}": value for key, value in s.items()}},
    "double": lambda s: {key: value.double() if value.is_floating_point() else value for key, value in s.items()},
    "extra": lambda s: {**s, "criterion.centers": torch.ones(3)},
    "no counters": lambda s: {key: value for key, value in s.items() if "num_batches" not in key},
    "dropout before the head": lambda s: {key.replace("fc.", "fc.1."): value for key, value in s.items()},
    "plain": lambda s: s,
}


@pytest.mark.parametrize("form", FORMS)
def test_repaired_files_load_strictly_and_give_the_same_answers(tmp_path, model, form):
    path = saved(FORMS[form](model.state_dict()), tmp_path / "w.pth")
    found = repaired(path, all_of(path))
    assert (found.architecture, found.num_classes) == (NAME, 5)
    assert torch.equal(answers(strictly(found)), answers(model))


@pytest.mark.parametrize("form", ["lightning", "no counters"])
def test_a_copy_on_disk(tmp_path, model, form):
    folder = tmp_path / "ü 画像"
    folder.mkdir()
    path = saved(FORMS[form](model.state_dict()), folder / "w.pth")
    (folder / "labels.txt").write_text("a\nb\nc\nd\ne\n", encoding="utf-8")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    out = copy_name(path)
    made = save_repaired(path, out, all_of(path))
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before
    assert sorted(file.name for file in folder.iterdir()) == ["labels.txt", "w.pth", "w.repaired.safetensors"]
    assert load_file(out).keys() == model.state_dict().keys()
    with safe_open(out, "pt") as file:
        about = file.metadata()
    assert about["architecture"] == NAME
    assert json.loads(about["categories"]) == ["a", "b", "c", "d", "e"]
    assert about["source_sha256"] == hashlib.sha256(before[0]).hexdigest()
    assert json.loads(about["repairs"]) == [one.kind for one in made.done]
    found = diagnose(out)
    assert (found.verdict, found.architecture, found.num_classes) == ("loadable", NAME, 5)
    assert found.categories_source == f"weights file {out.name}"
    resolved = resolve(choose_spec(None, str(out)))
    assert resolved.categories == ("a", "b", "c", "d", "e")
    assert torch.allclose(answers(assemble(NAME, resolved.state_dict, resolved.options)), answers(model), atol=1e-6)


def test_the_original_is_never_the_copy(tmp_path, model):
    path = saved(model.state_dict(), tmp_path / "w.pth")
    os.link(path, tmp_path / "other.pth")
    before = path.read_bytes()
    for out in (path, tmp_path / "other.pth"):
        with pytest.raises(UsageError, match="original"):
            save_repaired(path, out, ())
    assert path.read_bytes() == before


def test_another_file_is_replaced_only_when_that_is_said(tmp_path, model):
    path, out = saved(model.state_dict(), tmp_path / "w.pth"), tmp_path / "mine.safetensors"
    out.write_bytes(b"precious")
    with pytest.raises(UsageError, match="--replace"):
        save_repaired(path, out, ())
    assert out.read_bytes() == b"precious"
    save_repaired(path, out, (), replace=True)
    assert load_file(out).keys() == model.state_dict().keys()
    (tmp_path / "link").symlink_to(path)
    for original in (path, tmp_path / "link", tmp_path / ".." / tmp_path.name / "w.pth"):
        with pytest.raises(UsageError, match="original"):
            save_repaired(path, original, (), replace=True)


def test_no_shard_of_the_original_is_the_copy(tmp_path, model):
    names = list(model.state_dict())
    files = {name: f"m-0000{1 + (place > 9)}-of-00002.safetensors" for place, name in enumerate(names)}
    for file in set(files.values()):
        save_file({name: model.state_dict()[name] for name in names if files[name] == file}, tmp_path / file)
    (tmp_path / "m.safetensors.index.json").write_text(json.dumps({"weight_map": files}))
    for path in tmp_path.iterdir():
        for out in tmp_path.iterdir():
            with pytest.raises(UsageError, match="original"):
                save_repaired(path, out, (), replace=True)


@pytest.mark.parametrize(
    ("place", "words"),
    [("gone/x.safetensors", "no folder"), ("", "it is a folder"), ("/proc/x.safetensors", "No such file")],
)
def test_places_that_take_no_file(tmp_path, model, place, words):
    path = saved(model.state_dict(), tmp_path / "w.pth")
    if place.startswith("/proc") and not Path("/proc/self").exists():
        pytest.skip("no /proc")
    with pytest.raises(ExportError, match="could not be written") as caught:
        save_repaired(path, tmp_path / place, ())
    assert words in caught.value.message
    assert "serializ" not in caught.value.message
    assert "os error" not in caught.value.message


def test_a_full_disk_is_said_in_the_words_of_the_system():
    error = saving._in_words(SafetensorError("Error while serializing: I/O error: No space left on device (os error 28)"))
    assert error.strerror == os.strerror(errno.ENOSPC)


def test_what_is_in_the_way_is_said(tmp_path, model):
    path = saved(model.state_dict(), tmp_path / "w.pth")
    with pytest.raises(Exception, match="could not be written"):
        save_repaired(path, tmp_path / "gone" / "x.safetensors", ())
    assert list(tmp_path.iterdir()) == [path]


def test_a_new_head(tmp_path, model):
    state = model.state_dict()
    features = {key: value for key, value in state.items() if not key.startswith("fc.")}
    path = saved(features, tmp_path / "features.pth")
    one, same, other = (repaired(path, ["new_head"], num_classes=7, seed=seed) for seed in (1, 1, 2))
    assert one.num_classes == 7
    assert one.state_dict["fc.weight"].shape == (7, 1024)
    assert torch.equal(one.state_dict["fc.weight"], same.state_dict["fc.weight"])
    assert not torch.equal(one.state_dict["fc.weight"], other.state_dict["fc.weight"])
    module = strictly(one)
    assert torch.equal(module.conv5[0].weight, model.conv5[0].weight)
    assert answers(module).shape == (1, 7)
    assert float(one.state_dict["fc.weight"].abs().max()) <= 1 / math.sqrt(1024)
    with pytest.raises(UsageError, match="--classes N"):
        repaired(path, ["new_head"])
    (tmp_path / "classes.txt").write_text("cat\ndog\nowl", encoding="utf-8")
    named = repaired(path, ["new_head"])
    assert (named.num_classes, named.categories) == (3, ("cat", "dog", "owl"))


def test_a_new_head_in_the_place_of_a_broken_one(tmp_path, model):
    state = model.state_dict()
    state["fc.weight"][0, 0] = math.nan
    path = saved(state, tmp_path / "w.pth")
    found = repaired(path, all_of(path))
    assert found.num_classes == 5
    assert bool(answers(strictly(found)).isfinite().all())
    with pytest.raises(WeightsError, match=r"NaN or infinite.*doctor"):
        resolve(ModelSpec(NAME, WeightsSpec("file", path=path)))


def test_a_new_head_for_a_file_that_is_well(tmp_path):
    path = saved(backend.build("squeezenet1_1", 5).state_dict(), tmp_path / "w.pth")
    assert answers(strictly(repaired(path, ["new_head"], num_classes=3))).shape == (1, 3)


@pytest.mark.parametrize("architecture", ["googlenet", "mobilenet_v3_small", "mnasnet0_5", BUILTIN_MODEL])
def test_features_of_other_architectures(tmp_path, architecture):
    state = backend.build(architecture, 4).state_dict()
    part = {key: value for key, value in state.items() if not key.startswith(("fc.", "classifier.", "aux"))}
    path = saved(part, tmp_path / "w.pth")
    found = repaired(path, all_of(path), num_classes=4)
    assert found.architecture == architecture
    assert answers(strictly(found)).shape == (1, 4)


def test_auxiliary_heads(tmp_path):
    state = backend.build("googlenet", 4).state_dict()
    whole = repaired(saved(state, tmp_path / "w.pth"), ())
    assert whole.aux_logits
    strictly(whole)
    old = {**state, "fc.weight": torch.ones(9, 1024), "fc.bias": torch.ones(9)}
    found = repaired(saved(old, tmp_path / "w.pth"), ())
    assert (found.num_classes, found.aux_logits) == (9, False)
    strictly(found)


def test_the_moving_average_can_be_taken(tmp_path, model):
    state = model.state_dict()
    average = {key: value * 2 if value.is_floating_point() else value for key, value in state.items()}
    path = saved({"model": state, "model_ema": average}, tmp_path / "w.pth")
    assert torch.equal(repaired(path, all_of(path)).state_dict["fc.bias"], state["fc.bias"])
    taken = repaired(path, [*all_of(path), "take_average"])
    assert torch.equal(taken.state_dict["fc.bias"], average["fc.bias"])


def test_repairs_that_are_not_enough(tmp_path, model):
    state = {f"backbone.{key}": value.half() for key, value in model.state_dict().items()}
    path = saved({"net": state}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="one more repair, strip_prefix"):
        repaired(path, ["unwrap", "cast"])
    assert repaired(path, ["unwrap", "strip_prefix"]).state_dict["fc.weight"].dtype == torch.float16
    with pytest.raises(UsageError, match="no repair called “glue”"):
        repaired(path, ["glue"])
    with pytest.raises(WeightsError, match="choose_architecture"):
        repaired(path, ["unwrap", "strip_prefix", "cast"], "resnet18")
    found = repaired(path, ["unwrap", "strip_prefix", "cast", "choose_architecture"], "resnet18")
    assert found.architecture == NAME
    foreign = saved({"a.weight": torch.ones(2, 2, 2)}, tmp_path / "foreign.pth")
    with pytest.raises(WeightsError, match=r"cannot be repaired\. No model"):
        repaired(foreign, KINDS)


def test_tensors_that_share_memory(tmp_path, model):
    state = model.state_dict()
    state["conv1.1.bias"] = state["conv1.1.running_mean"]
    path = saved(state, tmp_path / "w.pth")
    save_repaired(path, tmp_path / "c.safetensors", ())
    assert load_file(tmp_path / "c.safetensors").keys() == state.keys()


def test_what_loading_does_by_itself(tmp_path, model):
    path = saved({"state_dict": {f"model.{key}": value for key, value in model.state_dict().items()}}, tmp_path / "w.ckpt")
    resolved = resolve(ModelSpec(NAME, WeightsSpec("file", path=path)))
    assert any("“model.”" in notice for notice in resolved.notices)
    assert torch.equal(answers(assemble(NAME, resolved.state_dict, resolved.options)), answers(model))
    assert read_weights(path).state_dict.keys() == model.state_dict().keys()


def test_what_loading_leaves_to_a_person_is_offered(tmp_path, model):
    path = saved({**model.state_dict(), "criterion.centers": torch.ones(3)}, tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"criterion\.centers.*`layerscope doctor w\.pth --repair OUT`"):
        resolve(ModelSpec(NAME, WeightsSpec("file", path=path)))
    features = {key: value for key, value in model.state_dict().items() if not key.startswith("fc.")}
    with pytest.raises(WeightsError, match=r"features of a ShuffleNet V2 ×0\.5 only.*--repair OUT"):
        resolve(choose_spec(None, str(saved(features, tmp_path / "f.pth"))))


def test_real_files():
    path = need_shared_data("checkpoints") / "module_prefix.pth"
    found = repaired(path, all_of(path))
    assert found.categories == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    strictly(found)
