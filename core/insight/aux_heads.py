"""The auxiliary heads of GoogLeNet and Inception: what they say of a picture, though nobody asks them after training."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import NamedTuple

from torch import Tensor, nn

from core.errors import ModelError
from core.inference.devices import is_out_of_memory
from core.inference.session import Session
from core.zoo import backend

HANGS_ON = {"aux1": "inception4a", "aux2": "inception4d", "AuxLogits": "Mixed_6e"}
"""Head -> the layer whose output it reads, in order of execution (Szegedy et al. 2014, section 5; 2015, figure 8)."""

_PUBLISHED_UNTRAINED = "googlenet"
"""Of its published weights torchvision says itself that the auxiliary heads in them are not trained."""


class AuxiliaryLogits(NamedTuple):
    """``head`` and the ``layer`` it hangs on are paths in ``named_modules``; ``logits`` is float32 (N, categories), CPU."""

    head: str
    layer: str
    logits: Tensor


def auxiliary_logits(session: Session, batch: Tensor) -> tuple[AuxiliaryLogits, ...]:
    """Ask the auxiliary heads, in one forward pass.

    In evaluation the networks leave them out; here each runs, in evaluation mode as well (no dropout, batch norm's own
    statistics), on the output of the layer that it hangs on.

    Parameters
    ----------
    session
        The loaded model.
    batch
        float32 (N, channels, H, W) on any device, as for :meth:`Session.forward`.

    Returns
    -------
    One entry for each head, in order of execution; () where there are none worth asking, of which :func:`why_none` tells.

    Raises
    ------
    ModelError
        If a head cannot read maps of this size.
    """
    if why_none(session):
        return ()
    found, _ = session.run(_ask, batch)
    return tuple(found)


def why_none(session: Session) -> str:
    """Say in a sentence why there are no auxiliary heads to ask; "" where there are."""
    spec = session.info.spec
    heads = _heads(session.model)
    if not heads:
        if any(hasattr(session.model, name) for name in HANGS_ON):
            return f"The weights of {spec.architecture} ({spec.weights}) have no auxiliary heads: only the final one was saved."
        return f"{spec.architecture} has no auxiliary heads. googlenet, googlenet_seed and inception_v3 have."
    if _untrained(session, heads):
        return (
            f"The weights of {spec.architecture} ({spec.weights}) have auxiliary heads, but these were never trained: what "
            "they say means nothing."
        )
    return ""


def _heads(model: nn.Module) -> dict[str, nn.Module]:
    children = dict(model.named_children())
    return {name: children[name] for name, layer in HANGS_ON.items() if name in children and layer in children}


def _untrained(session: Session, heads: dict[str, nn.Module]) -> bool:
    """Whether the heads are fresh behind a network that is not."""
    digest = session.info.weights_sha256
    if digest and session.info.spec.architecture == _PUBLISHED_UNTRAINED:
        entries = backend.weights_entries(_PUBLISHED_UNTRAINED)
        if any(entry.sha256_prefix and digest.startswith(entry.sha256_prefix) for entry in entries):
            return True
    of_heads = [norm for head in heads.values() for norm in _norms(head)]
    everywhere = list(_norms(session.model))
    return bool(of_heads) and not any(map(_touched, of_heads)) and any(map(_touched, everywhere))


def _norms(module: nn.Module) -> Iterator[nn.BatchNorm2d]:
    return (one for one in module.modules() if isinstance(one, nn.BatchNorm2d))


def _touched(norm: nn.BatchNorm2d) -> bool:
    """Whether batch norm has ever seen a picture."""
    mean, variance = norm.running_mean, norm.running_var
    return mean is None or variance is None or bool(mean.any()) or not bool((variance == 1).all())


def _ask(model: nn.Module, batch: Tensor) -> list[AuxiliaryLogits]:
    found: list[AuxiliaryLogits] = []
    with ExitStack() as hooks:
        for name, head in _heads(model).items():
            layer = model.get_submodule(HANGS_ON[name])
            hooks.callback(layer.register_forward_hook(_reader(name, head, found)).remove)
        model(batch)
    return found


def _reader(name: str, head: nn.Module, found: list[AuxiliaryLogits]) -> Callable[[nn.Module, object, Tensor], None]:
    def read(_: nn.Module, __: object, output: Tensor) -> None:
        found.append(AuxiliaryLogits(name, HANGS_ON[name], _answer(name, head, output)))

    return read


def _answer(name: str, head: nn.Module, maps: Tensor) -> Tensor:
    try:
        logits: Tensor = head(maps)
    except RuntimeError as error:
        if is_out_of_memory(error):
            raise
        size = f"{maps.shape[2]}×{maps.shape[3]}"
        raise ModelError(
            f"The auxiliary head {name} cannot read maps of {size} pixels. Prepare pictures in the size that the network was "
            "made for."
        ) from error
    return logits.float().cpu()
