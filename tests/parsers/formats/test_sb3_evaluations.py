"""`evaluations.npz` of Stable-Baselines3: plain numbers are read, and nothing else is."""

import io
import zipfile

import numpy as np
import pytest

from trainlint.parsers.formats.frameworks.sb3_evaluations import PARSER

STEPS = np.array([100, 200, 300])
REWARDS = np.array([[1.0, 3.0], [2.0, 4.0], [np.inf, -np.inf]])


def read(path, **arrays):
    np.savez(path, **arrays)
    assert PARSER.sniff(path, path.read_bytes()[:4096])
    (run,) = PARSER.parse(path)
    return run


def test_means_of_episodes(tmp_path):
    successes = np.array([[True, False], [True, True], [False, False]])
    run = read(
        tmp_path / "evaluations.npz", timesteps=STEPS, results=REWARDS, ep_lengths=REWARDS * 10, successes=successes
    )
    told = {curve.tag: curve.value.tolist() for curve in run.all_curves}
    assert told == {
        "eval/mean_reward": pytest.approx([2.0, 3.0, np.nan], nan_ok=True),
        "eval/mean_ep_length": pytest.approx([20.0, 30.0, np.nan], nan_ok=True),
        "eval/success_rate": [0.5, 1.0, 0.0],
    }
    assert run.all_curves[0].step.tolist() == STEPS.tolist()
    assert run.notes == []


@pytest.mark.parametrize(
    ("arrays", "note"),
    [
        ({"timesteps": STEPS, "results": np.array([[{}], [{}], [{}]], dtype=object)}, "not an array of numbers"),
        ({"timesteps": STEPS, "results": REWARDS[:2]}, "does not have one row for each of 3 evaluations"),
        ({"timesteps": STEPS, "results": np.empty((3, 0))}, "does not have one row for each of 3 evaluations"),
        ({"timesteps": STEPS, "results": np.float64(3)}, "does not have one row for each of 3 evaluations"),
        ({"timesteps": STEPS}, "contains no rows of numbers"),
        ({"timesteps": np.array(["a"])}, "not an array of numbers"),
        ({"timesteps": np.array([1.0, np.nan]), "results": REWARDS}, "not counts"),
    ],
)
def test_what_is_no_evaluation_is_told(tmp_path, arrays, note):
    run = read(tmp_path / "evaluations.npz", **arrays)
    assert run.all_curves == []
    assert note in run.notes[0].message


def test_a_header_that_claims_terabytes_reserves_nothing(tmp_path):
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, {"descr": "<f8", "fortran_order": False, "shape": (2**40,)})
    path = tmp_path / "evaluations.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("timesteps.npy", header.getvalue())
    (run,) = PARSER.parse(path)
    assert "more than the limit of 4,000,000" in run.notes[0].message
