"""Whoever wants another architecture than the one that fits best: what is said, and what is loaded."""

import pytest
import torch

from core.errors import WeightsError
from core.weights.doctor import diagnose, repaired
from core.zoo import backend


def saved(folder, architecture):
    torch.manual_seed(3)
    torch.save(backend.build(architecture, 5).state_dict(), folder / f"{architecture}.pth")
    return folder / f"{architecture}.pth"


def test_who_insists_on_a_shorter_network_is_told_what_is_lost(tmp_path):
    path = saved(tmp_path, "resnet34")
    usual, insisted = diagnose(path, "resnet18"), diagnose(path, "resnet18", insist=True)
    assert (usual.architecture, insisted.architecture) == ("resnet34", "resnet18")
    assert insisted.summary == usual.summary == "This is a ResNet-34 for 5 classes."
    assert insisted.problems[0].message == (
        "This is a ResNet-34 for 5 classes. You picked ResNet-18. Loaded as resnet18 it loses 80 tensors: its predictions may "
        "mean little."
    )
    kinds = [one.kind for one in insisted.repairs]
    assert kinds == ["keep_architecture", "drop_extra"]
    found = repaired(path, kinds, "resnet18")
    backend.build("resnet18", 5).load_state_dict(found.state_dict)
    original = torch.load(path, weights_only=True)
    assert all(torch.equal(value, original[name]) for name, value in found.state_dict.items())


def test_nothing_is_dropped_that_was_not_agreed_to(tmp_path):
    path = saved(tmp_path, "resnet34")
    with pytest.raises(WeightsError, match="drop_extra"):
        repaired(path, ["keep_architecture"], "resnet18")


def test_insisting_does_not_make_a_file_fit(tmp_path):
    path = saved(tmp_path, "vgg16_bn")
    insisted = diagnose(path, "vgg16", insist=True)
    assert (insisted.verdict, insisted.architecture) == ("refused", None)
    refusal, differences = (one.message for one in insisted.problems[:2])
    assert refusal == (
        "This is a VGG-16 with batch norm for 5 classes. You picked VGG-16 without. It cannot be loaded as vgg16."
    )
    assert differences.startswith("Beside vgg16, 12 of 32 tensors match, 10 tensors missing (features.2.weight, ")
    with pytest.raises(WeightsError, match="cannot be loaded as vgg16"):
        repaired(path, ["keep_architecture", "new_head", "drop_extra"], "vgg16")


def test_insisting_on_what_it_is_changes_nothing(tmp_path):
    path = saved(tmp_path, "squeezenet1_1")
    assert diagnose(path, "squeezenet1_1", insist=True) == diagnose(path)
