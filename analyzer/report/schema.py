"""The types of report.json, schema `trainlint-report/1`: every field with its meaning, its unit, and when it is null.

`json_schema.py` generates the JSON Schema in the documentation from these types. Within a major version fields are added,
never renamed or removed. A number that is not finite is the string "nan", "inf" or "-inf", since JSON has none. An audit
imports nothing from here: the types serve type checkers and the schema.
"""
# `json_schema.py` evaluates the annotations, so they are not postponed and their names are imported.

from typing import Annotated, Literal, NotRequired, TypeAlias, TypedDict

from ...parsers.run import Axis, Direction, KnownTask, Role, Split
from ...rules.base import Outcome, Question
from ..judging.judgement import Status
from .insights_schema import InsightsEntry
from .studies_schema import StudyEntry

SeverityName: TypeAlias = Literal["info", "warning", "error"]
NotFinite: TypeAlias = Literal["nan", "inf", "-inf"]
Number: TypeAlias = float | NotFinite
Scalar: TypeAlias = bool | int | float | str | None  # a string if a float is not finite


class NoteEntry(TypedDict):
    """A note on a file: what was skipped, lost, thinned or limited."""

    path: Annotated[str, "file, relative to `root`; the name of the run if the note is about no single file"]
    where: Annotated[str, "place in the file, such as a line number; empty if there is none"]
    message: Annotated[str, "what happened"]
    left_out: NotRequired[
        Annotated[
            Literal["rows", "middle", "end"],
            "what is missing: `rows` that were thinned, the `middle` or the `end` of the file that was not read; absent if all "
            "was read",
        ]
    ]
    fault: NotRequired[
        Annotated[Literal[True], "the parser, or the page of the run, raised an exception; absent otherwise"]
    ]


class FileEntry(TypedDict):
    """A file or run that could not be read."""

    path: Annotated[str, "file relative to `root`, or name of the run; empty or `.` for `root` itself"]
    reason: Annotated[str, "why it could not be read"]


class MetricEntry(TypedDict):
    """One curve of a run; its range is over finite values."""

    tag: Annotated[str, "name in the log; with its statistic if it was computed from histograms"]
    role: Annotated[Role, "what it measures; `unknown` if that is not known"]
    split: Annotated[Split, "split of the data; `none` if it belongs to no split or none is known"]
    layer: Annotated[str, "layer of the network; empty if it belongs to none"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better; `unknown` otherwise"]
    reason: Annotated[str, "why role and split were assigned"]
    axis: Annotated[Axis, "unit of its steps"]
    points: Annotated[int, "number of points, including points that a restart overwrote"]
    first_step: Annotated[int | None, "step of the point logged first, on `axis`; null if it has no points"]
    last_step: Annotated[int | None, "step of the point logged last, on `axis`; null if it has no points"]
    min: Annotated[float | None, "smallest finite value; null if there is none"]
    max: Annotated[float | None, "largest finite value; null if there is none"]
    last: Annotated[float | None, "finite value logged last; null if there is none"]
    non_finite: Annotated[int, "number of values that are NaN or infinite"]


class HeadlineEntry(TypedDict):
    """The main metric of a run: its best and its last value."""

    metric: Annotated[str, "tag of the metric"]
    split: Annotated[Split, "split of the metric"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    axis: Annotated[Axis, "unit of its steps"]
    best: Annotated[float, "best finite value"]
    best_step: Annotated[int, "step of the best value, on `axis`"]
    final: Annotated[Number, "last value; a text if it is not finite"]
    first_step: Annotated[int, "first step, on `axis`, without points that a restart overwrote"]
    last_step: Annotated[int, "last step, on `axis`, without points that a restart overwrote"]
    steps_after_best: Annotated[int, "`last_step` minus `best_step`"]
    seconds: Annotated[
        float | None, "wall time from its first to its last point, in seconds; null if the log has no wall times"
    ]
    seconds_after_best: Annotated[
        float | None, "wall time after the best value, in seconds; null if the log has no wall times"
    ]


class OnsetEntry(TypedDict):
    """The earliest step at which a finding could have been made."""

    step: Annotated[int, "first step, on the axis of the metric, at which the rule fires on the log up to that step"]
    steps_after: Annotated[int, "steps, epochs or rows from there to the end of the run"]
    share_after: Annotated[float, "the same as a share of the run, 0 to 1"]
    seconds_after: Annotated[
        float | None, "wall time from there to the end of the run, in seconds; null if the log has no wall times"
    ]


class FindingEntry(TypedDict):
    """What a rule found in a run."""

    rule: Annotated[str, "id of the rule"]
    severity: Annotated[SeverityName, "severity of the finding"]
    confidence: Annotated[float, "probability that the finding is true, 0 to 1, calibrated on runs with known faults"]
    cause_confidence: Annotated[
        float | None,
        "probability that it is true and names the fault, not a consequence, 0 to 1; null if it was not determined",
    ]
    title: Annotated[str, "title of the fault"]
    message: Annotated[str, "one sentence with the numbers that support the finding; may quote text of the log"]
    metric: Annotated[str, "tag of the metric with the evidence; empty for a crash"]
    steps: Annotated[list[int], "first and last step of the evidence, on the axis of the metric"]
    evidence: Annotated[dict[str, Number], "supporting numbers by name; the names contain the units"]
    causes: Annotated[list[str], "ids of rules that could explain it, most likely first"]
    caused_by: Annotated[str | None, "id of the rule whose finding in this run explains it; null if there is none"]
    detectable_from: Annotated[OnsetEntry | None, "when it could have been found; null if that was not determined"]
    remedies: Annotated[list[str], "recommended actions, most useful first"]
    formerly: NotRequired[Annotated[str, "id of the rule that this rule was split from; absent if there is none"]]
    fingerprint: Annotated[str, "identifies the finding across audits by rule, run and metric: 16 hexadecimal digits"]
    suppressed: NotRequired[Annotated[bool, "whether the baseline accepts it; absent without a baseline"]]
    q_value: NotRequired[
        Annotated[
            float,
            "false-discovery rate among all runs that its rule could judge (Benjamini-Hochberg); absent if the finding is "
            "not based on a z statistic",
        ]
    ]


class FoldedEntry(TypedDict):
    """A finding that a finding of another rule states more precisely."""

    rule: Annotated[str, "id of the rule"]
    into: Annotated[str, "id of the rule whose finding replaces it"]
    severity: Annotated[SeverityName, "of the folded finding"]
    message: Annotated[str, "as in a finding"]
    metric: Annotated[str, "as in a finding"]
    steps: Annotated[list[int], "as in a finding"]


class IdentityEntry(TypedDict):
    """A run without its findings."""

    run: Annotated[str, "name: path relative to `root`, `/` between parts"]
    title: Annotated[str | None, "name given to it in the tracker; null if the logs have none"]
    path: Annotated[str, "file or folder it was read from"]
    format: Annotated[str, "id of the parser"]
    framework: Annotated[str | None, "framework that wrote the log; null if that is not known"]
    task: Annotated[KnownTask | None, "kind of training; null if that is not known"]
    task_evidence: Annotated[list[str], "evidence for the task"]


class QuestionEntry(TypedDict):
    """What became of a question that is asked of every training."""

    question: Annotated[
        Question,
        "`learning`: does the model learn; `stability`: does the training stay stable; `generalization`: does the model "
        "generalize, asked only where validation data are logged",
    ]
    outcome: Annotated[
        Literal["fired", "clear", "open"],
        "`fired` if a rule that answers it found something, `clear` if one could decide and none did, else `open`",
    ]
    reason: Annotated[str, "why it is open; empty otherwise"]


class RuleCountEntry(TypedDict):
    """How many rules could judge a run."""

    judged: Annotated[int, "rules that could decide: they fired or are clear"]
    of: Annotated[int, "selected rules that apply to the task"]


class OutcomeRecord(TypedDict):
    """The value of a metric that stands for a run when it is compared with others."""

    metric: Annotated[str, "tag of the metric"]
    split: Annotated[Split, "its split"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    axis: Annotated[Axis, "unit of its steps"]
    value: Annotated[Number, "mean of the best window of neighbouring evaluations; a text if it is not finite"]
    step: Annotated[int, "middle of that window, on `axis`"]
    noise: Annotated[Number, "its standard error from the scatter of the evaluations; `nan` if these are too few"]
    first: Annotated[Number, "first value"]
    last: Annotated[Number, "mean of the last window"]
    last_step: Annotated[int, "step of the last evaluation"]
    points: Annotated[int, "number of finite evaluations"]


class RunRecord(TypedDict):
    """What is kept of a run for comparisons with others."""

    outcomes: Annotated[list[OutcomeRecord], "the deciding one first; empty if the run has no metric with a direction"]
    failure: Annotated[
        Literal["", "diverged", "stuck", "collapsed", "crashed"], "how the run failed; empty if it did not"
    ]
    throughput: Annotated[Number, "median throughput as logged, else steps a second; `nan` if unknown"]
    memory: Annotated[Number, "largest value of a memory curve; `nan` if unknown"]


class RunEntry(IdentityEntry):
    """A run with its findings and the outcomes of all rules."""

    status: Annotated[
        Status,
        "worst severity among the findings, or `clear`. If that is no warning or error and a question is open, or a rule "
        "failed and nothing was found: `not-checked`, or `unreadable` if neither a metric nor a hyperparameter could be read",
    ]
    questions: Annotated[
        list[QuestionEntry], "what was asked of the run; questions whose rules were all deselected are not asked"
    ]
    rules: Annotated[RuleCountEntry, "how many rules could judge the run"]
    metrics: Annotated[list[MetricEntry], "all metrics, in the order of the log"]
    hyperparameters: Annotated[
        dict[str, Scalar], "values by dotted name; a number that is not finite is a text; secrets are masked"
    ]
    duration_s: Annotated[
        float | None, "wall time from the first to the last point, in seconds; null if the log has no wall times"
    ]
    headline: Annotated[HeadlineEntry | None, "main metric; null if there is none"]
    findings: Annotated[list[FindingEntry], "findings; each first cause is followed by its consequences"]
    folded: Annotated[list[FoldedEntry], "findings that other findings state more precisely; not among `findings`"]
    outcomes: Annotated[
        dict[str, Outcome],
        "outcome of each selected rule by its id, and of rules that the configuration file switched off; empty if the run "
        "exceeded a limit",
    ]
    reasons: Annotated[
        dict[str, str],
        "reason of an outcome by the id of the rule, for rules that could not decide, failed or were switched off",
    ]
    notes: Annotated[list[NoteEntry], "notes on its files"]
    record: Annotated[RunRecord, "what `trainlint compare` needs of it"]


class ComparisonEntry(TypedDict):
    """A finding of a batch rule, which compares several runs."""

    rule: Annotated[str, "id of the rule"]
    severity: Annotated[SeverityName, "severity of the finding"]
    confidence: Annotated[float, "as in a finding"]
    title: Annotated[str, "title of the fault"]
    runs: Annotated[list[str], "names of the runs concerned, the main one first"]
    message: Annotated[str, "one sentence with the numbers that support the finding"]
    evidence: Annotated[dict[str, Number], "supporting numbers by name; the names contain the units"]
    remedies: Annotated[list[str], "recommended actions, most useful first"]
    fingerprint: Annotated[str, "identifies the finding across audits by rule and runs: 16 hexadecimal digits"]


class ConfigurationEntry(TypedDict):
    """What a configuration file changed."""

    file: Annotated[str | None, "path of the configuration file used; null if there is none"]
    changes: Annotated[list[str], "changes made by the file, as phrases"]
    switched_off: Annotated[list[str], "ids of the rules that file or command line switch off for all runs"]


class SampleEntry(TypedDict):
    """Summary of the findings of all runs."""

    findings: Annotated[int, "number of warnings and errors"]
    expected_false: Annotated[float, "expected number of false ones among them: the sum of 1 - confidence"]
    chance: Annotated[
        int, "number of findings with a q value above 0.05, which chance alone could produce among this many runs"
    ]


class BatchEntry(SampleEntry):
    """Summary of all runs."""

    failed: Annotated[dict[str, str], "batch rules that raised an exception, by their id, with the exception"]
    notes: Annotated[list[str], "problems with the worker processes, as sentences"]


class Report(TypedDict):
    """The whole report of an audit."""

    schema: Annotated[Literal["trainlint-report/1"], "name and major version of this format"]
    version: Annotated[str, "version of trainlint"]
    root: Annotated[str, "folder that names of runs are relative to"]
    runs: Annotated[list[RunEntry], "one entry per run, sorted by name"]
    configuration: Annotated[ConfigurationEntry, "changes made by a configuration file"]
    comparisons: Annotated[list[ComparisonEntry], "findings of batch rules, which compare several runs"]
    batch: Annotated[BatchEntry, "summary of all runs"]
    insights: Annotated[InsightsEntry, "associations across runs"]
    studies: Annotated[
        list[StudyEntry],
        "runs of one task, data and deciding metric, with the effects of their hyperparameters; largest first",
    ]
    unreadable: Annotated[list[FileEntry], "files and runs that could not be read, sorted by path"]
