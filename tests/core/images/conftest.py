from __future__ import annotations

from types import ModuleType

import pytest

from core.zoo import backend


@pytest.fixture(scope="session")
def torchvision() -> ModuleType:
    """The peer, imported the way the program does it."""
    backend.weights_entries("squeezenet1_1")
    import torchvision

    return torchvision
