"""``layerscope explain``: which parts of a picture speak for a category, as a file."""

from __future__ import annotations

import argparse
from pathlib import Path

import torch

from core.cli.main import OK, say
from core.cli.model_arguments import chosen_spec
from core.cli.steps import finish
from core.inference.session import Session
from core.insight.attribution import explain
from core.insight.find_category import find_category
from core.insight.heat_words import strongest_place
from core.insight.inspect import Inspector
from core.jobs.explain_export import FORMATS, export_explanation, percent
from core.jobs.export import check_output
from core.types import ExplainRequest, Explanation, ImageRef
from core.weights.resolve import weights_file


def run(options: argparse.Namespace) -> int:
    """Attribute the score of one category and write it in the format that the output's suffix names."""
    image, output = ImageRef(Path(options.image).absolute()), Path(options.output)
    spec = chosen_spec(options)
    check_output(output, (image.path, weights_file(spec)), formats=FORMATS)
    session = Session.load(spec, options.device)
    inspector = Inspector(session)
    category = _category(inspector, image, options.category)
    found = finish(explain(inspector, ExplainRequest(1, image, options.method, category, options.layer or "")))
    for notice in session.info.notices:
        say(notice)
    export_explanation(found, output, session.info.weights_sha256)
    print(f"{output}: {_summary(found, chosen=bool(options.layer))}")
    if found.note:
        say(f"About {found.about.title}: {found.note}.")
    return OK


def _category(inspector: Inspector, image: ImageRef, text: str | None) -> int:
    if text is not None:
        return find_category(inspector.session.info.categories, text)
    logits = inspector.session.forward(inspector.tensor(image))
    # torch takes NaN for the largest; it is refused in words where the score is looked at.
    return int(torch.argmax(logits[0]))


def _summary(found: Explanation, *, chosen: bool) -> str:
    parts = [f"{found.about.title} of {found.name} ({found.category})", f"probability {percent(found.probability)}"]
    if found.layer:
        parts.append(f"layer {found.layer}" + ("" if chosen else " (the last with a map)"))
    return ", ".join((*parts, f"strongest {strongest_place(found.values)}"))
