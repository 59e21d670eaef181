"""Asks for the answer with lesions whenever they change, and for rankings of channels when they are wanted."""

from __future__ import annotations

from typing import Any, ClassVar

from PySide6.QtCore import Slot

from core.types import (
    ATTENTION,
    ChannelRanking,
    Failure,
    JobProgress,
    LesionedClassification,
    LesionRequest,
    ModelInfo,
    RankProgress,
    RankRequest,
)
from gui.conductor import Conductor
from gui.desks.desk import Desk
from gui.state import AppState
from gui.widgets.lesions.chosen_channel import ChosenChannel


class LesionDesk(Desk):
    """Lesions and rankings. The predictions show lesions wherever the panel is, so they are always asked for."""

    kinds: ClassVar[tuple[type, ...]] = (LesionRequest, RankRequest)

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(state, conductor)
        self.bench = state.lesions
        self._model = state.model
        self._told: tuple[str, ...] = ()
        self.bench.changed.connect(self._lesions_changed)
        self.bench.wish_changed.connect(self._ask_ranking)
        state.classification_changed.connect(self._classified)
        state.model_changed.connect(self._follow_model)
        state.layer_changed.connect(self._stop_other_ranking)
        state.selection.category_changed.connect(self._stop_other_ranking)
        state.image_changed.connect(self._forget_ranking)

    @Slot()
    def toggle_mute(self) -> None:
        """Mute or unmute the chosen channel of the layer shown."""
        chosen = ChosenChannel.of(self.state)
        if chosen is not None:
            self.bench.toggle_mute(chosen.layer, chosen.channel)
        elif ATTENTION in self.state.layer:
            module = self.state.layer.partition(ATTENTION)[0]
            words = f"A head of attention is only read; it cannot be muted. Choose “{module}” to mute its channels."
            self.state.raise_model_notice(Failure("note", words))

    @Slot()
    def _lesions_changed(self) -> None:
        """Ask at once, but one at a time: answers that come while a slider is dragged are shown, not overtaken unseen."""
        if not self.conductor.waits_for(LesionRequest) or not self.bench.active:
            self._ask_lesions()

    def _ask_lesions(self) -> None:
        found = self.state.classification
        if found is not None and self.bench.active:
            # Another picture that is on its way will ask when it is there.
            if found.image == self.state.image:
                self.ask(LesionRequest, found.image, self.bench.active)
            return
        self.conductor.call_off(LesionRequest)
        self._told = ()
        self.bench.set_answer(None)

    def _ask_again(self, asked: LesionRequest) -> None:
        """Catch up with what was changed while an answer was on its way."""
        if asked.lesions != self.bench.active:
            self._ask_lesions()

    @Slot()
    def _classified(self) -> None:
        """The answer with lesions is about another picture now, or about none."""
        self.bench.set_answer(None)
        self._ask_lesions()

    @Slot(object)
    def _follow_model(self, model: ModelInfo) -> None:
        """Keep the lesions where the layers are the same; a person is told when they cannot be kept."""
        before, self._model = self._model, model
        if not self.conductor.waits_for(RankRequest):
            # Loading a model, even the same one on another device, ends what was going on with the last one.
            self.bench.want_ranking(None)
        if before is None or before is model or (before.spec == model.spec and before.layers == model.layers):
            return
        self.bench.want_ranking(None)
        self.bench.set_ranking(None)
        self.bench.set_answer(None)
        if _same_layers(before, model):
            return
        count = len(self.bench.lesions)
        self.bench.forget()
        if count:
            what = "The lesion is gone: it belongs" if count == 1 else f"The {count} lesions are gone: they belong"
            message = f"{what} to the layers of {before.title}, and {model.title} has others."
            self.state.raise_notice(Failure("note", message))

    @Slot(object)
    def _ask_ranking(self, wish: Any) -> None:
        found = self.state.classification
        if wish is None:
            self.conductor.call_off(RankRequest)
            self.bench.set_progress(None)
        elif found is None or found.image != self.state.image:
            self.bench.want_ranking(None)
        else:
            self.bench.set_ranking(None)
            self.bench.set_progress(JobProgress(0, 0, "Waiting"))
            self.ask(RankRequest, found.image, wish.layer, wish.category, self.bench.active)

    @Slot()
    def _stop_other_ranking(self) -> None:
        """Give up a ranking of another layer, or for another category; a finished one stays."""
        wish, chosen = self.bench.wish, ChosenChannel.of(self.state)
        if wish is not None and (chosen is None or (wish.layer, wish.category) != (chosen.layer, self.state.category)):
            self.bench.want_ranking(None)

    @Slot()
    def _forget_ranking(self) -> None:
        self.bench.want_ranking(None)
        self.bench.set_ranking(None)

    def take(self, request: Any, answer: Any) -> None:
        """Write an answer down."""
        if isinstance(answer, LesionedClassification):
            if self.state.classification is not None and answer.image == self.state.classification.image:
                self._tell(answer.notices)
                self.bench.set_answer(answer)
            self._ask_again(request)
        elif isinstance(answer, ChannelRanking):
            self.bench.set_ranking(answer)
            self.bench.set_progress(None)
            self.bench.want_ranking(None)

    def _tell(self, notices: tuple[str, ...]) -> None:
        """Say what was left out, once, however often the slider moves."""
        for notice in notices:
            if notice not in self._told:
                self.state.raise_model_notice(Failure("note", notice))
        self._told = notices

    def refuse(self, request: Any, failure: Failure) -> None:
        """Say why there is no answer; numbers of other lesions do not stay."""
        if isinstance(request, LesionRequest):
            self.bench.set_answer(None, refused=True)
            self._ask_again(request)
        else:
            self.bench.want_ranking(None)
        super().refuse(request, failure)

    def advance(self, request: Any, progress: JobProgress) -> None:
        """Show a ranking while it grows."""
        if isinstance(progress, RankProgress) and self.bench.wish is not None:
            self.bench.set_progress(progress)
            self.bench.set_ranking(progress.ranking)


def _same_layers(one: ModelInfo, other: ModelInfo) -> bool:
    """Whether a lesion of one model is one of the other, too: the same architecture, layers and channels."""
    if one.spec.architecture != other.spec.architecture:
        return False
    return [(layer.key, layer.output_shape) for layer in one.layers] == [
        (layer.key, layer.output_shape) for layer in other.layers
    ]
