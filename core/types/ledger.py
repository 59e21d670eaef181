"""The ledger: what networks cost, layer by layer, beside what their papers print."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

LedgerVerdict = Literal["equal", "different", ""]


@dataclass(frozen=True, slots=True)
class Beside:
    """What a paper prints for a number or a shape, and whether it is what was counted.

    ``text`` is the printed value ("138 M", "conv3-64"), ``source`` where it stands ("Simonyan and Zisserman 2014, Table 2").
    A number is "equal" if it is the printed one when rounded to as many places; the ``verdict`` is "" where there is nothing to
    compare, for a name that the paper has for a part. ``reason`` says why it is different, "" where no reason is known.
    """

    text: str
    source: str
    verdict: LedgerVerdict
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LedgerLayer:
    """A line of a network's ledger.

    The lines that are no ``group`` add up to the network: modules that hold no other one, and what a module that does has
    besides them (``key`` is "" for those lines, and for modules that do not run). A ``group`` stands for a line of the paper's
    table that means several of them, which follow it; its ``key`` is that of the module that puts out what they make.

    ``name`` is a path in ``named_modules``, or several joined by " + "; ``key`` is the :attr:`LayerInfo.key` of the layer.
    ``word`` is the layer in the words of the VGG paper ("conv3-64", "maxpool", "FC-4096"), "" for others. ``output_shape`` has
    no batch; None for what does not run. ``receptive_field`` (height, width) in pixels; None where a unit sees everything, or
    it is not known. ``macs`` None where they could not be counted.
    """

    name: str
    kind: str
    key: str = ""
    word: str = ""
    output_shape: tuple[int, ...] | None = None
    receptive_field: tuple[int, int] | None = None
    parameters: int = 0
    macs: int | None = 0
    group: bool = False
    paper_layer: Beside | None = None
    paper_shape: Beside | None = None
    paper_parameters: Beside | None = None
    paper_macs: Beside | None = None


@dataclass(frozen=True, slots=True)
class LedgerNetwork:
    """What a network costs for one picture.

    ``input_shape`` is (channels, height, width). ``weight_layers`` counts the convolutions and linear layers that run.
    ``parameters`` are all that the network holds, also those of heads that only training runs. ``receptive_field`` is that of
    the last layer with maps of more than one pixel, where it is known. ``paper`` names the network in its paper ("VGG D"), ""
    where the ledger knows none; ``notes`` are sentences about the comparison.
    """

    name: str
    classes: int
    input_shape: tuple[int, int, int]
    output_shape: tuple[int, ...]
    weight_layers: int
    parameters: int
    macs: int | None
    receptive_field: tuple[int, int] | None
    layers: tuple[LedgerLayer, ...]
    paper: str = ""
    paper_weight_layers: Beside | None = None
    paper_parameters: Beside | None = None
    paper_macs: Beside | None = None
    notes: tuple[str, ...] = ()

    @property
    def compared(self) -> tuple[Beside, ...]:
        """All that was compared with something of the paper, the network's own first."""
        own = [self.paper_weight_layers, self.paper_parameters, self.paper_macs]
        for layer in self.layers:
            own += [layer.paper_layer, layer.paper_shape, layer.paper_parameters, layer.paper_macs]
        return tuple(beside for beside in own if beside is not None and beside.verdict)


@dataclass(frozen=True, slots=True)
class LedgerWish:
    """Which network: an architecture of the catalogue; ``classes``, ``channels`` and ``side`` in pixels None for its own.

    ``heads`` says whether auxiliary heads are built where an architecture has some.
    """

    architecture: str
    classes: int | None = None
    channels: int | None = None
    side: int | None = None
    heads: bool = True


@dataclass(frozen=True, slots=True)
class LedgerRequest:
    """Count a network of the catalogue."""

    id: int
    wish: LedgerWish
