"""Which architecture a file belongs to: the right one for every file of ours, none for a foreign one."""

import random
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.types import BUILTIN_MODEL
from core.weights.doctor import variant
from core.weights.doctor.table import plans
from core.weights.doctor.words import title
from core.zoo import backend, catalog
from core.zoo.catalog import SAME_AS
from core.zoo.own import NETWORKS
from tests.core.weights.doctor.states import shapes, state_of, taken

PATH = Path("weights.pth")

FORMS = {
    "plain": lambda state: state,
    "module": lambda state: {f"module.{name}": value for name, value in state.items()},
    "compiled": lambda state: {f"_orig_mod.{name}": value for name, value in state.items()},
    "lightning": lambda state: {"state_dict": {f"model.{name}": value for name, value in state.items()}, "epoch": 3},
    "backbone": lambda state: {f"backbone.{name}": value for name, value in state.items()},
    "deep": lambda state: {f"net.encoder.{name}": value for name, value in state.items()},
    "state_dict": lambda state: {"state_dict": state},
    "model": lambda state: {"model": state},
    "training": lambda state: {
        "epoch": 3,
        "optimizer": {"state": {0: {"exp_avg": torch.ones(3), "step": torch.tensor(1)}}, "param_groups": [{"lr": 0.1}]},
        "model_state_dict": state,
    },
}


def found(content):
    reading = taken(content, PATH)
    match = reading.match
    return (None, None) if match is None else (match.plan.name, variant.num_classes(match.plan, reading.shapes))


@pytest.mark.parametrize("architecture", catalog.architectures())
def test_every_architecture_with_its_number_of_classes(architecture):
    said = SAME_AS.get(architecture, architecture)
    assert found(state_of(architecture)) == (said, 1000)
    assert found(FORMS["module"](state_of(architecture, 7, torch.float16))) == (said, 7)


@pytest.mark.slow
@pytest.mark.parametrize("architecture", catalog.architectures())
def test_every_architecture_in_every_form(architecture):
    said = SAME_AS.get(architecture, architecture)
    for classes in (1000, 7):
        state = state_of(architecture, classes)
        for form, wrapped in FORMS.items():
            assert found(wrapped(state)) == (said, classes), form
    assert found(state_of(architecture, 7, torch.float16)) == (said, 7)


def test_there_are_all_eighty_and_those_without_published_weights():
    assert len([name for name in plans() if name not in {BUILTIN_MODEL, *NETWORKS}]) == 80
    assert tuple(plans()) == catalog.architectures()


@pytest.mark.slow
@pytest.mark.parametrize("architecture", catalog.architectures())
def test_the_table_is_what_the_architectures_are_made_of(architecture):
    for classes in (1000, 7):
        module = backend.skeleton(architecture, classes)
        wanted = {name: tuple(v.shape) for name, v in module.state_dict().items() if not name.endswith("num_batches_tracked")}
        assert shapes(architecture, classes) == wanted
    assert plans()[architecture].heads == backend.heads(architecture)


@pytest.mark.parametrize("architecture", ["googlenet", "inception_v3"])
def test_auxiliary_heads_may_be_missing_or_old(architecture):
    state = state_of(architecture, 5)
    plan = plans()[architecture]
    bare = {name: value for name, value in state.items() if not name.startswith(plan.auxiliary)}
    assert found(bare) == (architecture, 5)
    old = {**state_of(architecture, 1000), **{name: state[name] for name in ("fc.weight", "fc.bias")}}
    assert found(old) == (architecture, 5)
    assert not variant.has_auxiliary(plan, taken(bare, PATH).shapes, 5)
    assert not variant.has_auxiliary(plan, taken(old, PATH).shapes, 5)
    assert variant.has_auxiliary(plan, taken(state, PATH).shapes, 5)


def test_sizes_of_vision_transformers():
    state = state_of("vit_b_16", 3)
    state["encoder.pos_embedding"] = torch.ones(1, 1 + 24 * 24, 768)
    reading = taken(state, PATH)
    assert (reading.match.plan.name, reading.match.exact) == ("vit_b_16", True)
    assert variant.image_size(reading.match.plan, reading.shapes) == 384
    without_patches = {name: value for name, value in state.items() if not name.startswith("conv_proj")}
    assert taken(without_patches, PATH).match is None, "ViT-B/16 and ViT-B/32 differ in nothing else"


def test_names_of_older_versions():
    old = {name.replace("norm1.", "norm.1.").replace("conv2.", "conv.2."): v for name, v in state_of("densenet121").items()}
    assert any(".norm.1." in name for name in old)
    assert found(old) == ("densenet121", 1000)
    state = state_of("vit_b_32")
    old = {name.replace("mlp.0.", "mlp.linear_1.").replace("mlp.3.", "mlp.linear_2."): v for name, v in state.items()}
    assert any("linear_2" in name for name in old)
    assert found(old) == ("vit_b_32", 1000)


def test_data_parallel_around_the_features_alone():
    state = state_of("vgg16", 4)
    names = {name: name.replace("features.", "features.module.") for name in state}
    reading = taken({names[name]: value for name, value in state.items()}, PATH)
    assert reading.match.plan.name == "vgg16"
    assert reading.prefix == "module."


def test_a_backbone_with_its_head_outside():
    state = state_of("resnet50", 6)
    mixed = {name if name.startswith("fc.") else f"backbone.{name}": value for name, value in state.items()}
    assert found(mixed) == ("resnet50", 6)


def bert():
    for layer in range(12):
        for name in ("attention.self.query", "attention.self.key", "attention.output.dense", "intermediate.dense"):
            yield f"bert.encoder.layer.{layer}.{name}.weight", (768, 768)
            yield f"bert.encoder.layer.{layer}.{name}.bias", (768,)
    yield "classifier.weight", (2, 768)
    yield "classifier.bias", (2,)


def unet():
    for side in ("downs", "ups"):
        for level, width in enumerate((64, 128, 256, 512)):
            yield f"{side}.{level}.double_conv.0.weight", (width, width, 3, 3)
            yield f"{side}.{level}.double_conv.1.running_mean", (width,)
    yield "outc.conv.weight", (1, 64, 1, 1)


def timm_vit():
    yield "cls_token", (1, 1, 768)
    yield "pos_embed", (1, 197, 768)
    yield "patch_embed.proj.weight", (768, 3, 16, 16)
    for block in range(12):
        yield f"blocks.{block}.attn.qkv.weight", (2304, 768)
        yield f"blocks.{block}.mlp.fc1.weight", (3072, 768)
    yield "head.weight", (1000, 768)


def cifar_resnet18():
    """ResNet-18 under torchvision's names, but for small pictures."""
    yield from (shapes("resnet18", 10) | {"conv1.weight": (64, 3, 3, 3)}).items()


def unet_on_resnet():
    yield from ((f"encoder.{name}", shape) for name, shape in shapes("resnet34").items() if not name.startswith("fc."))
    for block in range(5):
        yield f"decoder.blocks.{block}.conv1.0.weight", (64, 64, 3, 3)
        yield f"decoder.blocks.{block}.conv2.0.weight", (64, 64, 3, 3)
    yield "segmentation_head.0.weight", (1, 16, 3, 3)


def fpn_on_resnet():
    yield from ((f"backbone.body.{name}", shape) for name, shape in shapes("resnet50").items() if not name.startswith("fc."))
    for name in ("fpn.inner_blocks.0.0", "fpn.inner_blocks.1.0", "fpn.layer_blocks.0.0"):
        yield f"backbone.{name}.weight", (256, 256, 1, 1)
    for number in range(16):
        yield f"roi_heads.{number}.weight", (1024, 1024)


def fcn_on_resnet():
    yield from ((f"backbone.{name}", shape) for name, shape in shapes("resnet101").items() if not name.startswith("fc."))
    for part, width in (("classifier", 2048), ("aux_classifier", 1024)):
        yield f"{part}.0.weight", (width // 4, width, 3, 3)
        for name in ("weight", "bias", "running_mean", "running_var"):
            yield f"{part}.1.{name}", (width // 4,)
        yield f"{part}.4.weight", (21, width // 4, 1, 1)
        yield f"{part}.4.bias", (21,)


def fcn_on_densenet():
    yield from ((name, shape) for name, shape in shapes("densenet121").items() if not name.startswith("classifier."))
    yield "classifier.0.weight", (256, 1024, 3, 3)
    yield "classifier.2.weight", (21, 256, 1, 1)


def grown_vgg():
    yield from (shapes("vgg11", 9) | {"features.0.weight": (32, 3, 3, 3), "features.3.weight": (128, 32, 3, 3)}).items()


@pytest.mark.parametrize(
    "foreign", [bert, unet, timm_vit, cifar_resnet18, unet_on_resnet, fpn_on_resnet, fcn_on_resnet, fcn_on_densenet, grown_vgg],
    ids=lambda one: one.__name__,
)
@pytest.mark.parametrize("form", ["plain", "module", "training"])
def test_no_confident_answer_for_a_foreign_file(foreign, form):
    state = {name: torch.ones(()).expand(shape) for name, shape in foreign()}
    assert found(FORMS[form](state)) == (None, None)


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(
    architecture=st.sampled_from([name for name in catalog.architectures() if "resnet" in name or "vgg" in name]),
    kept=st.floats(0, 1), added=st.floats(0, 1), seed=st.integers(0, 1000),
)
def test_random_parts_and_extensions_are_never_taken_for_another_network(architecture, kept, added, seed):
    draw = random.Random(seed)
    everything = shapes(architecture, 8)
    part = [name for name in everything if draw.random() < kept]
    state = {name: torch.ones(()).expand(everything[name]) for name in part}
    state |= {f"extra.{number}.weight": torch.ones(3) for number in range(int(added * len(everything)))}
    if not state:
        return
    match = taken(state, PATH).match
    features = plans()[architecture].features
    if match is not None:
        assert match.plan.name == architecture
        there = features.intersection(part)
        assert len(there) >= 0.95 * len(features)
        assert len(there) >= 0.95 * (len(state) - sum(name.startswith(match.plan.head_part) for name in part))
    elif len(part) == len(everything) and added == 0:
        pytest.fail("a complete state_dict was not recognised")


@given(st.dictionaries(st.text(max_size=12), st.lists(st.integers(0, 5), max_size=5), min_size=1, max_size=12))
def test_random_keys_fit_nothing(state):
    assert found({name: torch.ones(()).expand(tuple(shape)) for name, shape in state.items()}) == (None, None)


def test_titles():
    assert title("vgg16_bn") == "VGG-16 with batch norm"
    titles = [title(name) for name in catalog.architectures()]
    assert len(set(titles)) == len(titles)
    assert not [words for words in titles if "_" in words]
    assert [title(name) for name in ("vit_b_16", "swin_v2_t", "regnet_y_1_6gf", "efficientnet_v2_s", "convnext_tiny")] == [
        "ViT-B/16", "Swin V2-T", "RegNet Y 1.6gf", "EfficientNet V2-S", "ConvNeXt tiny",
    ]
