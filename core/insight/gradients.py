"""How a score moves with what one layer puts out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from core.errors import LayerError
from core.inference.measure import first_tensor, module_of, must_be_changeable, with_first_tensor
from core.inference.session import Session
from core.insight.budget import check_gradient
from core.types import LayerInfo

Score = Callable[[Tensor], Tensor]
"""From the logits (1, categories) to one number, for instance ``logits[0, category]``."""


@dataclass(frozen=True, slots=True, eq=False)
class LayerGradient:
    """``activations`` and the ``gradient`` of the score with respect to them, both float32 in the layer's own shape, on the
    CPU; ``score`` is the score itself, ``logits`` float32 (1, categories)."""

    activations: Tensor
    gradient: Tensor
    score: float
    logits: Tensor


def layer_gradient(session: Session, batch: Tensor, layer: LayerInfo, score: Score) -> LayerGradient:
    """Differentiate a score with respect to the output of one call of one layer.

    The graph is cut at the layer, so that nothing before it is remembered or gone back through, and goes on from a copy, so
    that an in-place operation that follows changes nothing that is returned.

    Parameters
    ----------
    session
        The loaded model.
    batch
        float32 (1, channels, H, W).
    layer
        One of ``session.info.layers``.
    score
        See :data:`Score`.

    Raises
    ------
    LayerError
        If the layer was not reached, is an attention, or the score does not depend on it; or if going back to it takes more
        memory than there is (:func:`core.insight.budget.check_gradient`).
    """
    check_gradient(session.info.layers, session.device, f"The gradient of “{layer.key}”", "a later layer", after=layer)
    return session.run(lambda module, inputs: _differentiate(module, inputs, layer, score), batch, gradients=True)[0]


def _differentiate(module: nn.Module, batch: Tensor, layer: LayerInfo, score: Score) -> LayerGradient:
    must_be_changeable(layer)
    kept: list[Tensor] = []
    calls = 0

    def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
        nonlocal calls
        calls += 1
        tensor = first_tensor(output)
        if calls != layer.call or tensor is None:
            return None
        kept.append(tensor.detach().clone().requires_grad_())
        return with_first_tensor(output, kept[0].clone())

    handle = module_of(module, layer).register_forward_hook(hook)
    try:
        logits = first_tensor(module(batch))
    finally:
        handle.remove()
    if not kept or logits is None:
        raise LayerError(f"The layer “{layer.key}” was not reached in the forward pass.")
    reached = score(logits)
    try:
        (gradient,) = torch.autograd.grad(reached, kept[0])
    except RuntimeError as error:
        if "require grad" not in str(error) and "not have been used" not in str(error):
            raise
        raise LayerError(f"The score does not depend on the layer “{layer.key}” for this picture.") from error
    return LayerGradient(_plain(kept[0]), _plain(gradient), reached.item(), _plain(logits))


def _plain(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", torch.float32)
