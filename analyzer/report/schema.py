"""The types of report.json, schema `trainlint-report/1`: every field with what it means, its unit, and when it is null.

The JSON Schema in the documentation is made of these types by `json_schema.py`. Within a major version fields are added,
never renamed or removed. A number that is not finite stands as the text "nan", "inf" or "-inf", since JSON has none. An
audit imports nothing from here: the types are for checkers and for the schema.
"""
# Annotations are read by `json_schema.py`, so they are no texts here and what they name is imported.

from typing import Annotated, Literal, NotRequired, TypeAlias, TypedDict

from ...parsers.run import Axis, Direction, Role, Split, Task
from ...rules.base import Outcome
from ..judging.judgement import Status

SeverityName: TypeAlias = Literal["info", "warning", "error"]
NotFinite: TypeAlias = Literal["nan", "inf", "-inf"]
Test: TypeAlias = Literal["rank-sum", "fisher", "spearman", "kruskal"]
Number: TypeAlias = float | NotFinite
Scalar: TypeAlias = bool | int | float | str | None  # a text, too, where a float is not finite


class NoteEntry(TypedDict):
    """Something about a file that a reader should know: what was skipped, lost, thinned or limited."""

    path: Annotated[str, "file, relative to `root`; the name of the run where it is about no single file"]
    where: Annotated[str, "place in the file, such as a line; empty where there is none"]
    message: Annotated[str, "what happened"]
    left_out: NotRequired[
        Annotated[
            Literal["rows", "end"],
            "what was not read although it is there: `rows` in between, or the `end`; absent where all was read",
        ]
    ]


class FileEntry(TypedDict):
    """A file or run that could not be read."""

    path: Annotated[str, "file relative to `root`, or name of the run; empty or `.` for `root` itself"]
    reason: Annotated[str, "why it could not be read"]


class MetricEntry(TypedDict):
    """One curve of a run; its range is over finite values."""

    tag: Annotated[str, "name in the log; with its statistic where it belongs to a histogram"]
    role: Annotated[Role, "what it measures, such as `loss` or `learning-rate`; `unknown` where that is not known"]
    split: Annotated[Split, "part of the data; `none` where it belongs to no split or none is known"]
    layer: Annotated[str, "layer of the network; empty where it belongs to none"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better; `unknown` otherwise"]
    reason: Annotated[str, "why it was understood like that"]
    axis: Annotated[Axis, "what its steps count"]
    points: Annotated[int, "number of logged points, after restarts were resolved"]
    first_step: Annotated[int | None, "on `axis`; null if it has no point"]
    last_step: Annotated[int | None, "on `axis`; null if it has no point"]
    min: Annotated[float | None, "smallest finite value; null if there is none"]
    max: Annotated[float | None, "largest finite value; null if there is none"]
    last: Annotated[float | None, "last finite value; null if there is none"]
    non_finite: Annotated[int, "number of values that are NaN or infinite"]


class HeadlineEntry(TypedDict):
    """The main metric of a run: its best and its last value."""

    metric: Annotated[str, "tag of the metric"]
    split: Annotated[Split, "split of the metric"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    axis: Annotated[Axis, "what its steps count"]
    best: Annotated[float, "best finite value"]
    best_step: Annotated[int, "step of the best value, on `axis`"]
    final: Annotated[Number, "last value; a text where it is not finite"]
    first_step: Annotated[int, "on `axis`"]
    last_step: Annotated[int, "on `axis`"]
    steps_after_best: Annotated[int, "`last_step` minus `best_step`"]
    seconds: Annotated[float | None, "from the first to the last point by the clock of the log; null without one"]
    seconds_after_best: Annotated[float | None, "by the clock of the log; null without one"]


class OnsetEntry(TypedDict):
    """How early a finding could have been made."""

    step: Annotated[int, "first step, on the axis of the metric, at which the rule fires on the log so far"]
    steps_after: Annotated[int, "steps, epochs or rows after it"]
    share_after: Annotated[float, "the same as a share of the run, 0 to 1"]
    seconds_after: Annotated[float | None, "by the clock of the log; null without one"]


class FindingEntry(TypedDict):
    """What a rule found in a run."""

    rule: Annotated[str, "id of the rule"]
    severity: Annotated[SeverityName, "how much it should worry"]
    confidence: Annotated[float, "probability that an expert who saw the run would agree, 0 to 1"]
    title: Annotated[str, "name of the fault"]
    message: Annotated[str, "one sentence with the numbers that carry the verdict; may quote text of the log"]
    metric: Annotated[str, "tag of the curve with the evidence; empty for a crash"]
    steps: Annotated[list[int], "first and last step of the evidence, on the axis of the metric"]
    evidence: Annotated[dict[str, Number], "named numbers, units in the names"]
    causes: Annotated[list[str], "ids of rules whose findings could explain this one, most likely first"]
    caused_by: Annotated[str | None, "id of the rule whose finding in this run explains it; null if none does"]
    detectable_from: Annotated[OnsetEntry | None, "how early it could have been found; null if that was not asked"]
    remedies: Annotated[list[str], "what to do, most useful first"]
    fingerprint: Annotated[str, "stays the same as long as rule, run and metric do: 16 hexadecimal digits"]
    suppressed: NotRequired[Annotated[bool, "whether the baseline accepts it; absent without a baseline"]]
    q_value: NotRequired[
        Annotated[
            float,
            "smallest false-discovery rate (Benjamini and Hochberg) at which it stands among all runs that its rule could "
            "judge; absent where it rests on no z statistic",
        ]
    ]


class FoldedEntry(TypedDict):
    """A finding that another rule which fired states more precisely."""

    rule: Annotated[str, "id of the rule"]
    into: Annotated[str, "id of the rule whose finding stands in its place"]
    severity: Annotated[SeverityName, "of the folded finding"]
    message: Annotated[str, "as in a finding"]
    metric: Annotated[str, "as in a finding"]
    steps: Annotated[list[int], "as in a finding"]


class IdentityEntry(TypedDict):
    """What a run is, without what was found in it."""

    run: Annotated[str, "name: path relative to `root`, `/` between parts"]
    path: Annotated[str, "file or folder it was read from"]
    format: Annotated[str, "id of the parser"]
    framework: Annotated[str | None, "what wrote the log; null where that is not known"]
    task: Annotated[Task | None, "kind of training; null where that is not known"]
    task_evidence: Annotated[list[str], "why it was taken for that task"]


class RunEntry(IdentityEntry):
    """One run with its verdict."""

    status: Annotated[
        Status,
        "worst severity found; without a finding `clear` if a rule about the training could decide and none failed, else "
        "`not-checked`, or `unreadable` if neither a metric nor a hyperparameter could be read",
    ]
    metrics: Annotated[list[MetricEntry], "all curves"]
    hyperparameters: Annotated[
        dict[str, Scalar], "by dotted name; a float that is not finite is a text; secrets are masked"
    ]
    duration_s: Annotated[float | None, "seconds from the first to the last logged point; null without a clock"]
    headline: Annotated[HeadlineEntry | None, "main metric; null where none can be told"]
    findings: Annotated[list[FindingEntry], "first causes first, each followed by its consequences"]
    folded: Annotated[list[FoldedEntry], "findings that other findings state more precisely; not among `findings`"]
    outcomes: Annotated[
        dict[str, Outcome],
        "how each rule ended, by its id; `switched-off` by the configuration file; empty where judging gave up",
    ]
    reasons: Annotated[dict[str, str], "why, for rules that could not decide, failed or were switched off, by their id"]
    notes: Annotated[list[NoteEntry], "what was skipped, lost, thinned or limited"]


class ComparisonEntry(TypedDict):
    """What a rule found by comparing runs."""

    rule: Annotated[str, "id of the rule"]
    severity: Annotated[SeverityName, "how much it should worry"]
    confidence: Annotated[float, "as in a finding"]
    title: Annotated[str, "name of the fault"]
    runs: Annotated[list[str], "names of the runs, the one it is about first"]
    message: Annotated[str, "one sentence with the numbers that carry the verdict"]
    evidence: Annotated[dict[str, Number], "named numbers, units in the names"]
    remedies: Annotated[list[str], "what to do, most useful first"]
    fingerprint: Annotated[str, "stays the same as long as rule and runs do: 16 hexadecimal digits"]


class ConfigurationEntry(TypedDict):
    """What a configuration file changed: it may have come with the logs."""

    file: Annotated[str | None, "path of the file in force; null without one"]
    changes: Annotated[list[str], "what the file changed, a phrase each"]
    switched_off: Annotated[list[str], "ids of the rules that file and command line leave out for all runs"]


class SampleEntry(TypedDict):
    """The findings of all runs as a sample."""

    findings: Annotated[int, "number of warnings and errors"]
    expected_false: Annotated[float, "how many of them are expected to be false: the sum of 1 - confidence"]
    chance: Annotated[int, "findings whose q value exceeds 0.05: chance alone could have made them"]


class BatchEntry(SampleEntry):
    """The runs of one audit as a sample of findings, and how the audit itself went."""

    failed: Annotated[dict[str, str], "rules comparing runs that raised an exception, with the exception, by their id"]
    notes: Annotated[list[str], "what went wrong with the processes of the audit, a sentence each"]


class RunAfterBest(TypedDict):
    """One run and what it spent after its best value."""

    run: Annotated[str, "name of the run"]
    after: Annotated[float, "spent after the best value, in the `unit` of all"]


class AfterBestEntry(TypedDict):
    """Compute spent after the best value of the main metric, over all runs that have one besides the training loss."""

    unit: Annotated[Literal["seconds", "steps"], "of `after` and `total`"]
    runs: Annotated[int, "number of runs it is about"]
    after: Annotated[float, "spent after the best values"]
    total: Annotated[float, "spent in all"]
    share: Annotated[float, "`after` over `total`, 0 to 1"]
    largest: Annotated[list[RunAfterBest], "up to three runs that spent most, the most first"]
    message: Annotated[str, "the same as a sentence"]


class GroupEntry(TypedDict):
    """Runs that share a value, or a range of values, of a hyperparameter."""

    label: Annotated[str, "value or range; `others` for the rest"]
    runs: Annotated[int, "number of runs"]
    found: Annotated[int | None, "runs among them with the finding; null for an outcome"]
    median_best: Annotated[float, "median of their best values of the main metric"]


class InsightEntry(TypedDict):
    """A hyperparameter that goes with a finding or with the best value, over comparable runs: an association, no cause."""

    kind: Annotated[Literal["finding", "outcome"], "what it goes with: a finding, or the best value"]
    setting: Annotated[str, "name of the hyperparameter"]
    level: Annotated[str | None, "value that is compared with all others; null where the order of values is compared"]
    rule: Annotated[str | None, "id of the rule; null for an outcome"]
    study: Annotated[int, "number of the group of comparable runs, from 0"]
    task: Annotated[Task | None, "task of the runs; null where that is not known"]
    metric: Annotated[str, "main metric of the runs"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    message: Annotated[str, "the association as a sentence"]
    tied: Annotated[list[str], "hyperparameters that these runs cannot tell from this one"]
    runs: Annotated[int, "number of runs"]
    configurations: Annotated[int, "number of different configurations; runs that differ by their seed alone are one"]
    test: Annotated[Test, "statistical test"]
    effect: Annotated[
        float,
        "effect size: Cliff's delta of `rank-sum`, difference of shares of `fisher`, correlation of `spearman`, epsilon "
        "squared of `kruskal`",
    ]
    p_value: Annotated[float, "two-sided"]
    q_value: Annotated[
        float, "smallest false-discovery rate (Benjamini and Hochberg) at which it stands among all tests"
    ]
    groups: Annotated[list[GroupEntry], "the runs by value"]


class InsightsEntry(TypedDict):
    """What the runs show together."""

    after_best: Annotated[AfterBestEntry | None, "compute after the best values; null where it is little or unknown"]
    tried: Annotated[int, "number of tests made"]
    found: Annotated[list[InsightEntry], "associations that are strong and unlikely by chance, the surest first"]
    remark: Annotated[str, "what was compared and what it can mean, or why nothing was"]


class Report(TypedDict):
    """The whole report of an audit."""

    schema: Annotated[Literal["trainlint-report/1"], "name and major version of this format"]
    version: Annotated[str, "version of trainlint"]
    root: Annotated[str, "folder that names of runs are relative to"]
    runs: Annotated[list[RunEntry], "one entry a run, sorted by name"]
    configuration: Annotated[ConfigurationEntry, "what a configuration file changed"]
    comparisons: Annotated[list[ComparisonEntry], "what rules found between runs"]
    batch: Annotated[BatchEntry, "the runs as a sample"]
    insights: Annotated[InsightsEntry, "what the runs show together"]
    unreadable: Annotated[list[FileEntry], "files and runs that could not be read, sorted by path"]
