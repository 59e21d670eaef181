"""What is remembered, what a damaged settings file does, and leaving while busy."""

from __future__ import annotations

import json

import pytest

from core.errors import ExportError
from core.settings import Settings, load_settings, save_settings, settings_file
from core.types import ImageRef, ModelSpec, WeightsSpec
from tests.e2e.conftest import LONG
from tests.e2e.test_main_job import drop, files


def test_session_comes_back_with_model_layer_and_pictures(launch, picture):
    first = launch(ModelSpec("compact_vgg", WeightsSpec("random", seed=7)))
    paths = [picture(f"{number}.png") for number in range(3)]
    drop(first.window, files(*paths))
    first.wait_answer(paths[0])
    first.state.set_image(ImageRef(paths[1]))
    first.wait_answer(paths[1])
    first.state.set_layer("features.4")
    first.state.set_top_k(3)
    first.wait_idle()
    first.window.close()

    settings, notice = load_settings()
    assert notice == ""
    second = launch(settings=settings)
    second.wait_answer(paths[1])
    assert second.state.model.spec == ModelSpec("compact_vgg", WeightsSpec("random", seed=7))
    assert second.state.layer == "features.4"
    assert second.state.top_k == 3
    assert [image.path for image in second.state.images] == paths


@pytest.mark.parametrize(
    "damage", ["", "{", "[1, 2]", "null", '{"splitters": {"outer": "wide"}, "top_k": true}', "\x00\xff", "[" * 100_000]
)
def test_damaged_settings_never_stop_a_start_and_nothing_is_lost(damage):
    path = settings_file()
    path.parent.mkdir(parents=True)
    path.write_text(damage, encoding="utf-8")
    settings, notice = load_settings()
    assert settings.top_k == 5
    assert settings.splitters == {}
    if notice:
        assert str(path) in notice
        assert path.with_name("settings.json.damaged").read_text(encoding="utf-8") == damage


def test_settings_are_written_whole_or_not_at_all(monkeypatch):
    save_settings(Settings(layer="before"))

    def refuse(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("os.fsync", refuse)
    with pytest.raises(ExportError, match="disk full"):
        save_settings(Settings(layer="after"))
    assert json.loads(settings_file().read_text())["layer"] == "before"
    assert [path.name for path in settings_file().parent.iterdir()] == ["settings.json"]


def test_closing_while_busy_ends_the_threads(launch, picture):
    bench = launch()
    paths = [picture(f"{number}.png") for number in range(60)]
    drop(bench.window, files(*paths))
    bench.qtbot.waitUntil(lambda: bench.state.progress is not None, timeout=LONG)
    bench.state.choose_spec(ModelSpec("resnet18", WeightsSpec("random")))
    bench.window.close()
    assert bench.conductor.stop(LONG)
    assert not bench.conductor.inference.isRunning()
