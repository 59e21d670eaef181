"""How much a file may ask for: far beyond what weights need, far below what hurts."""

from __future__ import annotations

from core.weights.formats.problem import excessive

IN_MEMORY = 1 << 30
"""Files up to this many bytes are read into memory; larger ones are mapped into it.

A mapping costs no memory, but somebody who cuts the file short meanwhile (a training run saving its next checkpoint over
it) takes the whole program down, so it is kept for those that might not fit otherwise.
"""

OPCODES = 4_000_000
"""Steps of a pickle. The state_dict of a large network with its optimizer takes about 200,000."""

DEPTH = 120
"""Containers inside each other."""

VALUES = 2_000_000
"""Values in the content, each counted as often as it is reached: shared ones make a small pickle large."""

TEXT = 64 << 20
"""Bytes of one text."""

RECORDS = 200_000
"""Files inside an archive."""

PICKLE = 256 << 20
"""Bytes of the pickle inside an archive."""

HEADER = 100_000_000
"""Bytes of a safetensors header; the format's own limit."""

TIMES = 16
"""How many bytes of tensors, packed ones unpacked and shared ones counted each, a byte of the file may stand for."""

SPARE = 16 << 20
"""Bytes that any file may ask for, however small."""


class Budget:
    """What the tensors of one file may add up to.

    Parameters
    ----------
    size
        Bytes of the file.
    """

    def __init__(self, size: int) -> None:
        self.left = size * TIMES + SPARE

    def take(self, count: int) -> None:
        """Use up a number of bytes.

        Raises
        ------
        Problem
            Where they are not left.
        """
        self.left -= count
        if self.left < 0:
            raise excessive("describes tensors far larger than the file itself")
