"""How often each rule alarms on healthy runs under each kind of noise, counted on so many that small rates show.

    python benchmarks/noise_runs.py --keep counts.jsonl    # 10,000 runs of each; started again, it goes on from there

Writes rules/measured.json and docs/accuracy.md. The runs are those of `benchmarks/accuracy.py`, of the families that
differ by their noise alone. Limits are those of Clopper and Pearson at 95%.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from parts import counted, parts_of
from rates import Rate

from trainlint.rules.base import Severity
from trainlint.rules.code_hash import code_hash
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from rates import Tally

ROOT = Path(__file__).parents[1]
FAMILIES = ("white-noise", "ar-0.6", "ar-0.9", "heavy-tails", "heteroscedastic", "running-mean")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=10_000, help="runs of each kind of noise (10,000)")
    parser.add_argument("--jobs", type=int, default=2, help="processes (2)")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="keep what was counted, and go on from it")
    options = parser.parse_args()
    names = frozenset(rule.id for rule in RULES)
    parts = [part for part in parts_of(options.runs, 0, names, first_seed=1) if part.family in FAMILIES]
    try:
        tally = counted(parts, names, jobs=options.jobs, kept=options.keep)
    except ValueError as error:
        parser.error(str(error))
    sys.path.insert(0, str(ROOT / "docs"))
    from accuracy_page import rewritten

    file, page = ROOT / "rules" / "measured.json", ROOT / "docs" / "accuracy.md"
    whole = json.loads(file.read_text(encoding="utf-8")) | {"noise": document(tally, options.runs)}
    file.write_text(json.dumps(whole, indent=1) + "\n", encoding="utf-8")
    page.write_text(rewritten(page.read_text(encoding="utf-8"), whole), encoding="utf-8")
    return 0


def document(tally: Tally, runs: int) -> dict[str, Any]:
    """What was measured, as it stands in rules/measured.json under "noise"; rules that only explain are left out."""
    judged = [rule.id for rule in RULES if rule.severity > Severity.INFO]
    families: dict[str, Any] = {}
    for family in FAMILIES:
        counts = {rule: tally.healthy[rule, family, "runs"] for rule in judged}
        families[family] = {
            "any": Rate(tally.alarmed[family, "alarm"], tally.alarmed[family, "runs"]).entry(),
            "rules": {
                rule: {
                    "errors": Rate(tally.healthy[rule, family, "error"], count).entry(),
                    "alarms": Rate(tally.healthy[rule, family, "alarm"], count).entry(),
                }
                for rule, count in counts.items()
                if count
            },
        }
    codes = {rule.id: code_hash(rule.check) for rule in RULES}
    return {"runs_a_family": runs, "families": families, "code": codes}


if __name__ == "__main__":
    sys.exit(main())
