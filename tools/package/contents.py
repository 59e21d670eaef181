"""What goes into the packaged program and what stays out; `build.spec` asks here, and the tests do.

Each exclusion is proved by `tests/test_frozen.py`, which runs every command and every view of the finished program.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
VERSION = PROJECT["version"]

Entry = tuple[str, str, str]
"""A line of PyInstaller's table of contents: place in the program, file on this disk (or target of a link), kind."""

EXCLUDED_MODULES = (
    # Symbolic shapes, compilers and exporters of torch. `standins.py` answers for them.
    "torch._dynamo", "torch._inductor", "torch.onnx", "torchvision.ops._register_onnx_ops", "functorch", "sympy", "mpmath",
    "networkx", "triton",
    "torch._functorch.aot_autograd", "torch._functorch.partitioners", "torch._export.serde", "torch.export._trace",
    "torch.sparse._triton_ops", "torch.sparse._triton_ops_meta", "torch._vendor.quack",
    # These need sympy themselves, or the compiler.
    "torch.fx.experimental.symbolic_shapes", "torch.utils._sympy", "torch._higher_order_ops.triton_kernel_wrap",
    "torch._export.passes", "torch.export.pt2_archive",
    # Tests and tools of torch that some import inside a function mentions.
    "torch.testing._internal.common_utils", "torch.testing._internal.common_distributed",
    "torch.testing._internal.common_cuda", "torch.testing._internal.common_device_type",
    "torch.testing._internal.common_methods_invocations", "torch.testing._internal.distributed",
    "torch.testing._internal.opinfo", "torch.testing._internal.inductor_utils", "torch.testing._internal.generated",
    "torch.testing._internal.composite_compliance", "torch.testing._internal.jit_utils", "torch.utils.tensorboard",
    "torch.utils.benchmark", "torch.utils.bottleneck", "torch.utils.hipify", "torch.utils.viz", "torch.utils.cpp_extension",
    "torch.utils.model_dump", "torch.ao.pruning", "torch.ao.ns", "torch._lazy", "torch._numpy",
    # Training on many machines.
    "torch.distributed._shard", "torch.distributed._sharded_tensor", "torch.distributed._sharding_spec",
    "torch.distributed._tools", "torch.distributed._tensor", "torch.distributed._composable", "torch.distributed.benchmarks",
    "torch.distributed.checkpoint", "torch.distributed.elastic", "torch.distributed.fsdp", "torch.distributed.launcher",
    "torch.distributed.nn", "torch.distributed.optim", "torch.distributed.pipelining", "torch.distributed.tensor",
    "torch.distributed.examples", "torch.distributed._local_tensor", "torch.distributed.run",
    "torch.distributed.launch", "torch.distributed.flight_recorder",
    # Packages that somebody mentions and nobody here uses; captum's figures are left out by its own door in core.
    "jinja2", "markupsafe", "fsspec", "setuptools", "pkg_resources", "distutils", "_distutils_hack", "pip", "wheel",
    "matplotlib", "mpl_toolkits", "contourpy", "cycler", "fontTools", "kiwisolver", "pyparsing", "dateutil", "pylab",
    "scipy", "pandas", "IPython", "tensorboard", "expecttest", "hypothesis", "pytest", "PyInstaller",
    "captum.insights", "numpy.f2py", "numpy._core._multiarray_tests",
    "PIL.ImageTk", "PIL._tkinter_finder", "PIL._imagingtk", "PIL.ImageQt", "PIL._imagingmath", "PIL._imagingmorph",
    "PySide6.QtNetwork", "PySide6.QtDBus",
    # Of the standard library.
    "tkinter", "_tkinter", "turtle", "idlelib", "lib2to3", "ensurepip", "venv", "curses", "readline", "pydoc_data", "doctest",
    "test",
)
"""Modules that are as if they were not installed."""

HIDDEN_MODULES = ("captum.attr", "certifi")
"""Imported by name, besides everything in `core` and `gui`."""

DESCRIBED_PACKAGES = ("torch", "torchvision", "numpy", "pillow", "pillow_heif", "safetensors", "PySide6_Essentials")
"""Packages whose descriptions go in, so that `--self-test` and reports can tell their versions."""

LEFT_OUT_PACKAGES = {
    "jinja2", "markupsafe", "fsspec", "matplotlib", "contourpy", "cycler", "fonttools", "kiwisolver", "pyparsing",
    "python-dateutil", "sympy", "mpmath", "networkx", "six", "tzdata",
}
"""Packages that are installed and excluded altogether, by the names under which they are installed."""

WITH_SOURCE = (
    # install_config_module() reads the comments of its module.
    "torch._functorch.config", "torch._export.config", "torch.fx.experimental._config", "torch.distributed.config",
    "torch.compiler.config", "torch.utils.serialization.config",
    # TorchScript reads the functions that are overloaded, or compiled when the module is imported.
    "torch.functional", "torch.nn.functional", "torch.nn.modules.rnn", "torchvision.models.densenet",
)

QT_PLUGINS = {
    "platforms": ("xcb", "wayland", "offscreen", "windows", "cocoa"),
    "iconengines": ("svgicon",),
    "imageformats": ("svg", "jpeg", "gif", "webp", "ico"),
    "platforminputcontexts": ("composeplatforminputcontextplugin", "ibusplatforminputcontextplugin"),
    "platformthemes": ("xdgdesktopportal",),
    "xcbglintegrations": (),
    "wayland-shell-integration": ("xdg-shell",),
    "wayland-decoration-client": ("adwaita",),
    "styles": ("windowsvista", "modernwindows", "macstyle"),
}
"""The plugins of Qt that go in, by folder. The theme of GTK is not among them: it would pull GTK and Kerberos in."""

_UNUSED = (
    # What Qt's wheel brings besides libraries and plugins, and torchvision's readers of files.
    r"PySide6/(Qt/)?(translations|qml|resources)/.*", r"torchvision/(image|video_reader)\..*",
    # Companions of C and Cython, types, tests.
    r".*\.(pyi|h|hpp|cuh|a|lib|cmake|pxd)", r".*/py\.typed", r"(.*/)?tests/.*",
    # A part of the C library, which every system has in the version that fits its other parts.
    r"libmvec\.so.*",
    # Of the descriptions of installed packages only the one that tells the version.
    r"[^/]+\.dist-info/(?!METADATA$).*",
)
_PLUGIN = re.compile(r"PySide6/(?:Qt/)?plugins/([^/]+)/(?:lib)?q?([^./]+)\.[^/]+$")


def is_wanted(place: str) -> bool:
    """Whether a file belongs into the program, by its place there."""
    name = place.replace("\\", "/")
    plugin = _PLUGIN.match(name)
    if plugin:
        folder, short = plugin.groups()
        return short in QT_PLUGINS.get(folder, ())
    return not any(re.fullmatch(pattern, name) for pattern in _UNUSED)


def wanted(entries: Iterable[Entry]) -> list[Entry]:
    """The entries that belong into the program; links whose targets do not are left out, too."""
    kept = [entry for entry in entries if is_wanted(entry[0])]
    places = {PurePosixPath(place.replace("\\", "/")) for place, _, _ in kept}

    def leads_somewhere(entry: Entry) -> bool:
        place, target, kind = entry
        return kind != "SYMLINK" or PurePosixPath(os.path.normpath(PurePosixPath(place).parent / target)) in places

    return [entry for entry in kept if leads_somewhere(entry)]


def qt_files(hook: str) -> tuple[list[str], list[tuple[str, str]], list[tuple[str, str]]]:
    """What a hook of a Qt module answers, without the plugins that are left out: they would bring libraries of the system."""
    from PyInstaller.utils.hooks.qt import add_qt6_dependencies

    modules, binaries, datas = add_qt6_dependencies(hook)
    files = [[pair for pair in pairs if is_wanted(f"{pair[1]}/{Path(pair[0]).name}")] for pairs in (binaries, datas)]
    return modules, *files
