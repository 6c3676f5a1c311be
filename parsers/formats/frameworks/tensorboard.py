"""TensorBoard event files: scalars and histograms of PyTorch, TensorFlow, Keras, Lightning, Hugging Face and many more.

## Written by
torch.utils.tensorboard and tensorboardX (`SummaryWriter`), tf.summary, the Keras `TensorBoard`
callback, Lightning's `TensorBoardLogger`, Hugging Face's trainer, Accelerate, Ignite, Stable-Baselines3, CatBoost.

## How it is recognised
The name contains `tfevents`, as in `events.out.tfevents.1622543341.host.86862.1`. The file consists of records: a
length, its checksum, a protobuf `Event` and its checksum; the first is `brain.Event:2`.

## What is read
Scalars of both forms; histograms, as curves of their statistics; hyperparameters from the hparams plugin and from
texts with JSON or a table; the last layer of a Keras model.

## What is not read
Images, audio, embeddings, graphs, precision-recall curves, profiles, other texts.

## Peculiarities
- One run may be several files of a folder (restarts, resumed runs, a test after training), and a folder's
  split may be in its name (`train/`, `validation/`, `loss_val/`).
- A restart is marked by a START record or a second version record with a step: older rows from there on are void. Many
  only go back with the step. Either way a new segment of the curve starts.
- Scalars are `simple_value` (PyTorch) or tensors of one number (TensorFlow 2). PyTorch's precision-recall curves are
  float tensors as well, recognised by the plugin name, which may be given only with the first value of a tag.
- Histograms have two forms; both become curves of statistics (see `histograms`). Those of TF2 have no moments: their norm,
  mean and std are computed from the bucket mid-points and are approximate.
- Values are almost always float32: 0.1 is read as 0.10000000149.
- Files packed with gzip (`events.out.tfevents.*.gz`) are read as well; notes give places in the unpacked content.
- CatBoost writes no version record, calls its files just `events.out.tfevents`, and validates on the set that it
  calls `test`. A run aborted immediately leaves 40 bytes; the file of an active run may end within a record.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...events.decoding import Decoder
from ...events.framing.chains import FRAME_BYTES
from ...events.framing.damage import NO_EVENT, Damage
from ...events.framing.records import read_batches
from ...events.packs import Packer
from ...file_names import patterns_of
from ...files.open_log import open_log
from ...files.unpacked import unpacked
from ...run import Curve, Meaning, Note, Run, Source
from ...tables.thinning import thinning_note

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ...events.facts import Facts

KERAS, KERAS_EPOCHS = "keras", "epoch_"  # of the framework and of tags whose step is an epoch
CATBOOST_NAME, CATBOOST_VALIDATION = "events.out.tfevents", "test"  # of the file and of the folder it lies in


def sniff(path: Path, head: bytes) -> bool:  # noqa: ARG001 - a damaged first record must not hide the file
    """Whether the name is that of an event file; an empty file counts as well."""
    return "tfevents" in path.name.lower()


def parse(path: Path) -> Iterator[Run]:
    """Yield the run of one event file."""
    yield parse_files([path])


def parse_files(paths: Sequence[Path], *, verify: bool = True) -> Run:
    """Read the event files of one folder as one run, the earliest first; each file's start is a segment's start.

    Files are ordered by the time of their first record, then by name. The payload checksums are verified unless
    `verify` is False. Raises OSError if a file cannot be read.
    """
    decoder = Decoder()
    run = _run_of(paths)
    for path in _in_order(paths):
        decoder.columns.take_over(decoder.records, None)
        damage = Damage(str(path))
        for batch in read_batches(path, damage, decoder.holds_no_curve, verify=verify):
            for row in decoder.decode(batch):
                damage.lose(int(batch.offsets[row]), int(batch.lengths[row]) + FRAME_BYTES, NO_EVENT)
        run.notes += damage.report()
        run.is_cut_short |= damage.is_cut_short
        run.sources.append(Source(str(path), PARSER.id, path.stat().st_size))
    names = decoder.tags.names
    curves = decoder.columns.curves(names)
    run.histograms = decoder.columns.histograms(names)
    if decoder.columns.thinned_from:
        kept = sum(len(curve) for curve in curves if not curve.statistic)
        run.notes.append(Note(run.path, "", thinning_note(decoder.columns.thinned_from, kept, "scalars"), "rows"))
    return _completed(run, curves, decoder.facts)


def parse_folders(folders: Iterable[Sequence[Path]], *, verify: bool = True) -> Iterator[Run]:
    """Read many runs, each the event files of one folder, as `parse_files` reads them one by one.

    This is several times faster for thousands of small files. Raises OSError if a file cannot be read.
    """
    packer = Packer()
    pack: list[list[Path]] = []
    room = packer.room
    for paths in folders:
        ordered = _in_order(paths)
        size = sum(path.stat().st_size for path in ordered)
        if size >= room and pack:
            yield from _packed(packer, pack, verify=verify)
            pack, room = [], packer.room
        pack.append(ordered)
        room -= size
    yield from _packed(packer, pack, verify=verify)


def _packed(packer: Packer, pack: list[list[Path]], *, verify: bool) -> Iterator[Run]:
    """The runs of one pack, together if possible."""
    packed = packer.read(pack, verify=verify) if len(pack) > 1 else None
    if packed is None:
        for paths in pack:
            yield parse_files(paths, verify=verify)
        return
    for paths, found in zip(pack, packed, strict=True):
        run = _run_of(paths)
        run.sources += [Source(str(path), PARSER.id, size) for path, size in zip(paths, found.sizes, strict=True)]
        yield _completed(run, found.curves, found.facts)


def _run_of(paths: Sequence[Path]) -> Run:
    return Run("", str(paths[0] if len(paths) == 1 else paths[0].parent), PARSER.id)


def _completed(run: Run, curves: list[Curve], facts: Facts) -> Run:
    """The run with its curves and the other data of its files."""
    run.all_curves = _without_placeholder(curves)
    facts.tags({curve.tag for curve in curves})
    run.hyperparameters, run.framework = facts.hyperparameters, facts.framework
    if run.framework == KERAS:
        run.all_curves = [_of_epochs(curve) for curve in run.all_curves]
    path = Path(run.path)
    if path.name == CATBOOST_NAME and not run.framework:  # every other writer adds the time and its host
        run.framework = "catboost"
        if path.parent.name == CATBOOST_VALIDATION:
            meaning = Meaning(split="validation", reason="CatBoost validates on the set called test")
            run.all_curves = [curve.with_meaning(meaning) for curve in run.all_curves]
    if not run.all_curves:
        run.notes.append(Note(run.path, "", "contains no scalars and no histograms"))
    return run


def _of_epochs(curve: Curve) -> Curve:
    """A curve of the Keras callback on the axis given by its name."""
    if curve.statistic or not curve.tag.startswith(KERAS_EPOCHS):
        return curve
    return replace(curve, axis="epoch", epoch=curve.step.astype(np.float64))


def _parse_together(paths: Sequence[Path]) -> Iterator[Run]:
    yield parse_files(paths)


def _in_order(paths: Sequence[Path]) -> list[Path]:
    if len(paths) == 1:
        return list(paths)
    return sorted(paths, key=lambda path: (_first_time(path), path.name))


def _first_time(path: Path) -> float:
    """Wall time of the first record, infinite if the file does not start with a whole one."""
    with open_log(path) as file:
        packed = unpacked(file)
        head = (packed[0] if packed else file).read(21)
    if len(head) < 21 or head[12] != 0x09:  # Event.wall_time is written first by every writer
        return float("inf")
    return float(np.frombuffer(head, "<f8", 1, 13)[0])


def _without_placeholder(curves: list[Curve]) -> list[Curve]:
    """Drop the -1 that Lightning logs as `hp_metric` at step 0 if no metric is given for its table of runs."""
    kept = []
    for curve in curves:
        if curve.tag == "hp_metric" and len(curve):
            curve = curve.take((curve.step != 0) | (curve.value != -1))  # noqa: PLW2901
            if not len(curve):
                continue
        kept.append(curve)
    return kept


PARSER = Parser(
    id="tensorboard",
    title="TensorBoard event file",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
    parse_files=_parse_together,
    parse_many=parse_folders,
    folders=("runs", "lightning_logs", "logs", "tb_logs", "tensorboard", "tb"),
)
