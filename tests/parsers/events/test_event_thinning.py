"""Event files of more scalars than are kept."""

import numpy as np
import pytest

from trainlint.parsers.events import thinning
from trainlint.parsers.events.framing import records
from trainlint.parsers.formats.frameworks import tensorboard

from ..event_files import scalar, write


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(thinning, "MAX_ROWS", 1000)
    monkeypatch.setattr(records, "WINDOW_BYTES", 1 << 14)


def test_what_is_kept_of_each_tag(small_limits, tmp_path):
    generator = np.random.default_rng(1)
    steps = [*range(2000), *range(1500, 4000)]
    loss = generator.standard_normal(len(steps)).astype(np.float32)
    loss[[777, 2222]] = np.inf, np.nan
    rare = steps[::100]
    events = []
    for row, step in enumerate(steps):
        events.append(scalar("loss", float(loss[row]), step))
        if row % 100 == 0:
            events.append(scalar("val_loss", float(row), step))
    (run,) = tensorboard.parse(write(tmp_path, *events))
    by_tag = {curve.tag: curve for curve in run.all_curves}
    curve = by_tag["loss"]
    assert len(curve) <= 500
    assert (curve.step[0], curve.step[-1]) == (0, 3999)
    assert [segment.purge_step for segment in curve.segments] == [0, 1500]
    kept, whole = curve.value[np.isfinite(curve.value)], loss[np.isfinite(loss)]
    assert (kept.min(), kept.max()) == (whole.min(), whole.max())
    assert curve.step[~np.isfinite(curve.value)].tolist() == [777, steps[2222]]
    assert by_tag["val_loss"].step.tolist() == rare
    (note,) = run.notes
    assert note.left_out == "rows"
    assert "4,545 scalars" in note.message
