"""From a checkpoint taken apart to what is said of it: problems, repairs, and whether it can be loaded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import torch
from torch import Tensor

from core.types import Finding, Health
from core.weights.doctor import fitting, health, variant
from core.weights.doctor.anatomy import Anatomy, Reading
from core.weights.doctor.match import Match
from core.weights.doctor.states import State, without_always
from core.weights.doctor.words import WHOLE_NUMBERS, a, complex_words, number, some, title
from core.weights.formats.harmless import is_harmless
from core.zoo.channels import USUAL as COLOUR


@dataclass(slots=True)
class Report:
    """What was found. ``blocking`` problems have no repair; a ``repair`` makes the file loadable, an ``offer`` need not."""

    blocking: list[Finding] = field(default_factory=list)
    problems: list[Finding] = field(default_factory=list)
    repairs: list[Finding] = field(default_factory=list)
    match: Match | None = None
    """The architecture that the file is to be loaded as; None where there is none."""

    @property
    def verdict(self) -> Health:
        """Refused, repairable or loadable."""
        if self.blocking:
            return "refused"
        return "repairable" if self.repairs else "loadable"

    def problem(self, kind: str, message: str) -> None:
        """Note something that is not as it should be."""
        self.problems.append(Finding(kind, message))

    def repair(self, kind: str, message: str) -> None:
        """Note something that can be done about it, once."""
        if all(one.kind != kind for one in self.repairs):
            self.repairs.append(Finding(kind, message))

    def block(self, kind: str, message: str) -> None:
        """Note a reason to refuse the file."""
        self.blocking.append(Finding(kind, message))


def examine(anatomy: Anatomy, architecture: str | None = None, *, insist: bool = False) -> Report:
    """Find all there is to say.

    Parameters
    ----------
    anatomy
        The checkpoint.
    architecture
        The one that a person picked, if any.
    insist
        They know what the file is, and want that one all the same.
    """
    report = Report()
    name = anatomy.checkpoint.path.name
    _code(anatomy, report)
    reading = anatomy.taken
    if reading is None:
        report.block("no_tensors", f"“{name}” holds no weights. Save `model.state_dict()`.")
        return report
    _wrapping(anatomy, reading, report)
    _names(name, reading, report)
    _precision(reading, anatomy.checkpoint.notes, report)
    insisted = architecture if insist else None
    verdict = fitting.insist(reading, insisted) if insisted is not None else fitting.judge(reading, architecture)
    report.match = verdict.match
    for one in verdict.findings:
        report.problem(one.kind, one.message)
    for one in verdict.repairs:
        report.repair(one.kind, one.message)
    if verdict.refusal is not None:
        report.blocking.append(verdict.refusal)
    _values(reading, verdict.match, report)
    return report


def _code(anatomy: Anatomy, report: Report) -> None:
    checkpoint = anatomy.checkpoint
    name, scripted = checkpoint.path.name, checkpoint.format == "torchscript"
    if scripted:
        report.problem("torchscript", f"“{name}” is a TorchScript program. Its tensors were read, its code was not run.")
    elif checkpoint.executes_code:
        called = some([one for one in checkpoint.globals if not is_harmless(one)])
        report.problem(
            "executes_code",
            f"“{name}” holds pickled Python objects ({called}): loading it the ordinary way would run code. Nothing of it was "
            "run.",
        )
    if anatomy.taken is not None and (scripted or checkpoint.executes_code):
        report.repair("tensors_only", "Take the tensors alone, without the program around them.")


def _wrapping(anatomy: Anatomy, reading: Reading, report: Report) -> None:
    state, name = reading.state, anatomy.checkpoint.path.name
    if state.place:
        report.problem("wrapped", f"“{name}” is a training checkpoint: its “{state.words}” holds the weights.")
        report.repair("unwrap", f"Take “{state.words}” alone.")
    if anatomy.others:
        there = ", ".join(f"“{other.words}”" if other.place else "tensors beside it" for other in anatomy.others[:4])
        why = _why(anatomy, reading)
        report.problem(
            "several_states", f"There is more than one set of tensors: {there} too. “{state.words}” is taken: {why}."
        )
    if anatomy.optimizer:
        report.problem("optimizer", "The state of an optimizer lies beside the weights; it is of no use here.")
        report.repair("unwrap", "Take the weights alone.")
    if state.averaged:
        report.problem("averaged", f"“{state.words}” is a moving average of the weights (EMA), the better ones as a rule.")
    elif anatomy.averaged is not None and _same(reading.state, anatomy.averaged):
        report.problem(
            "averaged",
            f"“{anatomy.averaged.words}”, a moving average of the weights (EMA), holds the same numbers as "
            f"{_place(state)}, which are used.",
        )
    elif anatomy.averaged is not None:
        report.problem(
            "averaged",
            f"“{anatomy.averaged.words}” is a moving average of the weights (EMA), other numbers than {_place(state)}, "
            "which are used; the average is often better and can be taken instead (repair take_average).",
        )
    if anatomy.leftovers:
        report.problem("leftovers", f"Beside the tensors lies {some(anatomy.leftovers, 4)}, which was left aside.")


def _place(state: State) -> str:
    return f"the weights in “{state.words}”" if state.place else "the weights beside it"


def _same(one: State, other: State) -> bool:
    """Whether two sets of tensors hold the same numbers under the same names, prefixes of wrappers aside."""
    first, second = ({without_always(name): value for name, value in each.tensors.items()} for each in (one, other))
    return first.keys() == second.keys() and all(
        value.shape == second[name].shape and value.dtype == second[name].dtype and bool(torch.equal(value, second[name]))
        for name, value in first.items()
    )


def _why(anatomy: Anatomy, reading: Reading) -> str:
    """Say why one of several state_dicts was taken."""
    if anatomy.averaged is not None and len(anatomy.others) == 1:
        return "the weights come before their average"
    return f"it fits {reading.match.plan.name}" if reading.match is not None else "its name is the likeliest"


def _names(name: str, reading: Reading, report: Report) -> None:
    if reading.prefix:
        report.problem("prefix", f"The names of the tensors in “{name}” begin with “{reading.prefix}”.")
        report.repair("strip_prefix", f"Take the prefix “{reading.prefix}” off the names.")


def _precision(reading: Reading, notes: tuple[str, ...], report: Report) -> None:
    kinds = sorted({str(value.dtype).removeprefix("torch.") for value in reading.tensors.values() if _is_other(value)})
    if kinds:
        report.problem("precision", f"The weights are stored as {' and '.join(kinds)}, not as float32.")
        report.repair("cast", "Convert them to float32.")
    counts = health.whole_numbers(reading.tensors)
    if counts:
        kinds = sorted({str(reading.tensors[name].dtype).removeprefix("torch.") for name in counts})
        report.problem("whole_numbers", f"{number(len(counts), 'tensor')} of weights: {' and '.join(kinds)}. {WHOLE_NUMBERS}")
        report.repair("cast", "Convert them to float32.")
    unreal = health.complex_numbers(reading.tensors)
    if unreal:
        report.block("complex", f"It holds {complex_words(unreal)}")
    if any("quantised tensors" in note for note in notes):
        report.problem("quantised", "The file holds quantised tensors: their values are rounded to a few hundred steps.")
        report.repair("dequantise", "Convert the quantised tensors to float32; they stay as coarse as they are.")


def _is_other(value: Tensor) -> bool:
    return value.is_floating_point() and value.dtype != torch.float32


def _values(reading: Reading, match: Match | None, report: Report) -> None:
    tensors = reading.tensors
    broken = health.not_finite(tensors)
    if broken:
        _broken(broken, match, report)
    if match is None:
        return
    _channels(match, reading, report)
    head = tensors.get(match.plan.head)
    if head is not None and match.plan.head not in broken:
        if health.is_zero(head):
            report.problem("zero_head", f"The classifier ({match.plan.head}) is all zeros: every class gets the same score.")
        elif health.is_far_too_large(head):
            report.problem(
                "unnormalised_head",
                f"The weights of the classifier ({match.plan.head}) are very large: probabilities will be 0 or 1 only.",
            )
    if health.batch_norm_untouched(tensors):
        report.problem(
            "batch_norm_untouched", "Batch norm has never seen a picture: the network is untrained, or its statistics are lost."
        )
    if not broken:
        # In the order in which they run; some formats store them by name.
        _first_layer({name: tensors[name] for name in match.plan.tensors if name in tensors}, report)


def _channels(match: Match, reading: Reading, report: Report) -> None:
    """Say what pictures the network is for, unless it is the usual ones."""
    channels = variant.in_channels(match.plan, reading.shapes)
    if channels == 1:
        report.problem("channels", "The network looks at pictures of 1 channel (grey), not of three.")
    elif channels not in {None, COLOUR}:
        report.block(
            "input_channels",
            f"This is {a(title(match.plan.name))} for pictures of {number(channels or 0, 'channel')}; a picture has one (grey) "
            "or three (red, green, blue).",
        )


def _broken(names: tuple[str, ...], match: Match | None, report: Report) -> None:
    message = f"{number(len(names), 'tensor')} with NaN or infinite values: {some(names)}."
    if match is not None and all(name.startswith(match.plan.head_part) for name in names):
        report.problem("not_finite", f"The classifier has {message} Every prediction would be NaN.")
        report.repair("new_head", "Keep the features and start a new, untrained classifier.")
        return
    verb = "are" if len(names) > 1 else "is"
    report.block("not_finite", f"There {verb} {message} Training went astray: take an earlier checkpoint.")


def _first_layer(tensors: Mapping[str, Tensor], report: Report) -> None:
    scale, order = health.wants_0_to_255(tensors), health.wants_bgr(tensors)
    if not (scale or order):
        return
    how = " and ".join([*(["of 0 to 255"] * scale), *(["in the order blue, green, red"] * order)])
    report.problem(
        "caffe_input",
        f"The first convolution looks as if it were made for pictures {how} (Caffe-style). This is a guess from its values; if "
        "predictions look wrong, change the preprocessing.",
    )
