"""Compare the branches that the tests ran with pyproject.toml's `fail_under`.

Coverage's own check is of lines and branches together, where many lines hide few branches.
"""

import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from coverage import Coverage


def check(totals: dict[str, Any], least: float) -> str:
    """Give the share of branches in a sentence; SystemExit with it if that is below `least` per cent."""
    percent = totals["percent_branches_covered"]
    sentence = f"branches: {totals['covered_branches']} of {totals['num_branches']} ran, {percent:.1f} %"
    if percent < least:
        sys.exit(f"{sentence}; at least {least:g} % must. `coverage report` lists what is missing.")
    return sentence


def main() -> None:
    """Check what was measured last."""
    measured = Coverage()
    measured.load()
    with TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        measured.json_report(outfile=str(report))
        totals = json.loads(report.read_text())["totals"]
    sys.stdout.write(check(totals, float(str(measured.get_option("report:fail_under")))) + "\n")


if __name__ == "__main__":
    main()
