"""An evaluation counts what plain torch counts."""

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from core import paths
from core.cli.main import main
from core.errors import UsageError
from core.inference.session import Session
from core.jobs.evaluate import evaluate
from core.types import BUILTIN_SPEC
from core.zoo.compact_vgg import compact_vgg
from tests.helpers.shared_data import need_shared_data

CARD = json.loads((paths.BUILTIN / "model.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def session():
    return Session.load(BUILTIN_SPEC, "cpu")


def finished(work):
    try:
        while True:
            next(work)
    except StopIteration as end:
        return end.value


def noise(folder, count, seed):
    folder.mkdir(parents=True)
    dice = np.random.default_rng(seed)
    for number in range(count):
        low = dice.integers(0, 256, (4, 4, 3), np.uint8)
        Image.fromarray(low).resize((64, 64), Image.Resampling.BICUBIC).save(folder / f"{number}.png")


def plain_ranks(path):
    """The categories of a square picture, best first, by plain torch and Pillow."""
    network = compact_vgg().eval()
    network.load_state_dict(load_file(paths.BUILTIN / "weights.safetensors"))
    how = CARD["preprocessing"]
    mean, std = (torch.tensor(how[key]).view(3, 1, 1) for key in ("mean", "std"))
    with Image.open(path) as picture:
        shown = picture.convert("RGB").resize((how["crop"], how["crop"]), Image.Resampling.BILINEAR)
    values = torch.from_numpy(np.array(shown)).permute(2, 0, 1).float() / 255
    with torch.inference_mode():
        return network(((values - mean) / std)[None])[0].argsort(descending=True).tolist()


@pytest.fixture
def folder(tmp_path):
    for place, name in enumerate(("goldfish", "n01641577", "orange", "no such thing")):
        noise(tmp_path / "a folder" / name, 3 + place, place)
    (tmp_path / "a folder" / "orange" / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0nothing")
    return tmp_path / "a folder"


def test_the_numbers_are_those_of_plain_torch(folder, session):
    result = finished(evaluate(session, folder))
    wanted = {"goldfish": "goldfish", "n01641577": "bullfrog", "orange": "orange"}
    first = five = 0
    for row, score in enumerate(result.folders):
        index = CARD["categories"].index(wanted[score.folder])
        ranks = [plain_ranks(path) for path in sorted((folder / score.folder).glob("*.png"))]
        assert (score.category, score.index) == (wanted[score.folder], index)
        assert score.top1 == pytest.approx(np.mean([rank[0] == index for rank in ranks]))
        assert score.top5 == pytest.approx(np.mean([index in rank[:5] for rank in ranks]))
        first, five = first + sum(rank[0] == index for rank in ranks), five + sum(index in rank[:5] for rank in ranks)
        columns = [CARD["categories"].index(label) for label in result.labels[:-1]]
        counts = [sum(rank[0] == column for rank in ranks) for column in columns]
        assert list(result.confusion[row]) == [*counts, len(ranks) - sum(counts)]
    assert (result.images, result.failed, result.labels[-1]) == (13, 1, "other")
    assert (result.top1, result.top5) == (pytest.approx(first / 12), pytest.approx(five / 12))
    assert [(match.folder, count) for match, count in result.unmatched] == [("no such thing", 6)]
    assert "broken.jpg" in result.failures[0].message


def test_the_command_prints_one_object_and_says_what_is_left_out(folder, capsys):
    assert main(["evaluate", str(folder), "--device", "cpu", "--json"]) == 1
    out, said = capsys.readouterr()
    content = json.loads(out)
    assert {"images", "failed", "top1", "top5", "per_class", "confusion"} <= content.keys()
    assert (content["images"], content["failed"]) == (13, 1)
    assert sum(map(sum, content["confusion"])) == 12
    assert content["per_class"]["n01641577"]["category"] == "bullfrog"
    assert "broken.jpg" in said
    assert "no such thing" in said


def test_the_table_names_the_folders_and_the_whole(folder, capsys):
    (folder / "orange" / "broken.jpg").unlink()
    assert main(["evaluate", str(folder), "--device", "cpu"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[:4]] == ["folder", "goldfish", "n01641577", "orange"]
    assert lines[-1].endswith("of 12 pictures")


def test_val_is_taken_where_there_is_train_too(tmp_path, folder, session):
    (tmp_path / "split").mkdir()
    shutil.move(folder, tmp_path / "split" / "val")
    noise(tmp_path / "split" / "train" / "goldfish", 2, 9)
    result = finished(evaluate(session, tmp_path / "split"))
    assert (result.images, result.folder.name, len(result.notices)) == (13, "val", 1)


def test_a_model_whose_categories_are_all_there_has_a_square_confusion(tmp_path, session):
    for name in CARD["categories"]:
        noise(tmp_path / name.replace("/", " "), 1, 1)
    result = finished(evaluate(session, tmp_path))
    assert np.array(result.confusion).shape == (102, 102)
    assert len(result.labels) == 102


@pytest.mark.parametrize("make", ["nothing", "file", "empty", "flat", "strange"])
def test_a_folder_that_does_not_do_is_refused_in_words(tmp_path, session, make):
    target = tmp_path / "x y"
    if make == "file":
        target.write_bytes(b"")
    elif make != "nothing":
        target.mkdir()
    if make == "flat":
        Image.new("RGB", (8, 8)).save(target / "a.png")
    if make == "strange":
        noise(target / "zzz", 1, 0)
    with pytest.raises(UsageError, match="x y"):
        finished(evaluate(session, target))


def test_imagenet_weights_on_photographs(tmp_path, capsys):
    photos, weights = need_shared_data("photos"), need_shared_data("weights/squeezenet1_1-imagenet.pth")
    for path in sorted(photos.iterdir()):
        if path.name.split("_")[0].isdecimal():
            (tmp_path / path.stem).mkdir()
            shutil.copy(path, tmp_path / path.stem)
    assert main(["evaluate", str(tmp_path), "--model", "squeezenet1_1", "--weights", str(weights), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["images"] == len(list(tmp_path.iterdir())) > 10
    assert all(one["index"] == int(name.split("_")[0]) for name, one in content["per_class"].items())
    assert content["top5"] > 0.5
