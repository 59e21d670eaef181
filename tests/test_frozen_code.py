"""A person's own network finds what it may use of torch and torchvision in the packaged program, too.

Skipped where there is none; `make test-frozen` builds it first.
"""

from __future__ import annotations

import json

import pytest

from tests.helpers.frozen import bare_environment, needs_program, run_program

pytestmark = [pytest.mark.slow, needs_program]

# Each function is a use; what fails is told by its name.
USES = '''
import contextlib, io, json, pathlib, warnings
import torch, torchvision
from torch import nn

ROW = torch.ones(1, 2)

def map_over_rows(): torch.func.vmap(lambda x: x.sum())(torch.ones(3, 4))
def gradient(): torch.func.grad(lambda x: (x**2).sum())(torch.ones(3))
def jacobian(): torch.autograd.functional.jacobian(lambda x: x**2, torch.ones(3))
def trace(): torch.jit.trace(nn.Linear(2, 2), ROW)
def symbolic_trace(): torch.fx.symbolic_trace(nn.Sequential(nn.Linear(2, 2)))
def without_data():
    with torch.device("meta"): network = torchvision.models.vit_b_16()
    network(torch.zeros(1, 3, 224, 224, device="meta"))
def features():
    from torchvision.models.feature_extraction import create_feature_extractor
    create_feature_extractor(torchvision.models.resnet18(), ["layer1"])(torch.zeros(1, 3, 64, 64))
def transforms():
    from torchvision.transforms import v2
    change = v2.Compose([v2.Resize(20), v2.RandomErasing(), v2.ToDtype(torch.float32, scale=True)])
    change(torch.zeros(3, 40, 40, dtype=torch.uint8))
def old_checkpoint(): checkpoint(True)
def checkpoint(old=False):
    from torch.utils.checkpoint import checkpoint
    checkpoint(lambda x: x * 2, torch.ones(2, requires_grad=True), use_reentrant=old).sum().backward()
def loader(): next(iter(torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.ones(4, 2)), batch_size=2)))
def parametrizations():
    from torch.nn.utils.parametrizations import spectral_norm, weight_norm
    weight_norm(nn.Linear(2, 2))(ROW), spectral_norm(nn.Linear(2, 2))(ROW)
def half():
    with torch.autocast("cpu", torch.bfloat16): nn.Linear(2, 2)(ROW)
def transformer(): nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, batch_first=True), 1).eval()(torch.ones(1, 3, 8))
def recurrent(): nn.LSTM(3, 4)(torch.ones(2, 1, 3))
def lazy(): nn.LazyLinear(3)(ROW)
def own_operator():
    @torch.library.custom_op("mine::double", mutates_args=())
    def double(x: torch.Tensor) -> torch.Tensor: return x * 2
    double(torch.ones(2))
def operations():
    from torch.utils.flop_counter import FlopCounterMode
    with FlopCounterMode(display=False) as counter: nn.Conv2d(3, 4, 3)(torch.ones(1, 3, 8, 8))
    assert counter.get_total_flops()
def hooks():
    network = nn.Linear(2, 2)
    network.register_full_backward_hook(lambda *_: None)
    network(torch.ones(1, 2, requires_grad=True)).sum().backward()
def optimizers():
    for kind in (torch.optim.SGD, torch.optim.AdamW, torch.optim.LBFGS):
        weight = nn.Parameter(torch.ones(2))
        optimizer = kind([weight], lr=0.1)
        def loss():
            optimizer.zero_grad()
            value = (weight**2).sum()
            value.backward()
            return value
        optimizer.step(loss)
    torch.optim.lr_scheduler.OneCycleLR(torch.optim.SGD([weight], 0.1), 0.1, total_steps=10)
def sparse(): torch.eye(3).to_sparse() @ torch.ones(3, 1)
def spectrum(): torch.fft.fft2(torch.ones(4, 4))
def profile():
    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as profiler: torch.ones(3) + 1
    profiler.key_averages().table()
def saved():
    file = io.BytesIO()
    torch.save(nn.Linear(2, 2).state_dict(), file)
    file.seek(0)
    torch.load(file, weights_only=True)

def build_model():
    failed = {}
    uses = [use for use in globals().values() if getattr(use, "__module__", None) == __name__ and use is not build_model]
    for use in uses:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                use()
        except Exception as error:
            failed[use.__name__] = f"{type(error).__name__}: {error}"
    pathlib.Path(__file__).with_suffix(".json").write_text(json.dumps([len(uses), failed]))
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 224 * 224, 2)).eval()

categories = ["a", "b"]
'''


def test_what_networks_use_of_torch_is_there(tmp_path, home):
    code = tmp_path / "uses.py"
    code.write_text(USES, "utf-8")
    words = ["layers", "--model", str(code), "--run-code"]
    done = run_program(*words, cwd=tmp_path, environment=bare_environment(home))
    assert done.returncode == 0, done.stderr
    count, failed = json.loads(code.with_suffix(".json").read_text("utf-8"))
    assert failed == {}
    assert count > 20


@pytest.mark.parametrize("use", ["import sympy; sympy.symbols('x')", "import torch; torch.compile(torch.nn.Identity())"])
def test_what_is_not_there_is_said_in_one_sentence(tmp_path, home, use):
    code = tmp_path / "uses.py"
    code.write_text(f"{use}\n", "utf-8")
    done = run_program("layers", "--model", str(code), "--run-code", cwd=tmp_path, environment=bare_environment(home))
    assert done.returncode == 2
    assert "“uses.py”, line 1" in done.stderr
    assert "Traceback" not in done.stderr
