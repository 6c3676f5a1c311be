"""Every report and every inspection that a test makes, and every entry of a run, is held against the published JSON Schema.

They are made by three functions. These are replaced here, before any test imports them by name; what worker processes make
comes back into a report of this process.

The inputs that hypothesis makes are the same in each run: what a change breaks is then the change's, and `benchmarks/attack`
is where new inputs are tried.
"""

from functools import wraps

from hypothesis import HealthCheck, settings
from jsonschema import Draft202012Validator

from trainlint.analyzer.across import document as reports
from trainlint.analyzer.report import document as entries
from trainlint.analyzer.report import inspection_document as inspections
from trainlint.analyzer.report.inspection import Inspection
from trainlint.analyzer.report.json_schema import json_schema
from trainlint.analyzer.report.schema import Report

UNHEALTHY = (HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large)
settings.register_profile("trainlint", deadline=None, derandomize=True, suppress_health_check=UNHEALTHY)
settings.load_profile("trainlint")

MOST_METRICS = 1_000  # of a run or of a report, about 0.3 ms each; what is beyond is like them
SCHEMA = json_schema(Report, title="trainlint-report/1")
OF_REPORT = Draft202012Validator(SCHEMA)
OF_INSPECTION = Draft202012Validator(json_schema(Inspection, title="trainlint-inspection/1"))
OF_RUN = Draft202012Validator({"$ref": "#/$defs/RunEntry", "$defs": SCHEMA["$defs"]})


def _hold(validator, document):
    faults = [
        f"{'/'.join(map(str, fault.absolute_path))}: {fault.message[:300]}" for fault in validator.iter_errors(document)
    ]
    assert not faults, f"not as its schema says: {faults[:5]}"


def _some(runs):
    """Runs with no more than so many metrics in all."""
    left = MOST_METRICS
    for run in runs:
        yield run | {"metrics": run["metrics"][:left]}
        left -= min(left, len(run["metrics"]))
        if not left:
            return


def _checked(make, validator, some):
    @wraps(make)
    def checked(*arguments, **options):
        made = make(*arguments, **options)
        _hold(validator, some(made))
        return made

    return checked


entries.run_entry = _checked(entries.run_entry, OF_RUN, lambda run: next(_some([run])))
reports.document = _checked(reports.document, OF_REPORT, lambda report: report | {"runs": list(_some(report["runs"]))})
inspections.inspection_document = _checked(
    inspections.inspection_document, OF_INSPECTION, lambda made: made | {"runs": list(_some(made["runs"]))}
)
