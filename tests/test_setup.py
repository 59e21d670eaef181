"""The set-up: versions that fit together, and tools/setup.sh with a stand-in for Python that fetches nothing."""

from __future__ import annotations

import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
SETUP_FILES = ["Makefile", "constraints.txt", "pyproject.toml", "tools/setup.sh", ".ci/run"]

# Answers -c like Python does, makes a .venv of copies of itself, and writes down what pip is asked.
STAND_IN = """#!/bin/sh
case "$1 $2" in
    "-c import venv"*) exit 0 ;;
    "-c "*) exec '{python}' "$@" ;;
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip") echo "$*" >>pips; [ ! -e pip-fails ] || {{ cat pip-fails; exit 1; }}; : >"${{0%python}}layerscope"
              chmod +x "${{0%python}}layerscope" ;;
esac
"""

Setup = Callable[..., subprocess.CompletedProcess[str]]

posix = pytest.mark.skipif(os.name != "posix", reason="a shell script")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def requirements() -> list[Requirement]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    groups = [project["dependencies"], *project.get("optional-dependencies", {}).values()]
    return [Requirement(line) for group in groups for line in group]


@pytest.mark.parametrize("requirement", requirements(), ids=lambda requirement: requirement.name)
def test_constraints_pin_each_dependency_within_its_range(requirement):
    assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)])


@pytest.mark.parametrize("name", SETUP_FILES)
def test_no_file_of_the_set_up_names_an_address(name):
    assert not re.search(r"\w://", (ROOT / name).read_text("utf-8"))


@posix
def test_automatic_check_is_make_test():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert script.read_text("utf-8").rstrip().endswith("make test")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout with a name that is hard on scripts, holding only what the set-up reads."""
    folder = tmp_path / "My Prögrams" / "layer scope"
    (folder / "tools").mkdir(parents=True)
    for name in ("constraints.txt", "pyproject.toml", "tools/setup.sh"):
        shutil.copy(ROOT / name, folder / name)
    stand_in = folder / "a python"
    stand_in.write_text(STAND_IN.format(python=sys.executable), "utf-8")
    stand_in.chmod(0o755)
    return folder


@pytest.fixture
def setup(project: Path) -> Setup:
    def run(purpose: str = "run", python: str = "./a python") -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, "PYTHON": python, "SKIP_SYSTEM": "1"}
        script = next(project.parent.glob("*/tools/setup.sh"))
        return subprocess.run(
            ["sh", script, purpose], env=environment, capture_output=True, text=True, encoding="utf-8", timeout=60
        )

    return run


def installs(project: Path) -> list[str]:
    """What was installed since the last call of this."""
    record = project / "pips"
    calls = record.read_text("utf-8").splitlines() if record.exists() else []
    record.unlink(missing_ok=True)
    return [call.split()[-1] for call in calls]


@posix
def test_set_up_installs_once(project, setup):
    assert setup().returncode == 0
    assert installs(project) == ["setuptools", "."]
    again = setup()
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert installs(project) == []


@posix
def test_set_up_for_tests_serves_the_program_too(project, setup):
    setup("test")
    assert installs(project) == ["setuptools", ".[dev]"]
    setup("run")
    assert installs(project) == []


@posix
def test_set_up_for_the_package_makes_an_environment_of_its_own(project, setup, monkeypatch):
    monkeypatch.delenv("TORCH", raising=False)
    pinned = f"torch=={pins()['torch']}" + ("+cpu" if (sys.platform, platform.machine()) == ("linux", "x86_64") else "")
    assert setup("package").returncode == 0
    assert installs(project) == ["setuptools", pinned, ".[package]"]
    assert not (project / ".venv").exists()
    setup("package")
    assert installs(project) == []
    monkeypatch.setenv("TORCH", "some where/torch.whl")
    setup("package")
    assert installs(project) == ["setuptools", "where/torch.whl", ".[package]"]


@posix
def test_missing_cpu_build_of_torch_is_explained(project, setup):
    (project / "pip-fails").write_text("ERROR: No matching distribution found for torch==2.13.0+cpu", "utf-8")
    result = setup("package")
    assert result.returncode == 1
    assert "make package TORCH=" in result.stderr


@posix
def test_changed_versions_are_installed_into_the_same_environment(project, setup):
    setup()
    installs(project)
    (project / ".venv" / "mine").touch()
    with (project / "constraints.txt").open("a") as file:
        file.write("# changed\n")
    assert setup().returncode == 0
    assert installs(project) == ["setuptools", "."]
    assert (project / ".venv" / "mine").exists()


@posix
def test_environment_made_by_hand_is_kept(project, setup):
    subprocess.run([project / "a python", "-m", "venv", ".venv"], cwd=project, check=True)
    (project / ".venv" / "mine").touch()
    assert setup().returncode == 0
    assert installs(project) == ["setuptools", "."]
    assert (project / ".venv" / "mine").exists()


@posix
@pytest.mark.parametrize("harm", ["interrupted", "python is gone", "moved"])
def test_environment_that_cannot_work_is_made_anew(project, setup, harm):
    setup()
    (project / ".venv" / "old").touch()
    if harm == "interrupted":
        (project / ".venv" / ".unfinished").touch()
    elif harm == "python is gone":
        (project / ".venv" / "bin" / "python").unlink()
    else:
        project = project.rename(project.with_name("elsewhere"))
    result = setup()
    assert "Removing .venv" in result.stdout
    assert result.returncode == 0
    assert not (project / ".venv" / "old").exists()


@posix
@pytest.mark.parametrize(
    ("said", "meaning"),
    [
        ("OSError: [Errno 28] No space left on device", "the disk is full"),
        ("NewConnectionError: Failed to establish a new connection", "could not be reached"),
        ("ERROR: No matching distribution found for PySide6-Essentials", "no build for this system"),
        ("ERROR: something nobody foresaw", "something nobody foresaw"),
    ],
)
def test_failure_of_pip_is_explained_and_tried_again_from_the_start(project, setup, said, meaning):
    (project / "pip-fails").write_text(said, "utf-8")
    result = setup()
    assert result.returncode == 1
    assert meaning in result.stderr
    (project / "pip-fails").unlink()
    assert setup().returncode == 0


@posix
def test_unsuitable_python_is_named(setup):
    result = setup(python="no-such-python")
    assert result.returncode == 1
    assert "no Python 3.11, 3.12 or 3.13" in result.stderr
    assert "no-such-python" in result.stderr
