"""Write ``MODEL_CARD.md`` beside the ``model.json`` of the built-in model: every number in it comes from that file.

    python tools/model_card.py [FOLDER]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "resources" / "builtin"

TEMPLATE = Path(__file__).with_name("model_card_template.md")


def model_card(card: dict[str, Any]) -> str:
    """The text of the card for the content of a ``model.json``."""
    recipe, how = card["recipe"], card["preprocessing"]
    scores = card["accuracy_on_val"]
    plain = ("momentum", "batch_size", "peak_rate", "warm_up", "weight_decay", "label_smoothing", "ema_decay", "seed")
    return TEMPLATE.read_text(encoding="utf-8").format(
        **{key: recipe[key] for key in plain},
        count=len(card["categories"]),
        parameters=card["parameters"],
        preprocessing=f"RGB, short side {how['resize']}, centre crop {how['crop']} ({how['interpolation']})",
        licence=card["licence"],
        val_pictures=card["val_pictures"],
        scores="\n".join(f"| {side} | {100 * s['top1']:.1f} % | {100 * s['top5']:.1f} % |" for side, s in scores.items()),
        phases=", ".join(f"{epochs} epochs at {side} px" for side, epochs in recipe["phases"]),
        torch=card["versions"]["torch"],
        remark=f"\n{card['remark']}\n" if card.get("remark") else "",
        data_name=card["data"]["name"],
        sha256=card["data"]["sha256"],
        categories=", ".join(card["categories"]) + ".",
    )


def write_card(folder: Path) -> None:
    """Write the card of the model in ``folder``."""
    card = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    (folder / "MODEL_CARD.md").write_text(model_card(card), encoding="utf-8")


if __name__ == "__main__":
    write_card(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
