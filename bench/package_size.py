"""What does the packaged program weigh, and what makes it up?

The peer is what it was made of: the packages as they are installed in build/package-venv. Prints one JSON object; sizes are in
megabytes of 1,000,000 bytes. `make package` comes first.

    python bench/package_size.py [--output FILE]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools" / "package"))

import size  # noqa: E402

PROGRAM = ROOT / "dist" / "layerscope"
INSTALLED = ROOT / "build" / "package-venv"
LIMITS = {"unpacked": 580.0, "compressed": 165.0}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the result to a file, too")
    options = parser.parse_args()
    if not PROGRAM.is_dir():
        print("There is no packaged program in dist: `make package` builds it.", file=sys.stderr)
        return 0
    result = json.dumps(measure(), indent=1)
    print(result)
    if options.output:
        options.output.write_text(result + "\n", encoding="utf-8")
    return 0


def measure() -> dict[str, object]:
    parts = size.measure(PROGRAM)
    compressed, debian = newest("layerscope-*.tar.xz"), newest("layerscope_*.deb")
    installed = sum(path.stat().st_size for path in INSTALLED.rglob("*") if path.is_file() and not path.is_symlink())
    unpacked = sum(parts.values())
    return {
        "unpacked_mb": round(unpacked, 1),
        "compressed_mb": compressed,
        "debian_mb": debian,
        "parts_mb": {name: round(part, 1) for name, part in parts.items()},
        "files": sum(path.is_file() for path in PROGRAM.rglob("*")),
        "installed_mb": round(installed / size.MEGABYTE, 1) if installed else None,
        "limits_mb": LIMITS,
        "within_limits": unpacked <= LIMITS["unpacked"] and (compressed is None or compressed <= LIMITS["compressed"]),
    }


def newest(pattern: str) -> float | None:
    """Megabytes of the youngest archive of a name; None where there is none."""
    archives = sorted(PROGRAM.parent.glob(pattern), key=lambda path: path.stat().st_mtime)
    return round(archives[-1].stat().st_size / size.MEGABYTE, 1) if archives else None


if __name__ == "__main__":
    raise SystemExit(main())
