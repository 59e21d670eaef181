import pytest
import torch

from core.errors import DeviceError
from core.inference import devices
from core.inference.devices import choose, is_out_of_memory, list_devices
from core.inference.fallback import run_with_fallback


def test_the_cpu_is_always_there_and_named():
    cpu = list_devices()[-1]
    assert cpu.id == "cpu"
    assert cpu.name
    if cpu.free_bytes is not None and cpu.total_bytes is not None:
        assert 0 < cpu.free_bytes <= cpu.total_bytes


def test_auto_takes_the_first_device_that_works():
    device, notices = choose("auto")
    assert str(device) in {info.id for info in list_devices()}
    if not torch.cuda.is_available() and not torch.backends.mps.is_available():
        assert (str(device), notices) == ("cpu", ())


def test_an_unknown_device_is_answered_with_those_there_are():
    with pytest.raises(DeviceError, match=r"no device “cuda:9”.*auto.*cpu"):
        choose("cuda:9")


def test_a_device_that_does_not_work_is_named_and_passed_over(monkeypatch):
    gpu = devices.DeviceInfo("cuda:99", "Old GPU", None, None)
    monkeypatch.setattr(devices, "list_devices", lambda: (gpu, devices.DeviceInfo("cpu", "CPU", None, None)))
    for asked in ("auto", "cuda:99"):
        device, notices = choose(asked)
        assert device.type == "cpu"
        assert notices[0].startswith("Old GPU (cuda:99) cannot be used: ")


def test_what_out_of_memory_looks_like():
    assert is_out_of_memory(torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2 GiB"))
    assert is_out_of_memory(RuntimeError("MPS backend out of memory (MPS allocated: 9 GB)"))
    assert is_out_of_memory(RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"))
    assert not is_out_of_memory(RuntimeError("shapes do not match"))
    assert not is_out_of_memory(ValueError("out of memory"))


def test_out_of_memory_on_a_gpu_goes_on_on_the_cpu_and_says_so():
    tried = []

    def work(device):
        tried.append(device.type)
        if device.type == "meta":
            raise torch.OutOfMemoryError("out of memory")
        return torch.ones(2, device=device)

    ran = run_with_fallback(work, torch.device("meta"))
    assert tried == ["meta", "cpu"]
    assert ran.device.type == ran.result.device.type == "cpu"
    assert "memory of meta is full" in ran.notices[0]


@pytest.mark.parametrize(
    ("device", "error"), [("cpu", torch.OutOfMemoryError("x")), ("meta", RuntimeError("x")), ("meta", ValueError("x"))]
)
def test_other_errors_are_raised_as_they_are(device, error):
    def work(device):
        raise error

    with pytest.raises(type(error)) as caught:
        run_with_fallback(work, torch.device(device))
    assert caught.value is error
