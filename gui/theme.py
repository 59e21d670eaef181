"""Colours, fonts and icons: one accent, tabular figures, light and dark after the system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QByteArray, QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QIcon, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QWidget

ICONS = Path(__file__).resolve().parent.parent / "resources" / "icons"

THEMES = ("system", "light", "dark")
"""What a person can choose, as :func:`choose` takes it."""

GRID = 4
"""All spacing is a multiple of this many device-independent pixels."""


@dataclass(frozen=True, slots=True)
class Colours:
    """The colours of one theme, each named by its use."""

    window: str
    """Behind the panels."""
    panel: str
    """Lists, tables and views."""
    canvas: str
    """Behind pictures and feature maps."""
    line: str
    """Hairlines between panels."""
    text: str
    muted: str
    """Secondary text; still 4.5:1 on ``panel``."""
    accent: str
    on_accent: str
    accent_soft: str
    """Selected rows and probability bars' track."""
    bar: str
    """Probability bars."""
    field: str
    """Receptive fields on the picture; told from the crop's accent by blue-yellow, safe for colour-blind eyes."""
    error: str
    error_soft: str
    warning: str
    warning_soft: str


LIGHT = Colours(
    window="#eef0f3", panel="#ffffff", canvas="#e3e6ea", line="#d3d8de", text="#1b2026", muted="#5b6570",
    accent="#0b6fa4", on_accent="#ffffff", accent_soft="#d7eaf4", bar="#3d9ccc", field="#ffc400",
    error="#b3261e", error_soft="#fbe9e7", warning="#8a5a00", warning_soft="#fdf3dc",
)
DARK = Colours(
    window="#1b1e22", panel="#23272c", canvas="#15171a", line="#363c43", text="#e8ebee", muted="#9aa5b1",
    accent="#5cb8e6", on_accent="#0b1a22", accent_soft="#26475a", bar="#3f8fb8", field="#ffd54a",
    error="#ff8a80", error_soft="#40272a", warning="#f0b95a", warning_soft="#3a3122",
)


_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}
_CHOICE = "layerscopeTheme"


def is_dark() -> bool:
    """Whether the system, or the person's choice in the View menu, asks for the dark theme."""
    chosen = _SCHEMES.get(QCoreApplication.instance().property(_CHOICE)) if QCoreApplication.instance() else None
    return (chosen or QGuiApplication.styleHints().colorScheme()) == Qt.ColorScheme.Dark


def colours() -> Colours:
    """The colours of the theme now in force; ask again on ``QEvent.PaletteChange``."""
    return DARK if is_dark() else LIGHT


def choose(app: QApplication, theme: str, *, dressed: bool = True) -> None:
    """Take "light", "dark", or what the system says ("system"), and apply it; without the style sheet unless ``dressed``."""
    # Platforms without a theme of their own (offscreen, bare X11) ignore setColorScheme, so the choice is kept as well.
    app.setProperty(_CHOICE, theme)
    QGuiApplication.styleHints().setColorScheme(_SCHEMES.get(theme, Qt.ColorScheme.Unknown))
    apply(app, dressed=dressed)


def apply(app: QApplication, *, dressed: bool = True) -> None:
    """Give the application the palette and, if ``dressed``, the style sheet of the theme now in force."""
    c = colours()
    palette = QPalette()
    roles = QPalette.ColorRole
    for role, colour in {
        roles.Window: c.window, roles.WindowText: c.text, roles.Base: c.panel, roles.AlternateBase: c.window,
        roles.Text: c.text, roles.Button: c.panel, roles.ButtonText: c.text, roles.BrightText: c.error,
        roles.Highlight: c.accent_soft, roles.HighlightedText: c.text, roles.Link: c.accent,
        roles.ToolTipBase: c.panel, roles.ToolTipText: c.text, roles.PlaceholderText: c.muted,
        roles.Mid: c.line, roles.Accent: c.accent,
    }.items():
        palette.setColor(role, QColor(colour))
    for role in (roles.Text, roles.WindowText, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(c.muted))
    app.setPalette(palette)
    if dressed:
        dress(app)


def dress(app: QApplication) -> None:
    """Give the application the style sheet; building many widgets is faster before that, for each is styled once."""
    app.setStyleSheet(_style_sheet(colours()))


def _style_sheet(c: Colours) -> str:
    return f"""
        QToolTip {{ color: {c.text}; background: {c.panel}; border: 1px solid {c.line}; padding: 4px; }}
        QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
        QMainWindow, QDialog {{ background: {c.window}; }}
        QMenuBar {{ background: {c.window}; }}
        QMenuBar::item:selected, QMenu::item:selected {{ background: {c.accent_soft}; color: {c.text}; }}
        QMenu {{ background: {c.panel}; border: 1px solid {c.line}; padding: 4px 0; }}
        QMenu::item {{ padding: 5px 24px 5px 24px; }}
        QMenu::item:disabled {{ color: {c.muted}; }}
        QMenu::separator {{ height: 1px; background: {c.line}; margin: 4px 8px; }}
        QSplitter::handle {{ background: {c.window}; }}
        QSplitter::handle:hover {{ background: {c.accent_soft}; }}
        QAbstractItemView {{ background: {c.panel}; border: none; outline: none; }}
        QComboBox QAbstractItemView, QAbstractItemView[popup="true"] {{ border: 1px solid {c.line}; }}
        QHeaderView::section {{ background: {c.panel}; color: {c.muted}; border: none;
            border-bottom: 1px solid {c.line}; padding: 4px 8px; }}
        QTabBar {{ background: {c.panel}; }}
        QTabBar[plain="true"] {{ background: transparent; }}
        QTabBar::tab {{ background: transparent; color: {c.muted}; border: none; border-bottom: 2px solid transparent;
            padding: 7px 4px 5px 4px; margin: 0; }}
        QTabBar::tab:hover {{ color: {c.text}; }}
        QTabBar::tab:selected {{ color: {c.text}; border-bottom: 2px solid {c.accent}; }}
        QTabBar::tab:focus {{ background: {c.accent_soft}; }}
        QTabWidget::pane {{ border: none; border-top: 1px solid {c.line}; }}
        QScrollBar {{ background: transparent; border: none; margin: 0; }}
        QScrollBar:vertical {{ width: 10px; }}
        QScrollBar:horizontal {{ height: 10px; }}
        QScrollBar::handle {{ background: #80{c.muted[1:]}; border-radius: 3px; margin: 2px; }}
        QScrollBar::handle:vertical {{ min-height: 32px; }}
        QScrollBar::handle:horizontal {{ min-width: 32px; }}
        QScrollBar::handle:hover {{ background: {c.muted}; }}
        QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
        QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
        QLineEdit {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 4px; padding: 3px 6px; }}
        QLineEdit:focus {{ border-color: {c.accent}; }}
        QComboBox QLineEdit, QAbstractSpinBox QLineEdit {{ background: transparent; border: none; padding: 0; }}
        QToolButton[segment="true"] {{ background: {c.panel}; color: {c.muted}; border: 1px solid {c.line};
            border-radius: 4px; padding: 3px 8px; }}
        QToolButton[segment="true"]:checked {{ background: {c.accent_soft}; color: {c.text}; border-color: {c.accent}; }}
        QToolButton[segment="true"]:focus {{ border: 2px solid {c.accent}; padding: 2px 7px; }}
        QCheckBox, QRadioButton {{ spacing: 7px; min-height: 22px; }}
        QCheckBox::indicator, QRadioButton::indicator, QAbstractItemView::indicator {{ width: 12px; height: 12px;
            border: 1px solid {c.muted}; background: {c.panel}; }}
        QCheckBox::indicator, QAbstractItemView::indicator {{ border-radius: 3px; }}
        QRadioButton::indicator {{ border-radius: 7px; }}
        QCheckBox::indicator:hover, QRadioButton::indicator:hover, QAbstractItemView::indicator:hover {{
            border-color: {c.accent}; }}
        QCheckBox::indicator:checked, QAbstractItemView::indicator:checked {{ border-color: {c.accent};
            background: {c.accent}; image: url("{_tick()}"); }}
        QRadioButton::indicator:checked {{ width: 6px; height: 6px; border: 4px solid {c.accent};
            background: {c.on_accent}; }}
        QCheckBox::indicator:disabled, QRadioButton::indicator:disabled {{ border-color: {c.line}; }}
        QCheckBox::indicator:checked:disabled {{ background: {c.muted}; border-color: {c.muted}; }}
        QRadioButton::indicator:checked:disabled {{ border-color: {c.muted}; }}
        QSlider::groove:horizontal {{ height: 4px; background: {c.line}; border-radius: 2px; }}
        QSlider::sub-page:horizontal {{ background: {c.bar}; border-radius: 2px; }}
        QSlider::handle:horizontal {{ width: 12px; height: 12px; margin: -4px 0; border-radius: 6px;
            background: {c.accent}; }}
        QSlider::handle:horizontal:disabled, QSlider::sub-page:horizontal:disabled {{ background: {c.line}; }}
        QSlider::handle:horizontal:focus {{ border: 2px solid {c.text}; margin: -6px 0; border-radius: 8px; }}
        QProgressBar {{ background: {c.line}; border: none; border-radius: 3px; }}
        QProgressBar::chunk {{ background: {c.accent}; border-radius: 3px; }}
        QStatusBar {{ background: {c.window}; color: {c.muted}; }}
        QStatusBar::item {{ border: none; }}
        QLabel[tone="error"] {{ color: {c.error}; }}
        QLabel[muted="true"] {{ color: {c.muted}; }}
        QLabel[heading="true"] {{ font-weight: 600; }}
        QFrame[panel="true"] {{ background: {c.panel}; border: 1px solid {c.line}; border-radius: 6px; }}
        QListWidget[panel="true"] {{ border: 1px solid {c.line}; border-radius: 6px; padding: 6px; }}
        QListWidget[panel="true"]:focus {{ border-color: {c.accent}; }}
        QFrame[notice="error"] {{ background: {c.error_soft}; border: 1px solid {c.error}; border-radius: 6px; }}
        QFrame[notice="remark"] {{ background: {c.warning_soft}; border: 1px solid {c.warning}; border-radius: 6px; }}
    """


def _tick() -> str:
    """The file with the tick of a check box; a style sheet cannot colour an icon itself."""
    return (ICONS / f"check-{'dark' if is_dark() else 'light'}.svg").as_posix()


def tabular(font: QFont) -> QFont:
    """The same font with figures of equal width, for columns of numbers."""
    figures = QFont(font)
    figures.setFeature(QFont.Tag("tnum"), 1)
    return figures


def icon(name: str, widget: QWidget | None = None, side: int = 20) -> QIcon:
    """An icon of the set in ``resources/icons``, drawn in the theme's text colour (muted where disabled).

    ``widget`` gives the device pixel ratio, ``side`` the size in device-independent pixels. Ask again on
    ``QEvent.PaletteChange``.
    """
    ratio = widget.devicePixelRatioF() if widget is not None else 2.0
    c = colours()
    made = QIcon()
    for mode, colour in ((QIcon.Mode.Normal, c.text), (QIcon.Mode.Disabled, c.muted)):
        made.addPixmap(_tinted(name, colour, side, ratio), mode)
    return made


def _tinted(name: str, colour: str, side: int, ratio: float) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8").replace("currentColor", colour)
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(source.encode())).render(painter, QRectF(0, 0, side * ratio, side * ratio))
    painter.end()
    pixmap.setDevicePixelRatio(ratio)
    return pixmap


def format_probability(probability: float) -> str:
    """One decimal in per cent; tiny ones as "< 0.1 %"."""
    percent = 100 * probability
    if 0 < percent < 0.1:
        return "< 0.1 %"
    if 99.95 <= percent < 100:
        return "> 99.9 %"
    return f"{percent:.1f} %"
