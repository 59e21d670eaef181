"""Exported programs run by their own graph: layer for layer as the network in Python, and never by running the file."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from core.errors import LayerscopeError, WeightsError
from core.inference.measure import measure_layers, module_of
from core.inference.session import Session
from core.types import ModelSpec, WeightsSpec
from core.weights import remembered
from core.weights.choose import choose_spec, settle
from core.weights.doctor import diagnose
from core.zoo import backend
from core.zoo.backend import BuildOptions
from core.zoo.exported.operators import ALLOWED
from tests.core.exported.programs import changed, export, node, nodes, small

_FACTS = ("kind", "output_shape", "parameters", "macs", "receptive_field", "stride", "offset", "leaf")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("programs")


@pytest.fixture(scope="module")
def program(folder: Path) -> Path:
    return export(small(), folder / "small.pt2", 1, 3, 32, 32)


@pytest.fixture(scope="module")
def dynamic(folder: Path) -> Path:
    return export(small(), folder / "dynamic.pt2", 2, 3, 32, 32, dynamic=True)


def load(path: Path) -> Session:
    return Session.load(settle(ModelSpec("", WeightsSpec("file", path=path))), "cpu")


def pictures(count: int, side: int = 32, channels: int = 3) -> Tensor:
    return torch.rand(count, channels, side, side, generator=torch.Generator().manual_seed(count))


def outputs(network: nn.Module, batch: Tensor) -> dict[tuple[str, int], Tensor]:
    """What every module puts out, call for call, as hooks see it."""
    found: dict[tuple[str, int], Tensor] = {}
    handles = []
    for name, part in network.named_modules():

        def hook(_module: nn.Module, _inputs: object, output: object, name: str = name) -> None:
            call = sum(key[0] == name for key in found) + 1
            if isinstance(output, Tensor):
                found[name, call] = output.clone()

        handles.append(part.register_forward_hook(hook))
    with torch.inference_mode():
        network(batch)
    for handle in handles:
        handle.remove()
    return found


def same_layers(eager: nn.Module, rebuilt: nn.Module, batch: Tensor) -> None:
    with torch.inference_mode():
        (wanted, _), (got, _) = measure_layers(eager, batch), measure_layers(rebuilt, batch)
    by_key = {layer.key: layer for layer in got}
    for layer in wanted:
        if layer.heads is None:
            there = by_key[layer.key]
            assert {fact: getattr(there, fact) for fact in _FACTS} == {fact: getattr(layer, fact) for fact in _FACTS}


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("which", ["program", "dynamic"])
def test_it_calculates_what_the_network_does(request, which, count):
    session = load(request.getfixturevalue(which))
    eager, batch = small(), pictures(count)
    with torch.inference_mode():
        assert torch.equal(session.forward(batch), eager(batch))
    assert session.info.spec.own_graph
    assert len(session.info.categories) == 5


def test_its_layers_are_those_of_the_network_call_for_call(program):
    session, eager = load(program), small()
    same_layers(eager, session.model, pictures(1))
    wanted, got = outputs(eager, pictures(2)), outputs(session.model, pictures(2))
    assert set(wanted) <= set(got)
    assert ("block.act", 2) in got
    assert all(torch.equal(got[key], value) for key, value in wanted.items())


def test_gradients_reach_its_layers_as_in_the_network(program):
    def gradient(network: nn.Module) -> Tensor:
        kept: list[Tensor] = []
        handle = network.get_submodule("stem.2").register_forward_hook(lambda _m, _i, output: kept.append(output))
        batch = pictures(1).requires_grad_()
        network(batch)[0, 2].backward()
        handle.remove()
        assert kept
        assert batch.grad is not None
        return batch.grad

    assert torch.equal(gradient(load(program).model), gradient(small()))


def test_a_hook_can_change_what_a_layer_puts_out(program):
    session = load(program)
    layer = next(one for one in session.info.layers if one.name == "block")
    handle = module_of(session.model, layer).register_forward_hook(lambda _m, _i, output: torch.zeros_like(output))
    with torch.inference_mode():
        logits = session.model(pictures(2))
    handle.remove()
    assert torch.allclose(logits, small().head.bias.expand(2, -1))


def test_its_pictures_are_of_the_exported_size_by_assumption_and_can_be_changed(dynamic, monkeypatch, tmp_path):
    monkeypatch.setattr(remembered, "store", lambda: tmp_path / "preprocessing.json")
    session = load(dynamic)
    how = session.info.preprocessing
    assert (how.crop, len(how.mean)) == (32, 3)
    assert "assumed" in how.source
    assert any("assumed" in notice for notice in session.info.notices)
    with pytest.raises(LayerscopeError, match="exported for pictures of 3×32×32"):
        session.with_preprocessing(remembered.chosen(type(how)(40, 40, "bilinear", how.mean, how.std, "")))
    chosen = type(how)(40, 32, "bilinear", (0.0, 0.0, 0.0), (1.0, 1.0, 1.0), "")
    remembered.remember(session.info.weights_sha256, chosen)
    assert load(dynamic).info.preprocessing.mean == (0.0, 0.0, 0.0)


def test_names_of_its_categories_are_found_beside_it(program, tmp_path):
    path = tmp_path / "named.pt2"
    path.write_bytes(program.read_bytes())
    names = ["ant", "bee", "cat", "dog", "eel"]
    (tmp_path / "class_indices.json").write_text(json.dumps(dict(enumerate(names))))
    assert load(path).info.categories == tuple(names)
    assert diagnose(path).categories_source == "class_indices.json beside the weights file"


def test_the_doctor_says_that_it_runs_by_its_own_graph(program):
    found = diagnose(program)
    assert (found.format, found.executes_code, found.globals) == ("torch-export", False, ())
    assert (found.verdict, found.architecture, found.num_classes) == ("loadable", None, 5)
    assert found.problems[0].kind == "own_graph"
    assert "3×32×32" in found.problems[0].message


def test_what_fits_the_catalogue_is_loaded_into_it_unless_its_own_graph_is_asked_for(folder):
    torch.manual_seed(1)
    eager = backend.build("squeezenet1_1", options=BuildOptions(num_classes=4)).eval()
    path = export(eager, folder / "squeeze.pt2", 1, 3, 64, 64)
    assert load(path).info.spec.architecture == "squeezenet1_1"
    asked = Session.load(choose_spec("squeeze.pt2", str(path)), "cpu")
    assert asked.info.spec.own_graph
    with torch.inference_mode():
        assert torch.equal(asked.forward(pictures(1, 64)), eager(pictures(1, 64)))
    same_layers(eager, asked.model, pictures(1, 64))


def test_a_picture_at_a_time_is_honoured_where_the_graph_cannot_follow(folder):
    class Mixing(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, x: Tensor) -> Tensor:
            return self.conv(x).reshape(4, 1, -1).permute(1, 0, 2).mean(2)

    torch.manual_seed(0)
    eager = Mixing().eval()
    session = load(export(eager, folder / "mixing.pt2", 1, 3, 16, 16))
    batch = pictures(3, 16)
    with torch.inference_mode():
        alone = torch.cat([eager(one[None]) for one in batch])
        assert torch.equal(session.forward(batch), alone)
        handle = session.model.get_submodule("conv").register_forward_hook(lambda *_: None)
        with pytest.raises(LayerscopeError, match="1 picture at a time"):
            session.model(batch)
        handle.remove()
    assert any("at a time" in notice for notice in session.info.notices)


def test_steps_of_unknown_modules_are_layers_of_their_own(program, tmp_path):
    def forget(raw):
        for one in nodes(raw):
            one["metadata"] = {}

    session = load(changed(program, tmp_path / "bare.pt2", forget))
    assert torch.equal(session.forward(pictures(1)), small()(pictures(1)))
    names = {layer.name: layer.kind for layer in session.info.layers}
    assert names["conv2d"] == "conv2d"
    assert "adaptive_avg_pool2d" in names
    convolution = next(layer for layer in session.info.layers if layer.name == "conv2d")
    assert convolution.receptive_field == (3, 3)
    assert convolution.macs == 8 * 16 * 16 * 27


@pytest.mark.filterwarnings("ignore:.*LeafSpec:FutureWarning")  # torch's own, while it decomposes
def test_a_program_in_core_operators_is_measured_and_calculates_alike(folder):
    eager, path = small(), folder / "core.pt2"
    torch.export.save(torch.export.export(eager, (torch.zeros(1, 3, 32, 32),)).run_decompositions(), path)
    session = load(path)
    assert torch.equal(session.forward(pictures(3)), eager(pictures(3)))
    same_layers(eager, session.model, pictures(1))


_X = {"as_tensor": {"name": "x"}}
_HUGE = {"as_ints": [1 << 20, 1 << 20]}
_ONE = {"as_float": 1.0}
HOSTILE = {
    "another namespace": (node("torch.ops.evil.run.default", "h", x=_X), "no function of torch's own"),
    "Python": (node("os.system", "h", x=_X), "no function of torch's own"),
    "an operator of Python": (node("_operator.call", "h", x=_X), "does not run"),
    "a file": (node("torch.ops.aten.from_file.default", "h", filename={"as_string": "/etc/passwd"}), "does not run"),
    "uninitialised memory": (node("torch.ops.aten.empty.memory_format", "h", size={"as_ints": [8]}), "does not run"),
    "an unknown overload": (node("torch.ops.aten.add.__class__", "h", self=_X), "does not have"),
    "an unknown argument": (node("torch.ops.aten.relu.default", "h", self=_X, evil=_X), "an argument that"),
    "much memory": (node("torch.ops.aten.full.default", "h", size=_HUGE, fill_value=_ONE), "more memory"),
    "a long row": (node("torch.ops.aten.arange.default", "h", end={"as_int": 1 << 40}), "more memory"),
    "a wide view": (node("torch.ops.aten.expand.default", "h", self=_X, size={"as_ints": [1 << 30, 3, 32, 32]}), "memory"),
    "an unknown value": (node("torch.ops.aten.relu.default", "h", self={"as_tensor": {"name": "later"}}), "before that"),
    "itself": (node("torch.ops.aten.relu.default", "h", self={"as_tensor": {"name": "h"}}), "before that"),
    "its input anew": (node("torch.ops.aten.relu.default", "x", self=_X), "the same value"),
    "its own weights": (
        node("torch.ops.aten.zero_.default", "h", self={"as_tensor": {"name": "p_head_bias"}}), "changes its own weights",
    ),
    "other sizes": (node("torch.ops.aten.view.default", "h", self=_X, size={"as_ints": [7, 7]}), "do not fit"),
    "a formula": (
        node("torch.ops.aten.sum.default", "h", self={"as_sym_int": {"as_expr": "__import__('os')"}}), "damaged",
    ),
    "training": (
        node("torch.ops.aten.dropout.default", "h", input=_X, p={"as_float": 0.5}, train={"as_bool": True}), "training mode",
    ),
    "a graph inside": (node("torch.ops.aten.relu.default", "h", self={"as_graph": {"name": "g"}}), "does not know"),
}  # fmt: skip


def test_what_is_made_of_sizes_alone_can_be_looked_at_without_memory():
    """Every allowed operator either is given a tensor, which decides where its result lies, or is told where."""
    for name in ALLOWED:
        packet = getattr(torch.ops.aten, name)
        for overload in packet.overloads():
            schema = getattr(packet, overload)._schema
            given = [str(one.type) for one in schema.arguments]
            told = any(one.name == "device" and one.kwarg_only for one in schema.arguments)
            made = any("Tensor" in str(one.type) for one in schema.returns)
            writes = any(one.alias_info is not None and one.alias_info.is_write for one in schema.arguments)
            assert told or not made or writes or any("Tensor" in kind for kind in given), (name, overload, given)


@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_not_allowed_is_refused_in_words(program, tmp_path, what):
    step, words = HOSTILE[what]
    path = changed(program, tmp_path / "hostile.pt2", lambda raw: nodes(raw).insert(0, step))
    found = diagnose(path)
    assert found.verdict == "refused"
    assert words in found.problems[-1].message
    with pytest.raises(WeightsError, match="own graph") as caught:
        load(path)
    assert words in caught.value.message


def test_doubling_again_and_again_is_refused_before_it_costs_anything(program, tmp_path):
    def double(raw):
        for place in range(40):
            before = {"name": f"d{place - 1}"} if place else {"name": "x"}
            nodes(raw).insert(place, node("torch.ops.aten.cat.default", f"d{place}", tensors={"as_tensors": [before, before]}))

    with pytest.raises(WeightsError, match="more memory"):
        load(changed(program, tmp_path / "double.pt2", double))


def test_no_pickle_in_it_is_opened(program, tmp_path):
    class Evil:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "owned",))

    evil = pickle.dumps(Evil())
    path = changed(program, tmp_path / "evil.pt2", lambda _raw: None, sample_inputs__model__pt=evil, model__pt=evil)
    assert torch.equal(load(path).forward(pictures(1)), small()(pictures(1)))
    assert not (tmp_path / "owned").exists()


@pytest.mark.parametrize(
    "text", [b"", b"[]", b"{", b'{"schema_version": {"major": 8}}', b'{"schema_version": {"major": 99}}', b"[" * 100_000]
)
def test_a_damaged_graph_is_refused_in_words(program, tmp_path, text):
    found = diagnose(changed(program, tmp_path / "bad.pt2", lambda _raw: None, model__json=text))
    assert found.verdict == "refused"
    assert "Its own graph cannot be run either" in found.problems[-1].message


def test_every_value_in_its_description_may_be_wrong(program, tmp_path):
    """Whatever stands in the place of a part of the graph, there is a sentence, and no other error."""
    wrong: tuple[object, ...] = (None, -1, "x", [], {}, [None], {"as_int": 3})

    def place_of(raw, path):
        for key in path[:-1]:
            raw = raw[key]
        return raw

    first = ("graph_module", "graph", "nodes", 0)
    signature = ("graph_module", "signature", "input_specs")
    places = [
        ("graph_module",), ("graph_module", "graph", "nodes"), first, (*first, "inputs"), (*first, "inputs", 0, "arg"),
        (*first, "outputs"), (*first, "metadata"), (*first, "target"), signature, (*signature, 0),
        ("graph_module", "signature", "output_specs"), ("graph_module", "graph", "tensor_values"),
        ("graph_module", "graph", "tensor_values", "x", "sizes"), (*first, "inputs", 3, "arg", "as_ints"),
    ]  # fmt: skip
    for number, path in enumerate(places):
        for other in wrong:
            file = tmp_path / f"wrong{number}.pt2"
            changed(program, file, lambda raw, path=path, other=other: place_of(raw, path).__setitem__(path[-1], other))
            found = diagnose(file)
            assert found.verdict in ("refused", "loadable")


def test_cut_off_anywhere_it_is_refused_in_words(program, tmp_path):
    data = program.read_bytes()
    for tenth in range(10):
        path = tmp_path / f"cut{tenth}.pt2"
        path.write_bytes(data[: len(data) * tenth // 10])
        assert diagnose(path).verdict == "refused"


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["resnet18", "mobilenet_v2", "vgg11", "googlenet", "squeezenet1_0", "densenet121", "vit_b_16", "swin_t"]
)
def test_networks_of_the_catalogue_run_by_their_own_graph_as_they_run_in_python(name, tmp_path):
    torch.manual_seed(0)
    eager = backend.build(name, options=BuildOptions(num_classes=10)).eval().requires_grad_(False)
    path = export(eager, tmp_path / f"{name}.pt2", 1, 3, 224, 224)
    session = Session.load(ModelSpec(path.name, WeightsSpec("file", path=path)), "cpu")
    batch = pictures(1, 224)
    wanted, got = outputs(eager, batch), outputs(session.model, batch)
    shared = wanted.keys() & got.keys()
    assert ("", 1) in shared
    assert len(shared) > 0.7 * len(wanted)
    assert all(torch.allclose(got[key], wanted[key], atol=1e-5) for key in shared)
    batch = pictures(3, 224)
    with torch.inference_mode():
        assert torch.allclose(session.forward(batch), eager(batch), atol=1e-5)
    if name != "swin_t":
        same_layers(eager, session.model, pictures(1, 224))
