"""What is said about a protocol's answer, or in its place."""

from __future__ import annotations

from gui import theme
from gui.itemmodels.trial_model import format_time
from gui.state import AppState


def headline(state: AppState) -> str:
    """Say in two lines what came of it: top-1, agreement, how, how long; "" where there is no answer."""
    answer, look = state.protocols.answer, state.protocols.look
    if answer is None or not answer.predictions:
        return ""
    top = answer.predictions[0]
    same, count = look.agreeing()
    votes = f"{same} of {count} views agree" if count > 1 else ""
    first = f"{top.category} {_whole(theme.format_probability(top.probability))}"
    return " · ".join(part for part in (first, votes, _whole(format_time(answer.milliseconds)), answer.words) if part)


def _whole(number: str) -> str:
    """A number that is not parted from its unit at the end of a line."""
    return number.replace(" ", "\u00a0")


def hint(state: AppState) -> tuple[str, str]:
    """What stands in the place of an answer: a title and a sentence."""
    facts = state.protocols
    if facts.failure is not None:
        return f"No answer of “{facts.kind.title}”, for the reason below", ""
    if state.image is None:
        return "No picture yet", "Open one to test it"
    if state.failure is not None:
        return "This picture has no answer", ""
    if facts.progress is not None or state.classification is None:
        return "Coming", ""
    if facts.quick:
        return "Nothing yet", "Press Run"
    return "Not run yet", "It takes a while with this model: press Run"
