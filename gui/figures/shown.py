"""From what the window shows to figures: the same maps, order, colours and overlays."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen

from core.insight.field import field_box
from core.types import ActivationGrid, Activations, ActivationVector, ModelInfo, WeightsSpec
from gui import theme
from gui.facts.comparison import A, B, Opponent
from gui.facts.protocol_look import MAP, ProtocolLook
from gui.figures.channel_figure import ChannelFigure
from gui.figures.figure import Figure, Words
from gui.figures.grid_figure import GridFigure
from gui.figures.kinds import CHANNEL, FIGURES, MAPS, PICTURE
from gui.figures.paper import Paper
from gui.figures.picture_figure import Outline, PictureFigure
from gui.figures.units_figure import UnitsFigure
from gui.state import AppState
from gui.widgets.activation_view import ActivationView, summarise
from gui.widgets.field_overlay import FieldOverlay
from gui.widgets.image_view import ImageView
from gui.widgets.map_colours import MapColours
from gui.widgets.picture_overlay import PictureOverlay
from gui.widgets.picture_viewport import PictureViewport
from gui.widgets.protocols.protocol_overlay import vote_colour

_HASH = 12
"""Digits of a hash that are enough to tell weights apart."""


class Shown:
    """Makes figures of what is on the screen.

    ``unit`` is the map pixel whose receptive field is drawn over the picture, as the pointer is elsewhere by then.
    """

    def __init__(self, state: AppState, view: ActivationView, picture_view: ImageView) -> None:
        self._state, self._view, self._picture_view = state, view, picture_view
        self.unit: tuple[int, int] | None = None

    def note_unit(self) -> None:
        """Remember the map pixel that is under the pointer now."""
        self.unit = self._state.hovered_unit

    @property
    def activations(self) -> Activations | None:
        """What is shown of the layer: of the picture, of what it is compared with, or the difference."""
        return self._view.switch.shown()

    @property
    def channel(self) -> int:
        """The channel that is current in the grid."""
        return self._view.grid.current

    def available(self) -> tuple[str, ...]:
        """Those of :data:`FIGURES` that can be made now."""
        makers = {MAPS: self.activations is not None, CHANNEL: isinstance(self.activations, ActivationGrid)}
        return tuple(what for what in FIGURES if makers.get(what, self._picture_view.has_content()))

    def figure(self, what: str, paper: Paper, *, bare: bool = False) -> Figure:
        """Make one of :data:`FIGURES`; ``bare`` leaves out title, labels and legend. KeyError if it is not available."""
        makers: dict[str, Callable[..., Figure]] = {MAPS: self._maps, CHANNEL: self._channel, PICTURE: self._picture}
        if what not in self.available():
            raise KeyError(what)
        return makers[what](paper, bare=bare)

    def channel_figure(self, channel: int, paper: Paper, *, bare: bool = False) -> Figure:
        """Make the figure of any channel; KeyError if there are no maps."""
        grid = self.activations
        if not isinstance(grid, ActivationGrid) or not 0 <= channel < grid.count:
            raise KeyError(channel)
        about = f"{grid.layer.kind} · map of {grid.tile_height} × {grid.tile_width} · one of {grid.count:,}"
        about = self._view.switch.describe(about)
        words = Words(f"{grid.layer.key}, channel {channel}{self._view.switch.whose}", about, self._source())
        return ChannelFigure(words, self._colours(paper), channel, paper, bare=bare)

    def _channel(self, paper: Paper, *, bare: bool) -> Figure:
        return self.channel_figure(self.channel, paper, bare=bare)

    def _maps(self, paper: Paper, *, bare: bool) -> Figure:
        activations = self.activations
        if isinstance(activations, ActivationVector):
            about = f"{activations.layer.kind} · {activations.values.size:,} units"
            return UnitsFigure(Words(activations.layer.key, about, self._source()), activations, paper, bare=bare)
        assert isinstance(activations, ActivationGrid)
        title = f"{activations.layer.key or 'network'}{self._view.switch.whose}"
        words = Words(title, self._view.switch.describe(summarise(activations)), self._source())
        maps = self._view.grid
        order = maps.order_words or "in the order of the channels"
        return GridFigure(words, self._colours(paper), maps.channels, order, paper, bare=bare)

    def _colours(self, paper: Paper) -> MapColours:
        colours = self._view.grid.colours_in(dark=paper.dark)
        assert colours is not None
        return colours

    def _picture(self, paper: Paper, *, bare: bool) -> Figure:
        picture = self._state.picture
        assert picture is not None
        overlays: list[PictureOverlay] = [one for one in self._picture_view.overlays if not isinstance(one, FieldOverlay)]
        field = PinnedField.of(self._state, self.unit)
        overlays += [field] if field is not None else []
        heats = [overlay for _, overlay in self._state.overlays.shown()]
        outlines = self._outlines(field)
        words = Words(picture.image.name, self._about_picture(), self._model())
        return PictureFigure(words, picture, overlays, heats, outlines, paper, bare=bare)

    def _outlines(self, field: PinnedField | None) -> list[Outline]:
        colours = theme.colours()
        found = []
        if self._state.protocols.drawn(self._state.picture):
            found += _vote_outlines(self._state.protocols.look)
        elif self._picture_view.crop_visible and self._state.network_input is not None:
            found.append(Outline(colours.accent, "what the network sees"))
        if field is not None:
            found.append(Outline(colours.field, field.words))
        return found

    def _about_picture(self) -> str:
        picture, classification = self._state.picture, self._state.classification
        assert picture is not None
        size = f"{picture.size[0]} × {picture.size[1]} pixels"
        if classification is None or not classification.predictions:
            return size
        top = classification.predictions[0]
        return f"{top.category} {theme.format_probability(top.probability)} · {size}"

    def _source(self) -> str:
        picture, facts = self._state.picture, self._state.comparison
        own = picture.image.name if picture is not None else ""
        if facts.side != A and facts.opponent is not None:
            other = _opponent_words(facts.opponent)
            own = f"B {other}" if facts.side == B else f"B {other} − A {own}"
        return " · ".join(filter(None, (own, self._model())))

    def _model(self) -> str:
        model = self._state.model
        return model_words(model) if model is not None else ""


def _vote_outlines(look: ProtocolLook) -> list[Outline]:
    """What the boxes of a test protocol stand for."""
    if look.showing == MAP:
        return [Outline(theme.colours().field, "window of the chosen cell")] if look.cell is not None else []
    verdicts = {look.agrees(index) for index in look.crops}
    words = {True: "solid: views that agree with the whole", False: "dashed: views that do not"}
    return [Outline(vote_colour(agrees=agrees).name(), words[agrees]) for agrees in (True, False) if agrees in verdicts]


def _opponent_words(opponent: Opponent) -> str:
    if opponent.image is not None:
        return opponent.image.name
    spec = opponent.spec
    return f"{spec.architecture} {_weights_words(spec.weights)}".strip() if spec is not None else ""


def model_words(model: ModelInfo) -> str:
    """Name a model and its weights, and what tells the weights from all others."""
    weights = _weights_words(model.spec.weights)
    digest = f"sha256 {model.weights_sha256[:_HASH]}…" if model.weights_sha256 else ""
    return " · ".join(filter(None, (model.title, weights, digest)))


def _weights_words(weights: WeightsSpec) -> str:
    if weights.kind == "random":
        return f"random weights, seed {weights.seed}"
    if weights.kind == "file" and weights.path is not None:
        return weights.path.name
    return weights.name


class PinnedField:
    """The receptive field of one unit over the picture, whatever the pointer does."""

    visible = True

    def __init__(self, box: tuple[float, float, float, float], unit: tuple[int, int]) -> None:
        self._box = box
        self.words = f"receptive field of the unit at row {unit[0]}, column {unit[1]}"

    @classmethod
    def of(cls, state: AppState, unit: tuple[int, int] | None) -> PinnedField | None:
        """The field of a unit of the layer now shown; None if there is none."""
        shown, seen = state.activations, state.network_input
        if unit is None or seen is None or not isinstance(shown, ActivationGrid):
            return None
        if unit[0] >= shown.tile_height or unit[1] >= shown.tile_width:
            return None
        box = field_box(shown.layer, *unit, seen)
        return cls(box, unit) if box is not None else None

    def paint(self, painter: QPainter, viewport: PictureViewport) -> None:
        """Draw the outline, dark below and bright above."""
        place = viewport.box_to_view(self._box)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((QColor(0, 0, 0, 150), 4), (QColor(theme.colours().field), 2)):
            painter.setPen(QPen(colour, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.SquareCap, Qt.PenJoinStyle.MiterJoin))
            painter.drawRect(place)
