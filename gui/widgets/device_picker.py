"""Picks the device that computes."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from core.types import DeviceInfo
from gui.widgets.picker import Picker

AUTO = "auto"


def describe(device: DeviceInfo) -> str:
    """Name a device with its free memory: "CPU · 12.3 GB free"."""
    if device.free_bytes is None:
        return device.name
    return f"{device.name} · {device.free_bytes / 1e9:.1f} GB free"


class DevicePicker(Picker):
    """ "Auto", then every device; the data of an item is "auto" or ``DeviceInfo.id``."""

    device_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown = AUTO
        self.setObjectName("devicePicker")
        self.setAccessibleName("Device")
        self.set_devices(())
        self.activated.connect(self._choose)

    def set_devices(self, devices: tuple[DeviceInfo, ...]) -> None:
        """List other devices; what is shown stays."""
        blocked = self.blockSignals(True)
        self.entries.clear()
        self.add("Auto", AUTO, tip="The fastest device that works")
        for device in devices:
            total = f" of {device.total_bytes / 1e9:.1f} GB" if device.total_bytes is not None else ""
            self.add(describe(device), device.id, tip=f"{describe(device)}{total} ({device.id})")
        self.blockSignals(blocked)
        self.show_device(self._shown)

    def show_device(self, device: str, running: str = "") -> None:
        """Show a device without telling anybody; ``running`` is the one that the model is on now."""
        self._shown = device
        row = self.find(device)
        if row < 0:
            self.add(device, device)
            row = self.count() - 1
        self.show_row(row)
        tip = self.entries.item(row).toolTip() or device
        self.setToolTip(f"Device: {tip}" + (f", now on {running}" if running else ""))

    @Slot(int)
    def _choose(self, row: int) -> None:
        self._shown = self.itemData(row)
        self.device_chosen.emit(self._shown)
