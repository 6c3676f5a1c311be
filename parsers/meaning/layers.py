"""Quantities of single layers and weights: the family of a tag, and its layer."""

from __future__ import annotations

import re

from ..late_pattern import late_pattern
from ..run import Meaning, Role
from .words import FILLERS, words_of

_TIMES = frozenset("time ms seconds secs duration".split())
_OPTIMIZER_STATE = frozenset("moment moments update updates exp avg".split())
_MOMENTS = frozenset("exp moment moments".split())  # of gradients, kept by the optimizer
_EXTREMES = frozenset("max min mean avg average std var abs".split())
_WEIGHTS_OF_TERMS = frozenset("weight weights coef coeff coefficient".split())
_ZEROS = frozenset("sparsity zeros zero".split())
_NO_NORMS = frozenset("noise cosine similarity angle snr clip threshold accumulation".split())  # also said of gradients
_NORMS = frozenset("norm norms gnorm l2".split())
_SEPARATOR = r"[/._:\- ]"
_GRADIENT = r"(?:l2[_/])?grad(?:ient)?s?(?:_?(?:l?2(?:\.0)?_?)?norms?)?|gnorm"
_FAMILIES: tuple[tuple[Role, str], ...] = (
    ("update-ratio", r"update_?(?:to_?)?(?:weight_?)?ratios?|UpdateRatio|updates?_to_(?:weights?|params?|parameters?|data)(?:_ratios?)?"),
    ("zero-fraction", r"zero_?frac(?:tion)?s?|dead(?:_?(?:frac(?:tion)?|units?|neurons?|relus?|ratio))?|sparsity|frac(?:tion)?_zeros?"),
    ("gradient-norm", _GRADIENT),
    ("weight-norm", r"(?:weight|param(?:eter)?)s?(?:_?(?:l2_?)?norms?)?"),
    ("activation", r"(?:activations?|acts?)(?:_?(?:std|rms|(?:l2_?)?norm|mean|abs_?max|abs_?mean))?"),
    ("saturation", r"(?:[a-z0-9]{1,30}_)?saturat(?:ed|ion)(?:_?(?:frac(?:tion)?s?|share|ratio|units?))?|sat_frac(?:tion)?"),
)  # fmt: skip
# family first ("grads/fc1", "grad_norm_layers.0.weight") and family last ("fc1.weight/grad_norm")
_FAMILY_FIRST = [
    (role, late_pattern(rf"^(?:.*/)?(?:{names})(?:{_SEPARATOR}(?P<layer>.+))?$", re.IGNORECASE))
    for role, names in _FAMILIES
]
_FAMILY_LAST = [
    (role, late_pattern(rf"^(?P<layer>.+?){_SEPARATOR}(?:{names})$", re.IGNORECASE)) for role, names in _FAMILIES
]
WHOLE_MODEL = (
    frozenset(
        "norm norms gnorm l2 global all max min before after clip clipped unclipped preclip postclip raw "
        "train val valid test sum std group param grad gradient grads".split()
    )
    | FILLERS
)


def layer_meaning(tag: str) -> Meaning | None:
    """Meaning of a per-layer (or whole-model) quantity whose tag names a family, before or after the layer."""
    matches = [(role, m["layer"] or "") for role, pattern in _FAMILY_FIRST if (m := pattern.match(tag))]
    named_last = [(role, m["layer"]) for role, pattern in _FAMILY_LAST if (m := pattern.match(tag))]
    first_with_layer = [match for match in matches if match[1]]
    for role, layer in (*first_with_layer, *named_last, *matches):
        is_whole = all(w.rstrip("0123456789") in WHOLE_MODEL for w in words_of(layer))
        words = set(words_of(tag))
        if words & _TIMES:
            continue
        if role in ("zero-fraction", "saturation") and layer and set(words_of(layer)) <= _WEIGHTS_OF_TERMS | FILLERS:
            continue  # "sparsity_weight" is the weight of a loss term
        if role == "gradient-norm" and words & _ZEROS:
            continue
        if is_whole and role in ("weight-norm", "activation") and not words & _NORMS:
            continue  # "weights" alone does not say which of its statistics
        if is_whole and role == "gradient-norm" and words & _EXTREMES and not words & _NORMS:
            continue  # the largest element of a gradient is not its norm
        if role == "weight-norm" and words & _OPTIMIZER_STATE:
            continue
        if role == "gradient-norm" and words & (_MOMENTS | _NO_NORMS) and not words & {"clipped", "unclipped"}:
            continue
        return Meaning(role, "none", "" if is_whole else layer, reason=f"words: {role.replace('-', ' ')}")
    return None


def statistic_meaning(tag: str, statistic: str) -> Meaning:
    """Meaning of one statistic of a logged histogram."""
    family = layer_meaning(tag)
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
