"""Class activation maps weighted by gradients: Grad-CAM and Grad-CAM++."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from core.errors import LayerError
from core.inference.measure import first_tensor, module_of, with_first_tensor
from core.inference.session import Session
from core.insight.attribution.captum_door import captum_attr, quiet
from core.insight.attribution.found import Found, Search
from core.insight.budget import check_gradient
from core.insight.gradients import layer_gradient
from core.insight.map_layers import MapShape
from core.types import JobProgress, LayerInfo


def grad_cam(session: Session, batch: Tensor, category: int, layer: LayerInfo, shape: MapShape) -> Search:
    """Weight the maps of a layer by the mean gradient of the category's logit, add them up, keep what is positive.

    Selvaraju et al. 2017, equations 1 and 2, by captum's ``LayerGradCam``. captum looks at one run of a module that puts
    channels first, so it is shown a :class:`Tap`, whatever the layer itself does.

    Parameters
    ----------
    session, batch
        The loaded model, and float32 (1, channels, H, W).
    category
        Index of the category.
    layer, shape
        One of ``session.info.layers``, and where its output has the picture.

    Returns
    -------
    Values of the map's height and width, 0 or more.

    Raises
    ------
    LayerError
        If the layer was not reached, the score does not depend on it, or there is not the memory to go back to it.
    """
    yield JobProgress(0, 2, "Preparing")
    attr = captum_attr()
    check_gradient(session.info.layers, session.device, f"Grad-CAM of “{layer.key}”", "a later layer", after=layer)
    yield JobProgress(1, 2, "Going back through the network")

    def work(module: nn.Module, inputs: Tensor) -> tuple[Tensor, Tensor]:
        tap = Tap(module, layer, shape)
        with quiet():
            try:
                values = attr.LayerGradCam(tap.run, tap).attribute(inputs, category, relu_attributions=True)
            except RuntimeError as error:
                if "require grad" not in str(error) and "not have been used" not in str(error):
                    raise
                raise LayerError(f"The score does not depend on the layer “{layer.key}” for this picture.") from error
        return values.detach()[0, 0].float().cpu(), tap.logits.detach().float().cpu()

    values, logits = session.run(work, batch, gradients=True)[0]
    return Found(values.numpy(), logits, _note(values))


def grad_cam_plus_plus(session: Session, batch: Tensor, category: int, layer: LayerInfo, shape: MapShape) -> Search:
    """Weight each place of a layer's maps by how surely its gradient is positive.

    Chattopadhay et al. 2018: the weights of equation 19, for the score exp(logit), whose higher derivatives are powers of
    the first one where the network is piecewise linear; without the factor exp(logit), which is the same everywhere.
    Parameters, result and errors are those of :func:`grad_cam`.
    """
    yield JobProgress(0, 1, "Going back through the network")
    seen = layer_gradient(session, batch, layer, lambda logits: logits[0, category])
    maps, slope = to_maps(seen.activations, shape)[0].double(), to_maps(seen.gradient, shape)[0].double()
    squared = slope.square()
    below = 2 * squared + maps.sum((1, 2), keepdim=True) * squared * slope
    alpha = torch.where(below != 0, squared / torch.where(below != 0, below, 1.0), 0.0)
    weights = (alpha * slope.clamp(min=0)).sum((1, 2), keepdim=True)
    values = (weights * maps).sum(0).clamp(min=0).float()
    return Found(values.numpy(), seen.logits, _note(values))


def _note(values: Tensor) -> str:
    return "nothing in this layer speaks for the category" if bool((values == 0).all()) else ""


def to_maps(output: Tensor, shape: MapShape) -> Tensor:
    """Bring a layer's output (1, ...) into the order (1, channels, height, width); extra tokens are left out."""
    if shape.order == "channels first":
        return output
    if shape.order == "channels last":
        return output.permute(0, 3, 1, 2)
    tokens = output[:, shape.extra :].transpose(1, 2)
    return tokens.reshape(1, shape.channels, shape.height, shape.width)


def from_maps(maps: Tensor, output: Tensor, shape: MapShape) -> Tensor:
    """Undo :func:`to_maps`; extra tokens are those of ``output``."""
    if shape.order == "channels first":
        return maps
    if shape.order == "channels last":
        return maps.permute(0, 2, 3, 1)
    return torch.cat([output[:, : shape.extra], maps.flatten(2).transpose(1, 2)], dim=1)


class Tap(nn.Module):
    """Passes the maps of one call of one layer on as they are: a module that runs once and has its channels first.

    ``run`` runs the network with the tap in it and returns the logits, which ``logits`` keeps.

    Parameters
    ----------
    network
        The network; the hook on it is taken off after each run.
    layer, shape
        See :func:`grad_cam`.
    """

    logits: Tensor

    def __init__(self, network: nn.Module, layer: LayerInfo, shape: MapShape) -> None:
        super().__init__()
        # In a list, so that the network does not become a part of the tap.
        self._network = [network]
        self._layer, self._shape = layer, shape
        self._calls = 0

    def forward(self, maps: Tensor) -> Tensor:
        """Return ``maps``, (1, channels, height, width)."""
        return maps

    def run(self, batch: Tensor) -> Tensor:
        """Run the network on a batch of one."""
        self._calls = 0
        handle = module_of(self._network[0], self._layer).register_forward_hook(self._hook)
        try:
            logits = first_tensor(self._network[0](batch))
        finally:
            handle.remove()
        if logits is None or self._calls < self._layer.call:
            raise LayerError(f"The layer “{self._layer.key}” was not reached in the forward pass.")
        self.logits = logits
        return logits

    def _hook(self, _module: nn.Module, _inputs: Any, output: Any) -> Any:
        self._calls += 1
        tensor = first_tensor(output)
        if self._calls != self._layer.call or tensor is None:
            return None
        # A copy: an in-place ReLU that follows writes into the same memory.
        maps = self(to_maps(tensor.detach(), self._shape).clone())
        return with_first_tensor(output, from_maps(maps, tensor, self._shape).clone())


