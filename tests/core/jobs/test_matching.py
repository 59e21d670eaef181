"""Folders are matched to categories by name, synonym, WordNet id and index, and by nothing else."""

import json
import random

from hypothesis import given
from hypothesis import strategies as st

from core import paths
from core.jobs.matching import match_folders, plain
from core.zoo import backend

IMAGENET = backend.weights_entries("squeezenet1_1")[0].categories
CARD = json.loads((paths.BUILTIN / "model.json").read_text(encoding="utf-8"))


def found(name, categories):
    return match_folders([name], categories)[0]


def test_every_category_of_the_built_in_model_is_found_by_name_id_and_any_synonym():
    for index, (category, wnid, synonyms) in enumerate(
        zip(CARD["categories"], CARD["wordnet_ids"], CARD["synonyms"], strict=True)
    ):
        spellings = [category, category.upper(), category.replace(" ", "_"), f"{wnid}-{category.replace(' ', '-')}"]
        for name in [*spellings, wnid, str(index), f"{index}_{category}"]:
            assert found(name, CARD["categories"]).index == index, name
        for synonym in synonyms.split(","):
            owners = [one for one in CARD["synonyms"] if plain(synonym) in map(plain, one.split(","))]
            assert len(owners) > 1 or found(synonym.strip(), CARD["categories"]).index == index, synonym


def test_imagenet_knows_the_ids_of_the_built_in_categories():
    for wnid, synonyms in zip(CARD["wordnet_ids"], CARD["synonyms"], strict=True):
        one = found(wnid, IMAGENET)
        assert one.index is not None, wnid
        assert plain(IMAGENET[one.index]) in map(plain, synonyms.split(",")), wnid


def test_a_thousand_ids_are_the_thousand_categories_in_their_order():
    names = [f"n{number:08}" for number in range(1000)]
    random.Random(0).shuffle(names)
    assert {one.folder: one.index for one in match_folders(names, IMAGENET)} == {f"n{n:08}": n for n in range(1000)}


def test_names_come_before_numbers_and_a_number_settles_what_a_name_leaves_open():
    assert found("7", ("9", "8", "7")).index == 2
    assert found("2", ("a", "b", "c")).index == 2
    names = ("crane", "heron", "crane", "crane, hoist")
    unclear = found("Crane", names)
    assert unclear.index is None
    assert "0 and 2" in unclear.why
    for index in (0, 2):
        assert found(f"{index}_crane", names).index == index


def test_what_is_not_known_is_said_with_what_is_near():
    one = found("golden retreiver", IMAGENET)
    assert one.index is None
    assert "golden retriever" in one.why
    assert found("1000", IMAGENET).index is None
    assert found("n99999999", IMAGENET).index is None
    assert found("\u0663", ("a", "b", "c", "d")).index is None  # a digit, but not one of ours


WORDS = st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Pd"]), min_size=1)


@given(st.lists(WORDS, min_size=2, max_size=8), st.data())
def test_a_category_is_found_by_its_own_name_unless_another_one_has_it(categories, data):
    name = data.draw(st.sampled_from(categories))
    one = found(name, categories)
    same = [index for index, other in enumerate(categories) if plain(other) == plain(name)]
    if plain(name) and len(same) == 1:
        assert (one.index, one.kind) == (same[0], "name")
    elif one.index is not None:
        assert one.kind == "index" or categories[one.index] in [categories[index] for index in same]
