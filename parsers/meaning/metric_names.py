"""Recognition of column names that are metrics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..late_pattern import late_pattern
from .vocabulary import HIGHER, LOWER
from .words import words_of

if TYPE_CHECKING:
    from pathlib import Path

_METRIC = late_pattern(
    r"loss|perplexity|(?:^|[^a-z])(?:acc|accuracy|error|err|reward|rewards|return|auc|f1|lr|learning.?rate|grad|iou|ppl"
    r"|bleu|psnr|ssim|mse|mae|rmse|precision|recall|map|map50|fid|wer|cer|score|kappa|dice|ndcg|mrr|kl|entropy|bpc|bpb|elbo|top1|top5|nll)"
    r"(?:$|[^a-z])|accuracy$|acc$|error$|reward$|_norm$"
)
# Words of scores that also say something else, or begin other words of a log.
_AMBIGUOUS = frozenset(
    "top hits kappa sens success prec ap aps mar pod ets las uas ter far ade fde mre tre owa ari map correct likelihood errors".split()
)
_SCORES = (HIGHER | LOWER) - _AMBIGUOUS


def is_metric_name(name: str) -> bool:
    """Whether the name of a column is that of a metric."""
    return _METRIC.search(name.strip().casefold()) is not None or not _SCORES.isdisjoint(words_of(name))


def metric_of_file(path: Path) -> str:
    """What the only numbers of a file are called if it does not say: its name, without its suffixes."""
    return path.name.split(".")[0]
