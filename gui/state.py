"""The single truth of the window: one fact, one setter, one signal. Widgets read it and listen; nothing here draws or works."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QObject, Signal, Slot

from core.types import (
    BUILTIN_SPEC,
    MAX_TOP_K,
    Activations,
    Classification,
    DeviceInfo,
    Failure,
    ImageRef,
    JobProgress,
    ModelInfo,
    ModelSpec,
    NetworkInput,
    Picture,
    Pixels,
    Prediction,
    Verdict,
    WeightsOption,
    is_sure,
)
from gui.facts.channel_facts import ChannelFacts
from gui.facts.checkpoint import CheckpointFacts
from gui.facts.comparison import ComparisonFacts
from gui.facts.contributions import ContributionFacts
from gui.facts.corrections import Corrections
from gui.facts.downloads import DownloadFacts
from gui.facts.explanation import ExplanationFacts
from gui.facts.heads import HeadFacts
from gui.facts.history import History
from gui.facts.layer_means import LayerMeansFacts
from gui.facts.ledger import LedgerFacts
from gui.facts.lesion_bench import LesionBench
from gui.facts.map_look import MapLook
from gui.facts.overlays import Overlays
from gui.facts.patches import PatchSearch
from gui.facts.preparation import PreparationFacts
from gui.facts.protocols import ProtocolFacts
from gui.facts.selection import Selection
from gui.facts.survey import SurveyFacts
from gui.facts.training import TrainingFacts
from gui.facts.trouble import TroubleFacts


class AppState(QObject):
    """What is open, chosen and known. Lives in the GUI thread; every signal is emitted after the fact has changed."""

    images_appended = Signal(object)  # tuple[ImageRef, ...], at the end
    images_removed = Signal(object)  # tuple[ImageRef, ...]
    image_changed = Signal(object)  # ImageRef | None: the current picture
    verdicts_changed = Signal(object)  # tuple[Verdict, ...] that are new; () when all were forgotten
    thumbnails_wanted = Signal(object)  # tuple[ImageRef, ...], most wanted first
    thumbnail_arrived = Signal(object, object)  # ImageRef, Pixels | None (None: cannot be read)
    spec_chosen = Signal(object)  # ModelSpec that a person asks for; model_changed or a notice answers
    device_chosen = Signal(str)  # "auto" or a DeviceInfo.id that a person asks for
    devices_changed = Signal(object)  # tuple[DeviceInfo, ...]
    weights_changed = Signal(object)  # tuple[WeightsOption, ...] of the architecture of the chosen spec
    model_changed = Signal(object)  # ModelInfo of the model now loaded
    model_moved = Signal(object)  # ModelInfo of the same model, on another device now; all that it said stays true
    truth_restored = Signal()  # a load failed: pickers show ``model`` again
    layer_changed = Signal(str)  # LayerInfo.key; "" for none
    picture_changed = Signal(object)  # Picture | None of the current image
    network_input_changed = Signal(object)  # NetworkInput | None
    classification_changed = Signal(object)  # Classification | None
    activations_changed = Signal(object)  # ActivationGrid | ActivationVector | None
    unit_hovered = Signal(object)  # (row, column) of the map pixel under the pointer, or None
    failure_changed = Signal(object)  # Failure | None: why the current picture has no answer
    top_k_changed = Signal(int)
    busy_changed = Signal(bool)  # an answer about the current picture or model is on its way
    progress_changed = Signal(object)  # JobProgress | None of long work
    notice_raised = Signal(object)  # Failure: a sentence that stays until it is dismissed
    notices_ended = Signal(object)  # tuple[Failure, ...] that are true no more: the model that they were about has gone

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._images: dict[ImageRef, None] = {}
        self._verdicts: dict[ImageRef, Verdict] = {}
        self.selection = Selection(self)
        self.overlays = Overlays(self)
        self.contributions = ContributionFacts(self)
        self.map_look = MapLook(self)
        self.layer_means = LayerMeansFacts(self)
        self.patches = PatchSearch(self)
        self.comparison = ComparisonFacts(self)
        self.lesions = LesionBench(self)
        self.explanation = ExplanationFacts(self)
        self.channel = ChannelFacts(self)
        self.downloads = DownloadFacts(self)
        self.checkpoint = CheckpointFacts(self)
        self.preparation = PreparationFacts(self)
        self.protocols = ProtocolFacts(self)
        self.ledger = LedgerFacts(self)
        self.heads = HeadFacts(self)
        self.training = TrainingFacts(self)
        self.survey = SurveyFacts(self)
        self.trouble = TroubleFacts(self)
        self.corrections = Corrections(self)
        self.history = History(self)
        self.history.follow(self.lesions)
        self.history.follow(self.corrections)
        self.image: ImageRef | None = None
        self.spec: ModelSpec = BUILTIN_SPEC
        self.device: str = "auto"
        self.devices: tuple[DeviceInfo, ...] = ()
        self.weights: tuple[WeightsOption, ...] = ()
        self.model: ModelInfo | None = None
        self.layer: str = ""
        self.picture: Picture | None = None
        self.network_input: NetworkInput | None = None
        self.classification: Classification | None = None
        self.activations: Activations | None = None
        self.hovered_unit: tuple[int, int] | None = None
        self.failure: Failure | None = None
        self.top_k: int = 5
        self.busy: bool = False
        self.progress: JobProgress | None = None
        self._model_notices: list[Failure] = []

    @property
    def images(self) -> tuple[ImageRef, ...]:
        """The pictures of the strip, in its order, each once."""
        return tuple(self._images)

    def verdict(self, image: ImageRef) -> Verdict | None:
        """What the model now loaded says of a picture, if it has said it."""
        return self._verdicts.get(image)

    @property
    def category(self) -> int | None:
        """Index of the category that everything is about: the chosen one, or else the top-1; None before any answer."""
        if self.selection.category is not None:
            return self.selection.category
        if self.classification is None or not self.classification.predictions:
            return None
        return self.classification.predictions[0].index

    def is_unsure(self, prediction: Prediction | None) -> bool:
        """Whether the loaded model is not sure of a top-1; never where its threshold is not known."""
        return prediction is not None and self.model is not None and not is_sure(self.model, prediction.probability)

    @property
    def unsure(self) -> bool:
        """Whether the loaded model is not sure of the current picture."""
        found = self.classification
        return self.failure is None and found is not None and self.is_unsure(next(iter(found.predictions), None))

    def append_images(self, images: Iterable[ImageRef]) -> tuple[ImageRef, ...]:
        """Add those that are not there yet; return them."""
        new = tuple(dict.fromkeys(image for image in images if image not in self._images))
        if new:
            self._images.update(dict.fromkeys(new))
            self.images_appended.emit(new)
        return new

    def remove_images(self, images: Iterable[ImageRef]) -> None:
        """Take pictures out of the strip; if the current one goes, its next (or else last) neighbour becomes current."""
        gone = tuple(image for image in dict.fromkeys(images) if image in self._images)
        if not gone:
            return
        successor = self._neighbour_outside(gone)
        for image in gone:
            del self._images[image]
            self._verdicts.pop(image, None)
        if self.image in gone:
            self.set_image(successor)
        self.images_removed.emit(gone)

    def _neighbour_outside(self, gone: tuple[ImageRef, ...]) -> ImageRef | None:
        order = self.images
        leaving = set(gone)
        at = order.index(self.image) if self.image in self._images else 0
        for image in (*order[at:], *reversed(order[:at])):
            if image not in leaving:
                return image
        return None

    def set_image(self, image: ImageRef | None) -> None:
        """Choose the current picture; what was known of the last one stays shown until the answer about this one comes."""
        if image != self.image:
            self.image = image
            self.overlays.clear()
            self.image_changed.emit(image)

    def add_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Note the top-1 of pictures of the strip."""
        new = tuple(verdict for verdict in verdicts if verdict.image in self._images)
        self._verdicts.update((verdict.image, verdict) for verdict in new)
        if new:
            self.verdicts_changed.emit(new)

    def forget_verdicts(self) -> None:
        """Drop them all: the model has changed."""
        self._verdicts.clear()
        self.verdicts_changed.emit(())

    def want_thumbnails(self, images: tuple[ImageRef, ...]) -> None:
        """Ask for the thumbnails that are on the screen now; earlier wishes are given up."""
        self.thumbnails_wanted.emit(images)

    def add_thumbnail(self, image: ImageRef, pixels: Pixels | None) -> None:
        """Hand on a thumbnail; None where the picture cannot be read."""
        self.thumbnail_arrived.emit(image, pixels)

    def choose_spec(self, spec: ModelSpec) -> None:
        """Ask for a model; ``model`` stays the last good one until it is there. Asking again is trying again."""
        self.spec = spec
        self.spec_chosen.emit(spec)

    def choose_device(self, device: str) -> None:
        """Ask for a device."""
        if device != self.device:
            self.device = device
            self.device_chosen.emit(device)

    def set_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """Note the devices of this machine."""
        self.devices = devices
        self.devices_changed.emit(devices)

    def set_weights(self, weights: tuple[WeightsOption, ...]) -> None:
        """Note the weights that the architecture of ``spec`` can take."""
        self.weights = weights
        self.weights_changed.emit(weights)

    def set_model(self, model: ModelInfo, *, asked_for: bool = True) -> None:
        """Note the model now loaded; verdicts of the one before are forgotten.

        With ``asked_for`` False another one has been asked for meanwhile, and ``spec`` stays what it is.
        """
        if self.model is None or self.model.categories != model.categories:
            self.selection.set_category(None)
        self.overlays.clear()
        self.model = model
        if asked_for:
            self.spec = model.spec
        self.forget_verdicts()
        self.model_changed.emit(model)

    def update_model(self, model: ModelInfo) -> None:
        """Note that the loaded model is on another device now; what it said stays true."""
        if self.model is not None and self.model.spec == model.spec:
            self.model = model
            self.model_moved.emit(model)

    def restore_truth(self) -> None:
        """What was asked for could not be had: ask for what is there again, without asking anybody."""
        if self.model is not None:
            self.spec = self.model.spec
            self.device = self.model.device if self.device != "auto" else "auto"
            self.truth_restored.emit()

    def set_layer(self, layer: str) -> None:
        """Choose the layer whose activations are shown."""
        if layer != self.layer:
            self.layer = layer
            self.layer_changed.emit(layer)

    def set_picture(self, picture: Picture | None) -> None:
        """Note the decoded current picture."""
        self.picture = picture
        self.picture_changed.emit(picture)

    def set_network_input(self, network_input: NetworkInput | None) -> None:
        """Note what the network saw."""
        self.network_input = network_input
        self.network_input_changed.emit(network_input)

    def set_classification(self, classification: Classification | None) -> None:
        """Note the answer about the current picture."""
        self.classification = classification
        self.classification_changed.emit(classification)

    def set_activations(self, activations: Activations | None) -> None:
        """Note the activations of the chosen layer."""
        self.hover_unit(None)
        self.activations = activations
        self.activations_changed.emit(activations)

    def hover_unit(self, unit: tuple[int, int] | None) -> None:
        """Note which unit of the shown layer's maps the pointer is over."""
        if unit != self.hovered_unit:
            self.hovered_unit = unit
            self.unit_hovered.emit(unit)

    def set_failure(self, failure: Failure | None) -> None:
        """Note why the current picture has no answer."""
        self.failure = failure
        self.failure_changed.emit(failure)

    def set_top_k(self, top_k: int) -> None:
        """Choose how many predictions are shown, 1 to 10."""
        top_k = max(1, min(MAX_TOP_K, top_k))
        if top_k != self.top_k:
            self.top_k = top_k
            self.top_k_changed.emit(top_k)

    def set_busy(self, busy: bool) -> None:
        """Note whether an answer is on its way."""
        if busy != self.busy:
            self.busy = busy
            self.busy_changed.emit(busy)

    def set_progress(self, progress: JobProgress | None) -> None:
        """Note how far long work is; None when there is none."""
        if progress != self.progress:
            self.progress = progress
            self.progress_changed.emit(progress)

    def raise_notice(self, failure: Failure) -> None:
        """Tell a person something that stays readable until it is dismissed."""
        self.notice_raised.emit(failure)

    @Slot(object)
    def raise_model_notice(self, failure: Failure) -> None:
        """Tell a person something about the loaded model, which goes with it."""
        self._model_notices.append(failure)
        self.raise_notice(failure)

    def end_model_notices(self) -> None:
        """Take back what was said about the model before: there is another one now."""
        gone, self._model_notices = tuple(self._model_notices), []
        if gone:
            self.notices_ended.emit(gone)
