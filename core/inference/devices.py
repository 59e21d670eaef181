"""The devices that torch can use here, and the choice among them."""

from __future__ import annotations

import ctypes
import os
import platform
import re
import subprocess
from pathlib import Path

import torch

from core.errors import DeviceError
from core.types import DeviceInfo

AUTO = "auto"


def list_devices() -> tuple[DeviceInfo, ...]:
    """List every CUDA device, MPS and the CPU, in the order in which "auto" prefers them.

    Free and total memory are in bytes, None where the system does not say; those of the CPU are the memory that
    programs can still get and the memory installed.
    """
    return (*_cuda_devices(), *_mps_device(), DeviceInfo("cpu", _processor(), *_memory()))


def free_bytes(device: torch.device) -> int | None:
    """Return the memory of a device that can still be had, in bytes; None where the system does not say."""
    if device.type == "cuda":
        return _cuda_device(device.index or 0).free_bytes
    if device.type == "mps":
        return _mps_device()[0].free_bytes
    return _memory()[0]


def choose(device: str) -> tuple[torch.device, tuple[str, ...]]:
    """Choose the device that a person asked for, or the best one that works.

    Parameters
    ----------
    device
        ``"auto"`` (CUDA, then MPS, then the CPU) or a :class:`DeviceInfo` id; ``cuda`` stands for ``cuda:0``.

    Returns
    -------
    The device, and sentences about anything that turned out otherwise: a GPU that does not work with this build of
    torch is named with the reason, and the CPU is taken.

    Raises
    ------
    DeviceError
        If there is no such device.
    """
    here = list_devices()
    wanted = "cuda:0" if device == "cuda" else device
    if wanted != AUTO and wanted not in {info.id for info in here}:
        there = ", ".join(f"{info.id} ({info.name})" for info in here)
        raise DeviceError(f"There is no device “{device}”. There are: auto, {there}.")
    notices: list[str] = []
    for info in here:
        if wanted not in {AUTO, info.id}:
            continue
        reason = probe(torch.device(info.id))
        if not reason:
            return torch.device(info.id), tuple(notices)
        notices.append(f"{info.name} ({info.id}) cannot be used: {reason}. The model runs on another device.")
    return torch.device("cpu"), tuple(notices)


def probe(device: torch.device) -> str:
    """Run a tiny convolution on a device; return why it does not work, or "" if it does."""
    if device.type == "cpu":
        return ""
    try:
        with torch.inference_mode():
            result = torch.nn.functional.conv2d(
                torch.ones(1, 1, 4, 4, device=device), torch.ones(1, 1, 3, 3, device=device)
            )
            if float(result.sum().cpu()) != 36.0:
                return "a test calculation gave a wrong result"
    except (RuntimeError, AssertionError) as error:
        words = str(error)
        if "no kernel image" in words:
            return "this build of torch has no code for it (the GPU is too old or too new)"
        if is_out_of_memory(error):
            return "its memory is full"
        return words.strip().splitlines()[0][:160] if words.strip() else type(error).__name__
    return ""


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an error means that the memory of a device is used up, in the words of torch, cuDNN, cuBLAS or MPS."""
    if isinstance(error, torch.OutOfMemoryError):
        return True
    words = str(error)
    return isinstance(error, RuntimeError) and ("out of memory" in words or "ALLOC_FAILED" in words)


def _cuda_devices() -> tuple[DeviceInfo, ...]:
    if not torch.cuda.is_available():
        return ()
    return tuple(_cuda_device(index) for index in range(torch.cuda.device_count()))


def _cuda_device(index: int) -> DeviceInfo:
    free: int | None = None
    total: int | None = None
    try:
        name = torch.cuda.get_device_name(index)
        free, total = torch.cuda.mem_get_info(index)
    except (RuntimeError, AssertionError):  # another process can hold it exclusively
        name = f"GPU {index}"
    return DeviceInfo(f"cuda:{index}", name, free, total)


def _mps_device() -> tuple[DeviceInfo, ...]:
    if not torch.backends.mps.is_available():
        return ()
    total = int(torch.mps.recommended_max_memory())
    return (DeviceInfo("mps", f"{_processor()} GPU", total - int(torch.mps.driver_allocated_memory()), total),)


def _processor() -> str:
    """The processor's name as its maker writes it."""
    system, name = platform.system(), ""
    if system == "Linux":
        found = re.search(r"^(?:model name|Hardware|Model)\s*:\s*(.+)$", _text("/proc/cpuinfo"), re.MULTILINE)
        name = found.group(1) if found else ""
    elif system == "Darwin":
        name = _command("sysctl", "-n", "machdep.cpu.brand_string")
    elif system == "Windows":
        name = os.environ.get("PROCESSOR_IDENTIFIER", "")
    return " ".join(name.split()) or platform.processor() or platform.machine() or "CPU"


def _memory() -> tuple[int | None, int | None]:
    """(free, total) bytes of the system."""
    system = platform.system()
    if system == "Linux":
        sizes = dict(re.findall(r"^(\w+):\s*(\d+) kB$", _text("/proc/meminfo"), re.MULTILINE))
        free, total = (int(sizes[key]) * 1024 if key in sizes else None for key in ("MemAvailable", "MemTotal"))
        return free, total
    if system == "Darwin":
        total_text = _command("sysctl", "-n", "hw.memsize")
        return None, int(total_text) if total_text.isdecimal() else None
    return _windows_memory() if system == "Windows" else (None, None)


def _windows_memory() -> tuple[int | None, int | None]:
    class MemoryStatus(ctypes.Structure):
        """MEMORYSTATUSEX of the Windows API."""

        _fields_ = (
            ("length", ctypes.c_uint32),
            ("load", ctypes.c_uint32),
            ("total", ctypes.c_uint64),
            ("free", ctypes.c_uint64),
            ("rest", ctypes.c_uint64 * 5),
        )

    status = MemoryStatus(length=ctypes.sizeof(MemoryStatus))
    kernel32 = getattr(ctypes, "windll").kernel32  # noqa: B009 - exists on Windows only
    if not kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return None, None
    return int(status.free), int(status.total)


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _command(*arguments: str) -> str:
    try:
        return subprocess.run(arguments, capture_output=True, text=True, timeout=5, check=False).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return ""
