"""Every architecture of the catalogue runs in the packaged program and gives what it gives from source.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import socket

import pytest
import torch
from torch import nn

from core import paths
from core.zoo.backend import build
from core.zoo.catalog import architectures
from tests.core.exported.programs import export
from tests.helpers.frozen import bare_environment, needs_program, run_program
from tests.helpers.frozen_code import told_by
from tests.helpers.program import run as run_from_source

pytestmark = [pytest.mark.slow, needs_program]

SAMPLE = str(paths.sample_pictures()[0])
LARGE = 40_000_000
"""Parameters from which on a network is only traced, without numbers: the largest would take gigabytes."""

# A person's model code has all of the program at hand, so that one process does for all of them.
EACH = """
import json, pathlib
import torch
from core.zoo.backend import build, skeleton
from core.zoo.catalog import architectures

def outputs(network, device):
    channels = next(value.shape[1] for value in network.parameters() if value.ndim == 4)
    given = torch.rand(1, channels, 224, 224, generator=torch.Generator().manual_seed(1)).to(device)
    with torch.inference_mode():
        found = network.eval()(given)
    return found if isinstance(found, torch.Tensor) else found[0]

def build_model():
    told = {}
    for name in architectures():
        network = skeleton(name)
        size = sum(value.numel() for value in network.parameters())
        told[name] = [size, list(outputs(network.to("meta"), "meta").shape)]
        if size < LARGE:
            torch.manual_seed(3)
            found = outputs(build(name), "cpu")
            told[name] += [found[0, :8].tolist(), found.std().item()]
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps(told))
    return torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(3 * 224 * 224, 2)).eval()

categories = ["a", "b"]
""".replace("LARGE", str(LARGE))


def test_each_architecture_gives_what_it_gives_from_source(tmp_path, home):
    expected, found = told_by(EACH, tmp_path, home)
    assert list(found) == list(expected) == list(architectures())
    assert sum(len(told) > 2 for told in found.values()) > 40
    for name, told in expected.items():
        assert found[name][:2] == told[:2], name
        if len(told) > 2:
            assert found[name][2] == pytest.approx(told[2], rel=1e-3, abs=1e-4), name
            assert found[name][3] == pytest.approx(told[3], rel=1e-3, abs=1e-4), name


def test_what_a_mirror_serves_is_checked_as_from_source(tmp_path, home):
    (tmp_path / "mirror").mkdir()
    (tmp_path / "mirror" / "squeezenet1_1-b8a52dc0.pth").write_bytes(bytes(4_958_716))
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{nobody.getsockname()[1]}"
        environment = bare_environment(home, LAYERSCOPE_WEIGHTS_MIRROR=str(tmp_path / "mirror"), https_proxy=proxy)
        words = ["weights", "fetch", "squeezenet1_1"]
        ours = run_from_source(*words, cwd=tmp_path, **environment)
        theirs = run_program(*words, cwd=tmp_path, environment=environment)
    assert "does not begin with b8a52dc0. It was deleted." in theirs.stderr
    assert (theirs.returncode, theirs.stdout, theirs.stderr) == (ours.returncode, ours.stdout, ours.stderr)


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "shufflenet_v2_x0_5", "efficientnet_b0", "mnasnet0_5", "densenet121"])
def test_exported_architectures_run_by_their_own_graph_as_from_source(tmp_path, home, name):
    torch.manual_seed(2)
    program = tmp_path / f"{name}.pt2"
    export(build(name).eval().requires_grad_(False), program, 1, 3, 96, 96)
    environment = bare_environment(home)
    for words in (["layers", SAMPLE, "--weights", str(program), "--json"], ["classify", SAMPLE, "--weights", str(program)]):
        ours = run_from_source(*words, cwd=tmp_path, **environment)
        theirs = run_program(*words, cwd=tmp_path, environment=environment)
        assert (theirs.returncode, theirs.stdout, theirs.stderr) == (0, ours.stdout, ours.stderr)


@pytest.mark.parametrize("kind", ["VisionTransformer", "SwinTransformer", "ConvNeXt"])
def test_exported_transformers_too(tmp_path, home, kind):
    program = export(small_network(kind).eval().requires_grad_(False), tmp_path / "program.pt2", 1, 3, 64, 64)
    environment = bare_environment(home)
    words = ["layers", SAMPLE, "--weights", str(program), "--json"]
    ours = run_from_source(*words, cwd=tmp_path, **environment)
    theirs = run_program(*words, cwd=tmp_path, environment=environment)
    assert (theirs.returncode, theirs.stdout, theirs.stderr) == (0, ours.stdout, ours.stderr)


def small_network(kind: str) -> nn.Module:
    build("squeezenet1_1")  # imports torchvision so that it works beside this torch
    from torchvision.models.convnext import CNBlockConfig, ConvNeXt
    from torchvision.models.swin_transformer import SwinTransformer
    from torchvision.models.vision_transformer import VisionTransformer

    torch.manual_seed(2)
    if kind == "VisionTransformer":
        return VisionTransformer(64, 16, num_layers=2, num_heads=4, hidden_dim=64, mlp_dim=128, num_classes=5)
    if kind == "SwinTransformer":
        return SwinTransformer([4, 4], 32, [2, 2], [2, 4], [7, 7], num_classes=5)
    return ConvNeXt([CNBlockConfig(16, 32, 1), CNBlockConfig(32, None, 1)], num_classes=5)
