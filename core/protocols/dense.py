"""Dense evaluation: a network slides over a whole picture, its head turned into convolutions (VGG paper, section 3.2)."""

from __future__ import annotations

from torch import Tensor

from core.errors import LayerscopeError
from core.inference.session import Session


class DenseNetwork:
    """A loaded network that answers for every window of a larger picture at once.

    Attributes
    ----------
    side
        Side of the window in pixels: that of the network's usual input.
    stride
        Steps of the window down and to the right, in pixels of the input.
    """

    def __init__(self, session: Session, side: int, stride: tuple[int, int]) -> None:
        self._session = session
        self.side = side
        self.stride = stride

    def scores(self, batch: Tensor) -> Tensor:
        """Return the logits of each window: float32 (N, channels, H, W) to (N, categories, rows, columns) on the CPU."""
        raise NotImplementedError


def dense_form(session: Session) -> DenseNetwork:
    """Find out how a network slides.

    Raises
    ------
    LayerscopeError
        Of the kind "unsupported", with the reason, where it cannot.
    """
    raise LayerscopeError(f"{session.info.title} cannot be evaluated densely yet.", kind="unsupported")


def why_not_dense(session: Session) -> str:
    """Say why a network cannot be evaluated densely; "" where it can."""
    try:
        dense_form(session)
    except LayerscopeError as error:
        return error.message
    return ""
