"""What is known and chosen about the one channel that is looked at closely."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from core.types import ChannelDetails, ClassWeights, EffectiveField

OFF, BLENDED, BESIDE = MODES = ("Off", "Blended", "Side by side")
"""How the channel is laid over the picture: not at all, over it, or next to it at the same scale."""

Unit = tuple[int, int]


class ChannelFacts(QObject):
    """The channel's details, its place on the picture, and the effective field of one of its units.

    Widgets that show some of it say so with :meth:`want`; nothing is looked up for nobody.
    """

    wanted_changed = Signal()
    details_changed = Signal(object)  # ChannelDetails | None
    class_weights_changed = Signal(object)  # ClassWeights | None
    unit_chosen = Signal(object)  # (row, column) of the unit clicked last, or None
    mode_changed = Signal(str)  # one of MODES
    field_changed = Signal()  # field or field_words
    field_asked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanting: set[str] = set()
        self._last_mode = BLENDED
        self.details: ChannelDetails | None = None
        self.class_weights: ClassWeights | None = None
        self.unit: Unit | None = None
        self.mode = OFF
        self.field: EffectiveField | None = None
        self.field_words = ""

    def want(self, who: str, wanted: bool) -> None:
        """Note that a widget (by its name) shows what is known of the channel, or does so no more."""
        before = set(self._wanting)
        (self._wanting.add if wanted else self._wanting.discard)(who)
        if self._wanting != before:
            self.wanted_changed.emit()

    def wanted_by(self, *names: str) -> bool:
        """Whether one of these widgets is on the screen."""
        return not self._wanting.isdisjoint(names)

    def set_details(self, details: ChannelDetails | None) -> None:
        """Note kernel, normalisation and origin of the channel."""
        if details is not self.details:
            self.details = details
            self.details_changed.emit(details)

    def set_class_weights(self, weights: ClassWeights | None) -> None:
        """Note what the network's last linear layer makes of the units now shown; None where it does not read them."""
        if weights is not self.class_weights:
            self.class_weights = weights
            self.class_weights_changed.emit(weights)

    def choose_unit(self, unit: Unit | None) -> None:
        """Choose a unit of the map, which stays chosen when the pointer goes."""
        if unit != self.unit:
            self.unit = unit
            self.unit_chosen.emit(unit)

    def set_mode(self, mode: str) -> None:
        """Choose one of :data:`MODES`; ValueError for another."""
        if mode not in MODES:
            raise ValueError(mode)
        if mode != self.mode:
            self.mode = mode
            self._last_mode = self._last_mode if mode == OFF else mode
            self.mode_changed.emit(mode)

    @Slot()
    def toggle_mode(self) -> None:
        """Lay the channel over the picture as it was laid last, or take it away."""
        self.set_mode(self._last_mode if self.mode == OFF else OFF)

    @Slot()
    def ask_for_field(self) -> None:
        """Ask for the effective field of the unit that is pointed at; asked again for the same one, it goes."""
        self.field_asked.emit()

    def set_field(self, field: EffectiveField | None, words: str = "") -> None:
        """Note the effective field, or in words why there is none."""
        words = field.words if field is not None else words
        if (field, words) != (self.field, self.field_words):
            self.field, self.field_words = field, words
            self.field_changed.emit()
