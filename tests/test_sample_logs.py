"""The sample logs get the verdicts that their README promises, as committed and when trained anew."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import trainlint

SAMPLES = Path(__file__).parents[1] / "sample_logs"
MAX_FILE_BYTES = 60_000
MAX_FOLDER_BYTES = 1_000_000
ROW = re.compile(
    r"^\| \[(?P<name>[\w-]+)\]\((?P=name)\) \|.*\| (?:(?P<clear>clear)|(?P<severity>\w+) `(?P<rule>[\w-]+)`) \|$"
)


def promises():
    """Folder -> (severity, rule), or None for a healthy one, as the README's table has it."""
    rows = filter(None, map(ROW.match, (SAMPLES / "README.md").read_text().splitlines()))
    return {row["name"]: None if row["clear"] else (row["severity"], row["rule"]) for row in rows}


def verdicts(folder):
    """Sample -> set of (severity, rule); samples are the first folders of the names of runs."""
    found = {}
    report = trainlint.audit(folder)
    for each in report["comparisons"]:
        sample = found.setdefault(each["runs"][0].partition("/")[0], set())
        sample.add((each["severity"], each["rule"]))
    for run in report["runs"]:
        sample = found.setdefault(run["run"].partition("/")[0], set())
        sample |= {(finding["severity"], finding["rule"]) for finding in run["findings"]}
    return found


def assert_as_promised(found):
    wanted = promises()
    assert found.keys() == wanted.keys()
    alarms = {name: {f for f in found[name] if f[0] != "info"} for name, want in wanted.items() if want is None}
    assert alarms == {name: set() for name in alarms}
    missed = {name: (want, found[name]) for name, want in wanted.items() if want and want not in found[name]}
    assert missed == {}


def test_committed_samples_get_the_promised_verdicts():
    assert_as_promised(verdicts(SAMPLES))


@pytest.mark.slow
def test_freshly_trained_samples_get_the_promised_verdicts(tmp_path):
    subprocess.run([sys.executable, str(SAMPLES / "make.py"), str(tmp_path)], check=True, capture_output=True)
    assert_as_promised(verdicts(tmp_path))


def test_every_sample_folder_is_one_run_and_the_study_is_one_study():
    report = trainlint.audit(SAMPLES)
    single = [run for run in report["runs"] if not run["run"].startswith("study/")]
    assert len(single) == len([path for path in SAMPLES.iterdir() if is_sample(path)]) - 1
    study = report.studies[0]
    assert (len(study["runs"]), len(study["configurations"])) == (13, 5)
    told = {each["hyperparameter"] for each in study["effects"] if each["verdict"] == "effect"}
    assert told == {"lr", "release"}


def test_the_study_compared():
    study = SAMPLES / "study"
    gate = trainlint.compare(study / "release-2", baseline=study / "baseline")
    assert (gate["gate"], gate["likely"]) == ("fail", ["release"])
    gate = trainlint.compare(study / "no-weight-decay", baseline=study / "baseline")
    assert (gate["gate"], gate["verdict"]) == ("pass", "no-evidence")
    equal = trainlint.compare(study / "baseline" / "seed0", study / "label-smoothing" / "seed0")
    assert (equal["verdict"], equal["hyperparameters"]) == ("identical", {"label_smoothing": [0.0, 0.1]})


def test_samples_stay_small():
    files = [path for folder in SAMPLES.iterdir() if is_sample(folder) for path in folder.rglob("*") if path.is_file()]
    assert [path for path in files if path.stat().st_size > MAX_FILE_BYTES] == []
    assert sum(path.stat().st_size for path in files) < MAX_FOLDER_BYTES


def is_sample(path):
    return path.is_dir() and not path.name.startswith((".", "__"))
