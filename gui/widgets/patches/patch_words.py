"""What is said about a search for patches."""

from __future__ import annotations

import math

from core.insight.layout import is_vector
from core.types import LayerInfo, Patches
from gui.state import AppState
from gui.widgets.patches.source_row import count_pictures

_REASONS = 8


def subject(state: AppState) -> tuple[LayerInfo | None, int]:
    """Layer and channel that the panel is about: those of the answer, or else those that are chosen."""
    answer = state.patches.answer
    if answer is not None:
        return answer.layer, answer.channel
    layers = state.model.layers if state.model is not None else ()
    chosen = next((layer for layer in layers if state.layer in (layer.key, layer.name)), None)
    return chosen, state.selection.channel


def name_channel(layer: LayerInfo, channel: int) -> str:
    """Write "Channel 3", or "Unit 3" of a layer without maps."""
    return f"{'Unit' if is_vector(layer.output_shape) else 'Channel'} {channel}"


def heading(state: AppState) -> str:
    """Say what the patches are those of: "Channel 3 · features.4"."""
    layer, channel = subject(state)
    if layer is None or state.model is None:
        return "Patches"
    categories, last = state.model.categories, state.model.layers[-1]
    ends = layer.key == last.key or last.name.startswith(f"{layer.name}.")
    is_output = ends and is_vector(layer.output_shape) and math.prod(layer.output_shape[1:]) == len(categories)
    name = f" ({categories[channel]})" if is_output and channel < len(categories) else ""
    return f"{name_channel(layer, channel)}{name} · {layer.key}"


def hint(state: AppState) -> tuple[str, str]:
    """Say what to do where there are no patches: a title and a sentence."""
    facts = state.patches
    layer, channel = subject(state)
    if facts.progress is not None:
        return "Looking…", ""
    if facts.answer is not None:
        return _nothing_found(facts.answer)
    if state.model is None or layer is None:
        return "No layer yet", "Choose a layer."
    if facts.folder is None and not state.images:
        return "No pictures", "Open some, or choose a folder."
    where = f"“{facts.folder.name or facts.folder}”" if facts.folder is not None else "the strip"
    name = name_channel(layer, channel).lower()
    return "Not looked for yet", f"“Find” (P) looks through {where} for what excites {name} most."


def _nothing_found(answer: Patches) -> tuple[str, str]:
    if answer.total == 0:
        return "No pictures there", "Choose another folder, or open pictures."
    if answer.looked_at == 0 and answer.skipped:
        return f"None of {count_pictures(answer.total)} can be read", answer.skipped[0].message
    if answer.looked_at == 0:
        return "Stopped before the first picture", "“Find” (P) goes on."
    return "No patches", "All values of this channel are NaN."


def summary(state: AppState) -> str:
    """Say in a line how far the search is, or what was looked at."""
    facts = state.patches
    if facts.progress is not None:
        return facts.progress.text
    answer = facts.answer
    if answer is None or not answer.total:
        return ""
    done = f"{answer.looked_at:,} of {count_pictures(answer.total)}"
    parts = [count_pictures(answer.looked_at)] if answer.complete else [f"{done} looked at: “Find” goes on"]
    if answer.skipped:
        parts.append(f"{len(answer.skipped):,} cannot be read")
    if answer.copies:
        parts.append("1 is a copy" if answer.copies == 1 else f"{answer.copies:,} are copies")
    if answer.patches and answer.patches[0].value == 0:
        parts.append("silent: no value is above 0")
    elif answer.whole_crop:
        parts.append("each unit sees the whole crop")
    return " · ".join(parts)


def reasons(answer: Patches | None) -> str:
    """Say, one a line, why pictures were skipped."""
    if answer is None or not answer.skipped:
        return ""
    lines = [failure.message for failure in answer.skipped[:_REASONS]]
    left = len(answer.skipped) - len(lines)
    return "\n".join([*lines, f"and {left:,} more"] if left else lines)
