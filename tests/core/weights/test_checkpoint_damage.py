"""Files that are cut off, damaged, or something else altogether: always a sentence, never another exception."""

import contextlib
import io
import os
import pickle
import re
import tarfile
import threading
import zipfile

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from safetensors.torch import save

from core.errors import WeightsError
from core.weights.checkpoint import CheckpointError, open_checkpoint
from core.weights.formats import limits

pytestmark = pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def scripted(module):
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(module), buffer)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def forms():
    net = torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3), torch.nn.BatchNorm2d(8), torch.nn.Linear(8, 4))
    state = net.state_dict()
    with pytest.warns(DeprecationWarning, match=r"torch\.jit"):
        script = scripted(net)
    return {
        "zip": saved(state),
        "legacy": saved(state, _use_new_zipfile_serialization=False),
        "whole": saved(net),
        "whole legacy": saved(net, _use_new_zipfile_serialization=False),
        "pickle": pickle.dumps(net),
        "arrays": pickle.dumps({key: value.numpy() for key, value in state.items()}),
        "torchscript": script,
        "safetensors": save(state),
    }


FORMS = ["zip", "legacy", "whole", "whole legacy", "pickle", "arrays", "torchscript", "safetensors"]


def refused(path, data=None):
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(WeightsError) as caught:
        open_checkpoint(path)
    message = caught.value.message
    assert message.startswith(f"“{path.name}” "), message
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 500
    assert caught.value.path == path
    return caught.value


def read_or_refused(path, data):
    """Open a file; any exception but the one for people goes through."""
    path.write_bytes(data)
    with contextlib.suppress(WeightsError):
        open_checkpoint(path)


@pytest.mark.parametrize("form", FORMS)
def test_cut_off_at_every_tenth(tmp_path, forms, form):
    data, path = forms[form], tmp_path / "cut.pt"
    for tenth in range(1, 10):
        error = refused(path, data[: len(data) * tenth // 10])
        assert error.kind == "truncated", (tenth, error.message)
        assert "ends too early" in error.message
    for end in (1, 2, 5, 8, 9, 30, len(data) - 1):
        kind = refused(path, data[:end]).kind
        # What is left of other formats after a few bytes could be anything.
        assert kind == "truncated" or (end <= 8 and data[0] != 0x80), end


@pytest.mark.parametrize("form", FORMS)
def test_a_flipped_bit_is_refused_or_read(tmp_path, forms, form):
    random = np.random.default_rng(1)
    path = tmp_path / "flipped.pt"
    for _ in range(60):
        data = bytearray(forms[form])
        data[random.integers(len(data))] ^= 1 << random.integers(8)
        read_or_refused(path, data)


def test_a_flipped_bit_among_the_numbers_of_an_archive_is_noticed(tmp_path):
    data = bytearray(saved({"w": torch.zeros(1000)}))
    data[len(data) // 2] ^= 4
    assert "not as it was saved" in refused(tmp_path / "x.pt", bytes(data)).message


@pytest.mark.parametrize("form", FORMS)
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_mutated_files_never_leave_as_anything_but_words(tmp_path, forms, form, data):
    content = bytearray(forms[form])
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(content) - 1))
        what = data.draw(st.binary(max_size=12))
        length = data.draw(st.sampled_from([0, len(what), 1, 50]))
        content[place : place + length] = what
    path = tmp_path / "mutated.pt"
    read_or_refused(path, content)


OPCODES = (
    b"(.0123FINJKLMRSTUVXabcdeghijlopqrstu)]}CBQP\n\x80\x81\x82\x85\x86\x87\x88\x8a\x8c\x8f"
    b"\x90\x91\x92\x93\x94\x95\x96\x97\x98"
)


@settings(max_examples=300, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(OPCODES), max_size=60))
def test_any_row_of_opcodes(tmp_path, codes):
    path = tmp_path / "opcodes.pt"
    read_or_refused(path, b"\x80\x04N](" + bytes(codes) + b".")


def archive(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as target:
        for name, data in files.items():
            target.writestr(name, data)
    return buffer.getvalue()


def picture(form):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8)).save(buffer, form)
    return buffer.getvalue()


def tar():
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as target:
        for name in ("storages", "tensors", "pickle"):
            target.addfile(tarfile.TarInfo(name))
    return buffer.getvalue()


def array(save_array):
    buffer = io.BytesIO()
    save_array(buffer, np.zeros(3))
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (b"", "empty", "empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "unsupported", "Git LFS pointer.*git lfs pull"),
        (b"<!DOCTYPE html><html>404</html>", "unsupported", "web page"),
        (b"\n  <html><body>Sign in</body></html>", "unsupported", "web page"),
        ("Gewichte für später".encode(), "unsupported", "a text file"),
        (b"call me back,\nwe must talk.\n", "unsupported", "a text file"),
        (b'{"error": "not found"}', "unsupported", "JSON"),
        (b'["a", "b"]', "unsupported", "JSON"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "unsupported", "HDF5.*Keras"),
        (b"GGUF\3\0\0\0" + bytes(100), "unsupported", "GGUF"),
        (b"\x08\x08\x12\x07pytorch\x1a\x052.1.0" + bytes(30), "unsupported", "ONNX"),
        (picture("PNG"), "unsupported", "a picture"),
        (picture("JPEG"), "unsupported", "a picture"),
        (picture("GIF"), "unsupported", "a picture"),
        (picture("BMP"), "unsupported", "a picture"),
        (tar(), "unsupported", "tar archive"),
        (b"\x1f\x8b\x08" + bytes(30), "unsupported", r"is a gzip archive\. Unpack it"),
        (b"%PDF-1.7" + bytes(30), "unsupported", "PDF"),
        (bytes(100), "unsupported", "never arrived"),
        (bytes(range(256)), "unsupported", "unknown kind"),
        (archive(**{"readme.txt": "hello"}), "unsupported", "zip archive without weights"),
        (archive(), "unsupported", "empty zip archive"),
        (archive(**{"m/model.json": "{}", "m/tensors/0": "x"}), "unsupported", "TorchScript"),
        (archive(**{"config.json": "{}", "model.weights.h5": "x"}), "unsupported", "Keras"),
        (archive(**{"archive/archive_format": "pt2"}), "unsupported", r"torch\.export"),
        (array(np.save), "unsupported", "NumPy array"),
        (array(np.savez), "unsupported", "NumPy arrays"),
        (pickle.dumps([1, 2, 3]), "unsupported", r"a list.*Save `model\.state_dict\(\)`"),
        (pickle.dumps(7), "unsupported", "but a number"),
        (pickle.dumps({}), "unsupported", "an empty mapping"),
        (pickle.dumps({"epoch": 3, "lr": 0.1}), "unsupported", "only 'epoch', 'lr'"),
        (pickle.dumps(threading.Barrier), "unsupported", "pickled Python objects"),
        (saved(torch.zeros(3)), "unsupported", "a single tensor"),
        (saved({"epoch": 3}), "unsupported", "only 'epoch'"),
        (saved({"w": torch.empty(3, device="meta")}), "unsupported", "only 'w'"),
    ],
)
def test_other_files_are_told_by_their_content(tmp_path, data, kind, words):
    error = refused(tmp_path / "weights für 画像.pt", data)
    assert error.kind == kind, error.message
    assert re.search(words, error.message), error.message


def test_missing_and_denied(tmp_path):
    with pytest.raises(WeightsError, match=r"There is no weights file “.*gone\.pt”\.") as caught:
        open_checkpoint(tmp_path / "gone.pt")
    assert caught.value.kind == "missing"
    if os.name == "posix" and os.geteuid():
        path = tmp_path / "locked.pt"
        path.write_bytes(b"x")
        path.chmod(0)
        assert refused(path).kind == "denied"


def test_the_hash_is_that_of_the_tensors(tmp_path):
    path = tmp_path / "changing.pt"
    path.write_bytes(saved({"w": torch.zeros(5)}))
    found = open_checkpoint(path)
    path.write_bytes(saved({"w": torch.ones(5)}))
    assert found.content["w"].sum() == 0
    assert open_checkpoint(path).sha256 != found.sha256


def test_a_file_that_is_written_into_meanwhile_is_refused(tmp_path, monkeypatch):
    from core.weights.formats import source

    path = tmp_path / "changing.pt"
    path.write_bytes(saved({"w": torch.zeros(5)}))
    states = iter([(0, path.stat().st_size), (1, path.stat().st_size)])
    monkeypatch.setattr(source, "_state", lambda file: next(states))
    assert "changed while it was being read" in refused(path).message


@pytest.mark.parametrize("form", FORMS)
def test_large_files_are_mapped_and_never_written(tmp_path, forms, form, monkeypatch):
    path = tmp_path / "large.pt"
    path.write_bytes(forms[form])
    expected = open_checkpoint(path)
    monkeypatch.setattr(limits, "IN_MEMORY", 0)
    found = open_checkpoint(path)
    assert found.sha256 == expected.sha256
    for key, value in expected.content.items():
        assert torch.equal(found.content[key], value)
        found.content[key].fill_(1)
    assert path.read_bytes() == forms[form]


def test_an_error_carries_what_was_learnt(tmp_path):
    path = tmp_path / "cut.pt"
    path.write_bytes(pickle.dumps(torch.nn.Linear(1, 1))[:-3])
    with pytest.raises(CheckpointError) as caught:
        open_checkpoint(path)
    assert "torch.nn.modules.linear.Linear" in caught.value.globals
    assert caught.value.executes_code
    assert caught.value.format == "torch-legacy"
