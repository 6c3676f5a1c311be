"""What a tag means: role, split, layer, direction.

Resolved in this order: the convention of a framework; the split that the folder or the format states; the words of
the tag; the values as a veto. What stays unknown stays unknown: no verdict is built on a guess.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from .conventions import conventions_of
from .run import Curve, Meaning
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .run import Direction, Role, Split

SPLIT_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "holdout"), "test"),
}

OWN = "said by the user"  # reason of a meaning that nothing overrides

# Words that say how a value was gathered, not what it is.
_FILLERS = frozenset(
    "step epoch batch iter mean avg average total global running smoothed current cur metrics metric stats per final "
    "last main overall model optim optimizer".split()
)
_LOSS_WORDS = frozenset("loss losses nll ce bce ctc xent crossentropy".split())
# Losses of parts that play against each other, or bounds: they may rise while all is well.
_UNDIRECTED = frozenset(
    "policy pg pi actor critic value vf q qf gan g d gen disc dis generator discriminator adv adversarial entropy elbo "
    "kl td alpha surrogate z discrim".split()
)
_UNNUMBERED = frozenset("g d z".split())  # a group "g0" is no generator, but "q1" is a Q function
_HIGHER = frozenset(
    "acc accuracy accuracies top f1 auc auroc auprc ap map miou iou dice bleu sacrebleu rouge meteor r2 psnr ssim success precision "
    "recall mcc kappa pearson spearman ndcg mrr chrf exactmatch prec hits fbeta sensitivity specificity jaccard".split()
)
_ERROR_RATES = frozenset("wer cer ter eer".split())
_ERRORS = frozenset("error err errg errd".split())
_LOWER = (
    _ERROR_RATES
    | _ERRORS
    | frozenset("fid kid mse mae rmse mape smape msle rmsle brier ece bpc bpb lpips hausdorff".split())
)
_COUNTER = frozenset(
    "epoch epochs step steps iteration iterations iter iters time duration runtime elapsed eta wall seconds examples samples tokens updates count "
    "timesteps episodes flos timestamp hours num ooms retries".split()
)
_COUNTER_ASIDES = frozenset("n accumulated logging submission since restore this s ms sampled seen consumed".split())
_TIMES = frozenset("time ms seconds secs duration".split())
_OPTIMIZER_STATE = frozenset("moment moments update updates exp avg".split())
_SPREADS = frozenset("std stddev stdev var".split())
_SETTING = frozenset("momentum decay beta beta1 beta2 temperature epsilon eps coef".split())

_MEMORY = frozenset("memory mem vram rss".split())
_DATA_TIME = (
    "data time", "data loading", "data load", "data wait", "data fetch", "dataloader time", "dataloader wait", "dataloading",
    "dataloading time", "loader time", "input wait", "wait for data", "dt data", "time data", "timing data", "timers data",
    "batch generator time",
)  # fmt: skip

_THROUGHPUT = re.compile(
    r" (?:samples|examples|images?|imgs?|toks?|tokens|its?|iters?|iterations|steps?|batches|frames|words|updates|flops)"
    r" (?:per )?(?:s|sec|secs|second) "
)
_STEP_TIME = re.compile(
    r" (?:(?:step|iter|iteration|batch) (?:time|ms|seconds?)|(?:s|secs?|seconds|ms|time) (?:per )?(?:it|iter|iteration|step|batch)) "
)
_NUMBERED = re.compile(r"[0-9]+k?$")  # "loss2", "fid50k"
_SEPARATOR = r"[/._:\- ]"
_GRADIENT = r"(?:l2[_/])?grad(?:ient)?s?(?:_?(?:l?2(?:\.0)?_?)?norms?)?|gnorm"
_FAMILIES: tuple[tuple[Role, str], ...] = (
    ("update-ratio", r"update_?(?:to_?)?(?:weight_?)?ratios?|UpdateRatio"),
    ("zero-fraction", r"zero_?frac(?:tion)?s?|dead(?:_?(?:frac(?:tion)?|units?|neurons?|relus?|ratio))?|sparsity|frac(?:tion)?_zeros?"),
    ("gradient-norm", _GRADIENT),
    ("weight-norm", r"(?:weight|param(?:eter)?)s?(?:_?(?:l2_?)?norms?)?"),
    ("activation", r"(?:activations?|acts?)(?:_?(?:std|rms|(?:l2_?)?norm|mean|abs_?max|abs_?mean))?"),
    ("saturation", r"(?:[a-z0-9]{1,30}_)?saturat(?:ed|ion)(?:_?(?:frac(?:tion)?s?|share|ratio|units?))?|sat_frac(?:tion)?"),
)  # fmt: skip
# family first ("grads/fc1", "grad_norm_layers.0.weight") and family last ("fc1.weight/grad_norm")
_FAMILY_FIRST = [
    (role, re.compile(rf"^(?:.*/)?(?:{names})(?:{_SEPARATOR}(?P<layer>.+))?$", re.IGNORECASE))
    for role, names in _FAMILIES
]
_FAMILY_LAST = [
    (role, re.compile(rf"^(?P<layer>.+?){_SEPARATOR}(?:{names})$", re.IGNORECASE)) for role, names in _FAMILIES
]
_WHOLE_MODEL = (
    frozenset(
        "norm norms gnorm l2 global all max min before after clip clipped unclipped preclip postclip raw "
        "train val valid test sum std group param grad gradient grads".split()
    )
    | _FILLERS
)


def split_of_word(word: str) -> Split | None:
    """Split that a folder or a word names; None if it names none."""
    return SPLIT_WORDS.get(word.lower())


def resolve(curves: Sequence[Curve]) -> list[Curve]:
    """Give every curve of a run its meaning; a split already stated by folder or format is kept.

    Meanings depend on the whole run: `loss` is the training loss where `val_loss` stands beside it.
    """
    conventions = conventions_of(curve.tag for curve in curves if not curve.statistic)
    found = []
    for curve in curves:
        if curve.role != "unknown" or curve.meaning.reason == OWN:
            found.append(curve)
            continue
        meaning = meaning_of(curve.tag, curve.statistic)
        exact = next((m for c in conventions if (m := c.meaning(curve.tag))), None) if not curve.statistic else None
        if exact:
            is_told = exact.split != "none" and meaning.split != "none"
            meaning = replace(exact, split=meaning.split) if is_told else exact
        if curve.split != "none":
            meaning = replace(meaning, split=curve.split, reason=f"{meaning.reason}; split: {curve.meaning.reason}")
        found.append(curve.with_meaning(_veto(curve, meaning)))
    return _complete_splits(found)


def meaning_of(tag: str, statistic: str = "") -> Meaning:
    """Meaning of a tag by its words alone."""
    if statistic:
        return _statistic_meaning(tag, statistic)
    words = words_of(tag)
    split: Split = next((SPLIT_WORDS[w] for w in words if w in SPLIT_WORDS), "none")
    rest = [w for w in words if w not in SPLIT_WORDS]
    role, direction, reason = _role_of(rest)
    if role in {"unknown", "weight-norm"}:
        layered = _layer_meaning(tag)
        if layered and (layered.role != "weight-norm" or {"norm", "norms"} & set(words)):
            return replace(layered, split=split)
    return Meaning(role, split, "", direction, reason)


def _role_of(words: list[str]) -> tuple[Role, Direction, str]:
    """Role and direction by words; a spread of a metric over episodes or devices is not the metric."""
    role, direction, reason = _role_of_words(words)
    if role in ("loss", "score", "perplexity", "reward") and set(words) & _SPREADS:
        return "statistic", "unknown", f"the spread of a {role}"
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
        return "setting", "unknown", "words: a setting"
    if says("learning rate") or kinds & {"lr", "lrate"} or says("pg0", "pg1", "pg2"):
        return "learning-rate", "unknown", "words: learning rate"
    if "codebook" in kinds:  # of vector quantisation: how many codes are used, and a loss that need not fall
        return "statistic", "unknown", "words: codebook"
    if kinds & _ERROR_RATES:  # "cer_ctc" is no CTC loss
        return "score", "lower", f"words: {min(kinds & _ERROR_RATES)}, lower is better"
    if kinds & {"ppl", "perplexity"}:
        return "perplexity", "lower", "words: perplexity"
    if kinds & _LOSS_WORDS or says("cross entropy"):
        if words[-1] in ("weight", "weights"):
            return "setting", "unknown", "words: weight of a loss"
        if part := _part_that_may_rise(words, text):
            return "loss", "unknown", f"words: a loss, but of {part}, which may rise"
        return "loss", "lower", "words: loss"
    if kinds & {"gnorm"} or says("grad norm", "gradient norm", "grads norm", "total grad norm", "grad gnorm"):
        if kinds <= _WHOLE_MODEL | {"gnorm"}:
            return "gradient-norm", "unknown", "words: gradient norm"
        return "unknown", "unknown", "a gradient norm of a part"
    if kinds & {"reward", "rewards", "rew", "return", "ret", "returns"}:
        return "reward", "higher", "words: reward"
    if kinds & {"target"} and kinds & {"entropy", "kl"}:
        return "setting", "unknown", "words: a target"
    if kinds & {"entropy"}:
        return "entropy", "unknown", "words: entropy"
    if kinds & {"kl"}:
        return "kl", "unknown", "words: KL divergence"
    if kinds & _HIGHER or says("exact match"):
        return "score", "higher", f"words: {min(kinds & _HIGHER or {'exact match'})}, higher is better"
    if kinds & _ERRORS and (part := _part_that_may_rise(words, text)):
        return "loss", "unknown", f"words: an error, but of {part}, which may rise"
    if kinds & _LOWER or says("bits per byte", "bits per dim", "bits per character"):
        return "score", "lower", f"words: {min(kinds & _LOWER or {'bits'})}, lower is better"
    if any(word.startswith(("free", "available")) for word in words) and kinds & _MEMORY:
        return "statistic", "unknown", "words: what is left of memory"
    if "ram" in kinds:  # "ram_util_percent" of Ray is how full it is
        return "memory", "unknown", "words: memory"
    if kinds & {"utilization", "util", "mfu"} or says("gpu usage", "gpu load", "gpu busy", "gpu percent"):
        return "utilization", "unknown", "words: utilization"
    if (kinds & _MEMORY and "num" not in kinds) or says("allocated bytes"):
        return "memory", "unknown", "words: memory"
    if _STEP_TIME.search(text) or says("end to end s", "timing s step"):
        return "step-time", "lower", "words: time of a step"
    if words and all(w in _COUNTER | _FILLERS | _COUNTER_ASIDES for w in words):
        return "counter", "unknown", "words: bookkeeping"
    if kinds & _SETTING or says("batch size", "weight decay", "grad clip", "clip range"):
        return "setting", "unknown", "words: a setting"
    return "unknown", "unknown", "no convention matches"


def _part_that_may_rise(words: list[str], text: str) -> str:
    """The word that makes a loss one of a part that plays against another, or of a bound; "" if there is none."""
    unnumbered = {stem for word in words if (stem := _NUMBERED.sub("", word)) != word} - _UNNUMBERED
    kinds = set(words) | unnumbered | {word[-1] for word in words if word in ("errg", "errd")}
    return min(kinds & _UNDIRECTED - ({"entropy"} if " cross entropy " in text else set()), default="")


def _layer_meaning(tag: str) -> Meaning | None:
    """Meaning of a per-layer (or whole-model) quantity whose tag names a family, before or after the layer."""
    matches = [(role, m["layer"] or "") for role, pattern in _FAMILY_FIRST if (m := pattern.match(tag))]
    named_last = [(role, m["layer"]) for role, pattern in _FAMILY_LAST if (m := pattern.match(tag))]
    first_with_layer = [match for match in matches if match[1]]
    for role, layer in (*first_with_layer, *named_last, *matches):
        is_whole = all(w.rstrip("0123456789") in _WHOLE_MODEL for w in words_of(layer))
        words = set(words_of(tag))
        if words & _TIMES:
            continue
        if is_whole and role in ("weight-norm", "activation") and "norm" not in words:
            continue  # "weights" alone does not say which of its statistics
        if role == "weight-norm" and words & _OPTIMIZER_STATE:
            continue
        return Meaning(role, "none", "" if is_whole else layer, reason=f"words: {role.replace('-', ' ')}")
    return None


def _statistic_meaning(tag: str, statistic: str) -> Meaning:
    """Meaning of one statistic of a logged histogram."""
    family = _layer_meaning(tag)
    layer = family.layer if family else re.sub(r"/histogram(_\d+)?$", "", tag)
    role: Role = "statistic"
    if family and family.role == "gradient-norm" and statistic == "norm":
        role = "gradient-norm"
    elif family and family.role == "activation" and statistic == "zero_fraction":
        role = "zero-fraction"
    elif family and family.role == "activation":
        role = "activation"
    elif statistic == "norm" and (family is None or family.role == "weight-norm") and _is_weight(tag):
        role = "weight-norm"
    kind = family.role.replace("-", " ") if family else "values"
    return Meaning(role, "none", layer, reason=f"histogram of {kind}: {statistic}")


def _is_weight(tag: str) -> bool:
    return bool({"weight", "weights", "kernel", "param", "params"} & set(words_of(tag)))


def _veto(curve: Curve, meaning: Meaning) -> Meaning:
    """Take a role back where the values contradict it."""
    values = curve.value[np.isfinite(curve.value)]
    if len(values) == 0:
        return meaning
    low, high = float(values.min()), float(values.max())
    contradiction = {
        "learning-rate": low < 0 or high > 1000,
        "gradient-norm": low < 0,
        "weight-norm": low < 0,
        "zero-fraction": low < 0 or high > 100,
        "saturation": low < 0 or high > 100,
        "data-time": low < 0,
        "memory": low < 0,
        "utilization": low < 0,
        "perplexity": low < 0,
        "throughput": low < 0,
    }.get(meaning.role, False)
    if not contradiction:
        return meaning
    return Meaning(
        "unknown", meaning.split, meaning.layer, reason=f"named like a {meaning.role}, but {low:g} to {high:g}"
    )


def _complete_splits(curves: list[Curve]) -> list[Curve]:
    """Read an unprefixed metric as training where its neighbours say so."""
    judged = ("loss", "score", "perplexity")
    held_out = {_base(c.tag) for c in curves if c.split in ("validation", "test")}
    has_train_loss = any(c.role == "loss" and c.split == "train" for c in curves)

    def completed(curve: Curve) -> Curve:
        if curve.split != "none" or curve.role not in judged or curve.layer:
            return curve
        if _base(curve.tag) in held_out:
            why = "the same metric is logged for validation"
        elif curve.role in ("loss", "perplexity") and not has_train_loss:
            why = "the loss of a training log"
        elif curve.role == "score" and any(c.role == "loss" and c.split == "none" for c in curves):
            why = "logged beside an unprefixed loss"
        else:
            return curve
        return curve.with_meaning(replace(curve.meaning, split="train", reason=f"{curve.meaning.reason}; split: {why}"))

    return [completed(curve) for curve in curves]


def _base(tag: str) -> tuple[str, ...]:
    """The words of a tag without its split, so that `val_loss` and `loss` meet."""
    return tuple(w for w in words_of(tag) if w not in SPLIT_WORDS and w not in ("epoch", "step"))
