"""The report that the tests of outputs print."""

import pytest

from trainlint.analyzer.across.document import document

from .reports import OTHER, STORY, entry


@pytest.fixture
def report():
    runs = [
        entry("ill", STORY),
        entry("well", status="clear"),
        entry("short", status="not-checked", verdicts=OTHER),
    ]
    return document("/logs", "0.1.0", runs, [{"path": "bad.csv", "reason": "is empty"}])
