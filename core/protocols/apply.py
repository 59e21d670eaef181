"""A picture by a test protocol: the views, the passes, the average."""

from __future__ import annotations

from collections.abc import Generator

from core.errors import UsageError
from core.insight.inspect import Inspector
from core.types import JobProgress, ProtocolAnswer, ProtocolRequest


def apply_protocol(inspector: Inspector, request: ProtocolRequest) -> Generator[JobProgress, None, ProtocolAnswer]:
    """Classify a picture by a protocol.

    Parameters
    ----------
    inspector
        Knows the model.
    request
        The picture, the protocol, and other models whose answers are averaged in.

    Yields
    ------
    JobProgress
        After each batch of views. It may be closed at any of them.

    Raises
    ------
    ImageError
        If the picture cannot be read.
    UsageError
        If a scale is smaller than the network's input, or the models fused do not have the same categories.
    LayerscopeError
        Of the kind "unsupported", if the network cannot be evaluated densely.
    """
    yield JobProgress(0, 1, "Beginning")
    raise UsageError(f"The protocol “{request.protocol.name}” is not there yet.")
