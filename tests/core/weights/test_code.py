import hashlib
import sys

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from core.errors import LayerscopeError, ModelError, UsageError, WeightsError
from core.inference.session import Session
from core.jobs.patches_key import layer_key
from core.types import BUILTIN_MODEL, CODE_SUFFIX, ModelSpec, WeightsSpec
from core.weights.choose import choose_spec, settle
from core.weights.options import weights_options
from core.weights.resolve import resolve, weights_file
from tests.helpers.model_code import runs, write

LINEAR = (
    "from torch import nn\ndef build_model():\n"
    "    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))\n"
)


@pytest.fixture
def net(tmp_path):
    return write(tmp_path)


def load(path, weights=None, sha256=""):
    return Session.load(ModelSpec.of_code(path, weights, sha256), "cpu")


def _exhausted(steps):
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def code(tmp_path, text):
    path = tmp_path / "mine.py"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_nothing_runs_without_the_flag(net):
    path, marker = net
    with pytest.raises(UsageError, match="--run-code"):
        choose_spec(str(path))
    with pytest.raises(UsageError, match="--run-code"):
        choose_spec(str(path), "random")
    with pytest.raises(UsageError, match="--run-code goes with"):
        choose_spec(BUILTIN_MODEL, run_code=True)
    with pytest.raises(UsageError, match="--run-code goes with"):
        choose_spec(None, str(path), run_code=True)
    assert runs(marker) == 0


@pytest.mark.parametrize("prefix", ["", "code:"])
def test_no_text_stands_for_code(net, prefix):
    path, marker = net
    for spec in (
        ModelSpec(f"{prefix}{path}", WeightsSpec("builtin")),
        ModelSpec(path.name, WeightsSpec("builtin")),
        ModelSpec(BUILTIN_MODEL, WeightsSpec.parse(str(path))),
        ModelSpec("", WeightsSpec.parse(str(path))),
    ):
        with pytest.raises(LayerscopeError):
            Session.load(settle(spec), "cpu")
    assert runs(marker) == 0


def test_choosing_does_not_run_and_loading_runs_once(net):
    path, marker = net
    spec = settle(choose_spec(str(path), run_code=True))
    assert spec == ModelSpec.of_code(path)
    assert runs(marker) == 0
    session = Session.load(spec, "cpu")
    assert runs(marker) == 1
    info = session.info
    assert info.title == "net.py"
    assert info.categories == ("cat", "dog", "bird")
    assert (info.preprocessing.resize, info.preprocessing.crop) == (40, 32)
    assert info.preprocessing.mean == (0.5, 0.5, 0.5)
    assert {"first", "second", "head"} <= {layer.name for layer in info.layers}
    assert any(str(path) in notice for notice in info.notices)
    assert not any(parameter.requires_grad for parameter in session.model.parameters())
    x = torch.rand(2, 3, 32, 32)
    with torch.no_grad():
        want = session.model.head(session.model.second(session.model.first(x).relu()).relu().mean((2, 3)))
    assert torch.allclose(session.forward(x), want, atol=1e-6)


def test_the_same_code_gives_the_same_network_and_leaves_the_generator_alone(net):
    path, _ = net
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    one, two = load(path), load(path)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert one.info.weights_sha256 == two.info.weights_sha256 != ""
    assert torch.equal(one.model.head.weight, two.model.head.weight)


def test_without_names_they_are_numbered_and_preprocessing_is_the_usual(tmp_path):
    info = load(code(tmp_path, LINEAR)).info
    assert info.categories == ("class 0", "class 1", "class 2", "class 3")
    assert (info.preprocessing.resize, info.preprocessing.crop) == (256, 224)
    assert any("does not name its 4 categories" in notice for notice in info.notices)


@pytest.mark.parametrize("form", ["plain", "module", "wrapped"])
def test_weights_file_is_loaded_strictly(net, tmp_path, form):
    path, _ = net
    state = {name: torch.rand_like(value) for name, value in load(path).model.state_dict().items()}
    file = tmp_path / "weights.pth"
    named = {f"module.{name}": value for name, value in state.items()} if form == "module" else state
    torch.save({"state_dict": named, "epoch": 3} if form == "wrapped" else named, file)
    spec = choose_spec(str(path), str(file), run_code=True)
    session = Session.load(spec, "cpu")
    assert weights_file(spec) == file
    for name, value in session.model.state_dict().items():
        assert torch.equal(value, state[name])


def test_names_with_a_prefix_of_the_network_itself(tmp_path):
    text = (
        "from torch import nn\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.model = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, 4))\n"
        "    def forward(self, x):\n        return self.model(x)\ndef build_model():\n    return Net()\n"
    )
    path, file = code(tmp_path, text), tmp_path / "weights.safetensors"
    save_file({"model.2.weight": torch.ones(4, 3), "model.2.bias": torch.zeros(4)}, file)
    session = load(path, WeightsSpec("file", path=file))
    assert torch.equal(session.model.model[2].weight, torch.ones(4, 3))


def test_weights_that_do_not_fit_are_told_apart_in_words(net, tmp_path):
    path, _ = net
    state = dict(load(path).model.state_dict())
    del state["first.bias"]
    state["head.weight"] = torch.zeros(9, 6)
    state["more.weight"] = torch.zeros(2)
    file = tmp_path / "weights.pth"
    torch.save(state, file)
    with pytest.raises(WeightsError) as caught:
        load(path, WeightsSpec("file", path=file))
    words = caught.value.message
    assert "“weights.pth” does not fit the network in “net.py”" in words
    assert "1 tensor missing (first.bias)" in words
    assert "1 tensor too many (more.weight)" in words
    assert "head.weight is 9×6 instead of 3×6" in words


def test_weights_that_are_not_numbers(net, tmp_path):
    path, _ = net
    state = dict(load(path).model.state_dict())
    state["first.bias"] = torch.full((4,), float("nan"))
    file = tmp_path / "weights.pth"
    torch.save(state, file)
    with pytest.raises(WeightsError, match="NaN or infinite"):
        load(path, WeightsSpec("file", path=file))


def test_complex_weights_for_a_real_network_are_refused(net, tmp_path):
    path, _ = net
    file = tmp_path / "weights.pth"
    torch.save({name: value.to(torch.complex64) for name, value in load(path).model.state_dict().items()}, file)
    with pytest.raises(WeightsError, match=r"“weights\.pth” holds complex numbers .* has real ones: first\.weight"):
        load(path, WeightsSpec("file", path=file))


@pytest.mark.parametrize("weights", ["random", "IMAGENET1K_V1"])
def test_other_weights_are_refused_before_anything_runs(net, weights):
    path, marker = net
    with pytest.raises(WeightsError, match="weights of its own"):
        resolve(choose_spec(str(path), weights, run_code=True))
    assert runs(marker) == 0


def test_a_file_that_changed_since_it_was_agreed_to_is_not_run(net):
    path, marker = net
    agreed = hashlib.sha256(path.read_bytes()).hexdigest()
    load(path, sha256=agreed)
    assert runs(marker) == 1
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(ModelError, match="has changed since you agreed"):
        load(path, sha256=agreed)
    assert runs(marker) == 1


BROKEN = {
    "syntax": ("x = 1\ndef build_model(:\n    pass\n", "“mine.py”, line 2: SyntaxError: "),
    "null": (b"x = 1\n\x00", "“mine.py”"),
    "bytes": (b"x = '\xff\xfe'\n", "“mine.py”"),
    "empty": ("", "“mine.py” has no build_model()"),
    "not callable": ("build_model = 3\n", "has no build_model()"),
    "raises": ("def build_model():\n    x = 1\n    raise ValueError('no luck')\n", "“mine.py”, line 3: ValueError: no luck."),
    "at the top": ("\n1 / 0\n", "“mine.py”, line 2: ZeroDivisionError: division by zero."),
    "exit": ("import sys\nsys.exit(3)\n", "“mine.py”, line 2 wanted to end the program"),
    "import": ("import no_such_module_here\n", "“mine.py”, line 1 needs the module “no_such_module_here”"),
    "name": ("from torch import no_such_name\n", "“mine.py”, line 1: ImportError: cannot import name 'no_such_name'"),
    "nothing": ("def build_model():\n    pass\n", "build_model() of “mine.py” returned nothing, not a network"),
    "dict": ("def build_model():\n    return {}\n", "returned a value of the type dict, not a network"),
    "class": ("from torch import nn\ndef build_model():\n    return nn.Flatten\n", "returned a value of the type type"),
    "argument": ("def build_model(n):\n    return n\n", "TypeError: build_model() missing 1 required"),
    "recursion": ("def build_model():\n    return build_model()\n", "“mine.py”, line 2: RecursionError"),
    "shape": ("from torch import nn\ndef build_model():\n    return nn.Linear(7, 2)\n", "“mine.py”: RuntimeError: "),
    "map": ("from torch import nn\ndef build_model():\n    return nn.Identity()\n", "returns 1×3×224×224 for one picture"),
    "unspeakable": (
        "class E(Exception):\n    def __str__(self):\n        raise KeyError\ndef build_model():\n    raise E\n",
        "“mine.py”, line 5: E.",
    ),
    "forward": (
        "from torch import nn\nclass N(nn.Module):\n    def forward(self, x):\n        return self.gone(x)\n"
        "def build_model():\n    return N()\n",
        "“mine.py”, line 4: AttributeError: ",
    ),
    "tuple": (
        "from torch import nn\nclass N(nn.Module):\n    def forward(self, x):\n        return x, x\n"
        "def build_model():\n    return N()\n",
        "returns a value of the type tuple",
    ),
    "few names": (LINEAR + "categories = ['a']\n", "has 1 name, and the network has 4 outputs"),
    "names": (LINEAR + "categories = 'abcd'\n", "is no list of names"),
    "no names": (LINEAR + "categories = 4\n", "is no list of names"),
    "key": (LINEAR + "preprocessing = {'size': 3}\n", "has size; what counts is resize, crop"),
    "no dict": (LINEAR + "preprocessing = 224\n", "is no dict"),
    "std": (LINEAR + "preprocessing = {'std': (0, 1, 1)}\n", "A standard deviation is above 0"),
    "mean": (LINEAR + "preprocessing = {'mean': 'abc'}\n", "cannot be used"),
    "crop": (LINEAR + "preprocessing = {'crop': None}\n", "cannot be used"),
    "filter": (LINEAR + "preprocessing = {'interpolation': 'magic'}\n", "The interpolation is one of"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_every_fault_of_the_code_is_a_sentence(tmp_path, fault):
    text, words = BROKEN[fault]
    before = list(sys.path)
    with pytest.raises(ModelError) as caught:
        load(code(tmp_path, text))
    assert words in caught.value.message
    assert "Traceback" not in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.message.endswith(".")
    assert sys.path == before


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path):
    with pytest.raises(ModelError, match="There is no file"):
        load(tmp_path / "gone.py")
    (tmp_path / "folder.py").mkdir()
    with pytest.raises(ModelError, match="cannot be read"):
        load(tmp_path / "folder.py")


def test_it_is_not_main_and_modules_beside_it_can_be_imported(tmp_path, monkeypatch):
    (tmp_path / "blocks_beside_it.py").write_text("OUTPUTS = 5\n")
    text = (
        "from __future__ import annotations\nfrom dataclasses import dataclass\nfrom torch import nn\n"
        "from blocks_beside_it import OUTPUTS\n@dataclass\nclass Made:\n    outputs: int = OUTPUTS\n"
        "if __name__ == '__main__':\n    raise SystemExit\nprint('hello')\n"
        "def build_model():\n    return nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(3, Made().outputs))\n"
    )
    path = code(tmp_path, text)
    first = load(path).info
    assert len(first.categories) == 5
    (tmp_path / "blocks_beside_it.py").write_text("OUTPUTS = 2 + 4\n")
    second = load(path).info
    assert len(second.categories) == 6
    assert first.weights_sha256 != second.weights_sha256
    load(code(tmp_path, LINEAR))
    assert "blocks_beside_it" not in sys.modules
    (tmp_path / "other").mkdir()
    alone = code(tmp_path / "other", text)
    with pytest.raises(ModelError, match="needs the module “blocks_beside_it”"):
        load(alone)


def test_code_that_does_something_else_with_the_same_weights_is_another_network(tmp_path):
    keys = []
    for layer in ("nn.ReLU()", "nn.Tanh()"):
        session = load(code(tmp_path, LINEAR.replace("nn.Linear(3, 4)", f"nn.Linear(3, 4), {layer}")))
        layer_info = next(one for one in session.info.layers if one.name == "2")
        keys.append(_exhausted(layer_key(session, layer_info)))
    assert keys[0] != keys[1]


def test_what_it_prints_stays_off_standard_output(tmp_path, capsys):
    load(code(tmp_path, "print('hello')\n" + LINEAR))
    assert capsys.readouterr() == ("", "hello\n")


def test_one_channel_pictures_and_half_precision(tmp_path):
    text = (
        "from torch import nn\npreprocessing = {'crop': 16, 'mean': [0.5], 'std': [0.5]}\n"
        "def build_model():\n    return nn.Sequential(nn.Flatten(), nn.Linear(256, 2)).half().train()\n"
    )
    session = load(code(tmp_path, text))
    assert session.info.preprocessing.resize == 19
    assert not session.model.training
    assert session.forward(torch.zeros(1, 1, 16, 16)).dtype == torch.float32


def test_options_of_code_are_its_own_weights():
    assert [option.spec.kind for option in weights_options(f"net{CODE_SUFFIX}")] == ["builtin"]


def test_nn_module_is_what_torch_says(net):
    assert isinstance(load(net[0]).model, nn.Module)
