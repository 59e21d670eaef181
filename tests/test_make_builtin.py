"""`make builtin` on a few pictures: from the archive to the model that the program brings along."""

from __future__ import annotations

import io
import itertools
import json
import shlex
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from core import paths
from core.inference.session import Session
from core.training.loop import train
from core.training.network import scratch_spec
from core.training.recipe import as_text, changed, preset
from core.types import BUILTIN_SPEC, Recipe, TrainConfig
from core.weights import builtin
from core.weights.doctor import diagnose
from core.zoo.compact_vgg import compact_vgg
from tests.core.training.conftest import finished
from tools import make_builtin, model_card

NAMES = {"n00000001": "red thing, scarlet thing", "n00000002": "green thing", "n00000003": "blue thing"}
COLOURS = ((200, 50, 40), (50, 170, 60), (40, 60, 200))


@pytest.fixture
def archive(tmp_path):
    dice = np.random.default_rng(0)
    with zipfile.ZipFile(tmp_path / "tiny.zip", "w") as file:
        file.writestr("categories.json", json.dumps(NAMES))
        for half, count in (("train", 8), ("val", 4)):
            for wnid, colour in zip(NAMES, COLOURS, strict=True):
                for number in range(count):
                    pixels = np.clip(np.array(colour) + dice.normal(0, 30, (64, 64, 3)), 0, 255).astype(np.uint8)
                    content = io.BytesIO()
                    Image.fromarray(pixels).save(content, "WEBP", quality=90)
                    file.writestr(f"{half}/{wnid}/{wnid}_{number}.webp", content.getvalue())
    return tmp_path / "tiny.zip"


def settings(path: Path) -> list[str]:
    words = shlex.split(path.read_text(encoding="utf-8"), comments=True)
    return [value for key, value in itertools.pairwise(words) if key == "--set"]


def test_the_recipe_is_one():
    recipe = changed(preset("fine-tune"), settings(make_builtin.RECIPE))
    assert (recipe.mode, recipe.optimizer, recipe.epochs, recipe.precision) == ("scratch", "sgd", 41, "bfloat16")


def test_from_a_run_to_the_model_of_the_program(archive, tmp_path, monkeypatch):
    pictures = make_builtin.unpacked(archive, tmp_path / "data")
    recipe = Recipe(mode="scratch", batch_size=8, epochs=2, phases=(((32,), 1), ((32, 64, 64), 1)), precision="float32")
    run = tmp_path / "run"
    finished(train(TrainConfig(pictures, run, scratch_spec("compact_vgg"), recipe, "cpu")))
    target = tmp_path / "builtin"
    make_builtin.main(["--data", str(archive), "--work", str(tmp_path), "--from", str(run), "--output", str(target)])

    before, after = load_file(run / "weights.safetensors"), load_file(target / "weights.safetensors")
    assert before.keys() == after.keys()
    for name, value in after.items():
        assert value.dtype == (torch.float16 if value.ndim > 1 else before[name].dtype)
        assert torch.allclose(value.float(), before[name].float(), rtol=1e-3, atol=1e-7)
    found = diagnose(target / "weights.safetensors")
    assert (found.architecture, found.num_classes) == ("compact_vgg", 3)
    assert [one.kind for one in (*found.problems, *found.repairs)] == ["precision", "cast"]

    content = json.loads((target / "model.json").read_text(encoding="utf-8"))
    assert content["categories"] == ["red thing", "green thing", "blue thing"]
    assert (content["wordnet_ids"], content["synonyms"]) == (list(NAMES), list(NAMES.values()))
    assert content["recipe"] == json.loads(json.dumps(as_text(recipe)))
    assert 0.05 <= content["temperature"] <= 20
    assert 0 <= content["not_sure_below"] <= 1
    plain = compact_vgg(3).eval()
    plain.load_state_dict(after)
    right = 0
    for path in sorted((pictures / "val").rglob("*.webp")):
        values = torch.from_numpy(np.array(Image.open(path).convert("RGB"))).permute(2, 0, 1).float() / 255
        mean, std = (torch.tensor(content["preprocessing"][key]).view(3, 1, 1) for key in ("mean", "std"))
        with torch.no_grad():
            right += list(NAMES)[int(plain(((values - mean) / std)[None]).argmax())] == path.parent.name
    assert content["accuracy_on_val"]["64"]["top1"] == pytest.approx(right / 12)
    text = (target / "MODEL_CARD.md").read_text(encoding="utf-8")
    assert f"| 64 | {100 * right / 12:.1f} % | 100.0 % |" in text
    assert "1 epoch at 32 px, 1 at 32 or 64 (2 of 3 batches) px" in text

    monkeypatch.setattr(paths, "BUILTIN", target)
    session = Session.load(BUILTIN_SPEC, "cpu")
    assert session.info.notices == ()
    assert session.info.categories == builtin.card().categories == tuple(content["categories"])
    assert {value.dtype for value in session.model.state_dict().values() if value.is_floating_point()} == {torch.float32}
    batch = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.allclose(session.forward(batch), plain(batch), atol=1e-5)


def test_a_run_on_other_pictures_is_refused(archive, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "model.json").write_text(json.dumps({"architecture": "resnet18", "categories": []}))
    with pytest.raises(SystemExit, match="another architecture"):
        make_builtin.main(["--data", str(archive), "--work", str(tmp_path), "--from", str(tmp_path / "run")])


@pytest.mark.slow
def test_it_trains_by_the_command_and_goes_on_where_it_was(archive, tmp_path, capfd):
    recipe = tmp_path / "recipe.txt"
    recipe.write_text("# few\n--model compact_vgg --set mode=scratch --set phases=32:2\n--set precision=float32\n")
    words = ["--data", archive, "--work", tmp_path / "work", "--recipe", recipe, "--output", tmp_path / "builtin"]
    for _ in range(2):
        make_builtin.main([str(word) for word in words])
    said, told = capfd.readouterr()
    assert said.count("epoch   2 of 2") == 1
    assert "is over; there is nothing left to go on with" in told
    assert (tmp_path / "builtin" / "MODEL_CARD.md").is_file()


def test_phases_in_words():
    assert model_card.phases("32:24,32+48:6,64:1") == "24 epochs at 32 px, 6 at 32 or 48 px, 1 at 64 px"
