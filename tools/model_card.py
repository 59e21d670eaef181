"""Write ``MODEL_CARD.md`` beside the ``model.json`` of the built-in model: every number in it comes from that file.

    python tools/model_card.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from core.training.recipe import changed  # noqa: E402
from core.types import Recipe  # noqa: E402
from core.zoo.compact_vgg import CONFIGURATION  # noqa: E402

FOLDER = ROOT / "resources" / "builtin"
TEMPLATE = Path(__file__).with_name("model_card_template.md")


def model_card(card: dict[str, Any]) -> str:
    """The text of the card for the content of a ``model.json``."""
    recipe, how = card["recipe"], card["preprocessing"]
    scores = card["accuracy_on_val"]
    plain = ("momentum", "batch_size", "rate", "warm_up", "weight_decay", "label_smoothing", "average", "seed")
    return TEMPLATE.read_text(encoding="utf-8").format(
        **{key: recipe[key] for key in plain},
        count=len(card["categories"]),
        parameters=card["parameters"],
        widths=widths(),
        preprocessing=f"RGB, short side {how['resize']}, centre crop {how['crop']} ({how['interpolation']})",
        side=how["crop"],
        licence=card["licence"],
        val_pictures=card["val_pictures"],
        scores="\n".join(f"| {side} | {100 * s['top1']:.1f} % | {100 * s['top5']:.1f} % |" for side, s in scores.items()),
        temperature=card["temperature"],
        not_sure_below=card["not_sure_below"],
        calibration_error=card["calibration_error"],
        phases=phases(recipe["phases"]),
        epochs=recipe["epochs"],
        best_epoch=card["best_epoch"],
        smallest_crop=recipe["crop_area"][0],
        colour=recipe["colour"],
        precision=recipe["precision"],
        torch=card["versions"]["torch"],
        remark=f"{card['remark']}\n\n" if "remark" in card else "",
        data_name=card["data"]["name"],
        sha256=card["data"]["sha256"],
        categories=", ".join(card["categories"]) + ".",
    )


def widths() -> str:
    """The widths of the convolutions by stage: "32; 64; 128, 128"."""
    return " ".join(str(item) for item in CONFIGURATION).replace(" M ", "; ").replace(" ", ", ").replace(";,", ";")


def phases(text: str) -> str:
    """Phases of a recipe in words: "24 epochs at 32 px, 6 at 32 or 48 px"."""
    told = []
    for sides, epochs in changed(Recipe(), [f"phases={text}"]).phases:
        counts = {side: sides.count(side) for side in sides}
        shown = [f"{side}" + ("" if count == 1 or len(counts) == 1 else f" ({count} of {len(sides)} batches)")
                 for side, count in counts.items()]
        word = "at" if told else "epoch at" if epochs == 1 else "epochs at"
        told.append(f"{epochs} {word} {' or '.join(shown)} px")
    return ", ".join(told)


def write_card(folder: Path) -> None:
    """Write the card of the model in ``folder``."""
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "MODEL_CARD.md").write_text(model_card(card), encoding="utf-8")


if __name__ == "__main__":
    write_card(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
