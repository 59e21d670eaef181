"""What is on the screen of an Xvfb that keeps it in a file (``Xvfb -fbdir``)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

FILE = "Xvfb_screen0"
_VERSION, _DEPTH_24, _LITTLE_ENDIAN = 7, 24, 0


def grab(folder: Path) -> NDArray[np.uint8]:
    """Read the root window with all that lies on it: RGB of shape (height, width, 3).

    The file is an X window dump: a header of 32-bit big-endian words (``X11/XWDFile.h``), a name, the colour map (12 bytes an
    entry), then the rows.
    """
    data = (folder / FILE).read_bytes()
    words = np.frombuffer(data, ">u4", 25)
    header, version, depth, width, height = (int(words[i]) for i in (0, 1, 3, 4, 5))
    order, bits, stride, colours = (int(words[i]) for i in (7, 11, 12, 19))
    assert (version, depth, order, bits) == (_VERSION, _DEPTH_24, _LITTLE_ENDIAN, 32)
    rows = np.frombuffer(data, np.uint8, stride * height, header + 12 * colours).reshape(height, stride)
    return rows[:, : 4 * width].reshape(height, width, 4)[:, :, 2::-1].copy()
