"""Small event folders that are read together are read as they are one by one; what does not fit is read alone."""

import numpy as np
import pytest

from trainlint.analyzer.batch import AuditOptions, audit_groups
from trainlint.analyzer.reading import packing
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.packing import packs_of, parse_pack
from trainlint.analyzer.reading.read import read_group, read_groups

from ...parsers.event_files import scalar, write


@pytest.fixture
def found(tmp_path):
    """Five folders of events, one of them damaged, and a table between them."""
    for number in range(5):
        folder = tmp_path / f"r{number}"
        folder.mkdir()
        events = [scalar(tag, 1 / (i + 1) + number, i) for i in range(9) for tag in ("train/loss", "val/loss")]
        write(folder, *events, *([b"junk"] if number == 3 else []))
    (tmp_path / "r2x").mkdir()
    (tmp_path / "r2x" / "log.csv").write_text("epoch,loss\n" + "".join(f"{i},{1 / (i + 1)}\n" for i in range(9)))
    return discover([tmp_path])


def told(runs):
    return [
        (run.name, [(c.tag, c.value.tolist()) for c in run.all_curves], [str(n) for n in run.notes]) for run in runs
    ]


def test_together_as_alone(found):
    alone = [run for group in found.groups for run in read_group(group, found.root)]
    together = [run for runs in read_groups(found.groups, found.root) for run in runs]
    assert told(together) == told(alone)
    audited = [
        result.entry["run"] for results in audit_groups(found.groups, AuditOptions(found.root), 1) for result in results
    ]
    assert audited == [run.name for run in alone]


@pytest.mark.parametrize(
    ("limit", "value", "sizes"),
    [
        ("MAX_GROUPS", 64, [3, 1, 2]),
        ("MAX_GROUPS", 2, [2, 1, 1, 2]),
        ("SMALL_BYTES", 10, [1] * 6),
        ("MAX_BYTES", 10, [1] * 6),
    ],
)
def test_packs(found, monkeypatch, limit, value, sizes):
    monkeypatch.setattr(packing, limit, value)
    packs = list(packs_of(found.groups))
    assert [len(pack) for pack in packs] == sizes
    assert [group for pack in packs for group in pack] == found.groups


def test_a_file_that_is_gone_leaves_the_others(found):
    pack = next(iter(packs_of(found.groups)))
    gone = pack[1].files[0].path
    gone.unlink()
    assert not parse_pack(pack)
    runs = [run for runs in read_groups(found.groups, found.root) for run in runs]
    assert [bool(run.all_curves) for run in runs] == [True, False, True, True, True, True]
    assert np.isfinite(runs[0].all_curves[0].value).all()
