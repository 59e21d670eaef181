"""The program as a person starts it: its own process, its exit status, what it prints."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from core import paths

ROOT = Path(__file__).resolve().parents[2]


def run(*arguments: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {key: value for key, value in os.environ.items() if key not in {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"}}
    return subprocess.run(
        [sys.executable, "-m", "gui", *arguments], cwd=cwd, env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True, text=True, encoding="utf-8", timeout=300, check=False,
    )  # fmt: skip


def opened(path: Path) -> Image.Image:
    """Read a picture whole, so that no file stays open."""
    with Image.open(path) as image:
        image.load()
        return image


def test_without_a_display_the_window_is_rendered_and_the_samples_are_answered(tmp_path):
    done = run(cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0].startswith("No display found")
    assert opened(tmp_path / "layerscope.png").size == (1280, 800)
    for sample in paths.sample_pictures():
        assert sample.name in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_screenshot_of_given_pictures_in_both_themes(tmp_path, picture, theme, dark):
    done = run("--screenshot", "out.png", str(picture()), "--theme", theme, "--layer", "features.0", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    image = opened(tmp_path / "out.png").convert("L")
    assert image.size == (1280, 800)
    assert (image.getpixel((640, 5)) < 128) == dark
    assert len(image.getcolors(65536)) > 100


def test_screenshot_at_device_pixel_ratio_2_has_twice_the_pixels(tmp_path, picture):
    done = run("--screenshot", "out.png", str(picture()), "--size", "900x600", cwd=tmp_path, QT_SCALE_FACTOR="2")
    assert done.returncode == 0, done.stderr
    assert opened(tmp_path / "out.png").size == (1800, 1200)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [(("--model", "vgg61"), "vgg61"), (("--nonsense",), "--nonsense"), (("--size", "12"), "1280x800")],
)
def test_wrong_use_is_a_sentence_and_status_2(tmp_path, arguments, word):
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert word in done.stderr
    assert "Traceback" not in done.stderr


def test_screenshot_with_a_broken_weights_file_says_so_and_shows_the_built_in_model(tmp_path, picture):
    (tmp_path / "broken.pth").write_bytes(b"PK\x03\x04 broken")
    done = run("--screenshot", "out.png", str(picture()), "--weights", "broken.pth", cwd=tmp_path)
    assert "broken.pth" in done.stderr
    assert "built-in" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "out.png").exists()
