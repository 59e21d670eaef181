"""The heads of GoogLeNet in the real window."""

from __future__ import annotations

import pytest
import torch

from core.types import ModelSpec, WeightsSpec
from core.zoo import backend
from core.zoo.backend import BuildOptions
from tests.e2e.comparing import random_spec
from tests.e2e.conftest import LONG
from tests.e2e.test_accessibility import look


def load(bench, spec: ModelSpec) -> None:
    bench.state.choose_spec(spec)

    def loaded() -> bool:
        answer = bench.state.classification
        return bench.conductor.idle and answer is not None and answer.model.architecture == spec.architecture

    bench.qtbot.waitUntil(loaded, timeout=LONG)


def show(bench) -> None:
    details = bench.window.inspect.details
    details.setCurrentWidget(details.page("heads"))
    wait_heads(bench)


def wait_heads(bench) -> None:
    def answered() -> bool:
        answer = bench.state.heads.answer
        return bench.conductor.idle and answer is not None and answer.image == bench.state.image

    bench.qtbot.waitUntil(answered, timeout=LONG)


def has_tab(bench) -> bool:
    details = bench.window.inspect.details
    return details.indexOf(details.page("heads")) >= 0


@pytest.fixture
def headed(bench):
    """The window with a GoogLeNet of random weights."""
    assert not has_tab(bench)
    load(bench, random_spec(2, "googlenet_seed"))
    return bench


def test_the_tab_comes_and_goes_with_the_network(headed):
    assert has_tab(headed)
    assert headed.state.heads.answer is None  # nobody has looked
    show(headed)
    load(headed, random_spec(0, "squeezenet1_1"))
    assert not has_tab(headed)
    assert headed.state.heads.answer is None
    assert not headed.window.inspect.details.heads.isVisible()
    load(headed, random_spec(0, "googlenet_seed"))
    assert has_tab(headed)


def test_each_head_and_its_layer(headed):
    show(headed)
    answer = headed.state.heads.answer
    assert [(head.name, head.layer) for head in answer.heads] == [
        ("aux1", "inception4a"), ("aux2", "inception4d"), ("final", "fc"),
    ]  # fmt: skip
    top = headed.state.classification.predictions[0]
    assert answer.heads[-1].predictions[0].index == top.index
    assert answer.heads[-1].predictions[0].probability == pytest.approx(top.probability, rel=1e-4)
    timeline = headed.window.inspect.details.heads.timeline
    timeline.head_chosen.emit(answer.heads[0])
    headed.wait_settled()
    assert headed.state.activations.layer.key == "inception4a"


def test_it_follows_the_picture(headed, photos):
    show(headed)
    headed.state.set_image(headed.state.images[1])
    headed.wait_answer(photos[1])
    wait_heads(headed)
    assert headed.state.heads.answer.image.path == photos[1]
    broken = photos[0].with_name("broken.png")
    broken.write_bytes(b"no picture")
    headed.conductor.open_paths((broken,))
    headed.qtbot.waitUntil(lambda: headed.state.failure is not None and headed.conductor.idle, timeout=LONG)
    assert headed.state.heads.answer is None
    assert "broken.png" in headed.window.inspect.details.heads.words.text()


def test_weights_without_heads_say_so(headed, tmp_path):
    bare = backend.build("googlenet", 5, options=BuildOptions(aux_logits=False))
    torch.save(bare.state_dict(), tmp_path / "bare.pth")
    load(headed, ModelSpec("googlenet", WeightsSpec("file", path=tmp_path / "bare.pth")))
    show(headed)
    assert len(headed.state.heads.answer.heads) == 1
    assert "only the final one was saved" in headed.window.inspect.details.heads.words.text()


def test_in_words_and_by_tab(headed):
    headed.window.activateWindow()
    show(headed)
    look(headed)
    headed.window.resize(900, 600)
    look(headed)
