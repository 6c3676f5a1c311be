"""Dialects: the text logs of particular programs, as data.

A dialect is recognised by its marks, which must all occur in a sample of the log.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..run import Meaning
from .shapes.keys import SPLIT_OF_WORD
from .shapes.shape import Shape

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ..run import Curve, Split


@dataclass(frozen=True, slots=True)
class Dialect:
    """A writer of text logs.

    Attributes:
        framework: becomes `Run.framework`; "" if unknown.
        marks: regular expressions that must all be found in a sample.
        axes: keys that are counters, by name.
        left_out: regular expression of keys that are not metrics.
        skipped: regular expression of lines that are not rows.
        renames: pattern and replacement for keys.
        has_plain_tags: whether the tag excludes words outside of a key that name a split.
        splits: split of each key, "*" for all others, if the dialect determines it.
        rewrite: pattern and replacement for lines that the parser would not understand.
        is_bar: whether a counter `3/4` is a progress bar over running averages: only its end counts.

    """

    framework: str
    marks: tuple[str, ...]
    axes: Mapping[str, str] = field(default_factory=dict)
    left_out: str = ""
    skipped: str = ""
    renames: tuple[tuple[str, str], ...] = ()
    has_plain_tags: bool = False
    splits: Mapping[str, Split] = field(default_factory=dict)
    is_bar: bool = False
    rewrite: tuple[str, str] | None = None

    def rewritten(self, line: str) -> str:
        return re.sub(self.rewrite[0], self.rewrite[1], line, count=1) if self.rewrite else line

    def matches(self, sample: str) -> bool:
        return all(re.search(mark, sample, re.MULTILINE) for mark in self.marks)

    def adapt(self, shape: Shape) -> Shape:
        """Apply the dialect to the shape of a line."""
        if self.skipped and re.search(self.skipped, shape.text):
            return Shape().settle()
        if self.left_out:
            shape.values = [value for value in shape.values if not re.search(self.left_out, value.tag)]
        for value in list(shape.values):
            axis = self.axes.get(value.tag)
            if axis and getattr(shape, axis) < 0:
                setattr(shape, axis, value.hole)
            if axis:
                shape.values.remove(value)
            if self.has_plain_tags and value.split:
                value.tag = value.tag.removeprefix(f"{value.split}/")
            for pattern, new in self.renames:
                value.tag = re.sub(pattern, new, value.tag)
        if self.has_plain_tags and SPLIT_OF_WORD.get(shape.split, "train") != "train":
            shape.values = [value for value in shape.values if value.split]  # the rest is the speed of the evaluation
        return shape.settle()

    def with_splits(self, curves: list[Curve]) -> list[Curve]:
        """Set the splits that the dialect determines."""
        if not self.splits:
            return curves
        reason = f"{self.framework} writes this line for this split"
        known = [(curve, self.splits.get(curve.tag, self.splits.get("*", "none"))) for curve in curves]
        return [c.with_meaning(Meaning(split=split, reason=reason)) if split != "none" else c for c, split in known]


GENERIC = Dialect("", ())
DIALECTS = (
    Dialect("keras", (r"[0-9]+/[0-9]+ (?:- |\[[=>.]+\] - |\S*[━─]).*(?:- \w*loss: |/step)",), is_bar=True),
    Dialect(
        "transformers", (r"\{.*'(?:learning_rate|eval_loss|grad_norm)': .*'epoch': ",), skipped=r"train_runtime|^ +\w+ +=",
        left_out=r"^(?:eval|test)_(?:\w+_)?(?:runtime|samples_per_second|steps_per_second)$",
    ),
    Dialect("llm.c", (r"^s:[0-9]+ (?:tel|trl|eval):",), axes={"s": "step"}),
    Dialect("modded-nanogpt", (r"^step:[0-9]+/[0-9]+ (?:val|train)_loss:",)),
    Dialect("nanogpt", (r"^iter [0-9]+: loss \S+, time \S+ms|^step [0-9]+: train loss \S+, val loss ",)),
    Dialect("megatron-lm", (r"iteration +[0-9]+/ *[0-9]+ \|.*consumed samples",)),
    Dialect(
        "fairseq", (r"\| *(?:epoch [0-9]+(?::| \|)).*(?:num_updates|wps)",),
        rewrite=(r"^\| epoch ([0-9]+) \| loss", r"| epoch \1 | train | loss"),  # the mean of an epoch
    ),
    Dialect("fairseq", (r"\| INFO \| (?:train|train_inner|valid) \| \{\"epoch\"",)),
    Dialect("espnet", (r"[0-9]+epoch:(?:train|valid):[0-9]+-[0-9]+batch:",)),
    Dialect("torch7", (r"^json_stats: \{",)),
    Dialect("mlperf", (r":::MLL(?:OG)?\b.*\{",)),
    Dialect("stable-baselines3", (r"^\| time/ +\| +\|$", r"^\| +total_timesteps +\|")),
    Dialect("caffe", (r"(?:solver\.cpp|solver\.cu|caffe).*\] *(?:Iteration [0-9]+|Solving)",)),
    Dialect("joeynmt", (r"^Steps: [0-9]+\tLoss: [^\t]+\tPPL: ",), splits={"LR": "none", "*": "validation"}),
    Dialect("joeynmt", (r"Joey-?NMT|Batch Loss: .*Tokens per Sec: ",)),
    Dialect("marian", (r"Ep\. [0-9]+ : Up\. [0-9]+ : ",), axes={"Up": "step"}),
    Dialect(
        "darknet", (r"^ ?[0-9]+: \S+, \S+ avg loss, \S+ rate, ",),
        renames=(("^rate$", "learning rate"), ("^avg loss$", "average loss"), ("^seconds$", "step time")),
    ),
    Dialect("torchtune", (r"^Step [0-9]+ \| \w+:\S+ \w+:",)),
    Dialect(
        "mmengine", (r" - mm\w+ - INFO - (?:Epoch|Iter)\(train\)",), has_plain_tags=True,
    ),
    Dialect("detectron2", (r"d2\.utils\.events\]: .*iter: [0-9]+ .*total_loss: ",)),
    Dialect("mmcv", (r" - mm\w+ - INFO - (?:Epoch|Iter) \[",), has_plain_tags=True),
    Dialect(
        "xgboost", (r"^\[[0-9]+\]\t[\w-]+-\w+:",),
        renames=((r"^(train|training|val|valid|validation|dev|eval|test)-(?=\w+$)", r"\1/"),),  # a data set, and what is measured on it
    ),
    Dialect("lightgbm", (r"^\[[0-9]+\]\t\S+'s \w+: ",), renames=((r"^(\S+)'s (.+)$", r"\1/\2"),)),
    Dialect(
        "tensorflow", (r"INFO:tensorflow:",),
        rewrite=(r"Saving dict for global step ([0-9]+):", r"eval | global step \1, "),
    ),
)  # fmt: skip


def dialect_of(sample: str) -> Dialect:
    """The first dialect whose marks are in a sample, or the generic one."""
    return next((dialect for dialect in DIALECTS if dialect.matches(sample)), GENERIC)
