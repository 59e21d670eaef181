"""One function per thing a person does. Asking (a dialog) is apart from doing, so that a test or a drop can do without."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PySide6.QtCore import QMimeData
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog, QWidget

from core import paths
from core.types import BUILTIN_MODEL, BUILTIN_SPEC, CODE_SUFFIX, USUAL_WEIGHTS, Failure, ImageRef, WeightsSpec
from gui import incoming
from gui.conductor import Conductor
from gui.itemmodels.prediction_model import as_csv, as_text
from gui.state import AppState

PICTURE_FILTER = (
    "Pictures (*.jpg *.jpeg *.jpe *.jfif *.png *.apng *.webp *.avif *.heic *.heif *.gif *.bmp *.dib *.tif *.tiff *.ico "
    "*.jp2 *.j2k *.jpx *.psd *.ppm *.pgm *.pbm *.pnm *.tga);;All files (*)"
)
WEIGHTS_FILTER = (
    "Weights (*.pth *.pt *.pt2 *.pth.tar *.th *.t7 *.ckpt *.bin *.pkl *.model *.safetensors *.safetensors.index.json);;"
    "All files (*)"
)


def add_paths(conductor: Conductor, sources: Iterable[Path | str]) -> None:
    """Open files and folders: their pictures join the strip, the first becomes the current one."""
    conductor.open_paths(tuple(paths.typed(source) for source in sources))


def ask_for_pictures(conductor: Conductor, parent: QWidget) -> None:
    """Open pictures chosen in a dialog."""
    names, _ = QFileDialog.getOpenFileNames(parent, "Open pictures", "", PICTURE_FILTER)
    if names:
        add_paths(conductor, names)


def ask_for_folder(conductor: Conductor, parent: QWidget) -> None:
    """Open all pictures of a folder chosen in a dialog."""
    name = QFileDialog.getExistingDirectory(parent, "Open a folder of pictures")
    if name:
        add_paths(conductor, [name])


def ask_for_weights(state: AppState, parent: QWidget, picked: str | None = None) -> bool:
    """Open a weights file chosen in a dialog; False if none was chosen."""
    name, _ = QFileDialog.getOpenFileName(parent, "Open a weights file", "", WEIGHTS_FILTER)
    if name:
        open_weights(state, Path(name), picked)
    return bool(name)


def open_weights(state: AppState, path: Path, picked: str | None = None) -> None:
    """Have a weights file looked at, and loaded into ``picked``, or else into the architecture that it fits.

    What a person's code builds takes its tensors as they are; the doctor knows nothing of it.
    """
    code = state.spec.code
    if code is not None and picked == state.spec.architecture:
        state.choose_spec(replace(state.spec, weights=WeightsSpec("file", path=path.absolute())))
    else:
        state.checkpoint.open(path, None if state.model is not None and state.model.spec.own_graph else picked)


def usual_weights(architecture: str) -> WeightsSpec:
    """The weights with which an architecture starts when a person picks it."""
    return BUILTIN_SPEC.weights if architecture == BUILTIN_MODEL else USUAL_WEIGHTS


def take_in(state: AppState, conductor: Conductor, mime: QMimeData) -> bool:
    """Open what was dropped or pasted; say so if there is nothing in it. False if nothing was opened."""
    return _take_in(state, conductor, incoming.read(mime))


def open_files(state: AppState, conductor: Conductor, files: Iterable[Path]) -> bool:
    """Open pictures, folders and weights as if they were dropped; False if nothing was opened."""
    return _take_in(state, conductor, incoming.sort(files))


def _take_in(state: AppState, conductor: Conductor, parcel: incoming.Incoming) -> bool:
    if parcel.paths:
        add_paths(conductor, parcel.paths)
    for image in parcel.images:
        conductor.keep_picture(image)
    if parcel.weights:
        open_weights(state, parcel.weights[0])
        if len(parcel.weights) > 1:
            message = f"Several weights files came at once; {parcel.weights[0].name} is opened, the others are not."
            state.raise_notice(Failure("usage", message))
    if parcel.code:
        state.raise_notice(_code(parcel.code[0]))
    elif parcel.empty:
        state.raise_notice(_nothing_in(parcel))
    return bool(parcel.paths or parcel.weights or parcel.images)


def _code(path: Path) -> Failure:
    message = (
        f"“{path.name}” is a program, and nothing that is dropped here is ever run. In it, save the weights "
        "(`torch.save(model.state_dict(), \"model.pth\")`) and drop that file."
    )
    if path.suffix == CODE_SUFFIX:
        message += " If it has a build_model() and you trust it: File > Open Model Code."
    return Failure("unsupported", message, path)


def _nothing_in(parcel: incoming.Incoming) -> Failure:
    if parcel.addresses:
        message = (
            f"Only an address came with this ({parcel.addresses[0]}), and Layerscope works offline. "
            "Save the picture to a file, or use \u201cCopy image\u201d in the browser and paste it here."
        )
        return Failure("unsupported", message)
    return Failure("unsupported", "There is no picture and no file in this. Copy a picture, or drop files or folders.")


def paste(state: AppState, conductor: Conductor) -> None:
    """Open what the clipboard holds."""
    mime = QGuiApplication.clipboard().mimeData()
    if mime is not None:
        take_in(state, conductor, mime)


def remove_images(state: AppState, images: Iterable[ImageRef]) -> None:
    """Take pictures out of the strip; the files stay where they are."""
    state.remove_images(images)


def step_image(state: AppState, by: int) -> None:
    """Make the picture ``by`` places further on the current one; stops at the ends."""
    images = state.images
    if not images:
        return
    at = images.index(state.image) if state.image in images else -by if by > 0 else len(images)
    state.set_image(images[max(0, min(len(images) - 1, at + by))])


def step_layer(state: AppState, by: int) -> None:
    """Show the layer ``by`` places further in the order of execution; stops at the ends."""
    if state.model is None:
        return
    keys = [layer.key for layer in state.model.layers]
    at = keys.index(state.layer) + by if state.layer in keys else 0
    state.set_layer(keys[max(0, min(len(keys) - 1, at))])


def copy_predictions_as_text(state: AppState) -> None:
    """Put the predictions on the clipboard as lines of text."""
    if state.classification is not None:
        QGuiApplication.clipboard().setText(as_text(state.classification, state.top_k, unsure=state.unsure))


def copy_predictions_as_csv(state: AppState) -> None:
    """Put the predictions on the clipboard as CSV."""
    if state.classification is not None:
        QGuiApplication.clipboard().setText(as_csv(state.classification, state.top_k))
