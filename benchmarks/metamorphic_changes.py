"""Ways to tell the same training in other words: other names, units, axes, columns, points and formats.

A change takes a run and returns it told anew, without meanings, or None where it has nothing to change.
"""

from __future__ import annotations

import csv
import json
import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from trainer.loggers import _capitals, _keras, _slash, _underscore, _valid

from trainlint.parsers.meaning.terms import read_terms
from trainlint.parsers.meaning.totals import is_total
from trainlint.parsers.meaning.vocabulary import SPLITS
from trainlint.parsers.meaning.words import FILLERS, terms_of
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.numeric.reduction_mismatch import COUNT_KEYS
from trainlint.rules.view.hyperparameter_names import STEP_KEYS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Change = Callable[[Run], Run | None]

CROSS_ENTROPY = ("classification", "language-model", "fine-tuning")
SHARES = frozenset("acc accu accuracy f1 auc auroc iou miou dice precision recall top".split())
MAX_NATS = 300.0  # whose exponential is still a number
SAMPLES = 64  # of a step
QUANTITIES = {  # of a role: how every convention names it
    "learning-rate": "lr", "gradient-norm": "grad_norm", "perplexity": "perplexity", "throughput": "samples_per_second",
    "step-time": "step_time",
}  # fmt: skip
SPREAD = (
    "mse",
    "rmse",
    "mae",
    "f1",
    "auc",
    "iou",
    "wer",
    "bpb",
    "bpc",
    "psnr",
    "ssim",
    "r2",
    "dice",
    "precision",
    "recall",
)


def told(run: Run, curves: list[Curve], settings: dict[str, Any] | None = None) -> Run:
    """The run with other curves, of which nothing is known but what they say."""
    bare = [replace(c, meaning=Meaning(), segments=c.segments) for c in curves]
    kept = dict(run.hyperparameters) if settings is None else settings
    return replace(run, all_curves=bare, hyperparameters=kept, task="unknown", task_evidence=())


def plain(run: Run) -> list[Curve]:
    """Curves under names that say their split, even if a folder or a format said it before."""
    names: set[str] = set()
    found = []
    for curve in run.all_curves:
        said = [word for word in terms_of(curve.tag) if word in SPLITS]
        prefix = "" if said or curve.split == "none" else {"validation": "val/"}.get(curve.split, f"{curve.split}/")
        tag = prefix + curve.tag if not curve.statistic else curve.tag
        if (tag, curve.statistic) not in names:
            names.add((tag, curve.statistic))
            found.append(replace(curve, tag=tag))
    return found


def quantity(curve: Curve) -> str | None:
    """What every convention has a name for; None if a curve is none of it."""
    words = [word for word in terms_of(curve.tag) if word not in SPLITS and word not in FILLERS]
    if curve.layer or curve.statistic or (curve.direction == "unknown" and curve.role in ("loss", "score")):
        return None
    if curve.role == "loss" and is_total(curve.tag):
        return "loss"
    if curve.role == "score" and len(words) == 1:
        stem = next(iter(read_terms(words).kinds & {*SPREAD, "acc", "accuracy"}), None)
        return {"acc": "accuracy"}.get(stem or "", stem)
    return QUANTITIES.get(curve.role)


def renamed(convention: Callable[[str, str], str]) -> Change:
    def change(run: Run) -> Run | None:
        names: dict[str, int] = {}
        curves = []
        for curve, as_named in zip(run.all_curves, plain(run), strict=False):
            what = quantity(curve)
            split = curve.split if curve.split in ("train", "validation") else ""
            if what and curve.split != "test":
                tag = convention(split if what in ("loss", "accuracy", "perplexity", *SPREAD) else "", what)
            else:
                tag = as_named.tag
            names[tag] = names.get(tag, 0) + 1
            curves.append(replace(as_named, tag=tag))
        return told(run, curves) if max(names.values(), default=0) == 1 else None

    return change


def percent(run: Run) -> Run | None:
    def is_share(curve: Curve) -> bool:
        finite = curve.value[np.isfinite(curve.value)]
        is_named = curve.role == "score" and bool(read_terms(terms_of(curve.tag)).kinds & SHARES)
        return is_named and len(finite) > 0 and finite.min() >= 0 and 0.05 < finite.max() <= 1

    is_any = [is_share(c) for c in run.all_curves]
    curves = [replace(p, value=100 * p.value) if share else p for p, share in zip(plain(run), is_any, strict=False)]
    return told(run, curves) if any(is_any) and len(curves) == len(is_any) else None


def _cross_entropies(run: Run) -> list[bool]:
    losses = [c.role == "loss" and c.direction == "lower" and is_total(c.tag) and not c.layer for c in run.all_curves]
    values = [c.value[np.isfinite(c.value)] for c, is_loss in zip(run.all_curves, losses, strict=True) if is_loss]
    is_fine = all(len(v) and v.min() >= 0 and v.max() < MAX_NATS for v in values)
    others = any(
        c.role == "perplexity" or (c.role == "loss" and not is_loss)
        for c, is_loss in zip(run.all_curves, losses, strict=True)
    )
    return losses if values and is_fine and not others and run.task in CROSS_ENTROPY else []


def instead_of_loss(word: str, convert: Callable[[Any], Any]) -> Change:
    def change(run: Run) -> Run | None:
        losses, named = _cross_entropies(run), plain(run)
        if len(losses) != len(named):
            return None
        curves = []
        for curve, is_loss in zip(named, losses, strict=True):
            tag = curve.tag.replace("loss", word).replace("Loss", word)
            if is_loss and tag == curve.tag:
                return None
            curves.append(replace(curve, tag=tag, value=convert(curve.value)) if is_loss else curve)
        return told(run, curves)

    return change


def summed(run: Run) -> Run | None:
    """Sums over the samples of a batch in place of means, in all splits, where the size of a batch is logged."""
    sizes = {k.rpartition(".")[2].lower(): v for k, v in run.hyperparameters.items()}
    count = next((sizes[name] for name in COUNT_KEYS if isinstance(sizes.get(name), int) and sizes[name] > 1), None)
    losses, named = _cross_entropies(run), plain(run)
    if count is None or len(losses) != len(named) or not any(losses):
        return None
    return told(run, [replace(c, value=count * c.value) if of else c for c, of in zip(named, losses, strict=True)])


def in_samples(run: Run) -> Run | None:
    if not run.all_curves or any(c.axis != "step" for c in run.all_curves):
        return None
    settings = {
        k: v * SAMPLES if k.rpartition(".")[2].lower() in STEP_KEYS and isinstance(v, int) else v
        for k, v in run.hyperparameters.items()
    }
    return told(run, [replace(c, step=c.step * SAMPLES) for c in plain(run)], settings)


def in_epochs(run: Run) -> Run | None:
    steps = {tuple(c.step.tolist()) for c in run.all_curves}
    is_evaluated = any(
        c.split == "validation" for c in run.all_curves
    )  # at every row: a row is an epoch, or as good as one
    if (
        len(steps) != 1
        or not is_evaluated
        or any(c.axis == "row" or (np.diff(c.step) <= 0).any() for c in run.all_curves)
    ):
        return None
    other = "epoch" if run.all_curves[0].axis == "step" else "step"
    return told(run, [replace(c, axis=other) for c in plain(run)])


def shuffled(run: Run) -> Run:
    curves = plain(run)
    return told(run, [curves[i] for i in np.random.default_rng(0).permutation(len(curves))])


def with_irrelevant(run: Run) -> Run | None:
    longest = max(run.all_curves, key=len, default=None)
    if longest is None:
        return None
    rng, n = np.random.default_rng(0), len(longest)
    extra = {
        "queue_depth": rng.integers(0, 9, n),
        "room_temperature_c": 21 + rng.normal(size=n),
        "wind": rng.normal(size=n),
    }
    more = [
        replace(longest, tag=tag, statistic="", value=np.asarray(v, float), meaning=Meaning())
        for tag, v in extra.items()
    ]
    return told(run, [*more[:1], *plain(run), *more[1:]])


def thinned(run: Run) -> Run:
    return told(run, [c.take(np.arange(len(c)) % 3 == 0) for c in plain(run)])


def cut_at_epoch(run: Run) -> Run | None:
    ends = [float(np.nanmax(c.epoch)) for c in run.all_curves if np.isfinite(c.epoch).any()]
    last = math.floor(max(ends, default=0))
    curves = [c.take(~(c.epoch > last)) for c in plain(run) if c.axis == "step"]
    return told(run, [c for c in curves if len(c)]) if last >= 1 and last < max(ends) else None


def unchanged(run: Run) -> Run:
    return told(run, plain(run))


CHANGES: dict[str, Change] = {
    "names: slash": renamed(_slash), "names: underscore": renamed(_underscore), "names: Keras": renamed(_keras),
    "names: capitals": renamed(_capitals), "names: valid_": renamed(_valid), "order of columns": shuffled,
    "irrelevant columns": with_irrelevant, "samples for steps": in_samples, "epochs and steps exchanged": in_epochs,
    "percent": percent, "perplexity": instead_of_loss("perplexity", np.exp),
    "bits": instead_of_loss("bits_per_token", lambda nats: nats / math.log(2)), "sums for means": summed, "a third of the points": thinned,
    "cut at the last whole epoch": cut_at_epoch,
}  # fmt: skip


def rows_of(run: Run) -> tuple[list[str], list[dict[str, float]]]:
    """Names of columns, and a row for each step with what was logged there."""
    curves = [c for c in plain(run) if not c.statistic]
    axis = "epoch" if curves and all(c.axis == "epoch" for c in curves) else "step"
    rows: dict[int, dict[str, float]] = {}
    for curve in curves:
        for step, value in zip(curve.step.tolist(), curve.value.tolist(), strict=True):
            rows.setdefault(step, {axis: step})[curve.tag] = value
    return [axis, *dict.fromkeys(c.tag for c in curves)], [rows[step] for step in sorted(rows)]


def write_csv(run: Run, folder: Path) -> None:
    names, rows = rows_of(run)
    with (folder / "metrics.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows({k: repr(v) for k, v in row.items()} for row in rows)


def write_json_lines(run: Run, folder: Path) -> None:
    (folder / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows_of(run)[1]))


def write_text(run: Run, folder: Path) -> None:
    def said(tag: str, value: float) -> str:
        return f"{tag} {value}" if tag in ("step", "epoch") else f"{tag.replace(' ', '_')}: {value:.6g}"

    lines = [" | ".join(said(tag, value) for tag, value in row.items()) for row in rows_of(run)[1]]
    (folder / "train.log").write_text("\n".join(lines) + "\n")


def write_events(run: Run, folder: Path) -> None:
    from event_data import write_events as write_event_file
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary

    events = [
        Event(wall_time=number / 10 + 1.7e9, step=int(row.get("step", row.get("epoch", 0))),
              summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))
        for number, row in enumerate(rows_of(run)[1]) for tag, value in row.items() if tag not in ("step", "epoch")
    ]  # fmt: skip
    write_event_file(folder / "events.out.tfevents.1700000000.host.1.0", iter(events))


FORMATS = {"CSV": write_csv, "JSON lines": write_json_lines, "text": write_text, "events": write_events}
