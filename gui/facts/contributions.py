"""What the channels of the layer contribute to the category: who wants to know, and the latest answer."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from core.types import Contributions, Failure


class ContributionFacts(QObject):
    """An answer stays until the next one: :meth:`about` says whether it is about what is shown now."""

    wanted_changed = Signal(bool)
    changed = Signal()  # the answer, or why there is none

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanting: set[str] = set()
        self.answer: Contributions | None = None
        self.failure: Failure | None = None

    @property
    def wanted(self) -> bool:
        """Whether anything shows them: only then are they computed."""
        return bool(self._wanting)

    def want(self, who: str, wanted: bool) -> None:
        """Note that a view (by a name of its own) shows contributions, or does not any more."""
        before = self.wanted
        (self._wanting.add if wanted else self._wanting.discard)(who)
        if self.wanted != before:
            self.wanted_changed.emit(self.wanted)

    def put(self, answer: Contributions | None, failure: Failure | None = None) -> None:
        """Note an answer, or why there is none, or (None) that there is none yet."""
        if (answer, failure) != (self.answer, self.failure):
            self.answer, self.failure = answer, failure
            self.changed.emit()

    def about(self, image: object, layer: str, category: int | None) -> Contributions | None:
        """Return the answer if it is about this picture, layer (:attr:`LayerInfo.key`) and category."""
        found = self.answer
        if found is None or (found.image, found.layer, found.category) != (image, layer, category):
            return None
        return found
