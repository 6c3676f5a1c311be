"""The types of what report.json tells of studies, a part of `schema.py`."""

from typing import Annotated, Literal, TypeAlias, TypedDict

from ...parsers.run import Direction, Split

Setting: TypeAlias = float | str  # a number, or a text; "true", "false", and "none" where a run has no such setting


class StudyConfigurationEntry(TypedDict):
    """Runs that are equal but for the seed and what nobody chooses for its effect."""

    hyperparameters: Annotated[dict[str, Setting], "values of the hyperparameters that vary in the study, by name"]
    runs: Annotated[list[str], "names of its runs, the replicates"]
    seeds: Annotated[list[str], "seed of each run; empty where it is not known"]
    median: Annotated[float | None, "median outcome of the runs that did not fail; null if there is none"]
    low: Annotated[float | None, "smallest outcome of these; null if there is none"]
    high: Annotated[float | None, "largest outcome of these; null if there is none"]
    failures: Annotated[int, "number of runs that failed"]


class EffectEntry(TypedDict):
    """What controlled comparisons say of a hyperparameter."""

    hyperparameter: Annotated[str, "name of the hyperparameter"]
    kind: Annotated[
        Literal["outcome", "failure", "throughput", "memory", "speed"],
        "`outcome`: effect on the metric; `failure`: on whether runs fail; `throughput`, `memory` and `speed` (steps until a value "
        "is reached that all runs reach) are told where they change clearly",
    ]
    verdict: Annotated[
        Literal["effect", "no-evidence", "cannot-tell"],
        "`effect` if the q value is at most 0.04 and no other setting changes with it; `cannot-tell` if the runs cannot show it",
    ]
    levels: Annotated[list[Setting], "the two values that are compared; empty if none are"]
    difference: Annotated[
        float | None,
        "outcome at the second level minus that at the first, all else equal, in units of the metric; for a failure the "
        "difference of the shares of failed runs, for throughput, memory and speed the change relative to the first level; null "
        "if unknown",
    ]
    low: Annotated[float | None, "lower end of the 95% interval of the difference; null if unknown"]
    high: Annotated[float | None, "upper end of it; null if unknown"]
    p_value: Annotated[float | None, "two-sided; null if nothing was tested"]
    q_value: Annotated[
        float | None, "false-discovery rate among all tests of the audit (Benjamini-Hochberg); null likewise"
    ]
    pairs: Annotated[int, "number of controlled pairs of configurations, which differ in this hyperparameter only"]
    seeds: Annotated[float, "mean number of runs per configuration that were compared"]
    smallest_shown: Annotated[
        float | None, "smallest effect that these runs would have shown with a power of 80%; null if unknown"
    ]
    more_seeds: Annotated[
        int | None,
        "additional seeds per configuration with which an effect of the observed size would be found with a power of 80%; null "
        "if unknown or more than 200",
    ]
    rank_correlation: Annotated[
        float | None,
        "with the outcome, in a random search without controlled pairs; null where levels or ranges of values are compared",
    ]
    tied: Annotated[list[str], "hyperparameters that always change together with this one"]
    sentence: Annotated[str, "the same as a sentence"]


class StudyEntry(TypedDict):
    """Runs of one task, data and deciding metric."""

    metric: Annotated[str, "deciding metric"]
    split: Annotated[Split, "its split"]
    direction: Annotated[Direction, "whether `lower` or `higher` is better"]
    runs: Annotated[list[str], "names of the runs"]
    hyperparameters: Annotated[list[str], "names of those that vary"]
    from_names: Annotated[list[str], "those of them that were read from names of runs and folders"]
    configurations: Annotated[list[StudyConfigurationEntry], "configurations, best median first"]
    seed_deviation: Annotated[
        float | None, "standard deviation between seeds, pooled over the configurations; null if unknown"
    ]
    effects: Annotated[
        list[EffectEntry],
        "one per hyperparameter that varies, one for failures if there are any, and clear ones on throughput, memory and speed",
    ]
