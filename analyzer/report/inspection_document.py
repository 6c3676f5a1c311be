"""What `trainlint inspect --format json` prints, made from what was found and how it is interpreted."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from ... import __version__
from ...parsers.secrets import masked_path
from ..judging.advice import advices_of, shortages_of
from .config_notice import configuration_entry
from .document import identity_entry, metric_entry, note_entry
from .json_text import scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...parsers.run import Curve
    from ...rules.view.run_view import RunView
    from ..config.options import Config
    from ..judging.judgement import Verdict
    from ..reading.discover import Discovery
    from .inspection import AxisEntry, InspectedRun, Inspection

SCHEMA: Final = "trainlint-inspection/1"


def inspection_document(found: Discovery, entries: Sequence[InspectedRun], config: Config) -> Inspection:
    """The document of all that was found, schema `trainlint-inspection/1`; `entries` are of its runs."""
    return {
        "schema": SCHEMA,
        "version": __version__,
        "root": masked_path(str(found.root)),
        "configuration": configuration_entry(config),
        "runs": list(entries),
        "unreadable": [note_entry(note) for note in found.unreadable],
        "passed_over": [note_entry(note) for note in found.skipped],
    }


def inspection_entry(view: RunView, verdicts: Mapping[str, Verdict]) -> InspectedRun:
    """One run for programs; only JSON types, no NaN. Names of a metric are those of report.json."""
    run = view.run
    return {
        **identity_entry(run),
        "files": [{"path": s.path, "format": s.format, "size": s.size, "use": s.use} for s in run.sources],
        "notes": [note_entry(note) for note in run.notes],
        "hyperparameters": {key: scalar(value) for key, value in run.hyperparameters.items()},
        "axes": axis_entries(run.all_curves),
        "metrics": [metric_entry(curve) for curve in run.all_curves],
        "missing": [
            {"what": a.what, "rules": a.rules, "lines": [{"framework": f, "line": line} for f, line in a.lines]}
            for a in advices_of(view, verdicts)
        ],
        "insufficient": [{"reason": reason, "rules": rules} for reason, rules in shortages_of(verdicts).items()],
    }


def axis_entries(curves: Sequence[Curve]) -> list[AxisEntry]:
    """The axes of a run, those of most metrics first."""
    counts = Counter((curve.axis, curve.axis_reason) for curve in curves)
    return [{"axis": axis, "reason": reason, "metrics": count} for (axis, reason), count in counts.most_common()]
