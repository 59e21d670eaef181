"""Guided back-propagation, for every ReLU however it is called."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from core.errors import LayerscopeError
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.attribution.found import Found, Search
from core.insight.budget import check_gradient
from core.types import JobProgress

_RELUS = frozenset(
    {torch.relu, torch.relu_, F.relu, F.relu_, F.relu6, Tensor.relu, Tensor.relu_}
)
_OTHERS = ("Hardswish", "SiLU", "GELU", "ELU", "LeakyReLU", "PReLU")


class GuidedRelus(TorchFunctionMode):
    """While it is entered, every ReLU that is called lets only positive gradients back.

    Springenberg et al. 2015, figure 1: the gradient passes where both it and the input of the ReLU are positive. The hook is
    on the tensor that the ReLU returns, not on a module, so it does not matter whether that is a module or a function, runs
    once or often, or writes in place; it goes with the tensor. ``count`` says how many ReLUs there were.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = func(*args, **(kwargs or {}))
        if _is_relu(func, args, kwargs or {}) and isinstance(output, Tensor):
            self.count += 1
            if output.requires_grad:
                output.register_hook(_positive)  # type: ignore[no-untyped-call]
        return output


def _is_relu(func: Any, args: Any, keywords: dict[str, Any]) -> bool:
    if func in (F.hardtanh, F.hardtanh_):
        # What nn.ReLU6 may call: bounded below by 0.
        return bool((args[1] if len(args) > 1 else keywords.get("min_val", -1.0)) == 0)
    return func in _RELUS


def _positive(gradient: Tensor) -> Tensor:
    return gradient.clamp(min=0)


def guided_backprop(session: Session, batch: Tensor, category: int) -> Search:
    """Differentiate the category's logit with respect to the input, with every ReLU guided.

    Parameters
    ----------
    session, batch
        The loaded model, and float32 (1, channels, H, W).
    category
        Index of the category.

    Returns
    -------
    Values of the input's height and width, summed over its channels.

    Raises
    ------
    LayerscopeError
        Of the kind "unsupported", if the network has no ReLU.

    Notes
    -----
    captum's ``GuidedBackprop`` sets backward hooks on ``nn.ReLU`` modules: it misses functions (``F.relu`` in GoogLeNet and
    DenseNet, without a word), and fails on modules that write in place. Where it is right, this is equal to it.
    """
    yield JobProgress(0, 1, "Going back through the network")
    check_gradient(session.info.layers, session.device, "Guided back-propagation", "Grad-CAM or occlusion")

    def work(module: nn.Module, inputs: Tensor) -> tuple[Tensor, Tensor]:
        leaf = inputs.detach().clone().requires_grad_()
        with GuidedRelus() as guided:
            # A copy: a network that begins with an in-place operation must not write into a leaf.
            logits = first_tensor(module(leaf.clone()))
        if not guided.count:
            raise LayerscopeError(_no_relu(session), kind="unsupported")
        assert logits is not None
        (gradient,) = torch.autograd.grad(logits[0, category], leaf)
        return gradient[0].sum(0).float().cpu(), logits.detach().float().cpu()

    values, logits = session.run(work, batch, gradients=True)[0]
    return Found(values.numpy(), logits, _note(session))


def _no_relu(session: Session) -> str:
    others = _other_activations(session)
    instead = f" (its activation is {others[0]})" if others else ""
    return (
        f"{session.info.title} has no ReLU{instead}, and guided back-propagation is a rule for ReLU. "
        "Choose another method, such as integrated gradients."
    )


def _note(session: Session) -> str:
    others = _other_activations(session)
    return f"the rule is for ReLU and leaves {' and '.join(others)} alone" if others else ""


def _other_activations(session: Session) -> list[str]:
    return list(dict.fromkeys(layer.kind for layer in session.info.layers if layer.kind in _OTHERS))
