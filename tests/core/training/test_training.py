"""Runs, from pictures to weights."""

import dataclasses
import json
import math

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from core.errors import ExportError, LayerscopeError, UsageError
from core.training.calibrate import half_right_below, temperature_of
from core.training.features import HeadOnFeatures
from core.training.loop import train
from core.training.network import scratch_spec
from core.training.optimise import loss_of
from core.training.plan import is_unfinished
from core.training.pupil import Pupil
from core.training.recipe import changed, preset
from core.types import (
    BUILTIN_SPEC,
    EarlierEpochs,
    EpochMetrics,
    ModelSpec,
    Recipe,
    TrainConfig,
    TrainNotice,
    TrainProgress,
    WeightsSpec,
)
from core.weights.doctor import diagnose
from core.zoo import backend
from tests.core.training.conftest import finished

SMALL = Recipe(
    mode="scratch", optimizer="sgd", rate=0.05, batch_size=12, epochs=3, phases=(((32,), 1), ((32, 48), 2)), colour=0.2,
    label_smoothing=0.1, mixup=0.2, average=0.9, warm_up=0.2, precision="float32", seed=3,
)  # fmt: skip


def config(pictures, tmp_path, recipe=SMALL, spec=None, name="out"):
    return TrainConfig(pictures, tmp_path / name, spec or scratch_spec("compact_vgg"), recipe, "cpu")


def test_a_new_head_on_the_built_in_model(pictures, tmp_path):
    recipe = changed(preset("quick"), ["epochs=8", "rate=0.01"])
    events, outcome = finished(train(config(pictures, tmp_path, recipe, BUILTIN_SPEC)))
    epochs = [one for one in events if isinstance(one, EpochMetrics)]
    assert [one.epoch for one in epochs] == list(range(1, 9))
    assert outcome.top1 == max(one.top1 for one in epochs) > 0.9
    assert sum(map(sum, outcome.confusion)) == 12
    stages = {one.stage for one in events if isinstance(one, TrainProgress)}
    assert stages >= {"Reading pictures", "Computing features", "Training", "Validating"}
    trained, before = load_file(outcome.folder / "weights.safetensors"), backend.build("compact_vgg").state_dict()
    assert trained.keys() == before.keys()
    builtin = load_file("resources/builtin/weights.safetensors")
    body = [name for name in trained if not name.startswith("classifier")]
    assert all(torch.equal(trained[name], builtin[name]) for name in body)


def test_what_is_left_is_read_by_the_doctor_and_by_torchvision_alone(pictures, tmp_path):
    recipe = Recipe(mode="scratch", epochs=1, batch_size=12, phases=(((64,), 1),), precision="float32")
    _, outcome = finished(train(config(pictures, tmp_path, recipe, scratch_spec("squeezenet1_1"))))
    found = diagnose(outcome.folder / "weights.safetensors")
    assert (found.verdict, found.architecture, found.num_classes) == ("loadable", "squeezenet1_1", 3)
    import torchvision  # the program has made it importable

    torchvision.models.squeezenet1_1(num_classes=3).load_state_dict(load_file(outcome.folder / "weights.safetensors"))
    assert json.loads((outcome.folder / "class_indices.json").read_text()) == {"0": "blue", "1": "green", "2": "red"}
    card = json.loads((outcome.folder / "model.json").read_text())
    assert (card["architecture"], card["data"]["train"], card["recipe"]["phases"]) == ("squeezenet1_1", 36, "64:1")
    assert (outcome.folder / "curves.csv").read_text().splitlines()[0].startswith("epoch,epochs,loss")
    assert len((outcome.folder / "confusion.csv").read_text().splitlines()) == 4


def test_a_run_that_was_broken_off_ends_as_an_unbroken_one(pictures, tmp_path):
    _, whole = finished(train(config(pictures, tmp_path, name="whole")))
    broken = config(pictures, tmp_path, name="broken")
    for stop_at in (2, 9, 6):
        work = train(broken, resume=True)
        for _ in range(stop_at):
            next(work)
        work.close()
    _, resumed = finished(train(broken, resume=True))
    one, other = (load_file(outcome.folder / "weights.safetensors") for outcome in (whole, resumed))
    assert one.keys() == other.keys()
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert [m.loss for m in whole.history] == [m.loss for m in resumed.history]


def test_a_run_that_is_over_leaves_no_state_and_is_told_of_again(pictures, tmp_path):
    done = config(pictures, tmp_path)
    _, first = finished(train(done))
    assert sorted(one.name for one in (done.output / "run").iterdir()) == ["finished.json", "plan.json"]
    before = {one: one.stat().st_mtime_ns for one in done.output.rglob("*")}
    moved = dataclasses.replace(done, output=tmp_path / "moved")
    done.output.rename(moved.output)
    events, again = finished(train(moved, resume=True))
    assert again == dataclasses.replace(first, folder=moved.output)
    assert [one for one in events if isinstance(one, EarlierEpochs)] == [EarlierEpochs(first.history)]
    assert any("is over" in one.message for one in events if isinstance(one, TrainNotice))
    assert {done.output / one.relative_to(moved.output): one.stat().st_mtime_ns for one in moved.output.rglob("*")} == before
    with pytest.raises(UsageError, match="another recipe"):
        finished(train(dataclasses.replace(moved, recipe=changed(SMALL, ["seed=4"])), resume=True))
    with pytest.raises(UsageError, match="has a run in it"):
        next(train(moved))
    (moved.output / "weights.safetensors").unlink()
    with pytest.raises(UsageError, match="is not empty"):
        finished(train(moved, resume=True))


def test_a_run_whose_result_could_not_be_written_whole_is_gone_on_with(pictures, tmp_path):
    broken = config(pictures, tmp_path)
    work = train(broken)
    next(one for one in work if isinstance(one, EpochMetrics))
    in_the_way = broken.output / "confusion.png"
    in_the_way.mkdir()
    with pytest.raises(ExportError, match=r"confusion\.png"):
        finished(work)
    assert is_unfinished(broken.output)
    in_the_way.rmdir()
    finished(train(broken, resume=True))
    assert not is_unfinished(broken.output)
    assert in_the_way.is_file()


def test_a_validation_that_stands_still_brings_the_rate_down(pictures, tmp_path):
    recipe = changed(SMALL, ["schedule=plateau", "patience=1", "rate=1e-9", "warm_up=0", "average=0", "phases=32:5"])
    _, outcome = finished(train(config(pictures, tmp_path, recipe)))
    assert len({one.top1 for one in outcome.history}) == 1, "nothing is learned at such a rate"
    assert [one.rate for one in outcome.history] == pytest.approx([1e-9] * 3 + [1e-10] * 2)


def test_precisions_are_decided_once(pictures, tmp_path):
    """What a run has measured, it keeps when it is gone on with, whatever would be measured now."""
    once = config(pictures, tmp_path, changed(SMALL, ["precision=auto", "mixup=0"]))
    work = train(once)
    while not isinstance(next(work), EpochMetrics):
        pass
    work.close()
    path = once.output / "run" / "state.pt"
    state = torch.load(path, weights_only=True)
    decided = json.loads(state["decisions"])
    assert decided["precision"].keys() == {"32", "48"}
    other = {"float32": "bfloat16", "bfloat16": "float32"}
    decided["precision"] = {side: other[precision] for side, precision in decided["precision"].items()}
    torch.save({**state, "decisions": json.dumps(decided)}, path)
    events, outcome = finished(train(once, resume=True))
    assert json.loads((outcome.folder / "model.json").read_text())["decisions"] == decided
    assert not any(isinstance(one, TrainProgress) and "bfloat16" in one.stage for one in events)


@pytest.mark.parametrize(
    ("inside", "said"),
    [("curves.csv", "is not empty, and nothing in it is overwritten"), ("weights.safetensors", "has a run in it")],
)
def test_nothing_in_the_folder_of_the_result_is_overwritten(pictures, tmp_path, inside, said):
    mine = tmp_path / "out" / inside
    mine.parent.mkdir()
    mine.write_text("mine")
    with pytest.raises(UsageError, match=said):
        next(train(config(pictures, tmp_path)))  # before anything is read
    assert [*mine.parent.iterdir()] == [mine]
    assert mine.read_text() == "mine"


def test_the_result_does_not_go_in_among_the_pictures(pictures, tmp_path):
    (tmp_path / "link").symlink_to(pictures, target_is_directory=True)
    with pytest.raises(UsageError, match="lies in that of the pictures"):
        next(train(config(pictures, tmp_path, name="link/train/out")))
    assert not (pictures / "train" / "out").exists()


def test_a_run_killed_before_its_first_state_is_begun_anew(pictures, tmp_path):
    (tmp_path / "out" / "run").mkdir(parents=True)
    (tmp_path / "out" / "run" / "plan.json").write_text("{}")
    (tmp_path / "out" / ".DS_Store").write_bytes(b"of the system")
    work = train(config(pictures, tmp_path))
    next(one for one in work if isinstance(one, EpochMetrics))
    work.close()


def test_another_recipe_does_not_go_on_with_a_run(pictures, tmp_path):
    work = train(config(pictures, tmp_path))
    while not isinstance(next(work), EpochMetrics):
        pass
    work.close()
    with pytest.raises(UsageError, match="--resume"):
        finished(train(config(pictures, tmp_path)))
    with pytest.raises(UsageError, match="another recipe"):
        finished(train(config(pictures, tmp_path, changed(SMALL, ["rate=0.1"])), resume=True))


def test_a_picture_that_cannot_be_read_is_left_out_and_named(pictures, tmp_path):
    (pictures / "train" / "red" / "broken.jpg").write_bytes(b"no picture")
    events, _ = finished(train(config(pictures, tmp_path, changed(SMALL, ["phases=32:1"]))))
    said = [one.message for one in events if isinstance(one, TrainNotice)]
    assert any("red/broken.jpg" in sentence and "left out" in sentence for sentence in said)


def test_a_loss_that_is_no_number_ends_the_run_in_words(pictures, tmp_path):
    recipe = changed(SMALL, ["rate=100", "momentum=0.99", "warm_up=0", "mixup=0", "phases=64:3"])
    with pytest.raises(LayerscopeError, match="not a number"):
        finished(train(config(pictures, tmp_path, recipe, scratch_spec("squeezenet1_1"))))
    assert not (tmp_path / "out" / "weights.safetensors").exists()


def test_a_network_of_one_side_says_so(pictures, tmp_path):
    with pytest.raises(LayerscopeError, match=r"32 pixels.*its own side, 224"):
        finished(train(config(pictures, tmp_path, SMALL, scratch_spec("vgg11_narrow"))))


@pytest.mark.parametrize("spec", ["code", "program"])
def test_a_network_that_brings_its_own_says_that_it_cannot_be_trained(pictures, tmp_path, spec):
    path = tmp_path / ("net.py" if spec == "code" else "net.pt2")
    own = ModelSpec.of_code(path) if spec == "code" else ModelSpec(path.name, WeightsSpec("file", path=path))
    with pytest.raises(LayerscopeError, match=r"net\..*cannot be trained yet"):
        finished(train(config(pictures, tmp_path, SMALL, own)))


def test_a_batch_in_pieces_has_the_gradients_of_the_whole():
    torch.manual_seed(0)
    module = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3))
    batch, targets = torch.randn(10, 3, 8, 8), torch.arange(10) % 3
    F.cross_entropy(module(batch), targets).backward()
    wanted = [parameter.grad.clone() for parameter in module.parameters()]
    pupil = Pupil(module, module, loss_of(Recipe()), torch.device("cpu"))
    pupil.pieces = 4
    pupil.learn(batch, targets, torch.optim.SGD(module.parameters(), lr=0.0))
    for parameter, gradient in zip(module.parameters(), wanted, strict=True):
        assert torch.allclose(parameter.grad, gradient, atol=1e-6)


@pytest.mark.parametrize("architecture", ["resnet18", "squeezenet1_1", "mobilenet_v3_small", "compact_vgg"])
def test_a_head_on_features_says_what_the_network_says(architecture):
    torch.manual_seed(0)
    module = backend.build(architecture, 5).eval()
    head = backend.heads(architecture)[-1].rpartition(".")[0]
    batch = torch.randn(3, 3, 96, 96)
    end = HeadOnFeatures(module, head, batch)
    with torch.no_grad():
        assert torch.allclose(end(end.features_of(module, batch)), module(batch), atol=1e-5)


def test_the_temperature_is_the_best_of_a_grid():
    dice = torch.Generator().manual_seed(0)
    targets = torch.randint(0, 4, (400,), generator=dice)
    logits = 6 * torch.randn(400, 4, generator=dice) + 4 * F.one_hot(targets, 4)
    best = min(np.linspace(0.5, 19.5, 1901), key=lambda t: float(F.cross_entropy(logits.double() / t, targets)))
    assert math.isclose(temperature_of(logits, targets), best, abs_tol=0.011)


def test_below_the_threshold_answers_are_more_often_wrong_than_right():
    dice = torch.Generator().manual_seed(1)
    sure = torch.rand(4000, generator=dice, dtype=torch.float64) * 0.6 + 0.4
    right = torch.rand(4000, generator=dice, dtype=torch.float64) < sure  # calibrated: the threshold is at one half
    probabilities = torch.stack([sure, *[(1 - sure) / 3] * 3], 1)
    targets = torch.where(right, 0, 1)
    found = half_right_below(probabilities, targets)
    assert abs(found - 0.5) < 0.06
    # By trying each place: as many wrong below and right above as possible.
    tried = [int((~right[sure < one]).sum() + right[sure >= one].sum()) for one in [*sure[sure < 0.5].tolist(), 0.5]]
    assert int((~right[sure < found]).sum() + right[sure >= found].sum()) == max(tried)
    assert half_right_below(probabilities, torch.zeros(4000, dtype=torch.int64)) == 0.0
    assert half_right_below(probabilities, torch.ones(4000, dtype=torch.int64)) == 0.5
    equal = torch.tensor([[0.6, 0.4]] * 3)
    assert half_right_below(equal, torch.tensor([0, 0, 1])) == 0.0
    assert half_right_below(equal, torch.tensor([0, 1, 1])) == 0.0  # 60 % is sure enough
    unsure = torch.tensor([[0.4, 0.3, 0.3]] * 3)
    assert half_right_below(unsure, torch.tensor([0, 1, 1])) == 0.5
