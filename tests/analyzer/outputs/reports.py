"""Reports for the tests of outputs: with findings, and with hostile texts in every place."""

import json

import numpy as np

from trainlint.analyzer.across.document import document
from trainlint.analyzer.judging.judgement import Judgement, RuleFinding, Verdict
from trainlint.analyzer.judging.onset import Onset
from trainlint.analyzer.outputs.registry import output_of
from trainlint.analyzer.report.document import run_entry
from trainlint.parsers.run import Curve, Meaning, Note, Run
from trainlint.rules.base import Finding
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView

RULE = {rule.id: rule for rule in RULES}
HOSTILE = {
    "command": "::error file=x::owned",
    "old command": "a ##[add-mask]secret",
    "line ends": "a\r\n::warning::b\n# c\u2028d\x85e",
    "escapes": "\x1b[2J\x1b]0;title\x07\x9b31m",
    "forbidden in XML": "a\x00b\x08\x0b\ufffe\uffff]]><x a='1' b=\"2\">&amp;",
    "bidi": "\u202egnp\u2066x\u200f",
    "surrogate": "a\udcff",
    "markup": "</script><img src=x onerror=alert(1)><!-- -->",
    "marks": "`a``b` **c** _d_ [e](http://f) ![g](h) | ~~i~~ # j",
    "address": "see https://evil.example/x www.evil.example @somebody",
    "formula": '=HYPERLINK("http://x")',
    "plus": "+1+cmd|' /C calc'!A0",
    "separators": 'a,b;c"d\te%0A%25::',
    "long": "x" * 10_000,
    "long escapes": "\x1b" * 10_000,
    "empty": "",
}


def found(rule, *, metric="loss", severity=None, cause="", **fields):
    given = {"remedies": ("do this", "or that"), "evidence": {"z": 5.0}, **fields}
    finding = Finding(given.pop("message", "it is so"), 0.9, metric, (3, 50), severity=severity, **given)
    return RuleFinding(RULE[rule], finding, cause, Onset(10, 40, 0.8, 7200.0))


def entry(name="r", findings=(), status="error", verdicts=None, path="/logs/r/metrics.csv", notes=()):
    curve = Curve.build("loss", np.arange(51), np.arange(51.0), meaning=Meaning("loss", "train"))
    run = Run(name, path, "csv-table", all_curves=[curve], notes=list(notes))
    given = verdicts or {f.rule.id: Verdict("fired") for f in findings} | {"plateau": Verdict("clear")}
    return run_entry(Judgement(RunView(run), tuple(findings), given, status))


STORY = (
    found("divergence", message="the loss climbs"),
    found("oscillation", cause="divergence", message="it scatters"),
    found("plateau", message="it stands", remedies=()),
)


OTHER = {
    "plateau": Verdict("insufficient-data", "too short"),
    "stall": Verdict("not-applicable", "no clock"),
    "overfitting": Verdict("failed", "ZeroDivisionError: here"),
}


def hostile_report(text_):
    notes = [Note(text_, text_, text_)]
    findings = (
        found("divergence", metric=text_, message=f"{text_} climbs", remedies=(text_,), evidence={text_: float("nan")}),
        found("oscillation", metric=text_, message=text_, cause="divergence"),
    )
    runs = [
        entry(text_, findings, path="/logs/" + text_, notes=notes),
        entry(text_ + "2", status="not-checked", verdicts={"plateau": Verdict("failed", text_)}, notes=notes),
        entry(text_ + "3", status="unreadable", notes=notes),
        entry(text_ + "4", status="clear"),
    ]
    runs.append(json.loads(json.dumps(runs[0])) | {"run": text_ + "5"})
    runs[-1]["findings"][0]["suppressed"] = True
    return document("/logs", "0.1.0", runs, [{"path": text_, "reason": text_}])


def printed(name, whole):
    return output_of(name).whole(whole)
