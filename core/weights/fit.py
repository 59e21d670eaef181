"""Whether tensors fit an architecture: which variant of it they were saved from, and what differs."""

from __future__ import annotations

from torch import Tensor

from core.errors import WeightsError
from core.types import Finding
from core.weights.assemble import with_versions
from core.weights.doctor import fitting, health, variant
from core.weights.doctor.anatomy import Reading, read_names
from core.weights.doctor.match import modern, shapes_of
from core.weights.doctor.states import State
from core.weights.doctor.table import COUNTER, plans
from core.weights.doctor.words import complex_words, number, some
from core.weights.read import WeightsFile
from core.zoo import backend
from core.zoo.backend import BuildOptions

_FIRST_MEAN = {"googlenet": "conv1.bn.running_mean", "inception_v3": "Conv2d_1a_3x3.bn.running_mean"}


def options_of(architecture: str, content: WeightsFile) -> BuildOptions:
    """Read from the tensors which variant of an architecture they belong to.

    Raises
    ------
    WeightsError
        If the tensors do not fit the architecture at all.
    """
    plan, shapes = plans()[architecture], shapes_of(content.state_dict)
    classes = variant.num_classes(plan, shapes)
    if classes is None:
        raise mismatch(architecture, content)
    return BuildOptions(
        num_classes=classes,
        image_size=variant.image_size(plan, shapes),
        aux_logits=variant.has_auxiliary(plan, shapes, classes),
        transform_input=_was_trained(architecture, content.state_dict),
        in_channels=variant.in_channels(plan, shapes),
    )


def fitted(architecture: str, content: WeightsFile, options: BuildOptions) -> dict[str, Tensor]:
    """Return the tensors under the names that the architecture uses, checked to be all of them, in their shapes.

    Raises
    ------
    WeightsError
        In the words of the checkpoint doctor, if tensors are missing, unexpected, of another shape or not finite.
    """
    state = with_versions(content.state_dict, {modern(name): value for name, value in content.state_dict.items()})
    aside = () if options.aux_logits else plans()[architecture].auxiliary
    if aside:
        state = with_versions(state, {name: value for name, value in state.items() if not name.startswith(aside)})
    if _differs(architecture, state, options):
        raise mismatch(architecture, content)
    unreal = health.complex_numbers(state)
    if unreal:
        raise WeightsError(f"“{content.path.name}” holds {complex_words(unreal)}", path=content.path)
    broken = health.not_finite(state)
    if broken:
        raise WeightsError(
            f"“{content.path.name}” has {number(len(broken), 'tensor')} with NaN or infinite values ({some(broken)}): every "
            "prediction would be NaN. Take an earlier checkpoint, or see what `layerscope doctor` can do.",
            path=content.path,
        )
    return state


def notices(architecture: str, options: BuildOptions) -> tuple[str, ...]:
    """What a person should know about the variant that was found."""
    if architecture in _FIRST_MEAN and options.transform_input:
        return (f"{architecture} is run as its published weights need it, with the input rescaled (transform_input).",)
    return ()


def mismatch(architecture: str, content: WeightsFile) -> WeightsError:
    """Say in words why a file is not one of an architecture, what it may be, and what to do about it."""
    name = content.path.name
    judgement = fitting.judge(reading_of(content), architecture)
    if judgement.refusal is not None:
        return WeightsError(f"“{name}” does not fit {architecture}. {judgement.refusal.message}", path=content.path)
    said = " ".join(one.message for one in judgement.findings)
    return WeightsError(f"“{name}” does not fit {architecture}. {said}{_offer(name, judgement.repairs)}", path=content.path)


def _offer(name: str, repairs: tuple[Finding, ...]) -> str:
    """Say how to come by a copy that can be loaded, unless another choice of model is all it takes."""
    if not repairs or {one.kind for one in repairs} == {"choose_architecture"}:
        return ""
    return f" `layerscope doctor {name} --repair OUT` writes a repaired copy."


def reading_of(content: WeightsFile) -> Reading:
    """Look at a file that was read through the doctor's eyes."""
    return read_names(State((), content.state_dict, {}))


def guess_architecture(content: WeightsFile) -> str | None:
    """Return the architecture that a file fits, whatever its number of classes; None where none can be said."""
    match = reading_of(content).match
    return match.plan.name if match is not None else None


def _differs(architecture: str, state: dict[str, Tensor], options: BuildOptions) -> bool:
    """Compare with the network itself; counters of batch norm, which older files lack, do not count."""
    wanted = backend.skeleton(architecture, options=options).state_dict()
    return {name: value.shape for name, value in wanted.items() if not name.endswith(COUNTER)} != {
        name: value.shape for name, value in state.items() if not name.endswith(COUNTER)
    }


def _was_trained(architecture: str, state: dict[str, Tensor]) -> bool:
    """Whether batch norm has seen pictures: only then can the weights come from the published ones."""
    mean = state.get(_FIRST_MEAN.get(architecture, ""))
    return mean is not None and bool(mean.any())
