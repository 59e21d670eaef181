import io
import os
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from core import paths
from core.cli.main import main
from core.images.decode import decode
from core.inference.session import Session
from core.insight.attribution import explain
from core.insight.inspect import Inspector
from core.jobs.explain_export import overlay_picture
from core.types import BUILTIN_SPEC, METHODS, ExplainRequest, Explanation, ImageRef, frozen
from tests.core.insight.attribution.nets import HOW, SPEC, finish
from tests.helpers.shared_data import ROOT

ORANGE = paths.SAMPLES / "1_orange.jpg"


@pytest.fixture
def out(tmp_path):
    folder = tmp_path / "out ü"
    folder.mkdir()
    return folder


@pytest.fixture
def run(capsys):
    def run(*arguments):
        status = main(["explain", *(str(argument) for argument in arguments)])
        out, err = capsys.readouterr()
        return status, out, err

    return run


def expected(method, category, layer=""):
    inspector = Inspector(Session.load(BUILTIN_SPEC, "cpu"))
    return finish(explain(inspector, ExplainRequest(1, ImageRef(ORANGE), method, category, layer)))


def test_npz_holds_the_values_and_where_they_come_from(run, out):
    status, said, err = run(ORANGE, "--output", out / "画像.npz", "--device", "cpu")
    assert (status, err) == (0, "")
    info = Session.load(BUILTIN_SPEC, "cpu").info
    orange = info.categories.index("orange")
    found = expected("gradcam", orange)
    assert f"Grad-CAM of orange ({orange}), probability" in said
    assert "layer features (the last with a map), strongest " in said
    with np.load(out / "画像.npz", allow_pickle=False) as file:
        np.testing.assert_array_equal(file["values"], found.values)
        np.testing.assert_array_equal(file["box"], found.box)
        assert (int(file["index"]), float(file["probability"])) == (orange, found.probability)
        about = {name: str(file[name]) for name in file if file[name].dtype.kind == "U"}
    assert len(about.pop("weights_sha256")) == 64
    assert about == {
        "method": "gradcam", "category": "orange", "layer": "features", "note": "", "model": "compact_vgg",
        "weights": "builtin", "preprocessing": info.preprocessing.describe(), "image": "1_orange.jpg",
    }  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_png_is_the_picture_at_its_own_size_with_the_heat_in_the_crop_and_a_legend(run, out, method):
    status, said, err = run(ORANGE, "--method", method, "--class", "teapot", "--output", out / "x.png", "--device", "cpu")
    assert status == 0
    assert f"{METHODS[method].title} of teapot" in said
    assert err.count("\n") <= 1
    picture = np.asarray(decode(ImageRef(ORANGE)).rgb)
    with Image.open(out / "x.png") as image:
        shown = np.asarray(image)
    height, width = picture.shape[:2]
    assert shown.shape[1] == width
    assert height < shown.shape[0] < 1.4 * height
    left, top, right, bottom = (round(edge) for edge in expected("gradcam", 76).box)
    inside = np.zeros((height, width), bool)
    inside[max(0, top) : bottom, max(0, left) : right] = True
    same = (shown[:height] == picture).all(axis=2)
    assert same[~inside].all()
    assert same[inside].mean() < (0.95 if METHODS[method].diverging else 0.5)


def test_the_category_and_the_layer_are_taken_as_they_are_said(run, out):
    for text in ("950", "Teapot", "teapo"):
        status, said, err = run(ORANGE, "--class", text, "--layer", "features.7", "--output", out / "x.npz")
        if text == "950":
            assert (status, said) == (2, "")
            assert "the model has 102, from 0 to 101" in err
        else:
            assert status == 0
            assert "of teapot (76)" in said
            assert "layer features.7, " in said


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--output", "x.txt"), 2, "one of the endings .png, .npz"),
        (("--output", "gone/x.png"), 2, "no folder"),
        (("--output", "x.png", "--class", "cat"), 2, "fits"),
        (("--output", "x.png", "--class", "zzz"), 2, "No category of the model is called “zzz”"),
        (("--output", "x.png", "--layer", "featurse.0"), 2, "Did you mean features.0"),
        (("--output", "x.png", "--layer", "classifier"), 2, "last one is “features”"),
        (("--output", "x" * 300 + ".png"), 1, "could not be written"),
        (("--output", "x.png", "--model", "swin_t", "--weights", "random", "--method", "guided-backprop"), 2, "has no ReLU"),
    ],
)
def test_wrong_use_is_answered_in_words(run, out, monkeypatch, arguments, status, words):
    monkeypatch.chdir(out)
    found, said, err = run(ORANGE, *arguments)
    assert (found, said) == (status, "")
    assert words in err
    assert "Traceback" not in err
    assert list(out.iterdir()) == []


def test_what_argparse_refuses_and_a_broken_picture(run, out):
    status, said, err = run(ORANGE, "--method", "magic")
    assert (status, said) == (2, "")
    assert "gradcam++" in err
    (out / "broken.png").write_bytes(b"no picture")
    status, said, err = run(out / "broken.png", "--output", out / "x.png")
    assert (status, said) == (1, "")
    assert "broken.png" in err


def test_the_picture_is_never_replaced(run, tmp_path):
    copy = tmp_path / "in.png"
    Image.new("RGB", (80, 80)).save(copy)
    before = copy.read_bytes()
    status, said, err = run(copy, "--output", copy)
    assert (status, said) == (2, "")
    assert "made from" in err
    assert copy.read_bytes() == before


def sample(values, method="gradcam", box=(0.0, 0.0, 30.0, 20.0)):
    values = frozen(np.asarray(values, np.float32))
    return Explanation(ImageRef(ORANGE), SPEC, HOW, method, 3, "ü 画像, long " * 9, 1.0, 0.00004, "", values, box)


@pytest.mark.parametrize("size", [(30, 20), (1, 500), (500, 1), (3000, 2000)])
@pytest.mark.parametrize("box", [(0.0, 0.0, 30.0, 20.0), (-9.5, -3.2, 40.1, 33.0), (5.0, 5.0, 5.2, 5.2)])
def test_odd_pictures_boxes_and_values_are_drawn(size, box):
    for values in ([[0, 0], [0, 0]], [[1, np.nan], [np.inf, -1]], [[7]]):
        for method in ("gradcam", "guided-backprop", "occlusion"):
            whole = overlay_picture(Image.new("RGB", size, "#808080"), sample(values, method, box))
            assert whole.width >= size[0]
            assert whole.height > size[1]


PROGRAM = (
    "import sys; from core.cli.main import main; assert not {'torch', 'captum'} & set(sys.modules); "
    "status = main(sys.argv[1:]); assert not [name for name in sys.modules if name.startswith(('PySide6', 'matplotlib'))]; "
    "sys.exit(status)"
)


def test_the_real_process(out):
    arguments = ("explain", ORANGE, "--method", "integrated-gradients", "--output", out / "x.png", "--device", "cpu")
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", PROGRAM, *arguments], cwd=out, timeout=300, capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "LC_ALL": "C"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Integrated gradients of orange" in done.stdout.decode("utf-8")
    assert done.stderr.decode("utf-8").startswith("layerscope: About Integrated gradients: values add up to ")
    assert [path.name for path in out.iterdir()] == ["x.png"]


class Terminal(io.StringIO):
    def isatty(self):
        return True


def test_on_a_terminal_a_bar_says_how_far_it_is_and_goes(monkeypatch, out, capsys):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    assert main(["explain", str(ORANGE), "--method", "occlusion", "--output", str(out / "x.npz"), "--device", "cpu"]) == 0
    drawn = terminal.getvalue()
    assert "\r[" in drawn
    assert "of 225" in drawn
    assert drawn.count("\n") == 1
    assert drawn.rpartition("\r")[2].startswith("layerscope: About Occlusion")
    assert "Occlusion of orange" in capsys.readouterr().out
