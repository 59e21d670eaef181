import base64
import re
import shutil
import subprocess
import zlib
from xml.etree import ElementTree

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from core.errors import ExportError
from gui.figures.channel_figure import ChannelFigure
from gui.figures.figure import Figure
from gui.figures.formats import FORMATS, to_image, to_pdf, to_png, to_svg
from gui.figures.grid_figure import GridFigure
from gui.figures.paper import WHITE
from tests.gui.figures.made import WORDS, close, colours, grey, grid, rgb

SVG = "{http://www.w3.org/2000/svg}"
LINK = "{http://www.w3.org/1999/xlink}href"


@pytest.fixture
def figure(styled_app):
    return ChannelFigure(WORDS, colours(grid()), 4, WHITE)


def every_nth(image, maps):
    """One pixel of each map pixel, from the middle."""
    down, across = image.shape[0] // maps.tile_height, image.shape[1] // maps.tile_width
    assert image.shape[:2] == (down * maps.tile_height, across * maps.tile_width)
    return image[down // 2 :: down, across // 2 :: across]


def test_png_says_what_it_is_and_how_large_it_prints(figure):
    for scale in (1, 2):
        image = QImage.fromData(to_png(figure, scale))
        assert image.text("Title") == figure.title
        assert image.text("Description") == figure.description
        assert image.text("Software").startswith("Layerscope ")
        assert image.width() / image.dotsPerMeterX() * 1000 == pytest.approx(210, abs=0.5)


def test_svg_has_words_as_words(figure):
    root = ElementTree.fromstring(to_svg(figure))
    assert root.find(f"{SVG}title").text == figure.title
    assert root.find(f"{SVG}desc").text == figure.description
    assert root.get("aria-label") == figure.title
    assert root.get("viewBox") == f"0 0 {figure.size.width()} {figure.size.height()}"
    texts = list(root.iter(f"{SVG}text"))
    words = [text.text for text in texts]
    # A character of another typeface begins a text of its own.
    assert WORDS.title in "".join(words)
    for wanted in (WORDS.about, WORDS.source, "Channel 4", "mean", "row", "column", "0", "7"):
        assert wanted in words
    for text in texts:
        assert float(text.get("textLength")) > 0
        assert text.get("font-family").endswith("sans-serif")


def test_svg_holds_the_map_itself(figure):
    maps = grid()
    images = list(ElementTree.fromstring(to_svg(figure)).iter(f"{SVG}image"))
    decoded = [QImage.fromData(base64.b64decode(image.get(LINK).partition(",")[2])) for image in images]
    largest = max(decoded, key=lambda image: image.width() * image.height())
    close(every_nth(rgb(largest), maps)[:, :, 0], grey(maps, 4))
    assert images[decoded.index(largest)].get("image-rendering") == "optimizeSpeed"


def test_svg_is_drawn_by_another_routine_just_like_the_png(figure):
    renderer = QSvgRenderer(QByteArray(to_svg(figure)))
    assert renderer.isValid()
    image = QImage(figure.size, QImage.Format.Format_RGB32)
    image.fill(0xFF00FF)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    away = np.abs(rgb(image).astype(int) - rgb(to_image(figure)).astype(int)).max(axis=2)
    assert (away > 40).mean() < 0.02


def pdf_objects(content):
    """Every object of a PDF by its number, after the table at its end."""
    place = int(re.search(rb"startxref\s+(\d+)", content).group(1))
    head = re.match(rb"xref\s+0 (\d+)\s+", content[place:])
    entries = content[place + head.end() :][: 20 * int(head.group(1))]
    starts = [int(entries[number * 20 :][:10]) for number in range(int(head.group(1)))]
    for number, start in enumerate(starts[1:], 1):
        assert content[start:].startswith(b"%d 0 obj" % number)
    ends = {start: min([other for other in [*starts, place] if other > start]) for start in starts[1:]}
    return [content[start : ends[start]] for start in starts[1:]]


def pdf_images(content):
    for body in pdf_objects(content):
        if b"/Subtype /Image" in body and b"/DeviceRGB" in body:
            width, height = (int(re.search(rb"/%s (\d+)" % side, body).group(1)) for side in (b"Width", b"Height"))
            assert b"/FlateDecode" in body  # nothing that loses something
            stream = body[body.index(b"stream") + 7 :]
            yield np.frombuffer(zlib.decompressobj().decompress(stream), np.uint8).reshape(height, width, 3)


def test_pdf_is_one_page_with_its_fonts_and_its_map(figure):
    maps, content = grid(), to_pdf(figure)
    assert content.startswith(b"%PDF-1.")
    assert content.count(b"/Type /Page\n") == 1
    assert b"/FontFile" in content
    assert figure.title.encode("utf-16-be") in content.replace(b"\\", b"")
    assert b"<dc:title>" in content
    assert "ü" in content.decode("utf-8", "ignore")
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", content)
    assert float(box.group(1)) / 72 * 25.4 == pytest.approx(210, abs=0.5)
    largest = max(pdf_images(content), key=lambda image: image.size)
    close(every_nth(largest, maps)[:, :, 0], grey(maps, 4))


def test_pdf_is_drawn_by_another_program(figure, tmp_path):
    if shutil.which("pdftoppm") is None:
        pytest.skip("not installed: pdftoppm")
    (tmp_path / "x.pdf").write_bytes(to_pdf(figure))
    subprocess.run(["pdftoppm", "-r", "96", "-png", "x.pdf", "page"], cwd=tmp_path, check=True, timeout=60)
    image = QImage(str(next(tmp_path.glob("page*.png"))))
    shrunk = image.scaled(figure.size)
    away = np.abs(rgb(shrunk).astype(int) - rgb(to_image(figure)).astype(int)).max(axis=2)
    assert (away > 60).mean() < 0.05


@pytest.mark.parametrize("suffix", FORMATS)
def test_the_same_figure_gives_the_same_bytes(styled_app, suffix):
    def make():
        return FORMATS[suffix](GridFigure(WORDS, colours(grid()), range(6), "sorted by mean", WHITE), 2)

    first = make()
    assert first == make()
    assert re.search(rb"/(CreationDate|ModDate)", first) is None


class Huge(Figure):
    def __init__(self):
        super().__init__(WORDS, "", QSize(60_000, 60_000))


@pytest.mark.filterwarnings("ignore")
def test_more_pixels_than_there_can_be(styled_app):
    with pytest.raises(ExportError, match=r"no memory for 240000 × 240000 pixels\. Choose a smaller scale"):
        to_image(Huge(), 4)


class Broken(Figure):
    def __init__(self):
        super().__init__(WORDS, "", QSize(100, 100))

    def paint(self, painter):
        painter.save()
        raise ZeroDivisionError


@pytest.mark.parametrize("suffix", FORMATS)
def test_a_mistake_while_painting_is_no_crash(styled_app, suffix):
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            FORMATS[suffix](Broken(), 1)


@pytest.mark.parametrize("suffix", FORMATS)
def test_names_that_are_no_text(styled_app, suffix):
    odd = type(WORDS)("\udcff.png", "a\nb\x00c", "")
    content = FORMATS[suffix](ChannelFigure(odd, colours(grid()), 0, WHITE), 1)
    assert len(content) > 1000
    if suffix == ".svg":
        ElementTree.fromstring(content)
