"""Watched pictures, the brake, and what a run says of both."""

import threading

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from core.errors import Cancelled
from core.training.brake import Brake
from core.training.lines import MOST_WATCHED
from core.training.loop import train
from core.training.recipe import changed, preset
from core.training.watch import Viewer, Watch
from core.types import (
    BUILTIN_SPEC,
    EarlierEpochs,
    EpochMetrics,
    ImageRef,
    ModelSpec,
    TrainConfig,
    TrainProgress,
    WatchedEpoch,
    WeightsSpec,
)
from core.weights.resolve import resolve
from core.zoo import backend
from tests.core.training.conftest import finished


def config(pictures, out, *settings, name="quick", spec=BUILTIN_SPEC):
    recipe = changed(preset(name), ["epochs=2", "batch_size=12", "precision=float32", *settings])
    return TrainConfig(pictures, out, spec, recipe, "cpu")


def some(pictures):
    return [*sorted((pictures / "val").rglob("0.png")), pictures / "there is no such picture.png"]


# Batch norm, dropout and an average: everything that a look could disturb.
SETTINGS = {
    "head": ("quick", BUILTIN_SPEC, ()),
    "whole": ("fine-tune", ModelSpec("shufflenet_v2_x0_5", WeightsSpec("random")), ("average=0.9", "phases=64:2")),
}


@pytest.mark.parametrize("kind", SETTINGS)
def test_watching_changes_nothing_and_says_what_the_network_of_the_epoch_says(pictures, tmp_path, kind):
    name, spec, settings = SETTINGS[kind]
    paths = some(pictures)
    finished(train(config(pictures, tmp_path / "alone", *settings, name=name, spec=spec)))
    events, outcome = finished(
        train(config(pictures, tmp_path / "watched", *settings, name=name, spec=spec), watch=Watch(paths))
    )
    alone, watched = (load_file(tmp_path / one / "weights.safetensors") for one in ("alone", "watched"))
    assert alone.keys() == watched.keys()
    assert all(torch.equal(alone[one], watched[one]) for one in alone)
    looks = [one for one in events if isinstance(one, WatchedEpoch)]
    assert [one.epoch for one in looks] == [1, 2]
    at = outcome.best_epoch - 1
    assert [one.path for one in looks[at].pictures] == paths
    assert looks[at].pictures[-1].top == ()

    # An independent source: the weights that were kept, in a network built anew, on input made for inference.
    from core.images.decode import decode
    from core.images.preprocess import preprocess

    loaded = resolve(ModelSpec(spec.architecture, WeightsSpec("file", path=tmp_path / "watched" / "weights.safetensors")))
    module = backend.build(spec.architecture, options=loaded.options).eval()
    module.load_state_dict(watched)
    for one in looks[at].pictures[:-1]:
        with torch.no_grad():
            shares = module(preprocess(decode(ImageRef(one.path)), loaded.preprocessing).tensor).softmax(1)[0]
        best = shares.topk(3)
        assert [category for category, _ in one.top] == [loaded.categories[index] for index in best.indices]
        assert [share for _, share in one.top] == pytest.approx(best.values.tolist(), abs=1e-4)


def test_pictures_are_chosen_anew_while_it_runs(pictures, tmp_path):
    first, second, third, _ = some(pictures)
    watch = Watch([first])
    seen = []
    for event in train(config(pictures, tmp_path / "out"), watch=watch):
        if isinstance(event, WatchedEpoch):
            seen.append([one.path for one in event.pictures])
            watch.choose([second, third])
    assert seen == [[first], [second, third]]


def test_no_more_than_64_are_watched(tmp_path):
    paths = []
    for number in range(MOST_WATCHED + 3):
        paths.append(tmp_path / f"{number}.png")
        Image.new("RGB", (70, 70), (number, 0, 0)).save(paths[-1])
    found = resolve(BUILTIN_SPEC)
    module = backend.build(BUILTIN_SPEC.architecture, options=found.options).train()
    work = Watch(paths).look(Viewer(module, found.categories, found.preprocessing, torch.device("cpu")), 3)
    steps, found = finished(work)
    assert (steps[-1], found.epoch) == ((MOST_WATCHED, MOST_WATCHED), 3)
    assert [one.path for one in found.pictures] == paths[:MOST_WATCHED]
    assert all(one.training for one in module.modules())


def test_a_run_that_goes_on_says_what_was_before(pictures, tmp_path):
    work = train(config(pictures, tmp_path / "out"))
    first = next(event for event in work if isinstance(event, EpochMetrics))
    work.close()
    events, outcome = finished(train(config(pictures, tmp_path / "out"), resume=True))
    assert [one.history for one in events if isinstance(one, EarlierEpochs)] == [(first,)]
    assert outcome.history[0] == first


@pytest.mark.parametrize(
    "stage", ["Reading pictures", "Computing features", "Training", "Validating", "Looking at your pictures"]
)
def test_every_stage_stops(pictures, tmp_path, stage):
    brake = Brake()
    work = train(config(pictures, tmp_path / "out"), brake, watch=Watch(some(pictures)[:1]))
    next(event for event in work if isinstance(event, TrainProgress) and event.stage == stage)
    brake.stop()
    with pytest.raises(Cancelled):
        finished(work)


def test_a_pause_is_told_once_and_counts_as_no_time():
    said, held = [], threading.Event()

    def told(paused):
        said.append(paused)
        held.set()

    brake = Brake(told)
    brake.pause()
    others = [threading.Thread(target=brake.check) for _ in range(3)]
    for one in others:
        one.start()
    assert held.wait(60)
    assert brake.paused
    brake.resume()
    for one in others:
        one.join()
    assert said in ([True, False], [True, False] * 2, [True, False] * 3)  # one that came late finds no pause
    assert brake.waited > 0
    brake.check()
