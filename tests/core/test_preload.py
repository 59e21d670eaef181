"""torch's library mapped ahead of the import; each in a fresh interpreter."""

import subprocess
import sys

import pytest

from tests.helpers.shared_data import ROOT


def run(code: str, *, strict: bool = True) -> None:
    warnings = ("-W", "error") if strict else ()
    done = subprocess.run(
        [sys.executable, *warnings, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=300
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


def test_what_a_light_import_leaves_out_is_given_back():
    run(
        "import sys; from core.inference.preload import complete, import_light\n"
        "import_light(); import torch\n"
        "from core.zoo.compact_vgg import compact_vgg\n"
        "net, batch = compact_vgg(7).eval(), torch.rand(1, 3, 64, 64)\n"
        "assert not hasattr(torch.export, 'export') and not hasattr(torch._meta_registrations, '__file__')\n"
        "with torch.inference_mode(): light = net(batch)\n"
        "import_light(); complete(); complete()\n"
        "assert sys.modules['torch.export'] is torch.export and torch._meta_registrations.__file__\n"
        "with torch.inference_mode(): assert torch.equal(net(batch), light)\n"
        "hollow = torch.nn.Conv2d(3, 4, 3, device='meta')(torch.zeros(1, 3, 8, 8, device='meta'))\n"
        "assert hollow.shape == (1, 4, 6, 6)\n",
    )


def test_whoever_asks_for_all_of_torch_gets_it_whatever_another_thread_does():
    run(
        "import sys, threading; from core.inference.preload import complete, import_light\n"
        "whole = []\n"
        "def ask():\n"
        "    complete(); import torch\n"
        "    whole.append(torch._meta_registrations.__file__ and torch.export.export)\n"
        "threads = [threading.Thread(target=ask) for _ in range(4)]\n"
        "for thread in threads[:2]: thread.start()\n"
        "import_light()\n"
        "for thread in threads[2:]: thread.start()\n"
        "for thread in threads: thread.join()\n"
        "assert len(whole) == 4\n"
    )


def test_nothing_is_left_out_once_somebody_asked_for_all():
    run(
        "from core.inference.preload import complete, import_light\n"
        "complete(); import_light(); import torch\n"
        "assert torch.export.export and torch._meta_registrations.__file__\n"
    )


@pytest.mark.slow
def test_torch_exports_and_compiles_after_a_light_import():
    run(
        "from core.inference.preload import complete, import_light\n"
        "import_light(); complete(); import torch\n"
        "net, batch = torch.nn.Linear(3, 2), torch.rand(4, 3)\n"
        "exported = torch.export.export(net, (batch,)).module()\n"
        "assert torch.allclose(exported(batch), net(batch))\n"
        "assert torch.allclose(torch.compile(net, backend='eager')(batch), net(batch))\n",
        strict=False,
    )
