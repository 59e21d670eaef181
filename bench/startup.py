"""How long until the window is on the screen, and until the first picture is answered?

Alternates, each in a fresh process: an empty PySide6 window (peer of ours), ``import torch`` and one forward pass of the
built-in model (peer of our first answer), and the program: from source, and frozen where a binary is found. The first round
only warms the page cache. Times count from the start of the process. Prints one JSON object with medians and ratios.

    python bench/startup.py [--rounds 7] [--binary PATH] [--output FILE]
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BINARY = ROOT / "dist" / "layerscope" / "layerscope"
CARD = ROOT / "resources" / "builtin" / "model.json"
WINDOW_RATIO, WINDOW_EXTRA_MS, ANSWER_RATIO, GAP_MS = 1.3, 120.0, 1.25, 90.0
PATIENCE = 120.0

EMPTY = """
import sys, time
from PySide6.QtCore import QEvent, QTimer
from PySide6.QtWidgets import QApplication, QWidget
class Window(QWidget):
    def event(self, event):
        if event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, app.quit)
        return super().event(event)
app = QApplication(sys.argv)
window = Window()
window.resize(1280, 800)
window.show()
app.exec()
print(time.monotonic(), flush=True)
"""
FORWARD = """
import time
import torch
from core.zoo.compact_vgg import compact_vgg
with torch.inference_mode():
    compact_vgg(102).eval()(torch.zeros(1, 3, SIDE, SIDE))
print(time.monotonic(), flush=True)
"""


def peer(code: str, environment: dict[str, str]) -> float:
    began = time.monotonic()
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return 1000 * (float(done.stdout) - began)


def program(command: list[str], environment: dict[str, str], folder: Path) -> dict[str, Any]:
    """Start the program, wait for its moments, and end it."""
    target = folder / "moments.json"
    target.unlink(missing_ok=True)
    began = time.monotonic()
    process = subprocess.Popen([*command, "--no-restore"], cwd=ROOT, env={**environment, "LAYERSCOPE_TIMING": str(target)})
    try:
        while not target.exists():
            if process.poll() is not None or time.monotonic() - began > PATIENCE:
                raise SystemExit(f"{command[0]} gave no answer (exit status {process.returncode})")
            time.sleep(0.02)
        found = json.loads(target.read_text(encoding="utf-8"))
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        process.wait()
    return {
        "window_ms": 1000 * (found["painted"] - began),
        "filled_ms": 1000 * (found["filled"] - began),
        "answer_ms": 1000 * (found["answered"] - began),
        "gap_ms": found["longest_gap_ms"],
        "gap_at_ms": 1000 * (found["gap_at"] - began),
        "gap_after_ms": found["gap_after_ms"],
        "steps_ms": {name: 1000 * (moment - began) for name, moment in found["steps"].items()},
    }


def judged(rounds: list[dict[str, Any]], empty: list[float], forward: list[float]) -> dict[str, object]:
    """Medians and best times; a ratio is the median of those of each round, whose peers ran beside it."""
    names = ("window_ms", "filled_ms", "answer_ms", "gap_ms", "gap_after_ms")
    found: dict[str, object] = {name: median(each[name] for each in rounds) for name in names}
    found["best"] = {name: min(each[name] for each in rounds) for name in names}
    found["steps_ms"] = {name: round(median(each["steps_ms"][name] for each in rounds)) for name in rounds[0]["steps_ms"]}
    over = median(each["window_ms"] - WINDOW_RATIO * peer for each, peer in zip(rounds, empty, strict=True))
    ratio = median(each["answer_ms"] / peer for each, peer in zip(rounds, forward, strict=True))
    return {
        **found,
        "window_over_1.3_empty_ms": over,
        "window_within": over <= WINDOW_EXTRA_MS,
        "answer_ratio": ratio,
        "answer_within": ratio <= ANSWER_RATIO,
        "gap_within": median(max(each["gap_ms"], each["gap_after_ms"]) for each in rounds) <= GAP_MS,
        "rounds": rounds,
    }


def measure(rounds: int, binary: Path | None) -> dict[str, object]:
    card = json.loads(CARD.read_text(encoding="utf-8"))
    forward_code = FORWARD.replace("SIDE", str(card["preprocessing"]["crop"]))
    commands = {"source": [sys.executable, "-m", "gui"]} | ({"frozen": [str(binary)]} if binary is not None else {})
    empty, forward = [], []
    ours: dict[str, list[dict[str, Any]]] = {name: [] for name in commands}
    with tempfile.TemporaryDirectory() as name:
        environment = {"QT_QPA_PLATFORM": "offscreen", "OMP_WAIT_POLICY": "PASSIVE", **os.environ, "LAYERSCOPE_HOME": name}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)  # warm means compiled, too
        environment["PYTHONPYCACHEPREFIX"] = str(Path(name, "bytecode"))
        for number in range(rounds + 1):
            found = peer(EMPTY, environment), peer(forward_code, environment)
            times = {key: program(command, environment, Path(name)) for key, command in commands.items()}
            if number == 0:
                continue
            empty.append(found[0])
            forward.append(found[1])
            for key, each in times.items():
                ours[key].append(each)
    peers = {"empty_window_ms": empty, "import_and_forward_ms": forward}
    return {"benchmark": "startup", "rounds": rounds, **{name: median(times) for name, times in peers.items()},
            "best": {name: min(times) for name, times in peers.items()},
            **{key: judged(each, empty, forward) for key, each in ours.items()}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--binary", type=Path, default=BINARY if BINARY.is_file() else None)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    if options.binary is not None and not options.binary.is_file():
        parser.error(f"there is no program at {options.binary}")
    result = json.dumps(measure(options.rounds, options.binary), indent=1)
    print(result)
    if options.output is not None:
        options.output.write_text(result + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
