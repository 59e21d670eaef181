import pytest

from core.errors import ModelError
from core.types import BUILTIN_MODEL
from core.zoo import backend, catalog
from core.zoo.own import NETWORKS


def test_catalog_is_torchvision_and_the_builtin_model():
    torchvision = backend._torchvision()
    names = catalog.architectures()
    assert len(names) == len(set(names)) == 90
    assert set(names) - {BUILTIN_MODEL, *NETWORKS} == set(torchvision.models.list_models(module=torchvision.models))
    assert set(NETWORKS) == set(catalog.TITLES) < set(names)
    assert set(catalog.SAME_AS) < set(NETWORKS)


def test_every_entry_can_be_built_and_knows_its_weights():
    for name in catalog.architectures():
        module = backend.skeleton(name)
        assert not module.training
        assert backend.heads(name), name
        if name in {BUILTIN_MODEL, *NETWORKS}:
            assert backend.weights_entries(name) == ()
            continue
        parameters = sum(parameter.numel() for parameter in module.parameters())
        default = backend.default_entry(name)
        assert len(default.categories) == 1000, name
        # Published GoogLeNet and Inception are counted without their auxiliary heads by torchvision or with them.
        assert name in {"googlenet", "inception_v3"} or parameters == default.num_params or name == "vit_h_14", name
        for entry in backend.weights_entries(name):
            how = entry.preprocessing
            assert len(entry.sha256_prefix) >= 8
            assert entry.url.endswith(f"/{entry.filename}")
            assert isinstance(how.resize, int)
            assert how.interpolation in {"bilinear", "bicubic"}
            assert len(how.mean) == len(how.std) == 3
            assert how.source.endswith(f".{entry.name}")
            assert entry.file_size_mb > 1


def test_default_entry_is_v1_where_there_is_one():
    published = [name for name in catalog.architectures() if name not in {BUILTIN_MODEL, *NETWORKS}]
    odd = {name: backend.default_entry(name).name for name in published}
    assert {name: entry for name, entry in odd.items() if entry != "IMAGENET1K_V1"} == {
        "vit_h_14": "IMAGENET1K_SWAG_E2E_V1",
        "regnet_y_128gf": "IMAGENET1K_SWAG_E2E_V1",
    }


def test_unknown_architecture_is_named_with_what_looks_like_it():
    with pytest.raises(ModelError, match=r"“resnet81”.*resnet18"):
        backend.build("resnet81")
    for name in (BUILTIN_MODEL, *NETWORKS):
        with pytest.raises(ModelError, match="no published weights"):
            backend.default_entry(name)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "swin_t", "regnet_x_400mf", BUILTIN_MODEL])
def test_skeleton_has_the_names_and_shapes_of_the_real_thing(name):
    real = {key: value.shape for key, value in backend.build(name, 7).state_dict().items()}
    assert {key: value.shape for key, value in backend.skeleton(name, 7).state_dict().items()} == real
    assert real[backend.heads(name)[-1]][0] == 7


def test_families_can_be_asked_for():
    assert catalog.family("vgg16") == "VGG"
    with pytest.raises(KeyError):
        catalog.family("vgg17")
