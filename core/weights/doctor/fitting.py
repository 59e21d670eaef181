"""Whether a state_dict fits, and what it would take: the heart of the diagnosis, in sentences."""

from __future__ import annotations

from dataclasses import dataclass, replace

from core.types import Finding
from core.weights.doctor import variant
from core.weights.doctor.anatomy import Reading
from core.weights.doctor.match import Match
from core.weights.doctor.words import a, full_stop, not_picked, number, shown, sizes, some, title
from core.zoo.catalog import SAME_AS, SAME_SHAPES

KEEP = "keep_architecture"
"""The kind of the repair that is an architecture which a person insists on."""

NEW_HEAD = Finding("new_head", "Keep the features and start a new, untrained classifier.")


@dataclass(frozen=True, slots=True)
class Judgement:
    """``match`` is the architecture that is meant, None where it cannot be said; ``refusal`` says why nothing helps."""

    match: Match | None
    findings: tuple[Finding, ...] = ()
    repairs: tuple[Finding, ...] = ()
    refusal: Finding | None = None


def judge(reading: Reading, picked: str | None = None) -> Judgement:
    """Compare a state_dict with what a person picked, or with what it fits best."""
    reading = reading.settled(picked)
    judged = _judged(reading, picked)
    if reading.as_saved is None or judged.match is None:
        return judged
    name = judged.match.plan.name
    suspected = f"suspected: the names differ, shapes and order are those of {a(title(name))} ({name}{_twin(name)})"
    first, last = list(reading.as_saved.shapes), list(reading.shapes)
    example = f"{shown(first[0])} becomes {last[0]}"
    return replace(
        judged,
        findings=(Finding("foreign_names", f"{suspected[0].upper()}{suspected[1:]}."), *judged.findings),
        repairs=(Finding("rename", f"Rename all tensors to those of {name} ({suspected}): {example}."), *judged.repairs),
    )


def _twin(name: str) -> str:
    """Name the other architecture that the same shapes in the same order may stand for."""
    twin = next((one for one, other in SAME_SHAPES.items() if other == name), None)
    return f", and of {twin}, which they cannot tell apart" if twin is not None else ""


def _judged(reading: Reading, picked: str | None) -> Judgement:
    found = reading.match
    if picked is None or (found is not None and found.plan.name == SAME_AS.get(picked, picked)):
        return _within(found, reading) if found is not None else _unknown(reading)
    if found is None:
        return _unknown(reading, picked)
    inner = _within(found, reading)
    which = found.plan.name
    message = f"{what(found, reading)} {not_picked(which, picked)} Load as {which}?"
    choose = Finding("choose_architecture", f"Load it as {which} ({title(which)}).")
    return Judgement(
        found, (Finding("other_architecture", message), *inner.findings), (choose, *inner.repairs), inner.refusal
    )


def insist(reading: Reading, picked: str) -> Judgement:
    """Say what it takes to load a state_dict as an architecture that a person wants, whatever it fits better.

    That may lose tensors, never invent any: an architecture that needs more than the file has is refused.
    """
    found, match = reading.match, reading.against(picked)
    if found is not None and found.plan.name == picked:
        return _within(found, reading)
    lead = f"{what(found, reading)} {not_picked(found.plan.name, picked)} " if found is not None else ""
    aside = (match.plan.head_part, *match.plan.auxiliary)
    if any(not name.startswith(aside) for name in (*match.missing, *match.misshapen)) or not match.matched:
        unfit = Finding("unfit_architecture", f"{lead}It cannot be loaded as {picked}.")
        return Judgement(None, (Finding("differences", f"Beside {picked}, {differences(match, reading)}."),), refusal=unfit)
    loss = f"Loaded as {picked} it loses {number(len(match.unexpected), 'tensor')}: its predictions may mean little."
    inner = _within(match, reading)
    keep = Finding(KEEP, f"Load it as {picked} ({title(picked)}) all the same.")
    findings = (Finding("other_architecture", f"{lead}{loss}"), *inner.findings)
    return Judgement(match, findings, (keep, *inner.repairs), inner.refusal)


def what(match: Match, reading: Reading) -> str:
    """Say what a file is: "This is a VGG-16 with batch norm for 5 classes."."""
    classes = variant.num_classes(match.plan, reading.shapes)
    size = f" for {number(classes, 'class')}" if classes is not None else ", without its classifier"
    return f"This is {a(title(match.plan.name))}{size}."


def _within(match: Match, reading: Reading) -> Judgement:
    """Look at what still differs once the architecture is known."""
    plan = match.plan
    aside = (plan.head_part, *plan.auxiliary)
    lost = [name for name in match.missing if not name.startswith(aside)]
    if lost:
        return Judgement(match, refusal=_lost(match, lost))
    findings: list[Finding] = []
    repairs: list[Finding] = []
    renamed = renamed_head(match, reading)
    extra = [name for name in match.unexpected if not name.startswith(aside) and name not in renamed]
    if extra:
        findings.append(
            Finding(
                "unexpected_tensors",
                full_stop(f"{number(len(extra), 'tensor')} that {title(plan.name)} does not have: {some(extra)}"),
            )
        )
        repairs.append(Finding("drop_extra", full_stop(f"Leave out {some(extra)}")))
    head = _head(match, reading)
    if head is not None:
        findings.append(head)
        if renamed:
            repairs.append(
                Finding("rename_head", "Use its one linear layer as the classifier (layers without weights, such as dropout, "
                        "are taken to lie before it).")
            )
        repairs.append(NEW_HEAD)
    return Judgement(match, tuple(findings), tuple(repairs))


def _lost(match: Match, lost: list[str]) -> Finding:
    return Finding(
        "missing_tensors",
        f"This is {a(title(match.plan.name))}, but {number(len(lost), 'tensor')} of its features are missing: {some(lost)}. "
        "Look for a complete copy of the file.",
    )


def _head(match: Match, reading: Reading) -> Finding | None:
    """Say what is wrong with the classifier, if anything is."""
    plan = match.plan
    part = [name for name in reading.shapes if name.startswith(plan.head_part)] or list(renamed_head(match, reading))
    wrong = [
        name for name in (*match.missing, *match.unexpected, *match.misshapen) if name.startswith(plan.head_part)
    ]
    if not part:
        return Finding(
            "features_only",
            f"These are the features of {a(title(plan.name))} only: there is no classifier to name classes with.",
        )
    if wrong or not _agrees(match, reading):
        return Finding(
            "custom_head",
            f"The features are those of {a(title(plan.name))}, but its classifier is another one: {some(part, 4)}.",
        )
    return None


def _agrees(match: Match, reading: Reading) -> bool:
    """Whether weight and bias of the classifier speak of as many classes."""
    shapes, head = reading.shapes, match.plan.head
    bias = shapes.get(head.removesuffix("weight") + "bias")
    return bias is None or bias[0] == shapes[head][0]


def renamed_head(match: Match, reading: Reading) -> dict[str, str]:
    """Return how the tensors of a classifier of another name have to be called, where it is one layer of the right kind.

    ``model.fc = Sequential(Dropout(), Linear(512, 5))`` saves "fc.1.weight" and "fc.1.bias"; a network with a backbone and a
    classifier of its own saves "classifier.weight".
    """
    plan, shapes = match.plan, reading.shapes
    given = [name for name in shapes if name.startswith(plan.head_part) or name in match.unexpected]
    wanted = [name for name in plan.tensors if name.startswith(plan.head_part)]
    weights = [name for name in given if name.endswith("weight")]
    if len(wanted) != len(given) or len(weights) != 1 or len(given) > 2 or plan.head in given:
        return {}
    base = weights[0].removesuffix("weight")
    if any(name not in {weights[0], f"{base}bias"} for name in given):
        return {}
    if shapes[weights[0]][1:] != plan.tensors[plan.head][1:] or not shapes[weights[0]][:1]:
        return {}
    return {name: plan.head.removesuffix("weight") + name.removeprefix(base) for name in given}


def classes(match: Match, reading: Reading) -> int | None:
    """Number of classes of the classifier that is there, of whatever kind it is."""
    renamed = {target: reading.shapes[name] for name, target in renamed_head(match, reading).items()}
    own = variant.num_classes(match.plan, reading.shapes) or variant.num_classes(match.plan, renamed)
    return own or variant.own_classes(match.plan, reading.shapes)


def _unknown(reading: Reading, picked: str | None = None) -> Judgement:
    """Nothing fits well enough: say what comes closest, and how far away it is."""
    lone = _head_only(reading)
    if lone is not None:
        return Judgement(None, refusal=lone)
    tied = [match for match in reading.ranking if match.convincing]
    if len(tied) > 1 and picked is None:
        names = ", ".join(match.plan.name for match in tied)
        return Judgement(None, refusal=Finding("ambiguous", f"It fits {names} equally well. Say which it is with --model."))
    closest = reading.against(picked) if picked is not None else next(iter(reading.ranking), None)
    nothing = "No model of the catalogue has these tensors."
    if closest is None or not (closest.matched or closest.misshapen):
        not_it = f" It has none of the tensors of {picked}." if picked is not None else ""
        return Judgement(None, refusal=Finding("unknown_architecture", f"{nothing}{not_it}"))
    channels = _channels(closest, reading)
    if channels is not None:
        return Judgement(None, refusal=Finding("input_channels", channels))
    lead = f"It does not fit {closest.plan.name}" if picked is not None else f"It comes closest to {closest.plan.name}"
    return Judgement(None, refusal=Finding("unknown_architecture", f"{nothing} {lead}: {differences(closest, reading)}."))


def _channels(match: Match, reading: Reading) -> str | None:
    """Say that a network was made for pictures of another number of channels, if that is all that is the matter."""
    convolution = match.plan.first
    if match.missing or match.unexpected or match.misshapen != (convolution,):
        return None
    given, wanted = reading.shapes[convolution], match.plan.tensors[convolution]
    if len(given) != 4 or (given[0], *given[2:]) != (wanted[0], *wanted[2:]):
        return None
    return (
        f"This is {a(title(match.plan.name))} for pictures of {number(given[1], 'channel')}; that of the catalogue looks at "
        f"{wanted[1]} (red, green, blue). Weights for colour pictures are needed."
    )


def differences(match: Match, reading: Reading) -> str:
    """List how names and shapes differ: "60 tensors missing (a, b, c ...), 2 tensors of another shape (...)"."""
    wanted = match.matched + len(match.missing) + len(match.misshapen)
    if not match.matched and match.misshapen:
        return f"{number(len(match.misshapen), 'name')} in common, but every one in another shape ({_example(match, reading)})"
    parts = [f"{match.matched:,} of {number(wanted, 'tensor')} match"]
    for names, word in ((match.missing, "missing"), (match.unexpected, "unexpected")):
        if names:
            parts.append(f"{number(len(names), 'tensor')} {word} ({some(names)})")
    if match.misshapen:
        parts.append(f"{number(len(match.misshapen), 'tensor')} of another shape ({_example(match, reading)})")
    return ", ".join(parts)


def _example(match: Match, reading: Reading) -> str:
    name = match.misshapen[0]
    wanted = sizes([size or "any" for size in match.plan.tensors[name]])
    return f"{name} is {sizes(reading.shapes[name])}, not {wanted}"


def _head_only(reading: Reading) -> Finding | None:
    shapes = reading.shapes
    names = list(shapes)
    bare = {name.rpartition(".")[2] for name in names} <= {"weight", "bias"} and 0 < len(names) <= 2
    if not (bare and any(len(shapes[name]) == 2 for name in names)):
        return None
    weight = next(shapes[name] for name in names if len(shapes[name]) == 2)
    return Finding(
        "head_only",
        f"This is a classifier only ({weight[1]:,} features to {number(weight[0], 'class')}), without the network before it. "
        "Look for the file with the whole network.",
    )
