"""The table of everything a person can do from the menus and the keyboard; Help > Shortcuts is made from it too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

Keys = QKeySequence.StandardKey


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """A line of the table; ``key`` names it, ``menu`` says where it stands ("" ends a group with a separator)."""

    key: str
    menu: str
    text: str
    shortcuts: tuple[Keys | str, ...] = ()
    icon: str = ""
    checkable: bool = False
    separator_before: bool = False
    in_strip_only: bool = False
    """The shortcut counts only while the strip has the keyboard: elsewhere the key means something else."""


TABLE: tuple[ActionSpec, ...] = (
    ActionSpec("open", "File", "&Open Pictures\u2026", (Keys.Open,), "open"),
    ActionSpec("open_folder", "File", "Open &Folder\u2026", ("Ctrl+Shift+O",), "folder"),
    ActionSpec("open_weights", "File", "Open &Weights\u2026", ("Ctrl+Alt+O",), "weights"),
    ActionSpec("open_code", "File", "Open Model &Code\u2026"),
    ActionSpec("samples", "File", "Open &Sample Pictures"),
    ActionSpec("train", "File", "&Train on a Folder\u2026", ("Ctrl+Shift+T",), separator_before=True),
    ActionSpec("fine_tune", "File", "Fine-Tune on &Corrections\u2026", ("Ctrl+Shift+F",)),
    ActionSpec("proof", "File", "&Before and After Corrections"),
    ActionSpec("export", "File", "&Export\u2026", ("Ctrl+E",)),
    ActionSpec("quit", "File", "&Quit", (Keys.Quit, "Ctrl+Q"), separator_before=True),
    ActionSpec("undo", "Edit", "&Undo", ("Ctrl+Z",), "undo"),
    ActionSpec("redo", "Edit", "&Redo", ("Ctrl+Shift+Z",), "redo"),
    ActionSpec("correct", "Edit", "Correct Pre&diction\u2026", ("C",), separator_before=True),
    ActionSpec("confirm", "Edit", "Prediction &Is Right", ("Y",)),
    ActionSpec("unlabel", "Edit", "Take &Label Away"),
    ActionSpec("least_certain", "Edit", "&Next Least Certain Picture", ("U",)),
    ActionSpec("paste", "Edit", "&Paste Picture or Files", (Keys.Paste,), "paste", separator_before=True),
    ActionSpec("copy", "Edit", "&Copy Predictions", (Keys.Copy,), "copy", separator_before=True),
    ActionSpec("copy_csv", "Edit", "Copy Predictions as CS&V", ("Ctrl+Shift+C",)),
    ActionSpec("copy_image", "Edit", "Copy &Image", ("Ctrl+Alt+C",)),
    ActionSpec("remove", "Edit", "&Remove Selected Pictures", (Keys.Delete,), "remove", separator_before=True,
               in_strip_only=True),
    ActionSpec("select_all", "Edit", "Select &All Pictures", (Keys.SelectAll,), in_strip_only=True),
    ActionSpec("settings", "Edit", "Se&ttings\u2026", ("Ctrl+,",), separator_before=True),
    ActionSpec("previous", "View", "&Previous Picture", ("Ctrl+Left",), "previous"),
    ActionSpec("next", "View", "&Next Picture", ("Ctrl+Right",), "next"),
    ActionSpec("find_model", "View", "Choose &Model", ("Ctrl+M",)),
    ActionSpec("panel_input", "View", "Panel &Input", ("Alt+1",), separator_before=True),
    ActionSpec("panel_channel", "View", "Panel C&hannel", ("Alt+2",)),
    ActionSpec("panel_why", "View", "Panel Wh&y", ("Alt+3",)),
    ActionSpec("panel_lesions", "View", "Panel L&esions", ("Alt+4",)),
    ActionSpec("panel_patches", "View", "Panel Patche&s", ("Alt+5",)),
    ActionSpec("panel_protocols", "View", "Panel P&rotocols", ("Alt+6",)),
    ActionSpec("zoom_in", "View", "Zoom &In", (Keys.ZoomIn, "Ctrl+="), "plus", separator_before=True),
    ActionSpec("zoom_out", "View", "Zoom &Out", (Keys.ZoomOut,), "minus"),
    ActionSpec("zoom_fit", "View", "&Fit in Window", ("Ctrl+0",), "fit"),
    ActionSpec("zoom_actual", "View", "A&ctual Size", ("Ctrl+1",), "actual"),
    ActionSpec("crop", "View", "Show What the Network &Sees", ("Ctrl+K",), "crop", checkable=True),
    ActionSpec("reset_layout", "View", "&Reset Layout", separator_before=True),
    ActionSpec("cancel", "View", "Cancel Long &Work", ("Ctrl+.",), "cancel"),
    # Layers and maps.
    ActionSpec("previous_layer", "Inspect", "Previous &Layer", ("Ctrl+Up",)),
    ActionSpec("next_layer", "Inspect", "Next L&ayer", ("Ctrl+Down",)),
    ActionSpec("find_layer", "Inspect", "&Filter Layers", (Keys.Find,)),
    ActionSpec("next_order", "Inspect", "Next &Sort Order of the Maps", ("S",), separator_before=True),
    ActionSpec("previous_channel", "Inspect", "Previous &Channel", ("Alt+Left",)),
    ActionSpec("next_channel", "Inspect", "Next C&hannel", ("Alt+Right",)),
    ActionSpec("layer_stages", "Inspect", "Layers as &Stages", ("Ctrl+Shift+L",), checkable=True),
    # The network's input.
    ActionSpec("preprocessing", "Inspect", "P&reprocessing\u2026", ("Ctrl+Shift+P",), separator_before=True),
    # What networks cost.
    ActionSpec("ledger", "Inspect", "Le&dger\u2026", ("Ctrl+L",)),
    # The chosen channel.
    ActionSpec("channel_overlay", "Inspect", "Channel &Over the Picture", ("O",), separator_before=True),
    ActionSpec("effective_field", "Inspect", "&Effective Receptive Field", ("E",)),
    # Why a category.
    ActionSpec("explain", "Inspect", "&Why This Category (Show or Hide)", ("W",), separator_before=True),
    # The lesion bench.
    ActionSpec("mute", "Inspect", "&Mute Channel", ("M",), separator_before=True),
    ActionSpec("clear_lesions", "Inspect", "&Clear Lesions", ("Shift+M",)),
    # A and B.
    ActionSpec("compare", "Inspect", "&Compare with the Next Picture", ("B",), separator_before=True),
    ActionSpec("compare_selected", "Inspect", "Compare with the &Selected Picture"),
    ActionSpec("compare_model", "Inspect", "Compare with Another &Model\u2026", ("Ctrl+B",)),
    ActionSpec("compare_next", "Inspect", "Ne&xt Picture as B", ("Ctrl+Shift+Right",)),
    ActionSpec("compare_previous", "Inspect", "Pre&vious Picture as B", ("Ctrl+Shift+Left",)),
    ActionSpec("compare_side", "Inspect", "Maps of A, B, B \u2212 A in &Turn", ("Shift+B",)),
    # Strongest patches.
    ActionSpec("find_patches", "Inspect", "Find Strongest &Patches", ("P",), separator_before=True),
    # Test protocols.
    ActionSpec("run_protocol", "Inspect", "Run Test Pro&tocol", ("T",), separator_before=True),
    ActionSpec("compare_protocols", "Inspect", "Compare Test Protocol&s\u2026", ("Ctrl+T",)),
    ActionSpec("shortcuts", "Help", "&Shortcuts", (Keys.HelpContents, "F1", "?")),
    ActionSpec("diagnostics", "Help", "Copy &Diagnostics", separator_before=True),
    ActionSpec("about", "Help", "&About Layerscope"),
)

MAP_ACTIONS: tuple[str, ...] = ("next_order", "previous_channel", "next_channel", "previous_layer", "next_layer")
"""Keys of the table that stand in the context menu of the maps, in this order."""


def make_actions(parent: QObject, handlers: dict[str, Callable[..., None]]) -> dict[str, QAction]:
    """Make the QActions of the table and connect each to the handler of its key (a bound method of a QObject)."""
    actions: dict[str, QAction] = {}
    for spec in TABLE:
        action = QAction(spec.text, parent)
        action.setObjectName(f"action_{spec.key}")
        action.setShortcuts(_sequences(spec))
        action.setCheckable(spec.checkable)
        if spec.in_strip_only:
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        signal = action.toggled if spec.checkable else action.triggered
        signal.connect(handlers[spec.key])
        actions[spec.key] = action
    actions["quit"].setMenuRole(QAction.MenuRole.QuitRole)
    actions["settings"].setMenuRole(QAction.MenuRole.PreferencesRole)
    actions["about"].setMenuRole(QAction.MenuRole.AboutRole)
    return actions


def _sequences(spec: ActionSpec) -> list[QKeySequence]:
    sequences: list[QKeySequence] = []
    for keys in spec.shortcuts:
        found = QKeySequence.keyBindings(keys) if isinstance(keys, Keys) else [QKeySequence(keys)]
        sequences += [sequence for sequence in found if sequence not in sequences]
    return sequences


def plain_text(action: QAction) -> str:
    """The text of an action without the mark of its access key and the dots."""
    return action.text().replace("&", "").rstrip("\u2026")
