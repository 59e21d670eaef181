"""What the activations of a layer depend on besides the picture, as a name that is the same at the next start."""

from __future__ import annotations

import hashlib
from collections.abc import Generator
from dataclasses import replace
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from core.inference.session import Session
from core.types import LayerInfo

SLICE = 16 << 20
"""Bytes that are hashed in one step."""

_known: WeakKeyDictionary[nn.Module, str] = WeakKeyDictionary()


def layer_key(session: Session, layer: LayerInfo) -> Generator[None, None, str]:
    """Name a layer of a loaded model by all that its output depends on.

    The weights are hashed as they are in memory, not the file that they came from: it may have changed since, random ones have
    none, and the same tensors in another file are the same network. Architecture, preprocessing and layer are added. Devices
    are not told apart: they differ by rounding only.

    Yields
    ------
    After each :data:`SLICE` bytes; the hash is remembered as long as the model is.

    Returns
    -------
    SHA-256 in hexadecimal digits.
    """
    weights = _known.get(session.model)
    if weights is None:
        weights = yield from _hash_weights(session.model)
        _known[session.model] = weights
    info = session.info
    how = replace(info.preprocessing, source="")
    # Not a weight, yet it changes what goes in: googlenet and inception_v3 scale their input when their weights want it.
    own = getattr(session.model, "transform_input", None)
    # Of a person's code, and of an exported graph, the weights alone do not say what is done with them.
    free = info.spec.code is not None or info.spec.own_graph
    architecture = f"code {info.weights_sha256}" if free else info.spec.architecture
    facts = (weights, architecture, len(info.categories), own, how, layer.key)
    return hashlib.sha256(repr(facts).encode("utf-8", "backslashreplace")).hexdigest()


def _hash_weights(module: nn.Module) -> Generator[None, None, str]:
    found = hashlib.sha256()
    since = 0
    for name, tensor in module.state_dict().items():
        found.update(f"{name} {tensor.dtype} {tuple(tensor.shape)};".encode())
        values = _bytes_of(tensor)
        for start in range(0, len(values), SLICE):
            part = values[start : start + SLICE]
            found.update(part.cpu().numpy().data)
            since += len(part)
            if since >= SLICE:
                since = 0
                yield
    return found.hexdigest()


def _bytes_of(tensor: Tensor) -> Tensor:
    return tensor.detach().reshape(-1).contiguous().view(torch.uint8)
