"""The tabs at the right: what the network saw, and the tools of the inspector."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QTabWidget, QWidget

from core.types import HEADED, ModelInfo
from gui.panels import PANELS
from gui.state import AppState
from gui.widgets.channel.channel_panel import ChannelPanel
from gui.widgets.explain.explain_panel import ExplainPanel
from gui.widgets.heads.heads_panel import HeadsPanel
from gui.widgets.lesions.lesion_panel import LesionPanel
from gui.widgets.network_input_view import NetworkInputView
from gui.widgets.patches.patches_panel import PatchesPanel
from gui.widgets.protocols.protocol_panel import ProtocolPanel

_TITLES = {
    "input": "Input", "channel": "Channel", "why": "Why", "lesions": "Lesions", "patches": "Patches", "protocols": "Protocols",
}  # fmt: skip
_HINTS = {
    "input": "What the network saw",
    "channel": "One channel: its values, kernels and place on the picture",
    "why": "Which parts of the picture speak for a category",
    "lesions": "Change channels and see what depends on them",
    "patches": "The patches of your pictures that excite a channel most",
    "protocols": "Test protocols: crops, scales, dense evaluation, fusion",
}
_SHORT_TITLES = {"protocols": "Tests"}
"""Where a guest takes room away."""
_HEADS_HINT = "What the auxiliary heads and the final one say, along the depth of the network"
_GUEST_HINT = "The most probable categories of the picture"


class Details(QTabWidget):
    """One tab a panel; in a narrow window the predictions come in as the first."""

    def __init__(self, state: AppState, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("details")
        self.setAccessibleName("Details")
        self.setDocumentMode(True)
        self.setUsesScrollButtons(True)
        self.tabBar().setDrawBase(False)
        self.tabBar().setAccessibleName("Panels")
        self.network_input = NetworkInputView(state)
        self.channel = ChannelPanel(state)
        self.why = ExplainPanel(state)
        self.lesions = LesionPanel(state)
        self.patches = PatchesPanel(state)
        self.protocols = ProtocolPanel(state)
        for name in PANELS:
            place = self.addTab(self._panel(name), _TITLES[name])
            self.setTabToolTip(place, f"{_HINTS[name]} (Alt+{PANELS.index(name) + 1})")

        self.heads = HeadsPanel(state, self)
        self.heads.hide()
        state.model_changed.connect(self._follow_model)

    @Slot(object)
    def _follow_model(self, model: ModelInfo) -> None:
        """Show the tab “Heads” for networks that have several, and for no others."""
        there, wanted = self.indexOf(self.heads), model.spec.code is None and model.spec.architecture in HEADED
        if wanted and there < 0:
            self.setTabToolTip(self.addTab(self.heads, "Heads"), _HEADS_HINT)
        elif not wanted and there >= 0:
            self.removeTab(there)
            self.heads.hide()

    def _panel(self, name: str) -> QWidget:
        panel: QWidget = self.network_input if name == "input" else getattr(self, name)
        return panel

    def show_panel(self, name: str) -> None:
        """Bring one of :data:`PANELS` to the front; KeyError for another name."""
        if name not in PANELS:
            raise KeyError(name)
        self.setCurrentWidget(self._panel(name))

    @property
    def panel(self) -> str:
        """The name of the panel at the front; "" while that is a guest."""
        return next((name for name in PANELS if self._panel(name) is self.currentWidget()), "")

    def take_guest(self, guest: QWidget, title: str) -> None:
        """Put another panel before the first tab; it comes to the front unless a tool is there."""
        to_front = self.panel == PANELS[0]
        self.setTabToolTip(self.insertTab(0, guest, title), guest.toolTip() or _GUEST_HINT)
        self._name_tabs(_TITLES | _SHORT_TITLES)
        if to_front:
            self.setCurrentIndex(0)

    def dismiss_guest(self, guest: QWidget) -> None:
        """Let the guest go; whoever takes it in becomes its parent."""
        place = self.indexOf(guest)
        if place >= 0:
            self.removeTab(place)
            self._name_tabs(_TITLES)

    def _name_tabs(self, titles: dict[str, str]) -> None:
        for name in PANELS:
            self.setTabText(self.indexOf(self._panel(name)), titles[name])
