"""Episodes of one or several environment workers as one run."""

import json

import numpy as np

from trainlint.parsers.formats.frameworks.sb3_monitor import PARSER


def write(folder, name, rows, start=1000.0, header="r,l,t"):
    path = folder / name
    facts = json.dumps({"t_start": start, "env_id": "CartPole-v1"})
    path.write_bytes(f"#{facts}\n{header}\r\n".encode() + "".join(f"{row}\r\n" for row in rows).encode())
    return path


def curves(paths):
    (run,) = PARSER.parse_files(paths) if len(paths) > 1 else PARSER.parse(paths[0])
    return run, {curve.tag: curve for curve in run.all_curves}


def test_one_worker(tmp_path):
    path = write(tmp_path, "monitor.csv", ["20.5,20,1.5", "nan,30,3.0", "9,9,4"], start=1_700_000_000.0)
    run, found = curves([path])
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, path.read_bytes())
    assert found["r"].step.tolist() == [20, 50, 59]
    assert np.isnan(found["r"].value[1])
    assert (found["r"].role, found["r"].direction, found["l"].role) == ("reward", "higher", "statistic")
    assert found["r"].wall_time.tolist() == [1_700_000_001.5, 1_700_000_003.0, 1_700_000_004.0]
    assert (run.framework, run.hyperparameters) == ("stable-baselines3", {"env_id": "CartPole-v1"})


def test_workers_of_a_folder_are_one_run_in_the_order_of_time(tmp_path):
    first = write(tmp_path, "0.monitor.csv", ["1,10,1", "3,10,3"], header="r,l,t,is_success")
    second = write(tmp_path, "1.monitor.csv", ["2,5,2", "4,5,4"])
    run, found = curves([first, second])
    assert found["r"].value.tolist() == [1, 2, 3, 4]
    assert found["r"].step.tolist() == [10, 15, 25, 30]
    assert [source.path for source in run.sources] == [str(first), str(second)]
    assert run.hyperparameters["n_envs"] == 2


def test_appended_training_has_no_known_time(tmp_path):
    _, found = curves([write(tmp_path, "monitor.csv", ["1,10,5", "2,10,9", "3,10,1", "4,10,20"], start=1.7e9)])
    assert found["r"].step.tolist() == [10, 20, 30, 40]
    assert np.isnan(found["r"].wall_time).tolist() == [False, False, True, True]


def test_damaged_rows_are_left_out(tmp_path):
    _, found = curves([write(tmp_path, "monitor.csv", ["1,10,1", ",10,2", "3,,3", "4,inf,4", "5,-1,5", "6,2,6"])])
    assert found["r"].value.tolist() == [1, 6]
    assert found["r"].step.tolist() == [10, 12]


def test_numbers_that_no_clock_or_counter_holds(tmp_path):
    """They cost their own row or the times, and no later episode."""
    rows = ["1,10,1", "2,1e308,2", "3,10,inf", "4,1e308,nan", "5,10,1e308"]
    for start in (1e308, float("inf"), 10**400, -(10**400), True, "1", None):
        _, found = curves([write(tmp_path, "monitor.csv", rows, start=start)])
        assert found["r"].step.tolist() == [10, 20, 30]
        assert found["r"].value.tolist() == [1, 3, 5]


def test_others_are_not_taken(tmp_path):
    for content in (b"", b"r,l,t\n1,2,3\n", b"#{}\nepoch,loss\n1,2\n"):
        assert not PARSER.sniff(tmp_path / "monitor.csv", content)
