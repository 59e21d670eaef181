"""``layerscope activations``: what a layer puts out for a picture, as a file."""

from __future__ import annotations

import argparse
from pathlib import Path

from core.cli.main import OK, say
from core.cli.model_arguments import chosen_spec
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.jobs.export import check_output, export_activations, picture_note
from core.types import ImageRef
from core.weights.resolve import weights_file


def run(options: argparse.Namespace) -> int:
    """Capture one layer and write it in the format that the output's suffix names."""
    image, output = ImageRef(Path(options.image).absolute()), Path(options.output)
    spec = chosen_spec(options)
    check_output(output, (image.path, weights_file(spec)))
    session = Session.load(spec, options.device)
    raw = Inspector(session).capture(image, options.layer)
    for notice in session.info.notices:
        say(notice)
    export_activations(raw, output)
    if output.suffix.lower() == ".png" and (note := picture_note(raw)):
        say(f"About the picture of {raw.layer.key}: {note}.")
    shape = "×".join(str(side) for side in raw.values.shape)
    print(f"{output}: {raw.layer.key}, {raw.layer.kind}, {shape}")
    return OK
