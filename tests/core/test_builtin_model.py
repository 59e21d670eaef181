"""The built-in model is what its card says."""

from __future__ import annotations

import io
import json
import zipfile

import pytest
import torch
from PIL import Image
from safetensors import safe_open

from core import paths
from core.images.decode import Decoded
from core.images.preprocess import preprocess
from core.inference.session import Session
from core.types import BUILTIN_SPEC, ImageRef
from tests.helpers.shared_data import shared_data

CARD = json.loads((paths.BUILTIN / "model.json").read_text(encoding="utf-8"))


def test_weights_are_safetensors_of_at_most_12_megabytes():
    file = paths.BUILTIN / "weights.safetensors"
    assert file.stat().st_size <= 12_000_000
    with safe_open(str(file), "pt") as tensors:
        assert tensors.get_tensor("classifier.weight").shape[0] == len(CARD["categories"]) == 102


def test_categories_have_synonyms_and_wordnet_ids_in_the_same_order():
    assert CARD["wordnet_ids"] == sorted(set(CARD["wordnet_ids"]))
    for category, synonyms in zip(CARD["categories"], CARD["synonyms"], strict=True):
        assert synonyms.startswith(category)


def test_model_card_states_the_measured_numbers():
    text = (paths.BUILTIN / "MODEL_CARD.md").read_text(encoding="utf-8")
    for side in ("64", "96", "128"):
        scores = CARD["accuracy_on_val"][side]
        assert f"| {side} | {100 * scores['top1']:.1f} % | {100 * scores['top5']:.1f} % |" in text


@pytest.mark.slow
def test_accuracy_on_the_val_half_is_the_one_on_the_card_and_above_60_percent():
    data = shared_data()
    if data is None:
        pytest.skip("skipped: no ../shared/data")
    session = Session.load(BUILTIN_SPEC)
    hits1 = hits5 = total = 0
    with zipfile.ZipFile(data / "tiny-imagenet-102.zip") as archive:
        for name in sorted(name for name in archive.namelist() if name.startswith("val/") and name.endswith(".webp")):
            rgb = Image.open(io.BytesIO(archive.read(name))).convert("RGB")
            decoded = Decoded(ImageRef(paths.BUILTIN / name), rgb, rgb.size, 1.0, "WebP")
            tensor = preprocess(decoded, session.info.preprocessing).tensor
            with torch.inference_mode():
                top = session.model(tensor).topk(5).indices[0].tolist()
            target = CARD["wordnet_ids"].index(name.split("/")[1])
            hits1 += top[0] == target
            hits5 += target in top
            total += 1
    stated = CARD["accuracy_on_val"][str(CARD["preprocessing"]["crop"])]
    assert total == CARD["val_pictures"] == 2550
    assert hits1 / total == pytest.approx(stated["top1"], abs=0.005)
    assert hits5 / total == pytest.approx(stated["top5"], abs=0.005)
    assert hits1 / total >= 0.6
    assert hits5 / total >= 0.84
