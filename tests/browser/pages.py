"""Pages for the tests of this folder."""

from trainlint.analyzer.comparison.comparison_document import comparison_document
from trainlint.analyzer.comparison.finished import FinishedComparison
from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages.render import index_row, render_comparison, render_index, render_run
from trainlint.parsers.run import Curve
from trainlint.rules.base import Severity

from ..analyzer.comparison.test_comparison import group as runs_of
from ..analyzer.judgements import NO_FINDINGS, finding, healthy, judgement, meaning, rule, run


def run_page(judged=None, index_href="../index.html"):
    return render_run(judged or judgement(), version="0.1.0", index_href=index_href).text()


def index_page(count=500):
    spike = RuleFinding(rule("loss-spike", "Loss spikes", Severity.WARNING), finding(metric="train/loss"))
    kinds = [judgement(), healthy(), judgement(findings=[spike], status="warning")]
    kinds = [index_row(kind, "runs/x.html") for kind in kinds]
    rows = [
        kinds[i % 3] | {"name": f"run-{i:04}", "best": i / 7, "hyperparameters": {"lr": 10.0 ** -(i % 4)}}
        for i in range(count)
    ]
    return render_index(rows, root="/data", version="0.1.0", unreadable=[], batch=NO_FINDINGS, seconds=2)


def layered():
    """A healthy run that logs gradient norms of four layers."""
    steps = range(100)
    curves = [
        Curve.build(
            f"grad_norm/l{i}",
            steps,
            [10.0 ** (i - 3)] * 100,
            meaning=meaning("gradient-norm", "none", "unknown", f"l{i}"),
        )
        for i in range(4)
    ]
    return healthy(judged=run(curves))


def compare_page():
    """Three runs against three, one setting apart, with curves."""
    curve = [2.0 / (1 + i / 9) for i in range(60)]
    first, second = (
        runs_of(name, values, curve=curve, lr=lr)
        for name, values, lr in (("a", (0.5, 0.51, 0.49), 0.1), ("b", (0.6, 0.61, 0.59), 0.2))
    )
    document, _ = comparison_document(first, second, "0.1.0")
    return render_comparison(FinishedComparison({**document}, [first, second], []), version="0.1.0")
