"""The role of a quantity by the words of its tag, the split left out: which words name a loss, a score, a rate."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from ..run import Role
from .layers import WHOLE_MODEL
from .words import FILLERS

if TYPE_CHECKING:
    from ..run import Direction

# A tag that is the name of a role, such as `clip_fraction`, has that role; single words are judged among others below.
_NAMES_OF_ROLES: dict[str, Role] = {role.replace("-", " "): role for role in get_args(Role) if "-" in role}
_HIGHER_ROLES = frozenset({"explained-variance", "reward-margin"})
_LOSS_WORDS = frozenset("loss losses nll ce bce ctc xent crossentropy".split())
# Losses of parts that play against each other, or bounds: they may rise while all is well.
_UNDIRECTED = frozenset(
    "policy pg pi actor critic value vf q qf gan g d gen disc dis generator discriminator adv adversarial entropy elbo "
    "kl td alpha surrogate z discrim".split()
)
_UNNUMBERED = frozenset("g d z".split())  # a group "g0" is no generator, but "q1" is a Q function
_HIGHER = frozenset(
    "acc accuracy accuracies top f1 auc auroc auprc ap map miou iou dice bleu sacrebleu rouge meteor r2 psnr ssim success precision "
    "recall mcc kappa pearson pearsonr spearman spearmanr ndcg mrr chrf exactmatch prec hits fbeta sensitivity specificity jaccard".split()
)
_ERROR_RATES = frozenset("wer cer ter eer".split())
_ERRORS = frozenset("error err errg errd".split())
_LOWER = (
    _ERROR_RATES
    | _ERRORS
    | frozenset("fid kid mse mae rmse mape smape msle rmsle brier ece bpc bpb lpips hausdorff".split())
)
_QUANTISERS = frozenset("vq vqvae rvq quantizer quantiser quantization".split())
_COUNTER = frozenset(
    "epoch epochs step steps iteration iterations iter iters time duration runtime elapsed eta wall seconds examples samples tokens updates count "
    "timesteps episodes flos timestamp hours num ooms retries".split()
)
_COUNTER_ASIDES = frozenset(
    "n env agent accumulated logging submission since restore this s ms sampled seen consumed".split()
)
_SPREADS = frozenset("std stddev stdev var".split())
_WEIGHTS = frozenset("weight weights coef coeff".split())
_SETTING = frozenset("momentum decay beta beta1 beta2 temperature epsilon eps coef".split())

_MEMORY = frozenset("memory mem vram rss".split())
_DATA_TIME = (
    "data time", "data loading", "data load", "data wait", "data fetch", "dataloader time", "dataloader wait", "dataloading",
    "dataloading time", "loader time", "input wait", "wait for data", "dt data", "time data", "timing data", "timers data",
    "batch generator time",
)  # fmt: skip

_THROUGHPUT = re.compile(
    r" (?:samples|examples|images?|imgs?|toks?|tokens|its?|iters?|iterations|steps?|batches|frames|words|updates|[mgtp]?flops)"
    r" (?:per )?(?:s|sec|secs|second) "
)
_STEP_TIME = re.compile(
    r" (?:(?:step|iter|iteration|batch) (?:time|ms|seconds?)|(?:s|secs?|seconds|ms|time) (?:per )?(?:it|iter|iteration|step|batch)) "
)
_NUMBERED = re.compile(r"[0-9]+k?$")  # "loss2", "fid50k"


def role_of(words: list[str]) -> tuple[Role, Direction, str]:
    """Role and direction by words; a spread of a metric over episodes or devices is not the metric."""
    role, direction, reason = _role_of_words(words)
    named = _NAMES_OF_ROLES.get(" ".join(words), role)
    if named != role:
        return named, "higher" if named in _HIGHER_ROLES else "unknown", f"words: {' '.join(words)}"
    if role in ("loss", "score", "perplexity", "reward") and set(words) & _SPREADS:
        return "statistic", "unknown", f"the standard deviation of a {role}"
    if role in ("loss", "score", "perplexity", "reward") and "best" in words:
        return "statistic", "unknown", f"the best {role} so far, which cannot get worse"
    return role, direction, reason


def _role_of_words(words: list[str]) -> tuple[Role, Direction, str]:  # noqa: C901, PLR0911, PLR0912  (a table in code)
    text = f" {' '.join(words)} "
    stems = [_NUMBERED.sub("", w) or w for w in words]
    kinds = set(words) | set(stems)

    def says(*phrases: str) -> bool:
        return any(f" {phrase} " in text for phrase in phrases)

    if says("loss scale", "grad scale", "amp scale", "scaler"):
        return "loss-scale", "unknown", "words: loss scale"
    if says(*_DATA_TIME):
        return "data-time", "lower", "words: time waiting for data"
    if "mfu" in kinds:
        return "utilization", "unknown", "words: utilization"
    is_rate = (_THROUGHPUT.search(text) and "time" not in kinds) or kinds & {"fps", "sps", "tps", "wps", "ups", "ips"}
    if is_rate or ("throughput" in kinds and words[-1] not in _COUNTER):
        return "throughput", "higher", "words: throughput"
    if "momentum" in kinds:  # "lr-SGD-momentum" of Lightning
        return "setting", "unknown", "words: a hyperparameter"
    if says("learning rate") or kinds & {"lr", "lrate"} or says("pg0", "pg1", "pg2"):
        return "learning-rate", "unknown", "words: learning rate"
    if "codebook" in kinds:  # of vector quantisation: how many codes are used, and a loss that need not fall
        return "statistic", "unknown", "words: codebook"
    if kinds & _ERROR_RATES:  # "cer_ctc" is no CTC loss
        return "score", "lower", f"words: {min(kinds & _ERROR_RATES)}, lower is better"
    if kinds & {"ppl", "perplexity"}:
        if kinds & _QUANTISERS:
            return "statistic", "unknown", "words: used codes of a quantiser"
        return "perplexity", "lower", "words: perplexity"
    if kinds & _LOSS_WORDS or says("cross entropy"):
        if words[-1] in _WEIGHTS:
            return "setting", "unknown", "words: weight of a loss"
        if part := _part_that_may_rise(words, text):
            return "loss", "unknown", f"words: a loss of {part}, which may rise"
        return "loss", "lower", "words: loss"
    if kinds & {"gnorm"} or says("grad norm", "gradient norm", "grads norm", "total grad norm", "grad gnorm"):
        if kinds <= WHOLE_MODEL | {"gnorm"}:
            return "gradient-norm", "unknown", "words: gradient norm"
        return "unknown", "unknown", "a gradient norm of a part of the model"
    if words and words[-1] in _WEIGHTS and kinds & {"kl", "entropy", "ent", "reward"}:
        return "setting", "unknown", "words: weight of a loss term"
    if kinds & {"reward", "rewards", "rew", "return", "ret", "returns"}:
        return "reward", "higher", "words: reward"
    if kinds & {"target"} and kinds & {"entropy", "kl"}:
        return "setting", "unknown", "words: a target"
    if kinds & {"entropy"}:
        return "entropy", "unknown", "words: entropy"
    if kinds & {"kl"}:
        return "kl", "unknown", "words: KL divergence"
    if kinds & _HIGHER and kinds & _ERRORS:
        return "score", "lower", f"words: {min(kinds & _ERRORS)} of {min(kinds & _HIGHER)}, lower is better"
    if kinds & _HIGHER or says("exact match"):
        return "score", "higher", f"words: {min(kinds & _HIGHER or {'exact match'})}, higher is better"
    if kinds & _ERRORS and (part := _part_that_may_rise(words, text)):
        return "loss", "unknown", f"words: an error of {part}, which may rise"
    if kinds & _LOWER or says("bits per byte", "bits per dim", "bits per character"):
        return "score", "lower", f"words: {min(kinds & _LOWER or {'bits'})}, lower is better"
    if any(word.startswith(("free", "available")) for word in words) and kinds & _MEMORY:
        return "statistic", "unknown", "words: free memory"
    if "ram" in kinds:  # "ram_util_percent" of Ray is how full it is
        return "memory", "unknown", "words: memory"
    if kinds & {"utilization", "util", "mfu"} or says("gpu usage", "gpu load", "gpu busy", "gpu percent"):
        return "utilization", "unknown", "words: utilization"
    if (kinds & _MEMORY and "num" not in kinds) or says("allocated bytes"):
        return "memory", "unknown", "words: memory"
    if _STEP_TIME.search(text) or says("end to end s", "timing s step"):
        return "step-time", "lower", "words: step time"
    if words and all(w in _COUNTER | FILLERS | _COUNTER_ASIDES for w in words):
        return "counter", "unknown", "words: bookkeeping"
    if kinds & _SETTING or says("batch size", "weight decay", "grad clip", "clip range"):
        return "setting", "unknown", "words: a hyperparameter"
    return "unknown", "unknown", "no convention matches"


def _part_that_may_rise(words: list[str], text: str) -> str:
    """The word that makes a loss one of a part that plays against another, or of a bound; "" if there is none."""
    unnumbered = {stem for word in words if (stem := _NUMBERED.sub("", word)) != word} - _UNNUMBERED
    kinds = set(words) | unnumbered | {word[-1] for word in words if word in ("errg", "errd")}
    return min(kinds & _UNDIRECTED - ({"entropy"} if " cross entropy " in text else set()), default="")
