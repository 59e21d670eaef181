"""The tabs at the right: what the network saw, and the tools of the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QTabWidget, QWidget

from core.types import HEADED, ModelInfo
from gui.panels import PANELS
from gui.state import AppState
from gui.widgets.late_panel import LatePanel
from gui.widgets.network_input_view import NetworkInputView

if TYPE_CHECKING:
    from gui.widgets.channel.channel_panel import ChannelPanel
    from gui.widgets.explain.explain_panel import ExplainPanel
    from gui.widgets.heads.heads_panel import HeadsPanel
    from gui.widgets.lesions.lesion_panel import LesionPanel
    from gui.widgets.patches.patches_panel import PatchesPanel
    from gui.widgets.protocols.protocol_panel import ProtocolPanel

_LATE = {
    "channel": "gui.widgets.channel.channel_panel:ChannelPanel",
    "why": "gui.widgets.explain.explain_panel:ExplainPanel",
    "lesions": "gui.widgets.lesions.lesion_panel:LesionPanel",
    "patches": "gui.widgets.patches.patches_panel:PatchesPanel",
    "protocols": "gui.widgets.protocols.protocol_panel:ProtocolPanel",
    "heads": "gui.widgets.heads.heads_panel:HeadsPanel",
}
LEAST = QSize(311, 160)
"""The smallest size of a panel that is not made yet: the width of the widest."""
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
        self._late = {name: LatePanel(maker, state, LEAST, self) for name, maker in _LATE.items()}
        for name in PANELS:
            place = self.addTab(self.page(name), _TITLES[name])
            self.setTabToolTip(place, f"{_HINTS[name]} (Alt+{PANELS.index(name) + 1})")
        self.page("heads").hide()
        state.model_changed.connect(self._follow_model)

    @property
    def channel(self) -> ChannelPanel:
        """The panel “Channel”; this and the following are made when they are shown, or asked for here."""
        return cast("ChannelPanel", self._late["channel"].panel)

    @property
    def why(self) -> ExplainPanel:
        """The panel “Why”."""
        return cast("ExplainPanel", self._late["why"].panel)

    @property
    def lesions(self) -> LesionPanel:
        """The panel “Lesions”."""
        return cast("LesionPanel", self._late["lesions"].panel)

    @property
    def patches(self) -> PatchesPanel:
        """The panel “Patches”."""
        return cast("PatchesPanel", self._late["patches"].panel)

    @property
    def protocols(self) -> ProtocolPanel:
        """The panel “Protocols”."""
        return cast("ProtocolPanel", self._late["protocols"].panel)

    @property
    def heads(self) -> HeadsPanel:
        """The panel “Heads”, which is a tab for some networks only."""
        return cast("HeadsPanel", self._late["heads"].panel)

    @Slot(object)
    def _follow_model(self, model: ModelInfo) -> None:
        """Show the tab “Heads” for networks that have several, and for no others."""
        heads = self.page("heads")
        there, wanted = self.indexOf(heads), model.spec.code is None and model.spec.architecture in HEADED
        if wanted and there < 0:
            self.setTabToolTip(self.addTab(heads, "Heads"), _HEADS_HINT)
        elif not wanted and there >= 0:
            self.removeTab(there)
            heads.hide()

    def page(self, name: str) -> QWidget:
        """What the panel is in, or will be; KeyError for a name that no panel has."""
        return self.network_input if name == "input" else self._late[name]

    def show_panel(self, name: str) -> None:
        """Bring one of :data:`PANELS` to the front; KeyError for another name."""
        if name not in PANELS:
            raise KeyError(name)
        self.setCurrentWidget(self.page(name))

    @property
    def panel(self) -> str:
        """The name of the panel at the front; "" while that is a guest."""
        return next((name for name in PANELS if self.page(name) is self.currentWidget()), "")

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
            self.setTabText(self.indexOf(self.page(name)), titles[name])
