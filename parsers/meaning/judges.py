"""Judges of the words of a tag: each knows one kind of quantity, and answers role, direction and reason, or nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import vocabulary as known
from .layers import WHOLE_MODEL
from .terms import without_number
from .words import FILLERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..run import Direction
    from .terms import Answer, Terms

_DATA_TIME = (
    "data time", "data s", "data sec", "data secs", "data ms", "data seconds", "load s", "fetch s", "data loading", "data load", "data wait", "data fetch", "dataloader time", "dataloader wait", "dataloading",
    "dataloading time", "loader time", "input wait", "wait for data", "dt data", "time data", "timing data", "timers data",
    "batch generator time",
)  # fmt: skip
_THROUGHPUT = re.compile(
    r" (?:[km]?(?:samples|examples|images?|imgs?|toks?|tokens|words)|its?|iters?|iterations|steps?|batches|frames|updates|[mgtp]?flops?"
    r"|pos|positions|rays|obs|sents|sentences|games)"
    r" (?:(?:per )?(?:gpu|device|chip|core) )?(?:per )?(?:s|sec|secs|second) | [a-z]+s per (?:s|sec|secs|second) (?!per)"
)
_PASSED = re.compile(r"pass\d+")  # of so many attempts
_NO_THROUGHPUT = re.compile(r" (?:s|ms|secs|seconds|hours|minutes) per (?:s|sec|second) ")
_STEP_TIME = re.compile(
    r" (?:(?:step|iter|iteration|batch|update) (?:time|timing|timings|duration|ms|s|secs?|seconds?)|(?:s|secs?|seconds|ms|time) (?:per )?(?:it|iter|iteration|step|batch|tick)) "
)

_COUNTABLE = known.LOSSES | known.HIGHER | known.LOWER | known.COUNTERS | known.GOOD_EVENTS | known.BAD_EVENTS
_NOTHING: Answer = ("unknown", "unknown", "no convention matches")


def answer_of(said: Terms) -> Answer:
    """What the first judge says that knows the words."""
    return next((answer for judge in _JUDGES if (answer := judge(said))), _NOTHING)


def _by_first_word(said: Terms) -> Answer | None:
    first = said.words[0] if said.words else ""
    if first in known.FLAGS:
        return "unknown", "unknown", "words: a yes or no"
    is_counted = first in known.COUNT_FIRST and said.head not in known.LOSSES
    if is_counted and set(said.words[1:]) & _COUNTABLE:
        return "counter", "unknown", "words: a number of things"
    return None


def _machinery(said: Terms) -> Answer | None:  # noqa: PLR0911  (a table in code)
    """Scales of half precision, times, rates and settings: what is logged of the training, not of the model."""
    kinds, head = said.kinds, said.last
    if said.says("loss scale", "grad scale", "amp scale", "scaler"):
        return "loss-scale", "unknown", "words: loss scale"
    if said.says(*_DATA_TIME):
        return "data-time", "lower", "words: time waiting for data"
    if kinds & {"mfu", "hfu", "mbu"}:
        return "utilization", "unknown", "words: utilization"
    if _is_throughput(said):
        return "throughput", "higher", "words: throughput"
    if "momentum" in kinds:  # "lr-SGD-momentum" of Lightning
        return "setting", "unknown", "words: a hyperparameter"
    if said.says("learning rate") or kinds & {"lr", "lrate"} or said.says("pg0", "pg1", "pg2"):
        if head in known.SETTING_HEADS | {"scale", "ratio", "decay", "gamma"}:
            return "setting", "unknown", "words: what a learning rate is multiplied with"
        return "learning-rate", "unknown", "words: learning rate"
    if "cache" in kinds and kinds & {"hit", "hits", "hitrate", "miss", "usage"}:
        return "statistic", "unknown", "words: how a cache is used"
    if "codebook" in kinds and not kinds & known.LOSSES:  # of vector quantisation: how many codes are used
        return "statistic", "unknown", "words: codebook"
    return None


def _is_throughput(said: Terms) -> bool:
    if (_THROUGHPUT.search(said.text) and "time" not in said.kinds) and not _NO_THROUGHPUT.search(said.text):
        return True
    if said.head == "speed" and not said.kinds & known.DEVICES:
        return True
    if said.words[-1:] and set(said.words[-3:]) & known.RATES_OF_WORK and "total" not in said.kinds:
        return True
    if said.kinds & {"fps", "sps", "tps", "tgs", "wps", "ups", "ips", "qps"}:
        return True
    return "throughput" in said.kinds and said.words[-1] not in known.COUNTERS


def _losses(said: Terms) -> Answer | None:  # noqa: C901, PLR0911, PLR0912  (a table in code)
    kinds, last = said.kinds, said.last
    if kinds & known.ERROR_RATES:  # "cer_ctc" is no CTC loss
        return "score", "lower", f"words: {min(kinds & known.ERROR_RATES)}, lower is better"
    if kinds & {"ppl", "perplexity", "perp"} or said.words == ["pp"]:
        if last in known.COMPARISONS:
            return "statistic", "unknown", "words: perplexities compared"
        if kinds & known.QUANTISERS:
            return "statistic", "unknown", "words: used codes of a quantiser"
        if kinds & known.LOGARITHMS:
            is_negative = kinds & {"neg", "negative", "minus"}
            return (
                ("score", "higher", "words: a negative log perplexity")
                if is_negative
                else ("loss", "lower", "words: a log perplexity")
            )
        return "perplexity", "lower", "words: perplexity"
    if kinds & {"neg", "negative", "minus"} and kinds & {"elbo", "loglikelihood", "logprob", "loglik"}:
        return "loss", "lower", "words: a negative likelihood"
    if _is_symbol_of_loss(said):
        return "loss", "lower", "words: L, as papers write a loss"
    if not kinds & known.LOSSES:
        return ("loss", "lower", "words: cost") if said.words in (["cost"], ["costs"]) else None
    if last in known.SETTING_HEADS:
        return "setting", "unknown", "words: weight of a loss"
    if last in known.TIMES:
        return "counter", "unknown", "words: a time"
    if last in known.COUNT_HEADS:
        return "counter", "unknown", "words: a number of things"
    if last in known.COMPARISONS:
        return "statistic", "unknown", "words: losses compared"
    if said.words == ["loss", "rate"]:  # of games
        return "score", "lower", "words: the share of a bad event"
    if part := _part_that_may_rise(said.words, said.text):
        return "loss", "unknown", f"words: a loss of {part}, which may rise"
    return "loss", "lower", "words: loss"


def _is_symbol_of_loss(said: Terms) -> bool:
    """Whether a tag is written like `L_rec`; `L_hand_error` is an error of a left hand."""
    is_symbol = len(said.words) > 1 and said.words[0] == "l" and not said.words[1].isdigit()
    return is_symbol and not said.kinds & (known.HIGHER | known.LOWER | known.COUNTERS)


def _updates(said: Terms) -> Answer | None:
    """What is measured of an update: norms, penalties, and what the clipping of a policy leaves out."""
    kinds = said.kinds
    if said.says("gradient penalty", "grad penalty"):
        return "loss", "unknown", "words: a penalty of gradients"
    if said.words == ["total", "norm"]:
        return "gradient-norm", "unknown", "words: what clipping of gradients returns"
    if said.words in (["pnorm"], ["p", "norm"], ["w", "norm"], ["wnorm"]):
        return "weight-norm", "unknown", "words: the norm of parameters"
    if kinds & {"clipfrac", "clipfraction"}:
        is_of_policy = not kinds & {"vf", "val", "value", "lower"}
        return "clip-fraction" if is_of_policy else "statistic", "unknown", "words: share of clipped samples"
    if said.says("explained var", "explained variance"):
        return "explained-variance", "higher", "words: explained variance"
    return None


def _gradients_and_rewards(said: Terms) -> Answer | None:  # noqa: C901, PLR0911, PLR0912  (a table in code)
    kinds, last = said.kinds, said.last
    if "gnorm" in kinds or said.says("grad norm", "gradient norm", "grads norm", "total grad norm", "grad gnorm"):
        if kinds <= WHOLE_MODEL | {"gnorm"}:
            return "gradient-norm", "unknown", "words: gradient norm"
        return "unknown", "unknown", "a gradient norm of a part of the model"
    if last in known.SETTING_HEADS and kinds & (known.KL | {"entropy", "ent", "reward"}):
        return "setting", "unknown", "words: weight of a loss term"
    if kinds & {"reward", "rewards", "rew", "return", "ret", "returns"}:
        if last in known.COUNT_HEADS:
            return "counter", "unknown", "words: a number of things"
        if said.head in {"acc", "accuracy", "accuracies"}:
            return "score", "higher", "words: how many pairs are ranked right"
        if last in {"margin", "margins"}:
            return "reward-margin", "higher", "words: chosen minus rejected"
        if last in known.ERRORS:
            return "score", "lower", f"words: {last} of a prediction, lower is better"
        return "reward", "higher", "words: reward"
    if "target" in kinds and kinds & (known.KL | {"entropy"}):
        return "setting", "unknown", "words: a target"
    if "entropy" in kinds:
        return "entropy", "unknown", "words: entropy"
    if kinds & known.KL:
        return "kl", "unknown", "words: KL divergence"
    if kinds & {"truncation", "truncated"} and kinds & known.SHARES:
        return "truncated-fraction", "unknown", "words: share of truncated answers"
    if said.head in {"length", "len", "tokens"} and kinds & known.LENGTH_OF and not kinds & {"max", "min"}:
        return "completion-length", "unknown", "words: length of an answer"
    return None


def _collapses(said: Terms) -> Answer | None:
    """What falls to zero where all embeddings, or all samples, become alike."""
    kinds = said.kinds
    if kinds & known.LOSSES or (said.words and said.last in known.SETTING_HEADS | known.COMPARISONS):
        return None
    if kinds & known.SPREADS and kinds & known.REPRESENTATIONS:
        return "embedding-spread", "unknown", "words: the spread of embeddings"
    if kinds & known.DIVERSITIES and not kinds & {"missing"}:
        return "diversity", "unknown", f"words: {min(kinds & known.DIVERSITIES)}"
    if (kinds & known.GENERATED and kinds & known.SPREADS) or (
        "lpips" in kinds and kinds & {"between", "pairwise", "intra"}
    ):
        return "diversity", "unknown", "words: how far generated samples are apart"
    return None


def _scores(said: Terms) -> Answer | None:  # noqa: C901, PLR0911, PLR0912  (a table in code)
    kinds, head, last = said.kinds, said.head, said.last
    higher, lower = kinds & known.HIGHER, kinds & known.LOWER
    if (higher or lower) and {head, last} & (known.COUNT_HEADS | known.TIMES):
        return "counter", "unknown", "words: a number of things, or a time"
    is_compared = {said.words[0], last} & (known.COMPARISONS - {"ratio"}) if said.words else False
    if (higher or lower) and (last in known.SETTING_HEADS or is_compared):
        return "statistic", "unknown", "words: made of a score"
    if (higher or lower) and kinds & {"neg", "negative", "minus"} and not kinds & {"predictive"}:
        turned: Direction = "lower" if higher else "higher"
        return "score", turned, f"words: the negative {min(higher or lower)}, {turned} is better"
    if higher and kinds & known.ERRORS:
        return "score", "lower", f"words: {min(kinds & known.ERRORS)} of {min(higher)}, lower is better"
    if last in known.RANKS:
        return "score", "higher", "words: recall at a rank"
    if higher:
        return "score", "higher", f"words: {min(higher)}, higher is better"
    if _is_share_of(said, known.GOOD_EVENTS):
        if negation := kinds & known.NEGATIONS:
            return "score", "lower", f"words: the share of a {min(negation)} event"
        return "score", "higher", "words: the share of a good event"
    if said.says("within") and said.words[0] not in known.COUNT_FIRST and last not in known.COUNT_HEADS:
        return "score", "higher", "words: the share within a bound"
    if kinds & known.ERRORS and (part := _part_that_may_rise(said.words, said.text)):
        return "loss", "unknown", f"words: an error of {part}, which may rise"
    if lower:
        return "score", "lower", f"words: {min(lower)}, lower is better"
    if _is_share_of(said, known.BAD_EVENTS):
        return "score", "lower", "words: the share of a bad event"
    if head in known.HIGHER_AS_HEAD and not kinds & known.OTHER_SCORES:
        return "score", "higher", f"words: {head}, higher is better"
    if head in known.LOWER_AS_HEAD or last == "per":  # no name ends in the preposition: a phone error rate
        return "score", "lower", f"words: {head or last}, lower is better"
    return None


def _is_share_of(said: Terms, events: frozenset[str]) -> bool:
    """Whether the words name a share of one of the events: `win_rate`, `winrate`, `pass@1`, `pass1`."""
    if said.head in known.SHARES and said.kinds & events:
        return True
    if "pass" in events and ("pass at" in said.text or any(map(_PASSED.fullmatch, said.words))):
        return True
    return said.head.removesuffix("rate") in events - {said.head}


def _system(said: Terms) -> Answer | None:  # noqa: PLR0911  (a table in code)
    kinds = said.kinds
    if any(word.startswith(("free", "available")) for word in said.words) and kinds & known.MEMORY:
        return "statistic", "unknown", "words: free memory"
    if "ram" in kinds:  # "ram_util_percent" of Ray is how full it is
        return "memory", "unknown", "words: memory"
    if kinds & {"utilization", "utilisation", "util"} and (
        kinds & known.DEVICES or kinds <= {"utilization", "utilisation", "util", *FILLERS, *known.SHARES}
    ):
        return "utilization", "unknown", "words: utilization"
    if said.says("gpu usage", "gpu load", "gpu busy", "gpu percent"):
        return "utilization", "unknown", "words: utilization"
    if (kinds & known.MEMORY and "num" not in kinds) or said.says("allocated bytes"):
        return "memory", "unknown", "words: memory"
    if kinds & known.ALLOCATED and (said.words[-1] in known.SIZES or kinds & {"cuda", "gpu", "hbm"}):
        return "memory", "unknown", "words: allocated bytes"
    if _STEP_TIME.search(said.text) or said.says("end to end s", "timing s step"):
        return "step-time", "lower", "words: step time"
    return None


def _bookkeeping(said: Terms) -> Answer | None:
    if said.words and all(word in known.COUNTERS | FILLERS | known.COUNTER_ASIDES for word in said.words):
        return "counter", "unknown", "words: bookkeeping"
    if said.words and said.words[-1] in known.DIFFERENCES:  # "epsilon_l1" is a difference
        return None
    is_setting = said.kinds & known.SETTINGS or said.says("batch size", "weight decay", "grad clip", "clip range")
    return ("setting", "unknown", "words: a hyperparameter") if is_setting else None


# In order of trust; the first that has an answer counts.
_JUDGES: tuple[Callable[[Terms], Answer | None], ...] = (
    _by_first_word, _machinery, _losses, _updates, _gradients_and_rewards, _collapses, _scores, _system, _bookkeeping,
)  # fmt: skip


def _part_that_may_rise(words: list[str], text: str) -> str:
    """The word that makes a loss one of a part that plays against another, or of a bound; "" if there is none."""
    unnumbered = {stem for word in words if (stem := without_number(word)) != word} - known.UNNUMBERED
    kinds = set(words) | unnumbered | {word[-1] for word in words if word in ("errg", "errd")}
    return min(kinds & known.UNDIRECTED - ({"entropy"} if " cross entropy " in text else set()), default="")
