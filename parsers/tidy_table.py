"""The curves of runs as one table, a row a logged point."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd
    from numpy.typing import NDArray

    from .run import Number, Run

COLUMNS = ("run", "tag", "role", "split", "layer", "step", "epoch", "wall_time", "value")


def table(runs: Iterable[Run]) -> pd.DataFrame:
    """The tidy frame of many runs, columns `COLUMNS`; text columns are categorical to stay small."""
    import pandas as pd

    owned = [(run, curve) for run in runs for curve in run.all_curves]
    counts = [len(curve) for _, curve in owned]

    def repeated(texts: list[str]) -> pd.Categorical[str]:
        categories = list(dict.fromkeys(texts))
        codes = {text: code for code, text in enumerate(categories)}
        per_curve = np.array([codes[text] for text in texts], dtype=np.int32)
        return pd.Categorical.from_codes(np.repeat(per_curve, counts), categories=pd.Index(categories, dtype=object))

    def joined(arrays: list[NDArray[Number]], dtype: type[Number]) -> NDArray[Number]:
        return np.concatenate(arrays) if arrays else np.empty(0, dtype)

    columns = {
        "run": repeated([run.name for run, _ in owned]),
        "tag": repeated([curve.name for _, curve in owned]),
        "role": repeated([curve.role for _, curve in owned]),
        "split": repeated([curve.split for _, curve in owned]),
        "layer": repeated([curve.layer for _, curve in owned]),
        "step": joined([curve.step for _, curve in owned], np.int64),
        "epoch": joined([curve.epoch for _, curve in owned], np.float64),
        "wall_time": joined([curve.wall_time for _, curve in owned], np.float64),
        "value": joined([curve.value for _, curve in owned], np.float64),
    }
    return pd.DataFrame(columns, columns=list(COLUMNS))
