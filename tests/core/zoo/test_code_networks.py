"""Networks of a person's own that do what none of the catalogue does: answered, or refused in words that name the file."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch

from core import paths
from core.cli.main import main
from core.errors import LayerError, LayerscopeError, ModelError
from core.inference.session import Session
from core.insight.gradients import layer_gradient
from core.insight.inspect import Inspector
from core.insight.lesion_plan import plan_lesions
from core.types import ImageRef, Lesion, ModelSpec

SAMPLE = paths.sample_pictures()[0]
HEAD = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n\n"
BODY = """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        {init}

    def forward(self, x):
        {forward}


def build_model():
    return {built}


categories = ["a", "b"]
"""
PARTS = "self.first = nn.Conv2d(3, 4, 3); self.head = nn.Linear(4, 2)"
PLAIN = "logits = self.head(self.first(x).mean((2, 3)))"


def network(folder, forward, init=PARTS, built="Net()", name="net.py"):
    path = folder / name
    path.write_text(HEAD + BODY.format(init=init, forward=forward, built=built), "utf-8")
    return path


def load(path):
    return Session.load(ModelSpec.of_code(path), "cpu")


def cli(path, *more):
    return main(["classify", str(SAMPLE), "--model", str(path), "--run-code", *more])


REFUSED = {
    "dict": (f"{PLAIN}; return {{'logits': logits}}", "returns a value of the type dict.*Have it return the logits alone"),
    "tuple": (f"{PLAIN}; return logits, x", "the type tuple.*Have it return the logits alone"),
    "complex": (f"{PLAIN}; return logits.to(torch.complex64)", "returns complex numbers"),
    "sparse": (f"{PLAIN}; return logits.to_sparse()", "returns a sparse tensor"),
    "nan": (f"{PLAIN}; return logits * float('nan')", "net.py answers with values that are not numbers"),
    "map": ("return self.first(x)", "returns 1×4×222×222"),
    "no batch": (f"{PLAIN}; return logits[0]", "returns 2 for one picture"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_number_for_each_category_is_refused(tmp_path, case):
    forward, said = REFUSED[case]
    with pytest.raises(LayerscopeError, match=said):
        load(network(tmp_path, forward))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_torchscript_program_is_refused(tmp_path):
    path = network(tmp_path, f"{PLAIN}; return logits", built="torch.jit.script(Net())")
    with pytest.raises(ModelError, match=r"“net\.py” returns a TorchScript program.*without torch\.jit\.script"):
        load(path)


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_a_compiled_network_is_run_as_it_was_and_that_is_said(tmp_path):
    torch.manual_seed(0)
    session = load(network(tmp_path, f"{PLAIN}; return logits", built="torch.compile(Net())"))
    assert [layer.name for layer in session.info.layers] == ["first", "head"]
    assert any("torch.compile" in notice for notice in session.info.notices)
    given = torch.rand(1, 3, 224, 224)
    plain = session.model
    expected = plain.head(plain.first(given).mean((2, 3)))
    assert torch.allclose(session.forward(given), expected, atol=1e-6)


@pytest.mark.parametrize(
    ("init", "forward"),
    [
        ("self.table = nn.Parameter(torch.eye(3)[:2])", "return x.mean((2, 3)) @ self.table.T"),
        ("pass", "return x.mean((2, 3))[:, :2]"),
    ],
)
def test_a_network_without_parts_is_one_layer(tmp_path, init, forward):
    session = load(network(tmp_path, forward, init))
    (layer,) = session.info.layers
    assert (layer.name, layer.kind, layer.output_shape) == ("network", "Net", (1, 2))
    given = torch.rand(1, 3, 224, 224)
    assert torch.allclose(session.forward(given), given.mean((2, 3))[:, :2], atol=1e-6)
    assert Inspector(session).activations(ImageRef(SAMPLE), "network").layer == layer


def test_an_answer_that_asks_for_gradients_is_an_answer(tmp_path):
    assert cli(network(tmp_path, f"{PLAIN}; return nn.Parameter(logits)")) == 0


def test_gradients_inside_of_a_forward_are_refused_with_the_line(tmp_path, capsys):
    path = network(tmp_path, "g, = torch.autograd.grad(self.first(x.clone().requires_grad_()).sum(), x); return g")
    assert cli(path) != 0
    assert "“net.py”, line 12: RuntimeError: " in capsys.readouterr().err


def test_what_fails_on_some_pictures_only_is_said_to_be_of_the_file(tmp_path, capsys):
    path = network(tmp_path, f"assert not x.any(), 'too bright'; {PLAIN}; return logits")
    assert cli(path) == 1
    said = capsys.readouterr().err
    assert "“net.py”, line 12: AssertionError: too bright." in said
    assert "mistake of the program" not in said


def test_it_cannot_end_the_program_with_an_answer(tmp_path, capsys):
    path = network(tmp_path, f"x.any() and exit(3); {PLAIN}; return logits")
    assert cli(path) != 3
    assert "“net.py”, line 12 wanted to end the program. It must only answer." in capsys.readouterr().err


def test_the_same_in_a_module_beside_the_file(tmp_path, capsys):
    (tmp_path / "my_parts.py").write_text("def check(x):\n    if x.any():\n        raise KeyError('bright')\n", "utf-8")
    built = "__import__('my_parts') and Net()"
    path = network(tmp_path, f"import my_parts; my_parts.check(x); {PLAIN}; return logits", built=built)
    assert cli(path) == 1
    assert "“my_parts.py”, line 3: KeyError: 'bright'." in capsys.readouterr().err


def test_what_it_prints_does_not_get_into_the_answer(tmp_path, capsys):
    path = network(tmp_path, f"print('seen'); {PLAIN}; return logits")
    assert cli(path, "--json") == 0
    out, err = capsys.readouterr()
    assert len(json.loads(out)) == 1
    assert "seen" in err


@pytest.fixture
def complex_layer(tmp_path):
    session = load(network(
        tmp_path, "z = torch.complex(self.re(x), self.im(x)); z = self.same(z); return self.head(z.abs().mean((2, 3)))",
        "self.re = nn.Conv2d(3, 4, 3); self.im = nn.Conv2d(3, 4, 3); self.same = nn.Identity(); self.head = nn.Linear(4, 2)",
    ))  # fmt: skip
    return Inspector(session)


def test_complex_maps_are_shown_as_magnitudes_and_called_so(complex_layer):
    image = ImageRef(SAMPLE)
    assert complex_layer.layer("same").kind == "Identity (magnitudes)"
    assert complex_layer.layer("re").kind == "Conv2d"
    model, given = complex_layer.session.model, complex_layer.tensor(image)
    with torch.inference_mode():
        expected = torch.complex(model.re(given), model.im(given)).abs().numpy()
    np.testing.assert_allclose(complex_layer.capture(image, "same").values, expected, rtol=1e-4, atol=1e-5)
    assert complex_layer.classify(image, "same").activations.layer.key == "same"


def test_complex_maps_are_not_changed_or_differentiated(complex_layer):
    layer = complex_layer.layer("same")
    plan = plan_lesions(complex_layer.session.info.layers, [Lesion("same", 0)])
    assert plan.lesions == ()
    assert "complex numbers, which are only read" in plan.notices[0]
    with pytest.raises(LayerError, match="complex numbers, which are only read"):
        layer_gradient(complex_layer.session, complex_layer.tensor(ImageRef(SAMPLE)), layer, lambda logits: logits[0, 0])
