"""File > Export: what, how, where to, and what it will look like."""

from __future__ import annotations

import os
from pathlib import Path

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from core.errors import LayerscopeError
from core.home import expanded
from core.jobs.export_files import check_place
from core.settings import Settings
from core.types import ActivationGrid
from gui import theme
from gui.dialogs.export_choice import (
    FIGURE_FORMATS,
    STATISTICS,
    TENSOR,
    WHATS,
    Choice,
    formats_of,
    free_path,
    usual_folder,
)
from gui.dialogs.export_form import ExportForm
from gui.dialogs.export_preview import ExportPreview
from gui.figures.formats import to_image
from gui.figures.kinds import CHANNEL, FIGURES, MAPS, PICTURE
from gui.figures.shown import Shown
from gui.state import AppState

_FOR_STRIP = (MAPS, TENSOR, STATISTICS)
_SIZE = (920, 560)


class ExportDialog(QDialog):
    """Asks what to export; ``chosen`` tells the :class:`Choice`, and the dialog remembers it in the settings."""

    chosen = Signal(object)  # Choice

    def __init__(self, state: AppState, shown: Shown, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._state, self._shown, self._settings = state, shown, settings
        self._edited = False
        self.setWindowTitle("Export")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.form = ExportForm(self)
        self.preview = ExportPreview(self)
        self.buttons = self._make_buttons()
        self._lay_out()
        self._take_settings()
        self._connect()
        self._follow()

    def _make_buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        self.export_button = buttons.addButton("&Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.copy_button = QPushButton("Cop&y", self)
        self.copy_button.setToolTip("Put what the preview shows on the clipboard, in the size chosen")
        buttons.addButton(self.copy_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.export_button.setToolTip("Write what is chosen (Return)")
        buttons.button(QDialogButtonBox.StandardButton.Cancel).setToolTip("Close without writing anything (Esc)")
        self.export_button.setDefault(True)
        return buttons

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(4 * theme.GRID)
        row.addWidget(self.form)
        row.addWidget(self.preview, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(*(4 * theme.GRID,) * 4)
        column.setSpacing(4 * theme.GRID)
        column.addLayout(row, 1)
        column.addWidget(self.buttons)

    def _take_settings(self) -> None:
        settings, form = self._settings, self.form
        available = [what for what in WHATS if self._is_available(what)]
        what = settings.export_what if settings.export_what in available else (available or [MAPS])[0]
        form.whats[what].setChecked(True)
        form.scale.setCurrentIndex(max(0, form.scale.findData(settings.export_scale)))
        form.paper.setCurrentIndex(max(0, form.paper.findData(settings.export_paper)))
        form.labels.setChecked(settings.export_labels)
        form.one.setChecked(True)
        self._folder = usual_folder(settings.export_folder)
        self._remembered = {**dict.fromkeys(FIGURES, settings.export_figure), TENSOR: settings.export_tensor}

    def _connect(self) -> None:
        form = self.form
        for button in (*form.whats.values(), form.one, form.all):
            button.toggled.connect(self._follow_button)
        form.format.currentIndexChanged.connect(self._follow_format)
        for combo in (form.scale, form.paper):
            combo.currentIndexChanged.connect(self._show)
        form.labels.toggled.connect(self._show)
        form.replace.toggled.connect(self._check)
        form.target.textEdited.connect(self._note_edit)
        form.target.textChanged.connect(self._check)
        form.browse.clicked.connect(self._browse)
        for signal in (self._state.activations_changed, self._state.picture_changed, self._state.images_appended):
            signal.connect(self._follow)
        self.buttons.rejected.connect(self.reject)
        self.export_button.clicked.connect(self._export)
        self.copy_button.clicked.connect(self._copy)

    # --- what is chosen

    @property
    def what(self) -> str:
        """One of ``WHATS``."""
        return next((what for what, button in self.form.whats.items() if button.isChecked()), MAPS)

    @property
    def strip(self) -> bool:
        """Whether it is for all pictures."""
        return self.form.all.isChecked() and self.what in _FOR_STRIP

    def choice(self) -> Choice:
        """All that is chosen now."""
        form = self.form
        return Choice(
            self.what,
            form.format.currentData() or ".png",
            self._target(),
            form.scale.currentData(),
            form.paper.currentData(),
            form.labels.isChecked(),
            self.strip,
            form.replace.isChecked(),
        )

    def _target(self) -> Path:
        path = expanded(self.form.target.text().strip())
        path = path if path.is_absolute() else self._folder / path
        suffix = self.form.format.currentData() or ""
        if self.strip or path.suffix.lower() == suffix:
            return path
        return path.with_name(path.name + suffix) if path.name else path

    def _is_available(self, what: str) -> bool:
        return what in self._shown.available() if what in FIGURES else self._shown.activations is not None

    # --- following

    @Slot(bool)
    def _follow_button(self, checked: bool) -> None:
        if checked:
            self._follow()

    @Slot()
    def _follow(self, *_: object) -> None:
        """Say what there is to choose now, and show what is chosen."""
        self._name_whats()
        self._offer_pictures()
        self._offer_formats()
        self._suggest()
        self._show()

    def _name_whats(self) -> None:
        grid, form = self._shown.activations, self.form
        layer = grid.layer.key if grid is not None else ""
        of_layer = f" of {layer}" if layer else ""
        maps = "Feature maps" if isinstance(grid, ActivationGrid) or grid is None else "Units"
        texts = (
            (MAPS, f"{maps}{of_layer}"), (CHANNEL, f"Channel {self._shown.channel}{of_layer}"),
            (PICTURE, "Picture with what lies over it"), (TENSOR, f"Raw tensor{of_layer}"),
            (STATISTICS, f"Statistics of the channels{of_layer}"),
        )  # fmt: skip
        for what, text in texts:
            fitting = form.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, form.width() - 32)
            form.whats[what].setText(fitting.replace("&", "&&"))
            form.whats[what].setAccessibleName(text)
            form.whats[what].setEnabled(self._is_available(what))

    def _offer_pictures(self) -> None:
        form, count = self.form, len(self._state.images)
        form.all.setText(f"&All {count:,} pictures of the strip")
        possible = count > 1 and self.what in _FOR_STRIP
        form.all.setEnabled(possible)
        if not possible and form.all.isChecked():
            form.one.setChecked(True)

    def _offer_formats(self) -> None:
        form = self.form
        formats = {".png": "PNG picture"} if self.strip and self.what == MAPS else formats_of(self.what)
        if [form.format.itemData(place) for place in range(form.format.count())] != list(formats):
            blocked = form.format.blockSignals(True)
            form.format.clear()
            for suffix, words in formats.items():
                form.format.addItem(f"{words} ({suffix})", suffix)
            form.format.setCurrentIndex(max(0, form.format.findData(self._remembered.get(self.what, ""))))
            form.format.blockSignals(blocked)

    @Slot()
    def _follow_format(self, *_: object) -> None:
        if not self.strip:
            self._remembered[self.what] = self.form.format.currentData()
        self._suggest()
        self._show()

    def _suggest(self) -> None:
        """Suggest a free name, or change the ending of the one that a person wrote."""
        image, form = self._state.image, self.form
        suffix = form.format.currentData() or ""
        if self.strip:
            form.target.setText(str(self._folder))
        elif self._edited and form.target.text():
            path = Path(form.target.text())
            known = path.suffix.lower() in {*FIGURE_FORMATS, *formats_of(TENSOR), *formats_of(STATISTICS)}
            form.target.setText(str(path.with_suffix(suffix) if known else path))
        else:
            layer = self._shown.activations.layer.key if self._shown.activations is not None else ""
            stem = image.path.stem if image is not None else "picture"
            form.target.setText(str(free_path(self._folder, self.what, stem, layer, self._shown.channel, suffix)))
        form.target.setToolTip(form.target.text())

    @Slot(str)
    def _note_edit(self, text: str) -> None:
        self._edited = bool(text)
        suffix = Path(text).suffix.lower()
        place = self.form.format.findData(suffix)
        if place >= 0 and not self.strip:
            self.form.format.setCurrentIndex(place)

    @Slot()
    def _show(self, *_: object) -> None:
        choice, form = self.choice(), self.form
        on_pixels = choice.is_figure and choice.suffix == ".png"
        form.scale.setEnabled(on_pixels)
        form.paper.setEnabled(choice.is_figure)
        form.labels.setEnabled(choice.is_figure)
        form.replace.setVisible(self.strip)
        self.copy_button.setEnabled(choice.is_figure and self._is_available(self.what))
        if choice.is_figure and self._is_available(self.what):
            figure = self._shown.figure(choice.what, choice.ink(), bare=not choice.labels)
            self._show_sizes(figure.size.width(), figure.size.height())
            self.preview.show_figure(figure)
        else:
            self._show_sizes(0, 0)
            self.preview.show_words(self._words())
        self._check()

    def _show_sizes(self, width: int, height: int) -> None:
        scale = self.form.scale
        for place in range(scale.count()):
            factor = scale.itemData(place)
            pixels = f": {width * factor:,} × {height * factor:,} pixels" if width else ""
            scale.setItemText(place, f"{factor}×{pixels}")

    def _words(self) -> str:
        activations = self._shown.activations
        if activations is None:
            return "There are no activations yet. Open a picture and choose a layer."
        layer = activations.layer
        shape = " × ".join(str(side) for side in layer.output_shape)
        head = f"{layer.key or 'network'}\n{layer.kind} · {shape}\n\n"
        if self.what == STATISTICS:
            return f"{head}One row a channel:\nchannel, mean, std, min, max, share_of_zeros, nan_count, infinite_count"
        if self.what == MAPS:
            return f"{head}The plain feature maps in grey, each over its own values, without labels: one PNG a picture."
        if self.form.format.currentData() == ".npy":
            return f"{head}The values as float32, nothing else."
        return (
            f"{head}“activations”: the values as float32, bit for bit.\n\nBeside them: layer, kind, shape, model, weights and "
            "their SHA-256, preprocessing in words and as JSON, picture and its SHA-256, device, versions of the program and "
            "of torch."
        )

    # --- whether it can be done

    @Slot()
    def _check(self, *_: object) -> None:
        problem = self._problem()
        self.export_button.setEnabled(not problem)
        self.form.say(problem or self._consequence(), wrong=bool(problem))

    def _problem(self) -> str:
        """Why it cannot be done; "" if nothing is known to stand in the way."""
        if not self._is_available(self.what):
            return "There is nothing to export yet."
        if not self.form.target.text().strip():
            return "Choose a folder." if self.strip else "Choose a file."
        target = self._target()
        folder = target if self.strip else target.parent
        try:
            check_place(folder / "x" if self.strip else target, self._precious())
            if not os.access(folder, os.W_OK):
                return f"The folder “{folder}” may not be written to. Choose another one."
        except (LayerscopeError, ValueError) as error:
            return error.message if isinstance(error, LayerscopeError) else f"“{target}” is not the name of a file."
        return ""

    def _precious(self) -> tuple[Path | None, ...]:
        image, model = self._state.image, self._state.model
        return (image.path if image is not None else None, model.spec.weights.path if model is not None else None)

    def _consequence(self) -> str:
        target = self._target()
        if self.strip:
            return f"One file a picture, such as {self._example()}"
        return f"“{target.name}” is there already and will be replaced." if target.exists() else ""

    def _example(self) -> str:
        layer = self._shown.activations.layer.key if self._shown.activations is not None else ""
        first = self._state.images[0].path.stem if self._state.images else "picture"
        # The job names them so, whatever they hold.
        return f"{first}.{layer or 'network'}{self.form.format.currentData()}"

    # --- doing

    @Slot()
    def _browse(self) -> None:
        target = self._target()
        if self.strip:
            name = QFileDialog.getExistingDirectory(self, "Export into the folder", str(target))
        else:
            suffix = self.form.format.currentData()
            name, _ = QFileDialog.getSaveFileName(self, "Export to the file", str(target), f"*{suffix}")
        if name:
            self._folder = Path(name) if self.strip else Path(name).parent
            self._edited = not self.strip
            self.form.target.setText(name)

    @Slot()
    def _copy(self) -> None:
        choice = self.choice()
        figure = self._shown.figure(choice.what, choice.ink(), bare=not choice.labels)
        QGuiApplication.clipboard().setImage(to_image(figure, choice.scale))

    @Slot()
    def _export(self) -> None:
        if self._problem():
            self._check()
            return
        choice = self.choice()
        self._remember(choice)
        self.chosen.emit(choice)
        self.accept()

    def _remember(self, choice: Choice) -> None:
        settings = self._settings
        settings.export_what, settings.export_scale, settings.export_paper = choice.what, choice.scale, choice.paper
        settings.export_labels = choice.labels
        if choice.is_figure:
            settings.export_figure = choice.suffix
        elif choice.what == TENSOR:
            settings.export_tensor = choice.suffix
        settings.export_folder = str(choice.target if choice.strip else choice.target.parent)

