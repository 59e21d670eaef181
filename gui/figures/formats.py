"""A figure as a picture or a document: PNG, SVG, PDF. The same figure always gives the same bytes."""

from __future__ import annotations

import contextlib
import re
import uuid
from collections.abc import Callable, Iterator
from html import escape, unescape

from PySide6.QtCore import QBuffer, QIODevice, QMarginsF, QRectF, QSize, QSizeF, QUuid
from PySide6.QtGui import QFont, QFontInfo, QFontMetricsF, QImage, QPageSize, QPaintDevice, QPainter, QPdfWriter
from PySide6.QtSvg import QSvgGenerator

from core.errors import ExportError
from core.version import program_version
from gui.figures.figure import Figure

UNITS = 96
"""Units an inch."""
SCALES = (1, 2, 3, 4)
_FINE = 1200
"""Dots an inch that the positions in a PDF are rounded to."""
_OTHER_FACES = "Verdana, Helvetica, Arial, sans-serif"
_TEXT = re.compile(
    r'<text ([^>]*?font-family=")([^"]*)("[^>]*?font-size=")([^"]*)("[^>]*?font-weight=")(\d+)("[^>]*)>([^<]*)</text>'
)
_DATES = re.compile(rb"/(?:Creation|Mod)Date \(D:[^)]*\)")


def to_image(figure: Figure, scale: float = 1.0) -> QImage:
    """Paint a figure with ``scale`` pixels a unit.

    Raises
    ------
    ExportError
        If there is not enough memory for so many pixels.
    """
    size = (figure.size.toSizeF() * scale).toSize().expandedTo(QSize(1, 1))
    image = QImage(size, QImage.Format.Format_RGB32)
    if image.isNull():
        raise ExportError(f"There is no memory for {size.width()} × {size.height()} pixels. Choose a smaller scale, or a PDF.")
    image.setDotsPerMeterX(round(UNITS * scale / 0.0254))
    image.setDotsPerMeterY(round(UNITS * scale / 0.0254))
    image.fill(0xFFFFFFFF)
    with _painting(image) as painter:
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
        # Of whole pixels, to the very edge.
        painter.scale(size.width() / figure.size.width(), size.height() / figure.size.height())
        figure.paint(painter)
    image.setText("Title", figure.title)
    image.setText("Description", figure.description)
    image.setText("Software", f"Layerscope {program_version()}")
    return image


def png_bytes(image: QImage) -> bytes:
    """Write an image as PNG."""
    buffer = _buffer()
    if not image.save(buffer, "PNG"):  # type: ignore[call-overload]
        raise ExportError("The picture could not be turned into a PNG. Choose a smaller scale.")
    return bytes(buffer.data().data())


def to_png(figure: Figure, scale: float) -> bytes:
    """Paint a figure as PNG; its title and text alternative are text chunks, its resolution is such that it prints right."""
    return png_bytes(to_image(figure, scale))


def to_svg(figure: Figure, scale: float = 1.0) -> bytes:
    """Paint a figure as SVG: text is text, maps are PNGs with sharp pixels; ``title`` and ``desc`` say what it is.

    Text keeps its place where another font has to stand in for the one that was measured.
    """
    buffer = _buffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setResolution(UNITS)
    generator.setSize(figure.size)
    generator.setViewBox(QRectF(0, 0, figure.size.width(), figure.size.height()))
    generator.setTitle(figure.title)
    generator.setDescription(figure.description)
    with _painting(generator) as painter:
        figure.paint(painter)
    text = _TEXT.sub(_fix_text, bytes(buffer.data().data()).decode("utf-8"))
    # Readers of screens look for a role and a name at the root.
    return text.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.title)}" ', 1).encode("utf-8")


def _fix_text(found: re.Match[str]) -> str:
    before, family, middle, size, more, weight, rest, words = found.groups()
    face = QFont(family)
    face.setPixelSize(round(float(size)))
    face.setWeight(QFont.Weight(int(weight)))
    real = QFontInfo(face).family()
    length = QFontMetricsF(face).horizontalAdvance(unescape(words))
    faces = f"'{real}', {_OTHER_FACES}"
    return (
        f'<text textLength="{length:.2f}" lengthAdjust="spacingAndGlyphs" '
        f"{before}{faces}{middle}{size}{more}{weight}{rest}>{words}</text>"
    )


def to_pdf(figure: Figure, scale: float = 1.0) -> bytes:
    """Paint a figure as a PDF of one page as large as the figure, with its fonts inside and its maps without loss."""
    buffer = _buffer()
    writer = QPdfWriter(buffer)
    writer.setResolution(_FINE)
    inches = QSizeF(figure.size) / UNITS
    writer.setPageSize(QPageSize(inches, QPageSize.Unit.Inch, "figure", QPageSize.SizeMatchPolicy.ExactMatch))
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    title = figure.title
    writer.setTitle(title)
    writer.setCreator(f"Layerscope {program_version()}")
    # Identity and time would make two exports of one figure differ.
    identity = uuid.uuid5(uuid.NAMESPACE_URL, figure.description)
    writer.setDocumentId(QUuid(str(identity)))
    writer.setDocumentXmpMetadata(_xmp(title, figure.description).encode("utf-8"))
    with _painting(writer) as painter:
        painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
        painter.scale(_FINE / UNITS, _FINE / UNITS)
        figure.paint(painter)
    # Of the same length, so that the table of places stays true.
    return _DATES.sub(lambda found: b" " * len(found[0]), bytes(buffer.data().data()))


def _xmp(title: str, description: str) -> str:
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
        f'<dc:description><rdf:Alt><rdf:li xml:lang="x-default">{escape(description)}</rdf:li></rdf:Alt></dc:description>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    )


@contextlib.contextmanager
def _painting(device: QPaintDevice) -> Iterator[QPainter]:
    """Paint on a device; a painter that is left open when its device goes would end the program."""
    painter = QPainter(device)
    try:
        yield painter
    finally:
        painter.end()


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


FORMATS: dict[str, Callable[[Figure, float], bytes]] = {".png": to_png, ".svg": to_svg, ".pdf": to_pdf}
"""How to make the bytes of a figure, by its suffix; the scale counts for PNG only."""
