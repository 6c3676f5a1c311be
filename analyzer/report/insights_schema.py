"""The types of what report.json tells across runs, a part of `schema.py`."""

from typing import Annotated, Literal, TypeAlias, TypedDict

from ...parsers.run import Direction, KnownTask

Test: TypeAlias = Literal["rank-sum", "fisher"]


class RunAfterBest(TypedDict):
    """The part of a run after its best value."""

    run: Annotated[str, "name of the run"]
    after: Annotated[float, "steps or seconds after the best value, in the common `unit`"]


class AfterBestEntry(TypedDict):
    """Compute after the best value of the main metric; runs whose main metric is a training metric do not count."""

    unit: Annotated[Literal["seconds", "steps"], "unit of `after` and `total`"]
    runs: Annotated[int, "number of runs that count"]
    after: Annotated[float, "sum over the runs, after their best values"]
    total: Annotated[float, "sum over the runs, of their whole length"]
    share: Annotated[float, "`after` over `total`, 0 to 1"]
    largest: Annotated[list[RunAfterBest], "up to three runs with most compute after the best value, largest first"]
    message: Annotated[str, "the same as a sentence"]


class GroupEntry(TypedDict):
    """Runs with the same value, or range of values, of a hyperparameter."""

    label: Annotated[str, "value or range; `others` for the rest"]
    runs: Annotated[int, "number of runs"]
    found: Annotated[int, "number of runs with the finding"]
    median_best: Annotated[float, "median over the runs of the outcome of the study"]


class InsightEntry(TypedDict):
    """An association of a hyperparameter of a study with a finding; not a cause."""

    kind: Annotated[
        Literal["finding"], "`finding`: what it is associated with; effects on the outcome are in `studies`"
    ]
    setting: Annotated[str, "name of the hyperparameter"]
    level: Annotated[str | None, "value that is compared with the others; null if values are compared by their order"]
    rule: Annotated[str, "id of the rule"]
    study: Annotated[int, "number of the study in `studies`, from 0"]
    task: Annotated[KnownTask | None, "task of the runs; null if that is not known"]
    metric: Annotated[str, "deciding metric of the study"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    message: Annotated[str, "the association as a sentence"]
    tied: Annotated[list[str], "hyperparameters that varied together with this one"]
    runs: Annotated[int, "number of runs"]
    configurations: Annotated[int, "number of configurations; runs that differ only in their seed count once"]
    test: Annotated[Test, "statistical test"]
    effect: Annotated[
        float,
        "effect size: Cliff's delta of `rank-sum`, difference of shares of `fisher`",
    ]
    p_value: Annotated[float, "two-sided"]
    q_value: Annotated[float, "false-discovery rate among all tests of the audit (Benjamini-Hochberg)"]
    groups: Annotated[list[GroupEntry], "the runs by value"]


class InsightsEntry(TypedDict):
    """Compute after the best values, and associations of hyperparameters with findings; their effects are in `studies`."""

    after_best: Annotated[
        AfterBestEntry | None, "compute after the best values; null if it is less than 10% or unknown"
    ]
    tried: Annotated[int, "number of tests made"]
    found: Annotated[
        list[InsightEntry], "associations that are strong and unlikely to be chance, smallest q value first"
    ]
    remark: Annotated[str, "what was compared, or why nothing was, as a sentence"]
