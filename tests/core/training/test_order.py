"""A run, written as a command line and read by the program's own parser, is the same run; what it says survives JSON."""

import math
from dataclasses import fields, replace
from pathlib import Path
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.cli.main import parser
from core.errors import ErrorKind, UsageError
from core.training import recipe as recipes
from core.training.lines import Held, RunError, line_of, paths_in, told_in, watch_line
from core.training.order import arguments
from core.training.recipe import changed, preset
from core.types import (
    BUILTIN_SPEC,
    CodeFile,
    EarlierEpochs,
    EpochMetrics,
    ModelSpec,
    Recipe,
    TrainConfig,
    TrainNotice,
    TrainOutcome,
    TrainProgress,
    WatchedEpoch,
    WatchedPicture,
    WeightsSpec,
)

PARSER = parser()
NAMES = st.text(st.characters(exclude_characters="/\\\0", exclude_categories=["Cs"]), min_size=1, max_size=12).filter(
    lambda name: name not in {".", ".."}
)
PATHS = NAMES.map(lambda name: Path("/pictures") / name)
FILES = NAMES.map(lambda name: Path("/weights") / name)


def numbers(key):
    low, high = recipes._RANGES[key]
    return st.floats(low, high)


@st.composite
def every_recipe(draw):
    values = {}
    for one in fields(Recipe):
        kind = get_type_hints(Recipe)[one.name]
        if one.name == "phases":
            sides = st.lists(st.integers(8, 2048), min_size=1, max_size=3).map(tuple)
            values["phases"] = tuple(draw(st.lists(st.tuples(sides, st.integers(1, 50)), max_size=3)))
        elif one.name == "initialise":
            values["initialise"] = str(draw(FILES)) if draw(st.booleans()) else ""
        elif get_args(kind) and isinstance(get_args(kind)[0], str):
            values[one.name] = draw(st.sampled_from(get_args(kind)))
        elif kind is bool:
            values[one.name] = draw(st.booleans())
        elif kind is int:
            low, high = recipes._RANGES[one.name]
            values[one.name] = draw(st.integers(int(low), int(high)))
        elif kind is float:
            values[one.name] = draw(numbers(one.name))
        else:
            values[one.name] = tuple(sorted((draw(numbers(one.name)), draw(numbers(one.name)))))
    recipe = Recipe(**values)
    return replace(recipe, epochs=sum(epochs for _, epochs in recipe.phases)) if recipe.phases else recipe


WEIGHTS = st.one_of(
    st.just(WeightsSpec("builtin")),
    st.integers(1, 10**9).map(lambda seed: WeightsSpec("random", seed=seed)),
    st.sampled_from(["IMAGENET1K_V1", "DEFAULT"]).map(lambda name: WeightsSpec("named", name=name)),
    FILES.map(lambda path: WeightsSpec("file", path=path)),
)
CONFIGS = st.builds(
    TrainConfig,
    data=PATHS, output=PATHS, spec=st.builds(ModelSpec, st.sampled_from(["compact_vgg", "vgg16"]), WEIGHTS),
    recipe=every_recipe(), device=st.sampled_from(["auto", "cpu", "cuda:0"]), val_share=st.floats(0.01, 0.9),
)  # fmt: skip


@given(CONFIGS, st.booleans())
def test_an_order_is_read_as_the_run_that_was_asked_for(config, resume):
    options = PARSER.parse_args(arguments(config, resume=resume))
    recipe = changed(preset(options.preset), options.set)
    spec = ModelSpec(options.model, WeightsSpec.parse(options.weights))
    there = TrainConfig(Path(options.folder), Path(options.output), spec, recipe, options.device, options.val_share)
    assert there == config
    assert (options.resume, options.json, options.progress, options.control) == (resume, True, True, True)


@pytest.mark.parametrize("name", recipes.PRESETS)
def test_every_preset_is_ordered_as_it_is(name):
    config = TrainConfig(Path("a"), Path("b"), BUILTIN_SPEC, preset(name))
    assert changed(preset("quick"), parser().parse_args(arguments(config)).set) == preset(name)


def test_grey_pictures_and_an_architecture_that_the_file_says():
    config = TrainConfig(Path("/a"), Path("/b"), ModelSpec("nin", WeightsSpec("random"), channels=1), Recipe())
    assert parser().parse_args(arguments(config)).channels == 1
    config = replace(config, spec=ModelSpec("", WeightsSpec("file", path=Path("/w.pth"))))
    assert parser().parse_args(arguments(config)).model is None


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (ModelSpec("a.py", WeightsSpec("builtin"), CodeFile(Path("/a.py"))), "program of its own"),
        (ModelSpec("vgg16", WeightsSpec("file", path=Path("/a.pth"), repairs=("new_head",))), "Save a repaired copy"),
    ],
)
def test_what_no_command_line_can_say_is_refused_in_words(spec, words):
    with pytest.raises(UsageError, match=words):
        arguments(TrainConfig(Path("/a"), Path("/b"), spec, Recipe()))


COUNTS = st.integers(0, 10**6)
REAL = st.floats(allow_nan=False, allow_infinity=False)
METRICS = st.builds(
    EpochMetrics, epoch=COUNTS, epochs=COUNTS, loss=REAL, val_loss=REAL, top1=REAL, top5=REAL, rate=REAL, side=COUNTS,
    seconds=REAL, pictures_per_second=REAL, memory_bytes=st.integers(0, 10**13), best=st.booleans(),
)  # fmt: skip
ANY_NAME = st.text(max_size=20)  # lone surrogates too: names of files that are not Unicode
TOLD = st.one_of(
    METRICS,
    st.builds(
        TrainProgress, stage=ANY_NAME, done=COUNTS, total=COUNTS, epoch=COUNTS, epochs=COUNTS, loss=REAL, rate=REAL,
        pictures_per_second=REAL, seconds_left=st.none() | REAL,
    ),
    st.builds(TrainNotice, ANY_NAME),
    st.builds(EarlierEpochs, st.lists(METRICS, max_size=3).map(tuple)),
    st.builds(
        WatchedEpoch, COUNTS,
        st.lists(
            st.builds(WatchedPicture, PATHS, st.lists(st.tuples(ANY_NAME, REAL), max_size=5).map(tuple)), max_size=3
        ).map(tuple),
    ),
    st.builds(
        TrainOutcome, folder=PATHS, best_epoch=COUNTS, top1=REAL, top5=REAL, temperature=REAL,
        confusion=st.lists(st.lists(COUNTS, max_size=3).map(tuple), max_size=3).map(tuple),
        categories=st.lists(ANY_NAME, max_size=3).map(tuple),
    ),
    st.builds(Held, st.booleans()),
    st.builds(RunError, ANY_NAME, st.sampled_from(get_args(ErrorKind))),
)  # fmt: skip


@given(TOLD)
def test_what_a_run_says_survives_a_line_of_json(told):
    line = line_of(told)
    assert line.isascii()
    assert "\n" not in line
    assert told_in(line) == told


@pytest.mark.parametrize("odd", [math.nan, math.inf, -math.inf])
def test_numbers_that_are_none_are_told_as_none(odd):
    metrics = EpochMetrics(1, 2, 0.5, odd, 0.5, 0.9, 1e-3, 64, 1.0, 10.0, 5, True)
    back = told_in(line_of(metrics))
    assert math.isnan(back.val_loss)
    assert replace(back, val_loss=odd) == metrics or math.isnan(odd)
    assert math.isnan(told_in(line_of(TrainProgress("Reading pictures", 1, 2))).loss)


@given(st.text() | st.recursive(st.none() | st.text() | REAL, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
       .map(lambda content: line_of(TrainNotice("x")).replace('"x"', repr(content))))  # fmt: skip
def test_other_lines_are_not_taken_for_a_run(line):
    assert told_in(line) is None or isinstance(told_in(line), TrainNotice)


@pytest.mark.parametrize("event", ["progress", "epoch", "earlier", "watched", "done", "held", "error", "strange"])
def test_lines_that_lack_something_are_left_alone(event):
    assert told_in(f'{{"event": "{event}"}}') is None
    assert told_in(f'{{"event": "{event}", "other": 1}}') is None


@given(st.lists(PATHS).map(tuple))
def test_pictures_to_watch(paths):
    word, _, rest = watch_line(paths).partition(" ")
    assert (word, paths_in(rest)) == ("watch", paths)


@pytest.mark.parametrize("text", ["", "{}", "[1]", "no"])
def test_what_is_no_list_of_pictures(text):
    assert paths_in(text) is None
