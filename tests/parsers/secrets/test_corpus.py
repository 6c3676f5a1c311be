"""Every secret of the attack corpus is masked, and what only looks like one stays."""

import importlib.util
import sys
from pathlib import Path

import pytest

from trainlint.parsers.secrets import masked_path, masked_text

PLACE = Path(__file__).parents[3] / "benchmarks" / "attack" / "secret_cases.py"


def _module():
    spec = importlib.util.spec_from_file_location("secret_cases", PLACE)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CORPUS = _module()
CASES = CORPUS.cases()
BY_STRUCTURE = frozenset(
    {"as-settings-023", "bs-yaml-007"}
)  # secret only below the key above: told by settings, not by text


def test_corpus_is_whole():
    assert [sum(bool(case.secret) is secret for case in CASES) for secret in (True, False)] == [250, 250]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_texts_are_masked(case):
    raw = "\n".join(f"{name}\n{content}" for name, content in case.files.items())
    masked = "\n".join(f"{masked_path(name)}\n{masked_text(content)}" for name, content in case.files.items())
    assert case.id in BY_STRUCTURE or not CORPUS.shows(masked, case.secret)
    if not case.secret:
        assert CORPUS.shows(masked, case.keep) == CORPUS.shows(raw, case.keep)


def _sample():
    taken = {}
    for case in CASES:
        if case.secret:
            taken.setdefault(case.kind, []).append(case)
    return [case for listed in taken.values() for case in listed[:: max(1, len(listed) // 3)][:3]]


@pytest.mark.parametrize(
    "case", [*_sample(), *(case for case in CASES if case.id in BY_STRUCTURE)], ids=lambda case: case.id
)
def test_no_output_shows_a_secret(case):
    assert not CORPUS.shows(CORPUS.told(case), case.secret)
