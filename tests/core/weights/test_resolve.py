import hashlib
import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.errors import ModelError, UsageError, WeightsError
from core.types import BUILTIN_MODEL, BUILTIN_SPEC, ModelSpec, WeightsSpec
from core.weights import builtin
from core.weights.assemble import assemble
from core.weights.choose import choose_spec
from core.weights.options import weights_options
from core.weights.published import hub_folder
from core.weights.resolve import resolve, weights_file
from core.zoo import backend
from core.zoo.backend import BuildOptions
from tests.helpers.shared_data import need_shared_data


def spec(architecture, weights):
    return ModelSpec(architecture, WeightsSpec.parse(str(weights)))


def loaded(wanted):
    resolved = resolve(wanted)
    return resolved, assemble(wanted.architecture, resolved.state_dict, resolved.options, wanted.weights.seed)


def plain(name, **keywords):
    """A model built by torchvision itself, with weights that are not all alike."""
    torch.manual_seed(5)
    return backend._torchvision().models.get_model(name, weights=None, **keywords).eval()


def saved(model, path, **extra):
    torch.save({"state_dict": model.state_dict(), **extra} if extra else model.state_dict(), path)
    return path


@torch.inference_mode()
def same_answers(left, right, side=96):
    batch = torch.randn(1, 3, side, side, generator=torch.Generator().manual_seed(1))
    return torch.equal(left(batch), right(batch))


def test_builtin():
    resolved, model = loaded(BUILTIN_SPEC)
    assert resolved.categories == builtin.card().categories
    assert len(resolved.categories) == resolved.num_classes == 102
    side = resolved.preprocessing.crop
    assert side == builtin.card().preprocessing.crop
    assert model(torch.zeros(1, 3, side, side)).shape == (1, 102)
    with pytest.raises(WeightsError, match="no built-in weights for resnet18"):
        resolve(spec("resnet18", "builtin"))


def test_builtin_weights_are_the_numbers_of_the_file_as_float32():
    resolved = resolve(BUILTIN_SPEC)
    stored = load_file(builtin.card().weights)
    assert resolved.state_dict.keys() == stored.keys()
    for name, value in resolved.state_dict.items():
        assert value.dtype == torch.float32 or not stored[name].is_floating_point()
        assert torch.equal(value, stored[name].to(value.dtype))
        assert value.data_ptr() % 64 == 0
    assert resolved.weights_sha256 == hashlib.sha256(builtin.card().weights.read_bytes()).hexdigest()


@pytest.mark.parametrize("damage", ["cut", "gone", "another network's"])
def test_a_damaged_builtin_model_is_said_in_words(tmp_path, monkeypatch, damage):
    for path in builtin.card().weights.parent.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    weights = tmp_path / "weights.safetensors"
    if damage == "cut":
        weights.write_bytes(weights.read_bytes()[:-1000])
    elif damage == "gone":
        weights.unlink()
    else:
        save_file({"features.0.weight": torch.zeros(3, 3)}, weights)
    monkeypatch.setattr("core.paths.BUILTIN", tmp_path)
    with pytest.raises(WeightsError, match="Install the program again, or choose other"):
        loaded(BUILTIN_SPEC)


def test_a_missing_builtin_model_is_said_in_words(tmp_path, monkeypatch):
    monkeypatch.setattr("core.paths.BUILTIN", tmp_path)
    with pytest.raises(WeightsError, match="card of the built-in model"):
        resolve(BUILTIN_SPEC)
    assert [option.available for option in weights_options(BUILTIN_MODEL)] == [False, True]


@pytest.mark.parametrize("name", ["squeezenet1_1", "mobilenet_v3_small", "regnet_y_400mf"])
def test_random_weights_are_those_of_torchvision_with_that_seed(name):
    state = torch.random.get_rng_state()
    resolved, model = loaded(spec(name, "random:5"))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert "random (seed 5)" in resolved.notices[0]
    assert same_answers(model, plain(name), 224)
    assert len(resolved.categories) == 1000


def test_random_weights_follow_the_seed():
    one, same, other = (loaded(spec("squeezenet1_1", text))[1] for text in ("random:1", "random:1", "random:2"))
    assert same_answers(one, same)
    assert not same_answers(one, other)


@pytest.mark.parametrize("name", ["squeezenet1_0", "mnasnet0_5", "shufflenet_v2_x0_5", "regnet_y_400mf", "efficientnet_b0"])
@pytest.mark.parametrize("form", ["pth", "safetensors"])
def test_a_file_with_1000_outputs_is_read_as_imagenet(tmp_path, name, form):
    model = plain(name)
    path = tmp_path / f"weights.{form}"
    save_file(model.state_dict(), path) if form == "safetensors" else saved(model, path)
    (tmp_path / "class_indices.json").write_text(json.dumps({"0": "cat"}), encoding="utf-8")
    resolved, ours = loaded(spec(name, path))
    entry = backend.default_entry(name)
    assert resolved.categories == entry.categories
    assert resolved.preprocessing == entry.preprocessing
    assert [notice for notice in resolved.notices if "names 1 categories for 1000 outputs" not in notice] == []
    assert same_answers(ours, model)


def test_names_of_old_densenets_are_brought_up_to_date(tmp_path):
    model = plain("densenet121")
    names = {key: key.replace("norm1.", "norm.1.").replace("conv2.", "conv.2.") for key in model.state_dict()}
    state = {names[key]: value for key, value in model.state_dict().items() if "num_batches_tracked" not in key}
    assert any("norm.1." in key for key in state)
    torch.save(state, tmp_path / "old.pth")
    assert same_answers(loaded(spec("densenet121", tmp_path / "old.pth"))[1], model)


def test_googlenet_and_inception_with_and_without_their_auxiliary_heads(tmp_path):
    model = plain("googlenet", init_weights=True)
    assert same_answers(loaded(spec("googlenet", saved(model, tmp_path / "fresh.pth")))[1], model)
    # A fine-tuned one: batch norm has seen pictures, and only the last layer was replaced.
    model.fc = torch.nn.Linear(1024, 5)
    model.conv1.bn.running_mean += 0.1
    resolved, ours = loaded(spec("googlenet", saved(model, tmp_path / "fine-tuned.pth")))
    model.transform_input = True
    assert resolved.num_classes == 5
    assert same_answers(ours, model)
    assert any("transform_input" in notice for notice in resolved.notices)


@pytest.mark.slow
def test_vision_transformers_of_another_size(tmp_path):
    model = plain("vit_b_32", image_size=96, num_classes=3)
    resolved, ours = loaded(spec("vit_b_32", saved(model, tmp_path / "small.pth")))
    assert (resolved.preprocessing.crop, resolved.preprocessing.resize) == (96, 96)
    assert any("96×96" in notice for notice in resolved.notices)
    assert same_answers(ours, model)


def test_largest_vision_transformer_is_built_for_its_own_pictures():
    how = backend.default_entry("vit_h_14").preprocessing
    module = backend.skeleton("vit_h_14", options=BuildOptions(image_size=how.crop))
    assert module.image_size == how.crop == 518


@pytest.mark.parametrize(
    ("extra", "beside", "names", "source"),
    [
        ({"class_to_idx": {"owl": 2, "cat": 0, "dog": 1}}, {"0": "x"}, ("cat", "dog", "owl"), "weights file w.pth"),
        ({}, {"cat": 0, "dog": 1, "owl": 2}, ("cat", "dog", "owl"), "class_indices.json beside the weights file"),
        ({}, None, ("class 0", "class 1", "class 2"), "numbered"),
        ({"classes": ["cat"]}, {"0": "cat", "1": "dog"}, ("class 0", "class 1", "class 2"), "numbered"),
    ],
)
@pytest.mark.parametrize("architecture", ["squeezenet1_1", BUILTIN_MODEL])
def test_other_numbers_of_classes(tmp_path, architecture, extra, beside, names, source):
    path = saved(backend.build(architecture, 3), tmp_path / "w.pth", **extra)
    if beside:
        (tmp_path / "class_indices.json").write_text(json.dumps(beside), encoding="utf-8")
    resolved, model = loaded(spec(architecture, path))
    assert (resolved.categories, resolved.categories_source, resolved.num_classes) == (names, source, 3)
    assert resolved.preprocessing.source.startswith("assumed, as ")
    assert model(torch.zeros(1, 3, 64, 64)).shape == (1, 3)
    if source == "numbered":
        assert any("does not name its 3 categories" in notice for notice in resolved.notices)
    if extra.get("classes"):
        assert any("names 1 categories for its 3 outputs" in notice for notice in resolved.notices)
        assert any("names 2 categories for 3 outputs" in notice for notice in resolved.notices)


def test_a_file_of_another_architecture_is_told_in_one_sentence(tmp_path):
    path = saved(backend.build("squeezenet1_0"), tmp_path / "w.pth")
    with pytest.raises(WeightsError) as caught:
        resolve(spec("squeezenet1_1", path))
    assert caught.value.message == (
        "“w.pth” does not fit squeezenet1_1. This is a SqueezeNet 1.0 for 1,000 classes. You picked SqueezeNet 1.1. Load as "
        "squeezenet1_0?"
    )
    path = saved(backend.build(BUILTIN_MODEL, 9), tmp_path / "w.pth")
    with pytest.raises(WeightsError, match=r"compact VGG .* for 9 classes\. You picked AlexNet\. Load as compact_vgg\?"):
        resolve(spec("alexnet", path))
    with pytest.raises(ModelError):
        resolve(spec("nonsense", path))


def test_published_weights_that_are_not_here_are_explained():
    entry = backend.default_entry("resnet18")
    with pytest.raises(WeightsError) as caught:
        resolve(spec("resnet18", "IMAGENET1K_V1"))
    assert caught.value.kind == "missing"
    for words in (entry.url, entry.filename, str(hub_folder())):
        assert words in caught.value.message
    with pytest.raises(WeightsError, match=r"no weights called “V9” for resnet50.*IMAGENET1K_V2"):
        resolve(spec("resnet50", "V9"))
    with pytest.raises(WeightsError, match="no usable classifier"):
        resolve(spec("vgg16", "IMAGENET1K_FEATURES"))


def test_the_cache_is_torchs_own(tmp_path, monkeypatch):
    assert hub_folder().parent.parent.name == "torch"
    monkeypatch.delenv("TORCH_HOME")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert hub_folder() == tmp_path / "torch" / "hub" / "checkpoints"


@pytest.fixture
def published(monkeypatch):
    """A mobilenet_v2 in the cache that is taken for its second published weights."""
    model = plain("mobilenet_v2")
    v1, v2 = backend.weights_entries("mobilenet_v2")
    path = hub_folder() / v2.filename
    path.parent.mkdir(parents=True)
    saved(model, path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    entries = {"mobilenet_v2": (v1, type(v2)(**{**fields(v2), "sha256_prefix": digest[:8]}))}
    original = backend.weights_entries
    monkeypatch.setattr(backend, "weights_entries", lambda name: entries.get(name) or original(name))
    return path, v2


def fields(entry):
    return {name: getattr(entry, name) for name in entry.__slots__}


def test_published_weights_in_the_cache(published):
    path, v2 = published
    resolved, _ = loaded(spec("mobilenet_v2", "imagenet1k_v2"))
    assert resolved.preprocessing == v2.preprocessing
    assert [option.available for option in weights_options("mobilenet_v2")] == [False, True, True]
    assert choose_spec("mobilenet_v2") == spec("mobilenet_v2", "IMAGENET1K_V2")
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(WeightsError, match="SHA-256 begins with"):
        resolve(spec("mobilenet_v2", "IMAGENET1K_V2"))


def test_the_hash_of_a_file_decides_over_the_default(tmp_path, published):
    path, v2 = published
    copy = tmp_path / "renamed.pth"
    copy.write_bytes(path.read_bytes())
    assert v2.preprocessing.resize == 232
    assert resolve(spec("mobilenet_v2", copy)).preprocessing == v2.preprocessing


def test_options_for_the_picker():
    labels = [(option.label, option.available) for option in weights_options("resnet50")]
    assert labels == [("IMAGENET1K_V1", False), ("IMAGENET1K_V2", False), ("random", True)]
    assert weights_options("resnet50")[0].note == "76.1 % top-1 · 97.8 MB · not downloaded"
    assert weights_options(BUILTIN_MODEL)[0].spec == BUILTIN_SPEC.weights
    assert [option.label for option in weights_options("vgg16")] == ["IMAGENET1K_V1", "random"]


def test_choosing_a_model_from_what_was_said(tmp_path):
    assert choose_spec() == choose_spec(BUILTIN_MODEL) == choose_spec(None, "builtin") == BUILTIN_SPEC
    assert choose_spec(None, "random:3") == spec(BUILTIN_MODEL, "random:3")
    assert choose_spec("resnet18", "random") == spec("resnet18", "random")
    path = saved(backend.build("squeezenet1_1", 4), tmp_path / "w.pth")
    assert choose_spec(None, str(path)) == spec("squeezenet1_1", path)
    with pytest.raises(UsageError, match="no weights for resnet18 on this computer"):
        choose_spec("resnet18")
    with pytest.raises(UsageError, match="Which model"):
        choose_spec(None, "IMAGENET1K_V1")
    with pytest.raises(ModelError):
        choose_spec("nonsense", "random")
    torch.save({"weight": torch.zeros(2, 2)}, path)
    with pytest.raises(WeightsError, match="classifier only"):
        choose_spec(None, str(path))


@pytest.mark.parametrize("name", ["squeezenet1_1_flowers5.pth", "module_prefix.pth", "legacy_nonzip.pth"])
def test_real_fine_tuned_checkpoints(name):
    resolved = resolve(spec("squeezenet1_1", need_shared_data("checkpoints") / name))
    assert resolved.categories == ("daisy", "dandelion", "roses", "sunflowers", "tulips")
    assert any("“module.”" in notice for notice in resolved.notices) == (name == "module_prefix.pth")


def test_real_checkpoint_of_no_architecture_here():
    path = need_shared_data("checkpoints") / "legacy_dataparallel_statedict_resnet20_cifar10.th"
    with pytest.raises(WeightsError, match="No model of the catalogue"):
        resolve(spec("resnet18", path))


def test_the_file_of_a_spec_and_the_hash_of_what_was_read(tmp_path):
    (tmp_path / "ü.pth").write_bytes(b"weights")
    assert weights_file(spec("resnet18", tmp_path / "ü.pth")) == tmp_path / "ü.pth"
    assert weights_file(spec("resnet18", "random:3")) is None
    assert weights_file(spec("resnet18", "imagenet1k_v1")) == hub_folder() / "resnet18-f37072fd.pth"
    assert resolve(spec("resnet18", "random:3")).weights_sha256 == ""
    builtin_file = builtin.card().weights
    assert resolve(BUILTIN_SPEC).weights_sha256 == hashlib.sha256(builtin_file.read_bytes()).hexdigest()
