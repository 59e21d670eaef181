"""Looking whether the files of the cache are what was published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from core.cancel import CancelToken
from core.errors import WeightsError
from core.weights.fetch.hashes import prefix_in_name, sha256_in_steps
from core.weights.fetch.registry import all_published
from core.weights.published import hub_folder

State = Literal["right", "wrong", "unreadable", "unfinished", "unknown"]


@dataclass(frozen=True, slots=True)
class Checked:
    """A file of the cache. ``label`` says which weights it should be, "" where its name is not known; ``message`` what to
    know or do, "" where all is well. ``sha256`` is "" where it was not worked out; ``size`` is in bytes."""

    path: Path
    state: State
    label: str
    size: int
    sha256: str
    message: str

    @property
    def broken(self) -> bool:
        """Whether something has to be done about it."""
        return self.state in ("wrong", "unreadable")


def verify(folder: Path | None = None, token: CancelToken | None = None) -> Iterator[Checked]:
    """Compare the hash of every file of the cache with the one in its name, one after another.

    Parameters
    ----------
    folder
        The cache; torch's own if None. One that is not there is empty.
    token
        Looked at every few megabytes.

    Raises
    ------
    WeightsError
        If the folder cannot be listed.
    Cancelled
        If the token was set.
    """
    folder, token = folder or hub_folder(), token or CancelToken()
    try:
        paths = sorted(path for path in folder.iterdir() if path.is_file()) if folder.exists() else []
    except OSError as error:
        raise WeightsError(f"The cache folder “{folder}” cannot be listed: {error.strerror}.", path=folder) from error
    labels = {one.filename: one.label for one in all_published()}
    for path in paths:
        yield _checked(path, labels, token)


def _checked(path: Path, labels: dict[str, str], token: CancelToken) -> Checked:
    label = labels.get(path.name.removesuffix(".part"), "")
    again = f"`layerscope weights fetch {label.replace(' ', ':')}`" if label else ""
    try:
        size = path.stat().st_size
        if path.suffix == ".part":
            what = f"{again} goes on with it" if label else "whatever began it can go on"
            return Checked(path, "unfinished", label, size, "", f"A download that is not finished: {what}, or delete it.")
        prefix = prefix_in_name(path.name)
        if not prefix:
            return Checked(path, "unknown", label, size, "", "Its name has no hash to compare with.")
        digest = _digest(path, token)
    except OSError as error:
        return Checked(path, "unreadable", label, 0, "", f"It cannot be read: {error.strerror or error}.")
    if digest.startswith(prefix):
        return Checked(path, "right", label, size, digest, "")
    what = f"{again} replaces it" if label else "download it again"
    message = f"Its SHA-256 begins with {digest[:8]}, not with {prefix}: it is damaged, or not what was published. "
    return Checked(path, "wrong", label, size, digest, f"{message}Delete it, or {what}.")


def _digest(path: Path, token: CancelToken) -> str:
    work = sha256_in_steps(path, token)
    while True:
        try:
            next(work)
        except StopIteration as end:
            return str(end.value)
