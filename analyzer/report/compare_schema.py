"""The types of what `trainlint compare --format json` prints."""

from typing import Annotated, Literal, NotRequired, TypedDict

from ...parsers.run import Axis, Direction, Split
from .studies_schema import Setting


class SidesOfRuns(TypedDict):
    """Names of the runs of both groups."""

    A: Annotated[list[str], "of the first group, the reference"]
    B: Annotated[list[str], "of the second group"]


class SidesOfValues(TypedDict):
    """Outcomes of the finished runs of both groups."""

    A: Annotated[list[float], "of the first group, the reference"]
    B: Annotated[list[float], "of the second group"]


class SidesOfCounts(TypedDict):
    """A number for each group."""

    A: Annotated[int, "of the first group, the reference"]
    B: Annotated[int, "of the second group"]


class SidesOfRules(TypedDict):
    """Ids of rules for each group."""

    A: Annotated[list[str], "of the first group, the reference"]
    B: Annotated[list[str], "of the second group"]


class GateCheck(TypedDict):
    """One quantity that a gate compares."""

    quantity: Annotated[
        Literal["equality", "failures", "best", "final", "speed", "throughput", "memory"], "what is compared"
    ]
    reference: Annotated[float | None, "mean of the reference; null if unknown"]
    new: Annotated[float | None, "mean of the new runs; null if unknown"]
    verdict: Annotated[Literal["pass", "fail", "cannot-tell"], "`fail` if the new runs are worse beyond noise"]
    sentence: Annotated[str, "the same as a sentence"]


class ComparisonDocument(TypedDict):
    """Two groups of runs: B against A, the reference."""

    schema: Annotated[Literal["trainlint-compare/1"], "name and version of this format"]
    version: Annotated[str, "version of trainlint"]
    A: Annotated[str, "path of the first group as given"]
    B: Annotated[str, "path of the second group as given"]
    verdict: Annotated[
        Literal["better", "worse", "no-evidence", "identical", "cannot-tell"],
        "of B against A: `better` or `worse` beyond the noise between runs; `identical` if all curves are equal",
    ]
    sentence: Annotated[str, "the verdict and the likely reason in words"]
    metric: Annotated[str, "metric that decides; empty if the groups share none"]
    split: Annotated[Split, "its split"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    axis: Annotated[Axis, "unit of the steps"]
    runs: Annotated[SidesOfRuns, "names of the runs"]
    values: Annotated[SidesOfValues, "best values (means of the best window) of the runs that did not fail"]
    failures: Annotated[SidesOfCounts, "number of runs that failed"]
    difference: Annotated[float | None, "mean of B minus mean of A, in units of the metric; null if unknown"]
    low: Annotated[float | None, "lower end of the 95% interval of the difference; null if unknown"]
    high: Annotated[float | None, "upper end of it; null if unknown"]
    p_value: Annotated[float | None, "two-sided; null if nothing was tested"]
    smallest_shown: Annotated[
        float | None, "smallest difference that these runs would have shown with a power of 80%; null if unknown"
    ]
    more_runs: Annotated[
        int | None, "further runs a side that would decide on the difference observed; null if unknown"
    ]
    part_step: Annotated[int | None, "first step at which the curves part beyond noise; null if they do not"]
    part_metric: Annotated[str, "curve that shows it; empty if none does"]
    likely: Annotated[list[str], "settings that are the likely reason; empty if that cannot be told"]
    confounded: Annotated[list[list[str]], "settings that change together, so that their effects cannot be told apart"]
    hyperparameters: Annotated[
        dict[str, list[Setting]],
        "settings that differ: value in A and in B; `none` where a group has none, values joined by commas where it has several",
    ]
    incidental: Annotated[
        dict[str, list[Setting]],
        "the same of what nobody chooses for its effect: seeds, paths, names, hosts, intervals",
    ]
    data: Annotated[list[str], "those of `hyperparameters` that name the data"]
    schedule: Annotated[
        dict[str, list[float]], "first, largest and last learning rate as A and B logged it; empty if it is the same"
    ]
    length: Annotated[dict[str, int], "last step of A and B; empty if it is the same"]
    findings_only_in: Annotated[SidesOfRules, "ids of the rules that found something in one group only"]
    gate: NotRequired[
        Annotated[Literal["pass", "fail", "cannot-tell"], "with --baseline: A is the reference, B is new"]
    ]
    checks: NotRequired[Annotated[list[GateCheck], "with --baseline: what was compared"]]


class ManyComparisons(ComparisonDocument):
    """The first comparison, and with more than two inputs all of them."""

    comparisons: NotRequired[
        Annotated[list[ComparisonDocument], "with more than two inputs: each of the others against the first"]
    ]
