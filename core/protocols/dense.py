"""Dense evaluation: a network slides over a whole picture, its head turned into convolutions (VGG paper, section 3.2).

Simonyan and Zisserman, 2014, https://arxiv.org/abs/1409.1556. The layers up to the head work on a larger picture as they are,
and give larger maps. The head is applied to every window of these maps of the size that it was trained for: that is the
convolution which the paper turns a fully connected layer into (the first of VGG into one of 7x7, the others into 1x1), and
for a network with global average pooling it is an average over every 7x7 window. It holds for any head, whatever is in it.

How a network does it is found out by watching it work on a picture of its usual size (:mod:`core.protocols.dense_trace`), so
that nothing is built anew and no weights are copied.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from weakref import WeakKeyDictionary

import torch
from torch import Tensor, nn

from core.errors import DeviceError, LayerscopeError, UsageError
from core.inference.devices import is_out_of_memory
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.protocols import dense_memory
from core.protocols import dense_words as words
from core.protocols.dense_plan import Plan, make_plan
from core.protocols.dense_slide import slide
from core.protocols.dense_trace import Recorder

Result = TypeVar("Result")

TOLERANCE = 1e-5
"""How much dense and plain scores of the same picture may differ at the usual size, as a part of the largest."""

_known: WeakKeyDictionary[Session, Plan | str] = WeakKeyDictionary()
"""How a session's network slides, or why it cannot."""


class DenseNetwork:
    """A loaded network that answers for every window of a larger picture at once.

    Window (0, 0) lies in the upper left corner of the picture. There is one window down (and across), and one more for each
    position that the last maps have more than those of a picture of the usual size. Where the picture's side is not a number
    of steps more than the window's, the last one may reach over the border by less than a step, if maps are padded, or end
    before it by as much.

    Attributes
    ----------
    side
        Side of the window in pixels: that of the network's usual input.
    stride
        Steps of the window down and to the right, in pixels of the input.
    notes
        What to know of the scores, each a sentence: what they are near borders, and what comes from all of the picture.
    """

    def __init__(self, session: Session, side: int, stride: tuple[int, int], plan: Plan) -> None:
        self._session = session
        self._plan = plan
        self.side = side
        self.stride = stride
        self.notes = words.notes(plan.padded, plan.whole)

    def scores(self, batch: Tensor) -> Tensor:
        """Return the logits of each window: float32 (N, channels, H, W) to (N, categories, rows, columns) on the CPU.

        The pictures go through the network one after the other, so that the memory depends on their size only.

        Raises
        ------
        UsageError
            If the pictures are smaller than the window.
        DeviceError
            If there is not enough memory, in words.
        LayerscopeError
            Of the kind "unsupported", if the network does something else for pictures of this size.
        """
        height, width = batch.shape[-2:]
        if min(height, width) < self.side:
            raise UsageError(
                f"A picture of {width}×{height} pixels is smaller than the window of {self.side}×{self.side}. "
                "Choose a larger Q."
            )
        dense_memory.check(self._plan, self.side, (height, width), self._session.device)
        try:
            return torch.cat([_scores(self._session, picture[None], self._plan) for picture in batch])
        except words.CannotSlide as reason:
            raise _error(self._session, str(reason)) from reason


def dense_form(session: Session) -> DenseNetwork:
    """Find out how a network slides, and check it.

    A picture of the usual size must get the same scores as ever, one that is larger by a step down and two to the right as
    many as there are windows, and each of them must be what the head says of that window alone. That takes four passes; what
    was found out is kept as long as the session is there.

    Raises
    ------
    LayerscopeError
        Of the kind "unsupported", with the reason, where it cannot.
    DeviceError
        If there is not enough memory for a pass.
    """
    found = _known.get(session)
    if found is None:
        try:
            found = _checked_plan(session)
        except words.CannotSlide as reason:
            found = str(reason)
        _known[session] = found
    if isinstance(found, str):
        raise _error(session, found)
    return DenseNetwork(session, session.info.preprocessing.crop, found.stride, found)


def why_not_dense(session: Session) -> str:
    """Say why a network cannot be evaluated densely; "" where it can."""
    try:
        dense_form(session)
    except LayerscopeError as error:
        return error.message
    return ""


def _error(session: Session, reason: str) -> LayerscopeError:
    return LayerscopeError(
        f"{session.info.title} cannot be evaluated densely: {reason}. Choose a protocol with crops.", kind="unsupported"
    )


def _checked_plan(session: Session) -> Plan:
    if (reason := words.windowed(session.info.layers)) is not None:
        raise reason
    how = session.info.preprocessing
    channels, side = len(how.mean), how.crop
    generator = torch.Generator().manual_seed(0)
    usual = torch.randn(1, channels, side, side, generator=generator)
    plan, plain = _recorded(session, usual)
    dense = _scores(session, usual, plan)
    scale = float(plain.abs().max())
    difference = float((dense.flatten() - plain.flatten()).abs().max())
    if dense.shape[2:] != (1, 1) or not difference <= TOLERANCE * scale:
        raise words.other_answer(difference / scale if scale else difference)
    down, right = plan.stride
    larger = torch.randn(1, channels, side + down, side + 2 * right, generator=generator)
    dense_memory.check(plan, side, (side + down, side + 2 * right), session.device)
    scores = _scores(session, larger, plan)
    if (shape := tuple(scores.shape[2:])) != (2, 3):
        raise words.other_shape((2, 3), (shape[0] * shape[1],))
    alone = _scores(session, larger, plan, only=(1, 2)).flatten()
    if not float((scores[0, :, 1, 2] - alone).abs().max()) <= TOLERANCE * float(scores.abs().max()):
        raise words.mixed()
    return plan


def _recorded(session: Session, picture: Tensor) -> tuple[Plan, Tensor]:
    """Watch the network at work: how it slides, and its logits."""

    def work(network: nn.Module, batch: Tensor) -> tuple[Plan, Tensor]:
        recorder = Recorder(batch)
        with recorder:
            answer = first_tensor(network(batch))
        if answer is None:
            raise words.opaque()
        return make_plan(recorder.steps, recorder.source(answer), batch.shape[-1]), answer.float().cpu()

    return _run(session, work, picture)


def _scores(session: Session, picture: Tensor, plan: Plan, only: tuple[int, int] | None = None) -> Tensor:
    """The logits of the windows of one picture, or of only one of them, on the CPU."""
    return _run(session, lambda network, batch: slide(network, batch, plan, only).float().cpu(), picture)


def _run(session: Session, work: Callable[[nn.Module, Tensor], Result], picture: Tensor) -> Result:
    """Run the network; what its own code raises becomes a reason why it cannot slide."""
    try:
        return session.run(work, picture)[0]
    except (LayerscopeError, words.CannotSlide):
        raise
    except Exception as error:  # a network may be a person's own code, and raise anything
        if is_out_of_memory(error) or isinstance(error, MemoryError) or "can't allocate memory" in str(error):
            height, width = picture.shape[-2:]
            raise DeviceError(
                f"There is not enough memory for a dense pass over {width}×{height} pixels. Choose a smaller Q."
            ) from error
        raise words.fixed_size(session.info.preprocessing.crop, _first_line(error)) from error


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:160] if lines else type(error).__name__
