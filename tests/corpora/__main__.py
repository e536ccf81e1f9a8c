"""Develops every file of folders: `python -m tests.corpora /usr/share/backgrounds`. Exits with 1 over any fault."""

import argparse
import asyncio
import sys
from pathlib import Path

from tests.corpora.run import Report, develop_all, lines


def main() -> None:
    """Exit with 1 if a child died or hung, a print was wrong, or an image ended in a fault of ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpora", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, help="folders, or files, of images")
    report: Report = asyncio.run(develop_all(parser.parse_args().folders))
    print("\n".join(lines(report)))  # noqa: T201 - a command's answer
    sys.exit(bool(report.faults))


if __name__ == "__main__":
    main()
