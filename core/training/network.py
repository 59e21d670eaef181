"""The network to train: an architecture for these categories, with the weights that it begins with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ModelError
from core.training.initialise import draw_for_depth, initialised_from
from core.types import ModelSpec, Preprocessing, Recipe, WeightsSpec
from core.weights.assemble import assemble
from core.weights.resolve import resolve
from core.weights.resolved import ResolvedWeights
from core.zoo import backend

_NEW_ROWS = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Trainee:
    """A network about to learn.

    ``head`` are the paths of the modules with one row per category, the classifier itself last; ``known`` is how many rows of
    them, the first ones, have their weights from before: all of them, all but those of new categories, or none.
    """

    module: nn.Module
    architecture: str
    preprocessing: Preprocessing
    head: tuple[str, ...]
    known: int
    notices: tuple[str, ...] = ()


def prepare(spec: ModelSpec, categories: tuple[str, ...], recipe: Recipe) -> Trainee:
    """Build the network for a run.

    Parameters
    ----------
    spec
        Architecture, and the weights to begin with; with the mode "scratch" they only say the preprocessing.
    categories
        The names of the outputs. The head is kept where the weights were made for the very same ones, or for those that come
        first: then it gains a row for each new one, whose index comes after all others.
    recipe
        Its mode and seed count.

    Raises
    ------
    ModelError
        If the network is a person's own code or an exported program, whose head nobody knows.
    WeightsError
        If the weights cannot be had.
    """
    if spec.code is not None or spec.own_graph:
        raise ModelError(
            f"Training needs a network of the catalogue; “{spec.architecture}” brings its own, which cannot be trained yet."
        )
    found = resolve(spec)
    name = spec.architecture
    kept = found.state_dict is not None and recipe.mode != "scratch"
    known = len(found.categories) if kept and found.categories == categories[: len(found.categories)] else 0
    options = replace(found.options, num_classes=len(categories))
    module = assemble(name, None, options, recipe.seed)
    head = tuple(weight.rpartition(".")[0] for weight in backend.heads(name))
    head = tuple(path for path in head if path in dict(module.named_modules()))
    if kept:
        _take(module, found, head, known)
    else:
        draw_for_depth(module, head, recipe.seed)
    notices = list(found.notices if kept else ())
    if recipe.initialise and recipe.mode == "scratch":
        notices += initialised_from(module, name, recipe.initialise)
    if recipe.mode == "head" and not kept:
        raise ModelError(
            f"{name} has random weights: a new head on random features learns little. Choose weights to begin with, or the "
            "mode “scratch”."
        )
    module.requires_grad_(True)
    return Trainee(module, name, found.preprocessing, head, known, tuple(notices))


def scratch_spec(architecture: str) -> ModelSpec:
    """A network that is to learn from nothing."""
    return ModelSpec(architecture, WeightsSpec("random"))


def _take(module: nn.Module, found: ResolvedWeights, head: tuple[str, ...], known: int) -> None:
    """Copy the tensors of a file into the network; of its heads the ``known`` rows, with new ones after them."""
    assert found.state_dict is not None
    own = module.state_dict()
    with torch.no_grad():
        for name, value in found.state_dict.items():
            if name not in own:
                continue
            if not name.startswith(tuple(f"{path}." for path in head)):
                own[name].copy_(value)
            elif known:
                _grow(own[name], value)


def _grow(own: Tensor, value: Tensor) -> None:
    """Put known rows before new ones. A new category must learn its logit: it begins as one that nothing speaks for.

    New weights are what the network drew for them, scaled to a tenth of the mean length of known rows; new biases are the
    mean of the known ones.
    """
    known = len(value)
    new = own[known:]
    if value.ndim > 1 and len(new):
        length = _NEW_ROWS * value.flatten(1).norm(dim=1).mean()
        own[known:] = length * F.normalize(new.flatten(1), dim=1).view_as(new)
    else:
        own[known:] = value.mean()
    own[:known].copy_(value)


def logits_of(output: object) -> tuple[Tensor, tuple[Tensor, ...]]:
    """Return the logits (N, categories) and those of auxiliary heads, whatever the network wraps them in."""
    if isinstance(output, Tensor):
        return output, ()
    if isinstance(output, tuple):
        found = tuple(one for one in output if isinstance(one, Tensor))
        if found:
            return found[0], found[1:]
    raise ModelError("The network returned no tensor.")
