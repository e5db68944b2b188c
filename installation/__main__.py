"""What this installation has and lacks, and how to complete it: ``python3 -m semcom.installation``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from semcom.installation import private_packages, report
from semcom.installation.private_packages import FetchError


def main() -> int:
    """Exit status 0 when the modem blocks can run, 1 when something they need is missing or could not be brought."""
    options = argparse.ArgumentParser(prog="python3 -m semcom.installation", description=__doc__)
    options.add_argument(
        "--fetch",
        nargs="*",
        metavar="PROJECT",
        help="bring what the distribution lacks (or these) into a private folder",
    )
    options.add_argument("--into", type=Path, metavar="FOLDER", help="another private folder than the default")
    options.add_argument("--prefix", metavar="FOLDER", help=argparse.SUPPRESS)  # of an installation under DESTDIR
    given = options.parse_args()
    private_packages.use()
    status = 0
    if given.fetch is not None:
        wanted = report.lacking(given.fetch)
        try:
            folder = private_packages.fetch(wanted, given.into) if wanted else None
            print(f"private packages in {folder}: {' '.join(wanted)}" if folder else "nothing to bring: all is there")
        except FetchError as error:
            print(f"semcom: {error}", file=sys.stderr)
            status = 1
        private_packages.use()
    lines = list(report.lines())
    print("\n".join(lines))
    return status or int(not report.modem_runs())


if __name__ == "__main__":
    sys.exit(main())
