"""From what a person typed after ``--model`` and ``--weights`` to a model that can be loaded."""

from __future__ import annotations

from dataclasses import replace

from core.errors import UsageError, WeightsError
from core.home import expanded
from core.types import BUILTIN_MODEL, BUILTIN_SPEC, CODE_SUFFIX, USUAL_WEIGHTS, ModelSpec, WeightsSpec, code_refusal
from core.weights.published import is_downloaded
from core.zoo import backend


def choose_spec(
    model: str | None = None,
    weights: str | None = None,
    *,
    run_code: bool = False,
    classes: int | None = None,
    channels: int | None = None,
) -> ModelSpec:
    """Fill in what was not said.

    Without anything it is the built-in model. A file without a model is asked what it is; a model without weights gets
    the built-in ones, or published ones that are on this computer already. With ``run_code`` a person agreed that the Python
    file that ``model`` names is run for its ``build_model()``; nothing is run here. ``classes`` and ``channels`` are those of a
    network with random weights, which are then taken where no others are named.

    Raises
    ------
    ModelError
        If there is no such architecture.
    WeightsError
        If a weights file cannot be read, or no architecture has its tensors.
    UsageError
        If a model has no weights on this computer and none were named, or weights were named without a model, or the model is
        a Python file and nobody agreed to have it run; or classes or channels were named for weights that say them themselves.
    """
    if (classes, channels) != (None, None):
        return _random(model, weights, run_code=run_code, classes=classes, channels=channels)
    wanted = WeightsSpec.parse(weights) if weights is not None else None
    if run_code or (model is not None and model.endswith(CODE_SUFFIX)):
        return _of_code(model, wanted, run_code)
    if model is not None and wanted is not None and ModelSpec(model, wanted).own_graph:
        return ModelSpec(model, wanted)
    if model is not None:
        backend.check_architecture(model)
        return ModelSpec(model, wanted or _weights_at_hand(model))
    if wanted is None or wanted.kind == "builtin":
        return BUILTIN_SPEC
    if wanted.kind == "random":
        return ModelSpec(BUILTIN_MODEL, wanted)
    if wanted.kind == "file":
        return ModelSpec(_architecture_of(wanted), wanted)
    raise UsageError(
        f"Which model are the weights “{wanted.name}” for? Say it with --model. If a file was meant, there is "
        f"none called “{wanted.name}” here."
    )


def _random(
    model: str | None, weights: str | None, *, run_code: bool, classes: int | None, channels: int | None
) -> ModelSpec:
    wanted = WeightsSpec.parse(weights or "random")
    if wanted.kind != "random" or run_code or (model is not None and model.endswith(CODE_SUFFIX)):
        raise UsageError(
            "--classes and --channels are for random weights of a model of the catalogue; all others say themselves what they "
            "are for."
        )
    architecture = model or BUILTIN_MODEL
    backend.check_architecture(architecture)
    return ModelSpec(architecture, wanted, classes=classes, channels=channels)


def _of_code(model: str | None, wanted: WeightsSpec | None, run_code: bool) -> ModelSpec:
    wrong = code_refusal(model, run_code)
    if wrong or model is None:
        raise UsageError(wrong)
    return ModelSpec.of_code(expanded(model).absolute(), wanted)


def settle(spec: ModelSpec) -> ModelSpec:
    """Fill in what a spec leaves open.

    An empty architecture becomes the one whose tensors the file has; ``USUAL_WEIGHTS`` become published ones that are on
    this computer, or else random ones (of which the loaded model's notices tell).

    Raises
    ------
    ModelError, WeightsError
        As :func:`choose_spec`.
    """
    if spec.code is not None:
        return spec
    if not spec.architecture:
        return replace(spec, architecture=_architecture_of(spec.weights))
    if spec.weights != USUAL_WEIGHTS:
        return spec
    if (spec.classes, spec.channels) != (None, None):
        return replace(spec, weights=WeightsSpec("random"))
    try:
        return ModelSpec(spec.architecture, _weights_at_hand(spec.architecture))
    except UsageError:
        return ModelSpec(spec.architecture, WeightsSpec("random"))


def _weights_at_hand(architecture: str) -> WeightsSpec:
    if architecture == BUILTIN_MODEL:
        return BUILTIN_SPEC.weights
    if not backend.weights_entries(architecture):
        raise UsageError(
            f"Nobody publishes weights for {architecture}. Give a file of your own with --weights FILE, or take --weights "
            "random."
        )
    entries = [entry for entry in backend.weights_entries(architecture) if entry.categories and is_downloaded(entry)]
    default = backend.default_entry(architecture)
    if entries:
        return WeightsSpec("named", name=(default if default in entries else entries[0]).name)
    raise UsageError(
        f"There are no weights for {architecture} on this computer. Run `layerscope weights fetch {architecture}`, or choose "
        "them in the window and press Download. Or give a file with --weights FILE, take --weights random, or put "
        f"{default.url} into torch's cache (--weights {default.name} says where)."
    )


def _architecture_of(wanted: WeightsSpec) -> str:
    if wanted.path is None:
        raise UsageError("No weights file was given.")
    from core.weights import fit  # with all that the checkpoint doctor knows, which other weights can do without
    from core.weights.doctor import fitting
    from core.weights.doctor.own_graph import architecture_for
    from core.weights.read import read_weights

    content = read_weights(wanted.path)
    if content.checkpoint is not None and content.checkpoint.format == "torch-export":
        return architecture_for(content.checkpoint)
    architecture = fit.guess_architecture(content)
    if architecture is None:
        refusal = fitting.judge(fit.reading_of(content)).refusal
        why = refusal.message if refusal is not None else "No model of the catalogue has its tensors."
        raise WeightsError(f"“{wanted.path.name}” cannot be loaded. {why}", path=wanted.path)
    return architecture
