"""What is said of files: kinds for programs, sentences for people."""

import json
import math
import pickle
import subprocess
import sys
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from core.types import BUILTIN_MODEL
from core.weights.doctor import diagnose, fitting
from core.weights.doctor.anatomy import dissect
from core.weights.doctor.findings import examine
from core.zoo import backend
from tests.core.weights.doctor.states import checkpoint_of, state_of
from tests.helpers.shared_data import ROOT, need_shared_data

FLOWERS = ["daisy", "dandelion", "roses", "sunflowers", "tulips"]


def small(classes=5, name="squeezenet1_1"):
    torch.manual_seed(3)
    state = backend.build(name, classes).state_dict()
    return OrderedDict((key, value.clone()) for key, value in state.items())


def saved(content, path):
    torch.save(content, path)
    return path


def kinds(found):
    return [one.kind for one in found.problems], [one.kind for one in found.repairs]


def said(found):
    return " ".join(one.message for one in (*found.problems, *found.repairs))


def test_a_sound_file(tmp_path):
    found = diagnose(saved(small(), tmp_path / "sound.pth"))
    assert (found.verdict, found.architecture, found.num_classes) == ("loadable", "squeezenet1_1", 5)
    assert kinds(found) == ([], [])
    assert (found.readable, found.executes_code, found.categories_source) == (True, False, "numbered")
    assert (found.candidates[0].model, found.candidates[0].matched, found.candidates[0].missing) == ("squeezenet1_1", 52, 0)
    assert len(found.sha256) == 64


@pytest.mark.parametrize("wrapper", ["state_dict", "model", "model_state_dict", "net", "ema", "params", "state", "weights"])
def test_wrappers(tmp_path, wrapper):
    found = diagnose(saved({wrapper: small(), "epoch": 4}, tmp_path / "w.pth"))
    assert (found.verdict, found.architecture, found.num_classes) == ("repairable", "squeezenet1_1", 5)
    assert "unwrap" in kinds(found)[1]
    assert f"“{wrapper}”" in said(found)


def test_training_checkpoint_with_everything(tmp_path):
    average = {f"module.{key}": value for key, value in small().items()}
    content = {
        "epoch": 3,
        "model": {"state_dict": {f"module.{key}": value.half() for key, value in small().items()}},
        "ema": average,
        "optimizer": {"state": {0: {"exp_avg": torch.zeros(3)}}, "param_groups": []},
    }
    found = diagnose(saved(content, tmp_path / "last.ckpt"))
    assert kinds(found) == (
        ["several_states", "averaged", "wrapped", "optimizer", "prefix", "precision"], ["unwrap", "strip_prefix", "cast"]
    )
    for words in ("“model.state_dict”", "“ema”", "“module.”", "float16", "take_average"):
        assert words in said(found)


def test_an_average_is_compared_with_the_weights(tmp_path):
    same = diagnose(saved({"model": small(), "ema": {f"module.{k}": v for k, v in small().items()}}, tmp_path / "same.pth"))
    message = next(one.message for one in same.problems if one.kind == "averaged")
    assert "the same numbers" in message
    assert "take_average" not in message
    other = diagnose(saved({"model": small(), "ema": {k: v * 2 for k, v in small().items()}}, tmp_path / "other.pth"))
    message = next(one.message for one in other.problems if one.kind == "averaged")
    for words in ("“ema”", "other numbers than the weights in “model”, which are used", "take_average"):
        assert words in message


def test_one_of_several_that_fit_is_the_one_that_was_picked():
    reading = dissect(checkpoint_of(state_of("resnet18"), Path("w.pth"))).taken
    tied = replace(reading, match=None, ranking=(reading.ranking[0], reading.ranking[0]))
    assert fitting.judge(tied).refusal.kind == "ambiguous"
    judged = fitting.judge(tied, "resnet18")
    assert (judged.refusal, judged.match.plan.name) == (None, "resnet18")
    assert fitting.judge(tied, "vgg11").refusal.kind != "ambiguous"


def test_the_part_that_fits_is_taken_over_the_one_with_the_likelier_name(tmp_path):
    content = {"state_dict": {"text.weight": torch.ones(3, 3)}, "image_encoder": small()}
    found = diagnose(saved(content, tmp_path / "both.pth"))
    assert found.architecture == "squeezenet1_1"
    assert "“image_encoder” is taken: it fits squeezenet1_1" in said(found)


def test_the_wrong_vgg_is_said_as_a_person_would():
    state = state_of("vgg16_bn", 5)
    reading = dissect(checkpoint_of(state, Path("v.pth"))).taken
    judgement = fitting.judge(reading, "vgg16")
    assert judgement.findings[0].message == (
        "This is a VGG-16 with batch norm for 5 classes. You picked VGG-16 without. Load as vgg16_bn?"
    )
    assert [one.kind for one in judgement.repairs] == ["choose_architecture"]
    reading = dissect(checkpoint_of(state_of("vgg16", 5), Path("v.pth"))).taken
    assert "You picked the one with batch norm. Load as vgg16?" in fitting.judge(reading, "vgg16_bn").findings[0].message


def test_another_model_was_picked(tmp_path):
    path = saved(small(), tmp_path / "w.pth")
    found = diagnose(path, "squeezenet1_0")
    assert (found.verdict, found.architecture) == ("repairable", "squeezenet1_1")
    assert kinds(found) == (["other_architecture"], ["choose_architecture"])
    assert diagnose(path, "squeezenet1_1").verdict == "loadable"


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_values_that_are_not_finite(tmp_path, bad):
    state = small()
    state["classifier.1.weight"][2, 7] = bad
    found = diagnose(saved(state, tmp_path / "head.pth"))
    assert (found.verdict, kinds(found)) == ("repairable", (["not_finite"], ["new_head"]))
    assert "classifier.1.weight" in said(found)
    state["features.0.weight"][0, 0, 0, 0] = bad
    found = diagnose(saved(state, tmp_path / "features.pth"))
    assert (found.verdict, found.architecture, kinds(found)) == ("refused", "squeezenet1_1", (["not_finite"], []))
    assert "features.0.weight, classifier.1.weight" in said(found)


def test_odd_heads(tmp_path):
    state = small()
    state["classifier.1.weight"].zero_()
    found = diagnose(saved(state, tmp_path / "zero.pth"))
    assert (found.verdict, kinds(found)) == ("loadable", (["zero_head"], []))
    state["classifier.1.weight"] += 1e6
    assert kinds(diagnose(saved(state, tmp_path / "large.pth")))[0] == ["unnormalised_head"]


def test_batch_norm_that_has_seen_nothing(tmp_path):
    state = small(4, BUILTIN_MODEL)
    found = diagnose(saved(state, tmp_path / "fresh.pth"))
    assert (found.verdict, kinds(found)[0]) == ("loadable", ["batch_norm_untouched"])
    state["features.1.running_mean"] += 0.5
    assert kinds(diagnose(saved(state, tmp_path / "used.pth")))[0] == []


def test_pictures_of_another_scale_or_order_are_suspected():
    weights = need_shared_data("weights/squeezenet1_1-imagenet.pth")
    state = torch.load(weights, weights_only=True)
    assert diagnose(weights).problems == ()

    def told(first):
        report_of = dissect(checkpoint_of({**state, "features.0.weight": first}, weights))
        return " ".join(one.message for one in examine(report_of).problems if one.kind == "caffe_input")

    first = state["features.0.weight"]
    assert "blue, green, red" in told(first.flip(1))
    assert "0 to 255 (Caffe-style)" in told(first / 255)
    assert "0 to 255 and in the order" in told(first.flip(1) / 58)


def test_a_convolution_before_batch_norm_is_judged_by_what_comes_out(tmp_path):
    state = small(4, "resnet18")
    weight = state["conv1.weight"]
    state["bn1.running_var"] = 0.05 * weight.abs().flatten(1).sum(1).square()
    assert "caffe_input" not in kinds(diagnose(saved(state, tmp_path / "normal.pth")))[0]
    state["bn1.running_var"] *= 58**2
    save_file(state, tmp_path / "large.safetensors")
    assert "caffe_input" in kinds(diagnose(tmp_path / "large.safetensors"))[0]


def test_features_without_a_head(tmp_path):
    features = {key: value for key, value in small().items() if key.startswith("features.")}
    found = diagnose(saved(features, tmp_path / "f.pth"))
    assert (found.verdict, found.architecture, found.num_classes) == ("repairable", "squeezenet1_1", None)
    assert kinds(found) == (["features_only"], ["new_head"])


def test_a_head_without_features(tmp_path):
    for state in ({"fc.weight": torch.ones(5, 512), "fc.bias": torch.ones(5)}, {"weight": torch.ones(5, 512)}):
        found = diagnose(saved(state, tmp_path / "h.pth"))
        assert (found.verdict, found.architecture, kinds(found)[0]) == ("refused", None, ["head_only"])
        assert "512 features to 5 classes" in said(found)


def test_a_head_of_its_own_kind(tmp_path):
    state = small(5, "shufflenet_v2_x0_5")
    body = {key: value for key, value in state.items() if not key.startswith("fc.")}
    dropout = body | {"fc.1.weight": state["fc.weight"], "fc.1.bias": state["fc.bias"]}
    found = diagnose(saved(dropout, tmp_path / "dropout.pth"))
    assert (found.architecture, found.num_classes, found.verdict) == ("shufflenet_v2_x0_5", 5, "repairable")
    assert kinds(found)[1] == ["rename_head", "new_head"]
    hidden = body | {"fc.0.weight": torch.ones(64, 1024), "fc.0.bias": torch.ones(64), "fc.3.weight": torch.ones(5, 64)}
    found = diagnose(saved(hidden, tmp_path / "hidden.pth"))
    assert (found.architecture, found.num_classes, kinds(found)[1]) == ("shufflenet_v2_x0_5", 5, ["new_head"])
    assert "custom_head" in kinds(found)[0]


def test_pictures_of_another_number_of_channels(tmp_path):
    state = small(5, "resnet18")
    state["conv1.weight"] = state["conv1.weight"][:, :1].clone()
    found = diagnose(saved(state, tmp_path / "grey.pth"))
    assert (found.verdict, found.architecture, found.problems[0].kind) == ("refused", None, "input_channels")
    assert "ResNet-18 for pictures of 1 channel;" in said(found)
    assert diagnose(tmp_path / "grey.pth", "vit_b_16").candidates[-1].model == "vit_b_16"


def test_a_backbone_with_a_classifier_of_its_own(tmp_path):
    state = small(5, "shufflenet_v2_x0_5")
    mixed = {(f"backbone.{k}" if not k.startswith("fc.") else k.replace("fc.", "classifier.")): v for k, v in state.items()}
    found = diagnose(saved(mixed, tmp_path / "w.pth"))
    assert (found.architecture, found.num_classes, found.verdict) == ("shufflenet_v2_x0_5", 5, "repairable")
    assert kinds(found)[1] == ["strip_prefix", "rename_head", "new_head"]


def test_an_averaged_model(tmp_path):
    state = {f"module.{key}": value for key, value in small(5, BUILTIN_MODEL).items()}
    found = diagnose(saved({"n_averaged": torch.tensor(4), **state}, tmp_path / "swa.pth"))
    assert (found.architecture, kinds(found)[1]) == (BUILTIN_MODEL, ["strip_prefix"])


def test_a_mapping_that_holds_itself():
    content = {"state_dict": small(), **{f"again {number}": None for number in range(300)}}
    for key in content:
        if key.startswith("again"):
            content[key] = {"up": content, "beside": content["state_dict"]}
    anatomy = dissect(checkpoint_of(content, Path("w.pth")))
    assert anatomy.taken.match.plan.name == "squeezenet1_1"
    assert anatomy.others == ()


def test_names_from_a_file_cannot_command_a_terminal(tmp_path):
    state = {**small(), "\x1b[2J" + "x" * 500: torch.ones(2)}
    text = said(diagnose(saved(state, tmp_path / "w.pth")))
    assert text.isprintable()
    assert len(text) < 600


def test_a_few_tensors_too_many_or_too_few(tmp_path):
    found = diagnose(saved({**small(), "centers": torch.ones(2, 2)}, tmp_path / "more.pth"))
    assert (found.verdict, kinds(found)) == ("repairable", (["unexpected_tensors"], ["drop_extra"]))
    state = small(5, "resnet18")
    del state["layer3.0.conv1.weight"]
    found = diagnose(saved(state, tmp_path / "fewer.pth"))
    assert (found.verdict, found.architecture, kinds(found)[1]) == ("refused", "resnet18", [])
    assert found.problems[0].kind == "missing_tensors"
    assert "layer3.0.conv1.weight" in found.problems[0].message


def test_pickled_objects_are_listed_and_not_run(tmp_path):
    class Spy:
        def __reduce__(self):
            return Path.touch, (tmp_path / "run",)

    found = diagnose(saved({"state_dict": small(), "callback": Spy()}, tmp_path / "evil.pth"))
    assert found.executes_code
    # Python 3.13 writes it as pathlib._local.Path.
    assert any(name.startswith("pathlib.") and name.endswith(".Path") for name in found.globals)
    assert not (tmp_path / "run").exists()
    assert found.verdict in {"repairable", "refused"}
    (tmp_path / "pure.pth").write_bytes(pickle.dumps(Spy()))
    found = diagnose(tmp_path / "pure.pth")
    assert (found.verdict, found.readable, found.executes_code, found.repairs) == ("refused", False, True, ())


@pytest.mark.parametrize(
    ("data", "kind"), [(b"", "empty"), (b"<html>404</html>", "unsupported"), (None, "missing"), (b"\x80\x02", "truncated")]
)
def test_what_cannot_be_read_gives_a_diagnosis_too(tmp_path, data, kind):
    if data is not None:
        (tmp_path / "x.pth").write_bytes(data)
    found = diagnose(tmp_path / "x.pth")
    assert (found.readable, found.verdict, [one.kind for one in found.problems]) == (False, "refused", [kind])
    assert (found.candidates, found.repairs, found.architecture) == ((), (), None)


@pytest.mark.parametrize(
    ("beside", "extra", "source", "refused"),
    [
        ({"class_indices.json": json.dumps(dict(enumerate(FLOWERS)))}, {}, "class_indices.json beside the weights file", 0),
        ({"labels.txt": "\n".join(FLOWERS)}, {}, "labels.txt beside the weights file", 0),
        ({"labels.txt": "a\nb\nc"}, {}, "numbered", 1),
        ({}, {"classes": FLOWERS}, "weights file w.pth", 0),
        ({}, {"hyper_parameters": {"class_to_idx": {name: i for i, name in enumerate(FLOWERS)}}}, "weights file w.pth", 0),
        ({"classes.txt": "\n".join(FLOWERS)}, {"classes": FLOWERS[:4]}, "classes.txt beside the weights file", 1),
    ],
)
def test_categories(tmp_path, beside, extra, source, refused):
    for name, text in beside.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = diagnose(saved({"state_dict": small(), **extra}, tmp_path / "w.pth"))
    assert found.categories_source == source
    lengths = [one.message for one in found.problems if one.kind == "categories_length"]
    assert len(lengths) == refused
    assert all("5 outputs" in message for message in lengths)


@pytest.mark.parametrize(
    ("name", "verdict", "architecture", "classes"),
    [
        ("squeezenet1_1_flowers5.pth", "loadable", "squeezenet1_1", 5),
        ("legacy_nonzip.pth", "loadable", "squeezenet1_1", 5),
        ("module_prefix.pth", "repairable", "squeezenet1_1", 5),
        ("legacy_dataparallel_statedict_resnet20_cifar10.th", "refused", None, None),
        ("git_lfs_pointer_flower_model.pth", "refused", None, None),
        ("truncated_half.pth", "refused", None, None),
        ("whole_model_pickle_custom_class.pth", "refused", None, None),
    ],
)
def test_real_files(name, verdict, architecture, classes):
    found = diagnose(need_shared_data("checkpoints") / name)
    assert (found.verdict, found.architecture, found.num_classes) == (verdict, architecture, classes)
    if architecture is not None:
        assert found.categories_source == "class_indices.json beside the weights file"
    if "resnet20" in name:
        assert found.candidates[0].model == "resnet18"
    if "whole" in name:
        assert (found.readable, found.executes_code) == (True, True)


PEAK = """
import sys
from pathlib import Path
from core.weights.doctor import diagnose
from core.weights.doctor.table import plans
plans()
def peak():
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
before = peak()
assert diagnose(Path(sys.argv[1])).architecture == "alexnet"
print(peak() - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").is_file(), reason="asks Linux for the peak of memory")
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16])
def test_peak_memory_is_little_more_than_the_file(tmp_path, dtype):
    state = {key: value.to(dtype) for key, value in small(5, "alexnet").items()}
    path = saved(state, tmp_path / "large.pth")
    done = subprocess.run([sys.executable, "-c", PEAK, path], cwd=ROOT, timeout=300, capture_output=True, check=True)
    assert int(done.stdout) < 1.3 * path.stat().st_size
