"""Changing what layers put out, on the way through a network: with hooks that hand on a changed copy."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from core.errors import LayerError, ModelError
from core.inference.measure import first_tensor, module_of, with_first_tensor
from core.inference.session import Session
from core.insight.channel_axis import ChannelAxis
from core.types import LayerInfo, Lesion

Change = Callable[[Tensor], None]
"""Changes its own copy of a layer's output in place."""


class OutputChanges:
    """While it is entered, each forward pass of a network goes on from changed outputs; weights and buffers stay as they are.

    Parameters
    ----------
    module
        The network.
    changes
        Layers and what is done to what they put out; several for one layer are done in their order. A layer that is one
        of several calls of a module is changed at that call only.
    calls
        The counter to use for :attr:`calls`, where somebody else looks at it too.

    Attributes
    ----------
    calls
        How often each module with a change ran in the pass that is going on, by name.
    """

    def __init__(
        self, module: nn.Module, changes: Sequence[tuple[LayerInfo, Change]], calls: Counter[str] | None = None
    ) -> None:
        self._module = module
        self._changes: dict[str, dict[int, list[Change]]] = defaultdict(lambda: defaultdict(list))
        for layer, change in changes:
            self._changes[layer.name][layer.call].append(change)
        self._layers = tuple(layer for layer, _ in changes)
        self._handles: list[RemovableHandle] = []
        self.calls: Counter[str] = Counter() if calls is None else calls

    def __enter__(self) -> OutputChanges:
        self.calls.clear()
        if not self._changes:
            return self
        try:
            self._handles.append(self._module.register_forward_pre_hook(self._begin))
            for name, module in {layer.name: module_of(self._module, layer) for layer in self._layers}.items():
                self._handles.append(module.register_forward_hook(self._hook(name)))
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def _remove(self) -> None:
        while self._handles:
            self._handles.pop().remove()

    def _begin(self, _module: nn.Module, _inputs: Any) -> None:
        self.calls.clear()

    def _hook(self, name: str) -> Callable[[nn.Module, Any, Any], Any]:
        def hook(_module: nn.Module, _inputs: Any, output: Any) -> Any:
            self.calls[name] += 1
            wanted = self._changes[name].get(self.calls[name])
            tensor = first_tensor(output)
            if not wanted or tensor is None:
                return None
            # A copy: what came out may be an input that others read as well (in-place layers, views, identities).
            changed = tensor.clone()
            for change in wanted:
                change(changed)
            return with_first_tensor(output, changed)

        return hook

    def check_reached(self) -> None:
        """Raise a :class:`LayerError` if the last pass did not come to one of the layers."""
        for layer in self._layers:
            if self.calls[layer.name] < layer.call:
                raise LayerError(
                    f"The layer “{layer.key}” was not reached in the forward pass, so its lesion changes nothing. Remove it."
                )


def lesion_change(lesion: Lesion, where: ChannelAxis) -> Change:
    """Return what a lesion does to an output of any batch size."""

    def change(output: Tensor) -> None:
        channel = output.select(where.axis, lesion.channel)
        if lesion.action == "scale":
            channel.mul_(lesion.value)
        else:
            channel.fill_(0.0 if lesion.action == "mute" else lesion.value)

    return change


def forward_with(
    session: Session,
    batch: Tensor,
    changes: Sequence[tuple[LayerInfo, Change]],
    calls: Counter[str] | None = None,
) -> tuple[Tensor, float]:
    """Run a network with changed outputs on its way.

    Parameters
    ----------
    session
        The loaded model.
    batch
        float32 (N, channels, H, W).
    changes, calls
        See :class:`OutputChanges`; the hooks are off again when this returns or raises.

    Returns
    -------
    logits
        float32 (N, categories) on the CPU.
    milliseconds
        Of the forward pass.
    """

    def work(module: nn.Module, inputs: Tensor) -> Tensor:
        with OutputChanges(module, changes, calls) as on:
            logits = first_tensor(module(inputs))
            on.check_reached()
        if logits is None:
            raise ModelError(f"{session.info.title} returned no tensor, so there is nothing to compare.")
        return logits.float().cpu()

    return session.run(work, batch)


def check_numbers(logits: Tensor) -> None:
    """Raise a :class:`ModelError` where lesions drive the output beyond all numbers."""
    if not bool(logits.isfinite().all()):
        raise ModelError(
            "With these lesions the network's output is not a number any more (infinite or NaN). Clamp or scale less."
        )
