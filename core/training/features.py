"""What the body of a network says of the pictures, computed once: a new head learns from it in seconds an epoch."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from core.errors import ModelError
from core.training.network import logits_of

_TOLERANCE = 1e-4


class HeadOnFeatures(nn.Module):
    """The end of a network from its head on, fed with features.

    Parameters
    ----------
    module
        The whole network, in evaluation mode.
    head
        Path of its classifier.
    example
        A batch of pictures, float32 (N, channels, side, side), to find out with what follows the head.

    Raises
    ------
    ModelError
        If the head cannot be fed apart from the body.
    """

    def __init__(self, module: nn.Module, head: str, example: Tensor) -> None:
        super().__init__()
        self.head = module.get_submodule(head)
        self._dropout = _dropout_before(module, head)
        self._whole: Callable[[Tensor], Tensor] | None = None
        self.eval()
        features, logits = self._look(module, example)
        if self.head(features).shape != logits.shape or not torch.allclose(self.head(features), logits, atol=_TOLERANCE):
            # Something follows (SqueezeNet: ReLU and pooling): run the network, with the features slipped in.
            dummy = example[:1]
            self._whole = lambda given: self._slipped_in(module, dummy, given)
            again = self(features)
            if again.shape != logits.shape or not torch.allclose(again, logits, atol=_TOLERANCE):
                raise ModelError("The head of this network cannot be trained apart from its body. Choose the mode “full”.")

    def forward(self, features: Tensor) -> Tensor:
        """Return the logits (N, categories) of features as :func:`features_of` gives them."""
        features = F.dropout(features, self._dropout, self.training)
        if self._whole is not None:
            return self._whole(features)
        logits: Tensor = self.head(features)
        return logits

    def features_of(self, module: nn.Module, batch: Tensor) -> Tensor:
        """Return what the head is given for a batch."""
        return self._look(module, batch)[0]

    def _look(self, module: nn.Module, batch: Tensor) -> tuple[Tensor, Tensor]:
        seen: list[Tensor] = []
        handle = self.head.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0].detach().clone()))
        try:
            with torch.no_grad():
                logits, _ = logits_of(module(batch))
        finally:
            handle.remove()
        if len(seen) != 1:
            raise ModelError("The head of this network runs more than once. Choose the mode “full”.")
        return seen[0], logits

    def _slipped_in(self, module: nn.Module, dummy: Tensor, features: Tensor) -> Tensor:
        handle = self.head.register_forward_pre_hook(lambda _, inputs: (features,))
        try:
            return logits_of(module(dummy))[0]
        finally:
            handle.remove()


def _dropout_before(module: nn.Module, head: str) -> float:
    """The probability of the dropout that the network has right before its head; 0 where it has none."""
    last = 0.0
    for name, layer in module.named_modules():
        if name == head:
            return last
        if not any(layer.children()):
            last = layer.p if isinstance(layer, nn.Dropout) else 0.0
    return 0.0
