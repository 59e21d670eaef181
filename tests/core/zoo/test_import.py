"""What importing and not importing torchvision costs; each in a fresh interpreter."""

import subprocess
import sys

import pytest

from tests.helpers.shared_data import ROOT


def run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr


def test_builtin_architecture_needs_no_torchvision():
    run("import sys; from core.zoo import backend; backend.build('compact_vgg'); assert 'torchvision' not in sys.modules")


def test_import_of_torchvision_leaves_dynamo_and_onnx_alone():
    run(
        "import sys; from core.zoo import backend; backend.weights_entries('resnet18')\n"
        "assert 'torchvision' in sys.modules\n"
        "assert not [name for name in sys.modules if name.startswith(('torch._dynamo', 'torch.onnx'))]\n"
        "assert 'torchvision.ops._register_onnx_ops' not in sys.modules\n"
    )


@pytest.mark.slow
def test_the_real_dynamo_and_onnx_can_be_had_afterwards():
    run(
        "from core.zoo import backend; backend.weights_entries('resnet18')\n"
        "import torch\n"
        "model, batch = backend.build('squeezenet1_1'), torch.zeros(1, 3, 64, 64)\n"
        "program = torch.export.export(model, (batch,))\n"
        "assert torch._dynamo.__file__\n"
        "torch.testing.assert_close(program.module()(batch), model(batch))\n"
        "from torchvision.ops import roi_align\n"
        "import torchvision.ops._register_onnx_ops as registration; assert registration.__file__\n"
    )
