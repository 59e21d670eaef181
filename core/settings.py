"""What is remembered from one start to the next: one JSON file, replaced atomically, never able to stop a start."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from core.files import unwritable, write_whole
from core.limits import MAX_TOP_K
from core.paths import config_dir

MAX_RECENT = 10


@dataclass(slots=True)
class Settings:
    """The session and the preferences. Paths are kept as text; sizes are in device-independent pixels."""

    geometry: str = ""
    """The window's place as Qt saves it, in base64."""
    splitters: dict[str, list[int]] = field(default_factory=dict)
    architecture: str = ""
    weights: str = ""
    device: str = "auto"
    layer: str = ""
    layer_stages: bool = False
    """Whether the list of layers shows stages instead of the tree."""
    layer_columns: list[str] = field(default_factory=list)
    """Columns of that list, "name" first and then the most important ones; empty for those of the first start."""
    images: list[str] = field(default_factory=list)
    image: str = ""
    top_k: int = 5
    recent: list[str] = field(default_factory=list)
    """Files and folders that were opened, the newest first."""
    recent_weights: list[str] = field(default_factory=list)
    """Weights files that were loaded, the newest first."""
    weights_repairs: list[str] = field(default_factory=list)
    """Kinds of the repairs that ``weights`` were loaded with, where they are a file."""
    classes: int = 0
    """Classes and input channels of a network with random weights; 0 for the architecture's own."""
    channels: int = 0
    theme: str = "system"
    single_window: bool = True
    """Whether files that are opened later come into the window that is open already."""
    weights_mirror: str = ""
    """An address or a folder that weights are downloaded from first; the environment's counts more."""
    map_order: str = ""
    map_scaling: str = ""
    map_colours: str = ""
    map_gamma: float = 1.0
    map_side: int = 64
    protocol: str = ""
    """The chosen test protocol; "" for the first one."""
    protocol_scales: list[str] = field(default_factory=list)
    """Its scales; empty for the usual ones of the model."""
    protocol_flip: bool = False
    protocol_average: str = ""
    corrections: list[str] = field(default_factory=list)
    """What a person says that pictures show: a JSON object each."""
    export_what: str = ""
    """The choices of the last export; "" for what the dialog suggests itself."""
    export_figure: str = ".png"
    export_tensor: str = ".npz"
    export_scale: int = 2
    export_paper: str = "white"
    export_labels: bool = True
    export_folder: str = ""

    def add_recent(self, path: Path) -> None:
        """Put a file or folder at the top of the list of recent ones."""
        text = str(path)
        self.recent = [text, *(other for other in self.recent if other != text)][:MAX_RECENT]


def settings_file() -> Path:
    """Where the settings are kept."""
    return config_dir() / "settings.json"


def load_settings(path: Path | None = None) -> tuple[Settings, str]:
    """Read the settings.

    Parameters
    ----------
    path
        The file; :func:`settings_file` if None.

    Returns
    -------
    settings, notice
        The settings, with the default in the place of every value that is missing or of the wrong kind, and a sentence for
        the person if the file was damaged ("" if not). A damaged file is kept beside, under another name.
    """
    path = path or settings_file()
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Settings(), ""
    except (OSError, UnicodeDecodeError) as error:
        return Settings(), _damaged(path, str(error))
    try:
        raw = json.loads(text)
    except (ValueError, RecursionError) as error:
        return Settings(), _damaged(path, str(error))
    if not isinstance(raw, dict):
        return Settings(), _damaged(path, "it does not hold settings")
    return _from_json(raw), ""


def _from_json(raw: dict[str, Any]) -> Settings:
    settings = Settings()
    for entry in fields(Settings):
        value = raw.get(entry.name)
        if _fits(value, getattr(settings, entry.name)):
            setattr(settings, entry.name, value)
    settings.top_k = max(1, min(MAX_TOP_K, settings.top_k))
    return settings


def _fits(value: object, default: object) -> bool:
    if isinstance(default, bool) or isinstance(value, bool):
        return isinstance(value, bool) and isinstance(default, bool)
    if isinstance(default, list):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if isinstance(default, dict):
        return isinstance(value, dict) and all(
            isinstance(sizes, list) and all(isinstance(size, int) and 0 <= size < 2**31 for size in sizes)
            for sizes in value.values()
        )
    return isinstance(value, type(default))


def _damaged(path: Path, reason: str) -> str:
    kept = path.with_name(f"{path.name}.damaged")
    try:
        path.replace(kept)
        where = f"It was kept as {kept}."
    except OSError:
        where = "It was left where it is."
    return f"The settings in {path} could not be read ({reason}), so Layerscope starts with its defaults. {where}"


def save_settings(settings: Settings, path: Path | None = None) -> None:
    """Write the settings whole or not at all.

    Raises
    ------
    ExportError
        If the folder cannot be made or written; what was there before stays.
    """
    path = path or settings_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise unwritable(path, error) from error
    write_whole(path, json.dumps(asdict(settings), indent=1).encode())
