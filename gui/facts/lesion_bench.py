"""The lesions that are on, what the network says with them, and how channels rank."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from PySide6.QtCore import QObject, Signal, Slot

from core.types import ChannelRanking, JobProgress, Lesion, LesionedClassification
from gui.facts.history import DONE, FORGOTTEN, REDONE, UNDONE

MOST_STEPS = 200
"""So many changes can be undone."""


@dataclass(frozen=True, slots=True)
class BenchLesion:
    """A lesion of the list; one that is not ``enabled`` stays in the list and changes nothing."""

    lesion: Lesion
    enabled: bool = True

    @property
    def place(self) -> tuple[str, int]:
        """Layer key and channel: there is one lesion at each place."""
        return self.lesion.layer, self.lesion.channel


@dataclass(frozen=True, slots=True)
class RankWish:
    """Which channels a person wants to have ranked, and for which category (its index)."""

    layer: str
    category: int


class LesionBench(QObject):
    """A list of lesions in the order in which they came, with undo; and the answers about them."""

    changed = Signal(object)  # tuple[BenchLesion, ...]
    stepped = Signal(object, str)  # self, a word of gui.facts.history
    answer_changed = Signal(object)  # LesionedClassification | None
    wish_changed = Signal(object)  # RankWish | None: a ranking is wanted, or no longer
    ranking_changed = Signal(object)  # ChannelRanking | None, also while it is under way
    progress_changed = Signal(object)  # JobProgress | None of the ranking

    noun = "Lesion"

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.lesions: tuple[BenchLesion, ...] = ()
        self.answer: LesionedClassification | None = None
        self.refused = False
        self.wish: RankWish | None = None
        self.ranking: ChannelRanking | None = None
        self.progress: JobProgress | None = None
        self._undone: list[tuple[BenchLesion, ...]] = []
        self._done: list[tuple[BenchLesion, ...]] = []
        self._held: tuple[str, int] | None = None

    @property
    def active(self) -> tuple[Lesion, ...]:
        """The lesions that count, in their order."""
        return tuple(one.lesion for one in self.lesions if one.enabled)

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._done)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return bool(self._undone)

    def at(self, layer: str, channel: int) -> BenchLesion | None:
        """The lesion of a channel, if it has one."""
        return next((one for one in self.lesions if one.place == (layer, channel)), None)

    def muted(self, layer: str) -> frozenset[int]:
        """The channels of a layer that are muted now."""
        active = (lesion for lesion in self.active if lesion.layer == layer and lesion.action == "mute")
        return frozenset(lesion.channel for lesion in active)

    def put(self, lesion: Lesion, *, dragging: bool = False) -> None:
        """Put a lesion on a channel in place of the one it has; while a slider is dragged it stays one step of undo."""
        place = lesion.layer, lesion.channel
        held, self._held = self._held, place if dragging else None
        self._put_all((lesion,), silently=dragging and held == place)

    @Slot()
    def end_drag(self) -> None:
        """The slider is let go: what comes next is a step of its own."""
        self._held = None

    def put_all(self, lesions: Iterable[Lesion]) -> None:
        """Put several on at once, one step of undo."""
        self._held = None
        self._put_all(lesions)

    def put_layer(self, layer: str, lesions: Iterable[Lesion]) -> None:
        """Put lesions on a layer in place of all those that it has, one step of undo."""
        self._held = None
        others = tuple(one for one in self.lesions if one.lesion.layer != layer)
        self._change((*others, *map(BenchLesion, lesions)))

    def _put_all(self, lesions: Iterable[Lesion], *, silently: bool = False) -> None:
        new = {one.place: one for one in map(BenchLesion, lesions)}
        kept = tuple(new.pop(one.place, one) for one in self.lesions)
        self._change((*kept, *new.values()), silently=silently)

    def remove(self, places: Iterable[tuple[str, int]]) -> None:
        """Take lesions off channels, (layer key, channel) each."""
        gone = set(places)
        self._held = None
        self._change(tuple(one for one in self.lesions if one.place not in gone))

    def set_enabled(self, places: Iterable[tuple[str, int]], enabled: bool) -> None:
        """Let lesions count, or not."""
        meant = set(places)
        self._held = None
        self._change(tuple(replace(one, enabled=enabled) if one.place in meant else one for one in self.lesions))

    def toggle_mute(self, layer: str, channel: int) -> None:
        """Mute a channel, or take the muting off; another lesion on it gives way."""
        one = self.at(layer, channel)
        if one is not None and one.enabled and one.lesion.action == "mute":
            self.remove([(layer, channel)])
        else:
            self.put(Lesion(layer, channel))

    @Slot()
    def clear(self) -> None:
        """Take all lesions off; it can be undone."""
        self._held = None
        self._change(())

    @Slot()
    def undo(self) -> None:
        """Take the last change back."""
        self._step(self._done, self._undone, UNDONE)

    @Slot()
    def redo(self) -> None:
        """Make the change again that was taken back last."""
        self._step(self._undone, self._done, REDONE)

    def _step(self, source: list[tuple[BenchLesion, ...]], target: list[tuple[BenchLesion, ...]], word: str) -> None:
        self._held = None
        if source:
            target.append(self.lesions)
            self.lesions = source.pop()
            self.changed.emit(self.lesions)
            self.stepped.emit(self, word)

    def forget(self) -> None:
        """Drop lesions, answers and undo steps: they belong to another model."""
        had = bool(self.lesions)
        self.lesions, self._held = (), None
        self._done.clear()
        self._undone.clear()
        self.stepped.emit(self, FORGOTTEN)
        self.set_answer(None)
        self.set_ranking(None)
        if had:
            self.changed.emit(())

    def _change(self, lesions: tuple[BenchLesion, ...], *, silently: bool = False) -> None:
        if lesions == self.lesions:
            return
        if not silently:
            self._done.append(self.lesions)
            del self._done[:-MOST_STEPS]
        self._undone.clear()
        self.lesions = lesions
        self.changed.emit(lesions)
        if not silently:
            self.stepped.emit(self, DONE)

    def set_answer(self, answer: LesionedClassification | None, *, refused: bool = False) -> None:
        """Note what the network says with the lesions on; ``refused`` says that it has no answer to them."""
        if answer is not self.answer or refused != self.refused:
            self.answer, self.refused = answer, refused
            self.answer_changed.emit(answer)

    @property
    def answered(self) -> bool:
        """Whether the answer is the one about the lesions that are on."""
        return self.answer is not None and self.answer.lesions == self.active

    def want_ranking(self, wish: RankWish | None) -> None:
        """Ask for a ranking, or give up the one under way (None); what was found by then stays."""
        if wish != self.wish:
            self.wish = wish
            self.wish_changed.emit(wish)

    def set_ranking(self, ranking: ChannelRanking | None) -> None:
        """Note a ranking, whole or as far as it is."""
        if ranking is not self.ranking:
            self.ranking = ranking
            self.ranking_changed.emit(ranking)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far the ranking is; None when none is under way."""
        if progress is not self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)
