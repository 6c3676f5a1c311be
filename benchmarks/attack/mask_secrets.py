"""Scores the masking of secrets: how many of those in secrets.json any output shows, and how much that is harmless is gone.

    python benchmarks/attack/mask_secrets.py [--unmasked]

With --unmasked nothing is masked: that tells how many cases an output shows at all. A harmless text that no output shows
even then is not counted. (It is not called secrets.py: beside a script of that name Python's own `secrets` is hidden.)
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from unittest.mock import patch

from secret_cases import Case, cases, shows, told

from trainlint.parsers.secrets import masking, settings
from trainlint.parsers.secrets.keys import Suspicion


def unmasked(case: Case) -> str:
    """All that would be told of a case if nothing were masked."""
    with (
        patch.object(masking, "_remembered", str),
        patch.object(masking, "_masked", str),
        patch.object(settings, "suspicion_of", lambda _: Suspicion.NONE),
    ):
        return told(case)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unmasked", action="store_true")
    options = parser.parse_args()
    started = time.process_time()
    shown: Counter[str] = Counter()
    gone: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for case in cases():
        outputs = unmasked(case) if options.unmasked else told(case)
        kind = f"{case.corpus} {'secret' if case.secret else 'harmless'}"
        total[kind] += 1
        if case.secret and (found := shows(outputs, case.secret)):
            shown[kind] += 1
            print(f"{case.id} ({case.kind}): shown {found}")
        missing = len(case.keep) - len(shows(outputs, case.keep)) if not case.secret else 0
        if missing and shows(unmasked(case), case.keep):
            gone[kind] += 1
            print(f"{case.id} ({case.kind}): gone {case.keep}")
    for kind, count in sorted(total.items()):
        print(f"{kind:<18} {count:>4}   shown {shown[kind]:>3}   masked although harmless {gone[kind]:>3}")
    print(f"{time.process_time() - started:.0f} CPU seconds")


if __name__ == "__main__":
    main()
