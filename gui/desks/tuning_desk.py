"""Fine-tuning on corrections: the folder to test with, the list to train with, the run, and what it changed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from core.errors import LayerscopeError
from core.files import unwritable
from core.images.names import natural_key
from core.types import Failure, Mode, TrainConfig, TrainOutcome
from gui.conductor import Conductor
from gui.later import later
from gui.state import AppState

if TYPE_CHECKING:
    from core.training import manifest, places
    from core.training import proof as proofs
    from core.training import recipe as recipes
    from gui.facts.tuning_plan import KeptOut, TuningPlan
else:
    manifest, places, proofs, recipes = (
        later(f"core.training.{name}") for name in ("manifest", "places", "proof", "recipe")
    )

LIST = "corrections.json"


class TuningDesk(QObject):
    """Writes the list into the run's own folder and asks for the run; reads the answers before and after when it is over."""

    def __init__(self, state: AppState, conductor: Conductor) -> None:
        super().__init__(conductor)
        self._state, self._facts = state, state.corrections
        self._config: TrainConfig | None = None
        self._facts.kept_out_wanted.connect(self._look)
        self._facts.tuning_wanted.connect(self._begin)
        state.training.outcome_changed.connect(self._prove)

    @Slot(object)
    def _look(self, folder: Path | None) -> None:
        self._facts.set_kept_out(_kept_out(folder) if folder is not None else None)

    @Slot(object, object, str)
    def _begin(self, plan: TuningPlan, output: Path, mode: Mode) -> None:
        model = self._state.model
        if model is None or self._state.training.active:
            why = "No model is open." if model is None else "A training run is under way. Wait for its end, or stop it."
            self._facts.refuse_tuning(why)
            return
        try:
            _make_new(output)
            manifest.write_manifest(output / LIST, plan.categories, plan.entries)
        except LayerscopeError as error:
            self._facts.refuse_tuning(error.message)
            return
        recipe = recipes.preset("corrections")
        if mode == "full":
            recipe = replace(recipe, mode="full", rate=1e-3)
        self._config = TrainConfig(output / LIST, output, model.spec, recipe, self._state.device)
        self._state.training.want_window()
        self._state.training.want_run(self._config)

    @Slot(object)
    def _prove(self, outcome: TrainOutcome | None) -> None:
        if outcome is None or self._config is None or outcome.folder != self._config.output:
            return
        try:
            proof = proofs.read_proof(outcome.folder)
        except LayerscopeError as error:
            self._state.raise_notice(Failure(error.kind, error.message, error.path))
            return
        if proof is not None:
            self._facts.set_proof(proof, self._config)


def _make_new(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        reason = places.unfit(folder, None)
        if reason:
            raise LayerscopeError(reason, path=folder)
    except OSError as error:
        raise unwritable(folder, error) from error


def _kept_out(folder: Path) -> KeptOut:
    from core.images.discover import discover  # which imports Pillow, and the window starts without it
    from gui.facts.tuning_plan import KeptOut

    try:
        inside = sorted((one for one in folder.iterdir() if one.is_dir() and not one.name.startswith(".")),
                        key=lambda one: natural_key(one.name))  # fmt: skip
    except OSError as error:
        return KeptOut(folder, (), f"“{folder}” cannot be read: {error.strerror}.")
    found = tuple((image, one.name) for one in inside for image in discover([one], recursive=True).images)
    return KeptOut(folder, found, "" if found else f"“{folder}” has no folders with pictures in it, one per category.")
