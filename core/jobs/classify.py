"""Many pictures through one model, in order."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from torch import Tensor

from core.cancel import CancelToken
from core.errors import LayerscopeError, UsageError
from core.images.decode import decode
from core.images.preprocess import preprocess, target_side
from core.inference.classify import top_predictions
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.protocols.apply import apply_protocol
from core.types import (
    Failure,
    FusionMember,
    ImageRef,
    JobProgress,
    Prediction,
    Preprocessing,
    Protocol,
    ProtocolAnswer,
    ProtocolRequest,
)


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One picture's answer: its top-k, or why there is none."""

    image: ImageRef
    predictions: tuple[Prediction, ...]
    failure: Failure | None = None


@dataclass(frozen=True, slots=True)
class ProtocolRow:
    """One picture's answer by a protocol, or why there is none."""

    image: ImageRef
    answer: ProtocolAnswer | None
    failure: Failure | None = None


def classify_files(
    session: Session, images: Iterable[ImageRef], top_k: int, cancel: CancelToken | None = None
) -> Iterator[BatchRow]:
    """Classify pictures one by one; the next one is decoded while the network looks at this one.

    Parameters
    ----------
    session
        The loaded model; not to be used by anybody else until the end.
    images
        The pictures; drawn from as they are needed, one ahead.
    top_k
        How many predictions a row holds at most, from 1.
    cancel
        Looked at before each picture.

    Yields
    ------
    One row for each picture, in the order given; a picture that cannot be read or classified gets a row that says why.

    Raises
    ------
    core.errors.Cancelled
        If ``cancel`` was set.
    """
    cancel = cancel or CancelToken()
    how = session.info.preprocessing
    with ThreadPoolExecutor(1, thread_name_prefix="decode") as helper:
        waiting: tuple[ImageRef, Future[Tensor]] | None = None
        for image in images:
            cancel.check()
            following = (image, helper.submit(_tensor, image, how))
            if waiting is not None:
                yield _row(session, *waiting, top_k)
            waiting = following
        cancel.check()
        if waiting is not None:
            yield _row(session, *waiting, top_k)


def _tensor(image: ImageRef, how: Preprocessing) -> Tensor:
    return preprocess(decode(image, short_side=target_side(how)), how).tensor


def _row(session: Session, image: ImageRef, tensor: Future[Tensor], top_k: int) -> BatchRow:
    try:
        logits = session.forward(tensor.result())
        return BatchRow(image, top_predictions(logits, session.info.categories, top_k))
    except LayerscopeError as error:
        return BatchRow(image, (), Failure.of(error))


def classify_by_protocol(
    inspector: Inspector,
    images: Iterable[ImageRef],
    protocol: Protocol,
    members: Sequence[FusionMember] = (),
    weight: float = 1.0,
    cancel: CancelToken | None = None,
) -> Iterator[JobProgress | ProtocolRow]:
    """Classify pictures by a test protocol, one by one.

    Parameters
    ----------
    inspector
        Knows the model; not to be used by anybody else until the end.
    images
        The pictures; drawn from as they are needed.
    protocol, members, weight
        As in a :class:`ProtocolRequest`.
    cancel
        Looked at before each picture and after each batch of views.

    Yields
    ------
    Steps, and one row for each picture, in the order given; a picture that cannot be read or classified gets a row that says
    why.

    Raises
    ------
    UsageError
        If the protocol or the models cannot be used for any picture; see :func:`core.protocols.apply.prepare`.
    core.errors.Cancelled
        If ``cancel`` was set.
    """
    cancel = cancel or CancelToken()
    for number, image in enumerate(images, start=1):
        cancel.check()
        work = apply_protocol(inspector, ProtocolRequest(number, image, protocol, tuple(members), weight))
        try:
            row = yield from _steps(work, image, cancel)
        finally:
            work.close()
        yield row


def _steps(
    work: Generator[JobProgress, None, ProtocolAnswer], image: ImageRef, cancel: CancelToken
) -> Generator[JobProgress, None, ProtocolRow]:
    try:
        while True:
            step = next(work)
            cancel.check()
            yield step
    except StopIteration as end:
        return ProtocolRow(image, end.value)
    except UsageError:
        raise
    except LayerscopeError as error:
        return ProtocolRow(image, None, Failure.of(error))
