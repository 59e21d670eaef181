from __future__ import annotations

import hashlib

import pytest

from core.errors import ModelError, UsageError, WeightsError
from core.weights.fetch import registry
from core.weights.fetch.hashes import prefix_in_name
from core.weights.fetch.verify import verify
from core.weights.published import hub_folder
from core.zoo import backend, catalog
from core.zoo.own import NETWORKS


def test_everything_torchvision_publishes_is_listed():
    models = backend._torchvision().models
    expected = {
        (name, entry.name): entry
        for name in models.list_models(models) if name in catalog.architectures()
        for entry in models.get_model_weights(name)
    }  # fmt: skip
    found = registry.all_published()
    assert {(one.architecture, one.name) for one in found} == set(expected)
    assert len(found) == len(expected) > 100
    for one in found:
        entry = expected[one.architecture, one.name]
        assert one.title == str(entry)
        assert (one.url, one.parameters) == (entry.url, entry.meta["num_params"])
        assert one.size == pytest.approx(entry.meta["_file_size"] * 2**20, abs=1)
        assert prefix_in_name(one.filename) == one.sha256_prefix != ""
        assert ("CC-BY-NC" in one.licence) == ("license" in entry.meta)
    assert [one.title for one in found if not one.classifies] == ["VGG16_Weights.IMAGENET1K_FEATURES"]
    assert [one.top1 for one in found if not one.classifies] == [None]


@pytest.mark.parametrize("text", ["resnet18", "RESNET18:imagenet1k_v1", "ResNet18_Weights.IMAGENET1K_V1"])
def test_names(text):
    assert registry.find(text).filename == "resnet18-f37072fd.pth"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [("nonsense", ModelError, "no architecture"), ("resnet18:V9", WeightsError, "There are: IMAGENET1K_V1"),
     ("ResNet18_Weights.V1", UsageError, "ResNet18_Weights.IMAGENET1K_V1"),
     ("compact_vgg", WeightsError, "nothing to download.*came with the program"),
     ("nin", WeightsError, "nothing to download.*nobody publishes")],
)  # fmt: skip
def test_names_that_are_not_there(text, error, words):
    with pytest.raises(error, match=words):
        registry.find(text)


def test_the_usual_weights():
    assert registry.usual("resnet50").name == "IMAGENET1K_V1"
    without = {"compact_vgg", *NETWORKS}
    assert {name for name in catalog.architectures() if registry.usual(name) is None} == without


def test_what_works_without_a_network():
    assert "downloaded already" not in registry.without_network()
    hub_folder().mkdir(parents=True)
    (hub_folder() / "resnet18-f37072fd.pth").write_bytes(b"")
    assert "downloaded already: resnet18 IMAGENET1K_V1." in registry.without_network()


def test_verify():
    assert list(verify()) == []
    folder = hub_folder()
    folder.mkdir(parents=True)
    good = b"good" * 100
    digest = hashlib.sha256(good).hexdigest()
    for name, content in {
        f"mine-{digest[:12]}.pth": good,
        "resnet18-f37072fd.pth": b"half",
        "own.pth": b"own",
        "resnet50-0676ba61.pth.part": b"x",
    }.items():
        (folder / name).write_bytes(content)
    found = {one.path.name: one for one in verify()}
    assert {name: one.state for name, one in found.items()} == {
        f"mine-{digest[:12]}.pth": "right",
        "own.pth": "unknown",
        "resnet18-f37072fd.pth": "wrong",
        "resnet50-0676ba61.pth.part": "unfinished",
    }
    assert [one.path.name for one in found.values() if one.broken] == ["resnet18-f37072fd.pth"]
    assert found[f"mine-{digest[:12]}.pth"].sha256 == digest
    assert "layerscope weights fetch resnet18:IMAGENET1K_V1` replaces it" in found["resnet18-f37072fd.pth"].message
    assert "goes on with it" in found["resnet50-0676ba61.pth.part"].message
