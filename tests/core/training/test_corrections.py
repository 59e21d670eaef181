"""Fine-tuning on a few pictures: heads that grow, rows that stay, and answers before and after, against plain torch."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from core.cli.main import main
from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.training.loader import epoch_order
from core.training.loop import train
from core.training.network import prepare
from core.training.proof import read_proof
from core.training.recipe import changed, preset
from core.types import BUILTIN_SPEC, ImageRef, ModelSpec, Recipe, TrainConfig, WeightsSpec
from core.weights.resolve import resolve
from core.zoo import backend
from tests.core.training.conftest import COLOURS, draw, finished
from tests.core.training.test_manifest import listing, row

NAMES = ("cat", "dog", "fox", "owl")
HEADS = {
    "compact_vgg": None,
    "squeezenet1_1": ("classifier.1",),
    "googlenet": ("aux1.fc2", "aux2.fc2", "fc"),
    "mobilenet_v3_small": ("classifier.3",),
}


def own_weights(folder, architecture, names=NAMES, **options):
    """A file with weights drawn for these categories, and their names beside it."""
    torch.manual_seed(4)
    module = backend.build(architecture, options=backend.BuildOptions(num_classes=len(names), **options))
    path = folder / f"{architecture}.safetensors"
    save_file({name: value.contiguous() for name, value in module.state_dict().items()}, path)
    (folder / "class_indices.json").write_text(json.dumps({str(index): name for index, name in enumerate(names)}))
    return ModelSpec(architecture, WeightsSpec("file", path=path)), load_file(path)


@pytest.mark.parametrize("architecture", HEADS)
@pytest.mark.parametrize("mode", ["head", "full"])
def test_a_head_keeps_its_rows_and_gains_new_ones(tmp_path, architecture, mode):
    options = {"aux_logits": True} if architecture == "googlenet" else {}
    spec, before = own_weights(tmp_path, architecture, **options)
    trainee = prepare(spec, (*NAMES, "yak", "zebu"), Recipe(mode=mode))
    assert trainee.known == 4
    heads = HEADS[architecture]
    if heads is not None:
        assert trainee.head == heads
    after = trainee.module.state_dict()
    assert after.keys() == before.keys()
    for name, value in after.items():
        if name.startswith(tuple(f"{path}." for path in trainee.head)):
            assert value.shape[0] == 6
            assert torch.equal(value[:4], before[name])
            if value.ndim > 1:
                length = value.flatten(1).norm(dim=1)
                assert torch.allclose(length[4:], 0.1 * length[:4].mean().expand(2), rtol=1e-4)
            else:
                assert torch.allclose(value[4:], before[name].mean().expand(2))
        else:
            assert torch.equal(value, before[name])


@pytest.mark.parametrize("names", [("dog", "cat", "fox", "owl"), ("cat", "dog", "fox"), ("cat", "dog", "yak", "fox", "owl")])
def test_other_categories_get_a_new_head(tmp_path, names):
    spec, before = own_weights(tmp_path, "compact_vgg")
    trainee = prepare(spec, names, Recipe())
    assert trainee.known == 0
    weight = trainee.module.state_dict()[f"{trainee.head[-1]}.weight"]
    assert len(weight) == len(names)
    assert not torch.equal(weight[:3], before[f"{trainee.head[-1]}.weight"][:3])


def test_the_very_same_categories_keep_the_head_as_it_is(tmp_path):
    spec, before = own_weights(tmp_path, "compact_vgg")
    trainee = prepare(spec, NAMES, Recipe())
    assert trainee.known == 4
    assert all(torch.equal(value, before[name]) for name, value in trainee.module.state_dict().items())


def corrections(tmp_path, categories, named, val=8):
    """Red, green and blue squares as pictures of categories of a network; some are kept out."""
    files = draw(tmp_path / "files", 14, seed=7)
    rows = [
        row(files / colour / f"{number}.png", named[colour], part="val" if number >= 14 - val else "train")
        for number in range(14) for colour in COLOURS
    ]  # fmt: skip
    return listing(tmp_path, rows, list(categories))


def said_by_torch(weights, categories, how, pictures):
    """Top-1 of a weights file, with the network built and fed by hand."""
    module = backend.build("compact_vgg", options=backend.BuildOptions(num_classes=categories)).eval()
    module.load_state_dict(load_file(weights))
    with torch.inference_mode():
        batch = torch.cat([preprocess(decode(ImageRef(one), short_side=target_side(how)), how).tensor for one in pictures])
        return module(batch).argmax(1).tolist()


@pytest.mark.parametrize("mode", ["head", "full"])
def test_before_and_after_are_what_the_two_files_say(tmp_path, mode):
    known = resolve(BUILTIN_SPEC)
    categories = (*known.categories, "red square")
    named = {"blue": known.categories[3], "green": known.categories[50], "red": "red square"}
    data = corrections(tmp_path, categories, named)
    extra = ["rate=0.01", "epochs=9"] if mode == "head" else ["mode=full", "rate=0.003", "epochs=4", "precision=float32"]
    recipe = changed(preset("corrections"), extra)
    _, outcome = finished(train(TrainConfig(data, tmp_path / "out", BUILTIN_SPEC, recipe, "cpu")))
    proof = read_proof(outcome.folder)
    assert proof.categories == categories
    assert len(proof.pictures) == 24
    paths = [Path(one.picture) for one in proof.pictures]
    assert [one.before for one in proof.pictures] == said_by_torch(
        Path("resources/builtin/weights.safetensors"), len(known.categories), known.preprocessing, paths
    )
    after = said_by_torch(outcome.folder / "weights.safetensors", len(categories), known.preprocessing, paths)
    assert [one.after for one in proof.pictures] == after
    truth = [categories.index(named[path.parent.name]) for path in paths]
    assert [one.category for one in proof.pictures] == truth
    assert outcome.top1 == proof.top1("after") == sum(a == t for a, t in zip(after, truth, strict=True)) / 24 > 0.6
    assert outcome.before_top1 == proof.top1("before") < 0.2
    table = torch.tensor(outcome.confusion)
    assert {pair: int(table[pair]) for pair in proof.confusion("after")} == proof.confusion("after")
    assert int(table.sum()) == 24
    indices = json.loads((outcome.folder / "class_indices.json").read_text())
    assert [indices[str(index)] for index in range(len(categories))] == list(categories)
    old, new = load_file("resources/builtin/weights.safetensors"), load_file(outcome.folder / "weights.safetensors")
    head = prepare(BUILTIN_SPEC, categories, recipe).head[-1]
    seen = {3, 50, len(known.categories)}
    for part in ("weight", "bias"):
        for index in range(len(known.categories)):
            same = torch.equal(new[f"{head}.{part}"][index], old[f"{head}.{part}"][index])
            assert same == (index not in seen), (part, index)


def test_a_run_on_corrections_goes_on_where_it_was_broken_off(tmp_path):
    spec, _ = own_weights(tmp_path, "compact_vgg")
    data = corrections(tmp_path, (*NAMES, "red"), {"blue": "owl", "green": "cat", "red": "red"}, val=4)
    recipe = changed(preset("corrections"), ["epochs=3", "mode=full", "optimizer=sgd", "weight_decay=0.01", "average=0.9",
                                             "precision=float32"])  # fmt: skip
    _, whole = finished(train(TrainConfig(data, tmp_path / "whole", spec, recipe, "cpu")))
    broken = TrainConfig(data, tmp_path / "broken", spec, recipe, "cpu")
    for stop_at in (4, 12):
        work = train(broken, resume=True)
        for _ in range(stop_at):
            next(work)
        work.close()
    _, resumed = finished(train(broken, resume=True))
    one, other = (load_file(outcome.folder / "weights.safetensors") for outcome in (whole, resumed))
    assert all(torch.equal(one[name], other[name]) for name in one)
    assert read_proof(whole.folder) == read_proof(resumed.folder)
    assert whole.before_top1 == resumed.before_top1


def test_a_new_head_has_nothing_to_be_compared_with(pictures, tmp_path):
    recipe = changed(preset("quick"), ["epochs=1"])
    _, outcome = finished(train(TrainConfig(pictures, tmp_path / "out", BUILTIN_SPEC, recipe, "cpu")))
    assert outcome.before_top1 is None
    assert read_proof(outcome.folder) is None


def test_the_list_is_shown_in_its_order_first():
    recipe = preset("corrections")
    assert epoch_order(7, recipe, 0).tolist() == list(range(7))
    assert sorted(epoch_order(7, recipe, 1)) == list(range(7))
    assert epoch_order(7, recipe, 1).tolist() != list(range(7))




def test_the_command_line_says_before_and_after(tmp_path, capsys):
    known = resolve(BUILTIN_SPEC).categories
    data = corrections(tmp_path, (*known, "red"), {"blue": known[3], "green": known[50], "red": "red"}, val=4)
    order = ["train", str(data), "--output", str(tmp_path / "out"), "--preset", "corrections"]
    assert main([*order, "--epochs", "2", "--device", "cpu"]) == 0
    proof = read_proof(tmp_path / "out")
    assert f"before {proof.top1('before'):.1%}, after {proof.top1('after'):.1%}" in capsys.readouterr().out
