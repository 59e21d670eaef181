"""One channel after another muted, in batches: the work behind a ranking."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import nullcontext

import numpy as np
import torch
from torch import Tensor, nn

from core.errors import LayerError
from core.inference.measure import first_tensor
from core.inference.session import Session
from core.insight.channel_axis import ChannelAxis
from core.insight.gradients import layer_gradient
from core.insight.lesion_plan import LesionPlan
from core.insight.output_changes import Change, OutputChanges, check_numbers, forward_with
from core.insight.replay import UNUSUAL, Replay
from core.types import ChannelRanking, JobProgress, LayerInfo, RankProgress, RankRequest, frozen

STEP_MS = 60.0
"""What a batch may take, so that other requests do not wait; one channel is the least that a batch holds."""

MOST_COPIES = 64
MOST_BYTES = 512 << 20
"""Limits of a batch: inputs that differ in one channel, and the memory of their activations."""


class Ablation:
    """Measures the channels of a layer one by one.

    The first channels measured are those from which a first-order estimate expects the largest loss. A channel that is zero
    everywhere is not run: muting it changes nothing. What runs before the layer is answered from memory
    (:class:`Replay`) where one result so found equals that of a plain pass.
    """

    def __init__(
        self, session: Session, batch: Tensor, layer: LayerInfo, where: ChannelAxis, plan: LesionPlan, request: RankRequest
    ) -> None:
        self._session, self._batch = session, batch
        self._layer, self._where, self._plan, self._request = layer, where, plan, request
        self._base = torch.zeros(1, 1)
        self._replay: Replay | None = None
        self._calls: Counter[str] = Counter()
        self._batched = True
        self._found: dict[int, tuple[float, float]] = {}
        most = max((one.activation_bytes for one in session.info.layers), default=1)
        # Input and output of the largest layer, a changed copy, and one more for what its code keeps.
        self._most = max(1, min(MOST_COPIES, MOST_BYTES // (4 * max(1, most))))

    def steps(self) -> Generator[JobProgress, None, None]:
        """Do the work; closing it at any step leaves no hook behind."""
        self._base, _ = forward_with(self._session, self._batch, self._plan.changes)
        check_numbers(self._base)
        yield self._progress()
        left = self._order()
        yield self._progress()
        if left:
            yield from self._prepare(left[0])
        copies = 1
        while left:
            channels, left = left[:copies], left[copies:]
            logits, milliseconds = self._measure(channels)
            self._note(channels, logits)
            fitting = math.floor(copies * STEP_MS / max(0.01, milliseconds))
            copies = max(1, min(self._most, 4 * copies, fitting)) if self._batched else 1
            yield self._progress()

    def ranking(self) -> ChannelRanking:
        """Return what has been measured by now, the largest loss first."""
        before = self._score(self._base)[0]
        channels = np.array(sorted(self._found), np.int32)
        changes = np.array([self._found[int(channel)] for channel in channels], np.float64).reshape(-1, 2)
        order = np.lexsort((channels, changes[:, 1], changes[:, 0]))
        request, session = self._request, self._session
        return ChannelRanking(
            image=request.image,
            model=session.info.spec,
            layer=self._layer.key,
            category=request.category,
            lesions=self._plan.lesions,
            probability=before[0],
            logit=before[1],
            total=self._where.count,
            channels=frozen(channels[order]),
            probability_changes=frozen(changes[order, 0]),
            logit_changes=frozen(changes[order, 1]),
            notices=self._plan.notices,
        )

    def _progress(self) -> RankProgress:
        done, total = len(self._found), self._where.count
        return RankProgress(done, total, f"Muting {done} of {total} channels", self.ranking())

    def _score(self, logits: Tensor) -> list[tuple[float, float]]:
        """Probability and logit of the category, in double precision, for each row of logits."""
        category = self._request.category
        probabilities = torch.softmax(logits.double(), dim=1)[:, category].tolist()
        return list(zip(probabilities, logits[:, category].double().tolist(), strict=True))

    def _note(self, channels: Sequence[int], logits: Tensor) -> None:
        check_numbers(logits)
        before = self._score(self._base)[0]
        for channel, after in zip(channels, self._score(logits), strict=True):
            self._found[channel] = after[0] - before[0], after[1] - before[1]

    def _order(self) -> list[int]:
        """Note the channels that are zero already, and order the others by the loss that is to be expected."""
        category = self._request.category

        def score(logits: Tensor) -> Tensor:
            return torch.log_softmax(logits, dim=1)[0, category]

        try:
            with OutputChanges(self._session.model, self._plan.changes):
                linear = layer_gradient(self._session, self._batch, self._layer, score)
        except LayerError:
            return list(range(self._where.count))
        expected = -self._by_channel(linear.gradient * linear.activations).sum(dim=1)
        silent = (self._by_channel(linear.activations) == 0).all(dim=1)
        self._found.update((channel, (0.0, 0.0)) for channel in silent.nonzero().flatten().tolist())
        order = torch.argsort(expected.nan_to_num(), stable=True).tolist()
        return [channel for channel in order if channel not in self._found]

    def _by_channel(self, values: Tensor) -> Tensor:
        return values.movedim(self._where.axis, 0).reshape(self._where.count, -1)

    def _prepare(self, channel: int) -> Generator[JobProgress, None, None]:
        """Remember the beginning of the network, and check on one channel whether it may be answered from memory."""
        plain, _ = self._measure([channel])
        yield self._progress()
        replay = self._record()
        yield self._progress()
        for self._replay in (replay, None) if replay is not None else (None,):
            self._batched = self._agrees(channel, plain)
            yield self._progress()
            if self._batched:
                return

    def _agrees(self, channel: int, plain: Tensor) -> bool:
        """Whether a batch of two that is run the way it is set now says what a plain pass said."""
        try:
            return self._same(plain, self._measure([channel, channel])[0])
        except UNUSUAL:
            return False

    def _same(self, plain: Tensor, tried: Tensor) -> bool:
        """Whether all rows say the same, but for the rounding of another batch size (TF32 on a GPU rounds more)."""
        fine = 1e-4 if self._session.device.type == "cpu" else 3e-3
        reach = max(1.0, float(plain.abs().max()))
        return tried.shape[1:] == plain.shape[1:] and float((tried - plain).abs().max()) <= fine * reach

    def _record(self) -> Replay | None:
        replay = Replay(self._session.model, self._layer.name, self._calls)

        def work(module: nn.Module, inputs: Tensor) -> None:
            with OutputChanges(module, [*self._plan.changes, (self._layer, replay.reach)], self._calls), replay.recording():
                module(inputs)

        self._session.run(work, self._batch)
        return replay if replay.saves else None

    def _measure(self, channels: Sequence[int]) -> tuple[Tensor, float]:
        """Return the logits with each channel muted in a copy of its own, float32 (channels, categories), and the time."""
        copies = len(channels)
        muting = self._muting(channels)

        def work(module: nn.Module, inputs: Tensor) -> Tensor:
            replaying = self._replay.replaying(copies) if self._replay is not None else nullcontext()
            with OutputChanges(module, [*self._plan.changes, (self._layer, muting)], self._calls) as on, replaying:
                logits = first_tensor(module(inputs.expand(copies, *inputs.shape[1:])))
                on.check_reached()
            if logits is None or len(logits) != copies:
                raise ValueError("the network does not take a batch")
            return logits.float().cpu()

        return self._session.run(work, self._batch)

    def _muting(self, channels: Sequence[int]) -> Change:
        shape, axis = self._layer.output_shape, self._where.axis

        def change(output: Tensor) -> None:
            # A layer may put out several rows for one picture (windows, for instance); a picture's rows lie together.
            rows = shape[0] if shape else 1
            if tuple(output.shape) != (rows * len(channels), *shape[1:]):
                raise ValueError(f"the layer {self._layer.key} does not put out a batch")
            for place, channel in enumerate(channels):
                part = output[place * rows : (place + 1) * rows]
                part.select(axis, channel).zero_()

        return change
