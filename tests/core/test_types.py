"""The words of the program are found in ``core.types``, each in the part that it belongs to."""

import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module

import pytest

import core.types
from tests.helpers.shared_data import ROOT

PARTS = [part.name for part in pkgutil.iter_modules(core.types.__path__)]


@pytest.mark.parametrize("part", PARTS)
def test_every_class_and_function_of_a_part_is_a_word_of_the_program(part):
    module = import_module(f"core.types.{part}")
    made = [value for value in vars(module).values() if inspect.isclass(value) or inspect.isfunction(value)]
    own = {value.__name__ for value in made if value.__module__ == module.__name__ and not value.__name__.startswith("_")}
    assert own <= set(dir(core.types))
    assert all(getattr(core.types, name) is getattr(module, name) for name in own)


def test_every_word_is_there_and_no_other():
    assert all(getattr(core.types, name) is not None for name in dir(core.types))
    with pytest.raises(AttributeError, match="NoSuchWord"):
        _ = core.types.NoSuchWord
    with pytest.raises(ImportError, match="NoSuchWord"):
        exec("from core.types import NoSuchWord")


def test_a_part_is_imported_when_it_is_asked_for():
    code = "import sys\nfrom core.types import ModelSpec\nassert 'core.types.model' in sys.modules\n"
    code += "assert 'core.types.training' not in sys.modules and 'core.types.requests' not in sys.modules\n"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
