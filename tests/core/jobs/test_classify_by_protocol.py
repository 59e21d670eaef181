from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.cancel import CancelToken
from core.errors import Cancelled, UsageError
from core.inference.session import Session
from core.insight.inspect import Inspector
from core.jobs.classify import ProtocolRow, classify_by_protocol, classify_files
from core.types import BUILTIN_SPEC, ImageRef, JobProgress, Protocol


@pytest.fixture(scope="module")
def session() -> Session:
    return Session.load(BUILTIN_SPEC, "cpu")


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> list[ImageRef]:
    folder: Path = tmp_path_factory.mktemp("pictures")
    for number in range(2):
        noise = np.random.default_rng(number).integers(0, 256, (80, 100, 3), dtype=np.uint8)
        Image.fromarray(noise).save(folder / f"{number}.png")
    return [ImageRef(folder / name) for name in ("0.png", "gone.png", "1.png")]


def test_single_gives_the_rows_of_classify(session: Session, images: list[ImageRef]) -> None:
    plain = list(classify_files(session, images, 10))
    steps = list(classify_by_protocol(Inspector(session), images, Protocol()))
    rows = [step for step in steps if isinstance(step, ProtocolRow)]
    assert any(isinstance(step, JobProgress) for step in steps)
    assert [row.image for row in rows] == images
    for row, known in zip(rows, plain, strict=True):
        assert (row.answer.predictions if row.answer else ()) == known.predictions
        assert row.failure == known.failure
    assert [row.answer is None for row in rows] == [False, True, False]


def test_a_cancelled_job_ends_at_the_next_view(session: Session, images: list[ImageRef]) -> None:
    token = CancelToken()
    work = classify_by_protocol(Inspector(session), images, Protocol("ten-crop"), cancel=token)
    for step in work:
        if isinstance(step, JobProgress) and step.done == 3:
            token.cancel()
            break
    with pytest.raises(Cancelled):
        next(work)
    assert not any(module._forward_hooks for module in session.model.modules())


def test_wrong_use_is_not_a_failure_of_a_picture(session: Session, images: list[ImageRef]) -> None:
    with pytest.raises(UsageError):
        list(classify_by_protocol(Inspector(session), images, Protocol("scale", (10,))))
