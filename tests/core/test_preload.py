"""torch's library mapped ahead of the import; each in a fresh interpreter."""

import subprocess
import sys

import pytest

from tests.helpers.shared_data import ROOT


def run(code: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory map of Linux")
def test_the_library_is_mapped_once_and_torch_not_imported():
    run(
        "import pathlib, sys; from core.inference.preload import map_torch\n"
        "assert map_torch() and map_torch()\n"
        "assert 'torch' not in sys.modules\n"
        "def names():\n"
        "    lines = pathlib.Path('/proc/self/maps').read_text().splitlines()\n"
        "    return {line.split()[-1] for line in lines if 'libtorch_cpu' in line}\n"
        "before = names(); assert len(before) == 1\n"
        "import torch\n"
        "assert torch.ones(3).sum().item() == 3 and names() == before and map_torch()\n"
    )
