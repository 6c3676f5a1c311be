"""The rules of the family crash."""

from __future__ import annotations

import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.parsers.run import Incident, Run, Source
from trainlint.rules.base import HEADINGS
from trainlint.rules.crash import collective_timeout, out_of_memory, uncaught_exception, worker_killed

from .curves import decay, run_of

RULES = {
    module.RULE.id: module.RULE for module in (out_of_memory, collective_timeout, worker_killed, uncaught_exception)
}


def crashed(
    kind: str | None, text: str = "", *, step: int | None = 120, curves: bool = True, kind_of_log: str = "plain-text"
) -> Run:
    run = run_of({"loss": decay(20)}) if curves else Run("run", "run", "plain-text")
    run.sources = [Source("train.log", kind_of_log, 100)]
    if kind:
        run.incidents = [Incident(kind, "train.log", 4321, ('  File "a.py", line 7, in forward', text), step)]
    return run


CASES = [
    ("out-of-memory", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", "the accelerator ran out of memory", "halve the batch"),
    ("out-of-memory", "Killed", "the host ran out of memory", "num_workers"),
    ("collective-timeout", "Watchdog caught collective operation timeout: WorkNCCL", "a collective operation timed out", "find the rank"),
    ("worker-killed", "DataLoader worker (pid 3) is killed by signal: Bus error.", "a data-loader worker was lost", "shared memory"),
    ("worker-killed", "DataLoader worker (pid 3) is killed by signal: Segmentation fault.", "a data-loader worker was lost", "PYTHONFAULTHANDLER"),
    ("uncaught-exception", "RuntimeError: CUDA error: device-side assert triggered", "an exception ended the training", "CUDA_LAUNCH_BLOCKING"),
    ("uncaught-exception", "ValueError: x", "an exception ended the training", "look at a.py, line 7, in forward"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "said", "advice"), CASES)
def test_findings(kind, text, said, advice):
    judgement = judge(crashed(kind, text), list(RULES.values()), strict=True)
    (found,) = judgement.findings
    assert (found.rule.id, str(found.severity)) == (kind, "error")
    finding = found.finding
    assert finding.message == f"{said} after step 120 (line 4,321): {text}"
    assert finding.steps == (120, 120)
    assert finding.evidence == {"line": 4321.0, "last_step": 120.0}
    assert advice in finding.remedies[0]
    assert {verdict.outcome for rule, verdict in judgement.verdicts.items() if rule != kind} == {"clear"}


@pytest.mark.parametrize("rule", RULES)
def test_outcomes(rule):
    def outcome(run: Run) -> str:
        return judge(run, [RULES[rule]], strict=True).verdicts[rule].outcome

    assert outcome(crashed(rule, "x")) == "fired"
    assert outcome(crashed(rule, "x" * 500, step=None, curves=False)) == "fired"
    assert outcome(crashed(None)) == "clear"
    assert outcome(crashed(None, kind_of_log="tensorboard")) == "not-applicable"


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_documentation(rule):
    assert all(rule.section(heading) for heading in HEADINGS)


def test_without_a_step_nothing_is_said_about_it():
    (found,) = judge(crashed("out-of-memory", "Killed", step=None), list(RULES.values()), strict=True).findings
    assert found.finding.message == "the host ran out of memory (line 4,321): Killed"
    assert found.finding.evidence == {"line": 4321.0}
    assert found.finding.cited == ()
