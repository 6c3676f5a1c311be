"""How large report pages are, how long they keep a browser busy, and what they cost to render; MultiQC beside them.

    python benchmarks/report.py                                          # all of docs/report-speed.md, about half an hour
    python benchmarks/report.py --cases index --runs 500 --repeats 3     # smaller
    python benchmarks/report.py --cases multiqc --multiqc ~/venv/bin/multiqc

Makes its own data. Needs playwright and a Chromium in the PATH; MultiQC in an environment of its own, as its
dependencies are many, else its case is left out. Times are medians of --repeats visits, with the smallest and the largest.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from page_timing import Visit, visit
from report_data import many_runs, wide_run, write_samples

from trainlint import __version__
from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.pages.render import index_row, render_index, render_run
from trainlint.analyzer.report.files import write_page
from trainlint.rules.registry import RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CASES = ("run", "index", "multiqc", "rendering")
KINDS_OF_RUNS = 140  # judged; an index of more repeats their rows under other names
NO_FINDINGS = {"findings": 0, "expected_false": 0.0, "chance": 0}
MEMORY_AT = (100, 1_000)
# Milliseconds of script, and until the next frame is there, for one sort by each column and for filters of one to four letters.
USE_OF_TABLE = """async () => {
  const script = [], frame = [];
  const timed = async (act) => {
    await new Promise(requestAnimationFrame);
    const start = performance.now();
    act();
    script.push(performance.now() - start);
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
    frame.push(performance.now() - start);
  };
  for (const button of document.querySelectorAll("#rows thead button")) await timed(() => button.click());
  const field = document.getElementById("filter");
  for (const text of ["r", "ru", "run", "run-", "run-0001", ""]) {
    await timed(() => { field.value = text; field.dispatchEvent(new Event("input")); });
  }
  return { script: Math.max(...script), frame: Math.max(...frame), acts: script.length };
}"""


def run_case(options: argparse.Namespace) -> None:
    run = wide_run(options.curves, options.points)
    page = options.data / "run.html"
    write_page(page, render_run(judge(run, RULES), version=__version__, index_href=None).text())
    report(f"run of {options.curves} curves x {options.points:,} points", page, measured(page, options.repeats))


def index_case(options: argparse.Namespace) -> None:
    page = write_index(options.data / "index.html", options.runs)
    visits = measured(page, options.repeats, USE_OF_TABLE)
    report(f"index of {options.runs:,} runs", page, visits)
    print(
        f"  CPU of the scripts of a sort or filter: {spread([1000 * v.script_s / v.asked['acts'] for v in visits], 'ms')}"
    )
    for kind, words in (("script", "script"), ("frame", "until the next frame")):
        print(f"  slowest sort or filter, {words}: {spread([v.asked[kind] for v in visits], 'ms')}")


def multiqc_case(options: argparse.Namespace) -> None:
    program = shutil.which(options.multiqc)
    if not program:
        print(f"{options.multiqc}: not found, left out")
        return
    samples = options.data / "samples"
    write_samples(samples, options.samples)
    subprocess.run(
        [program, "--quiet", "--force", "--outdir", options.data / "multiqc", samples], check=True, capture_output=True
    )
    theirs, ours = (
        options.data / "multiqc" / "multiqc_report.html",
        write_index(options.data / "beside.html", options.samples),
    )
    visits: dict[Path, list[Visit]] = {ours: [], theirs: []}
    for _ in range(options.repeats):  # taking turns: what else the machine does hits both
        for page, found in visits.items():
            found.append(visit(page))
    report(f"index of {options.samples:,} runs", ours, visits[ours])
    version = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout.split()[-1]
    report(f"MultiQC {version} of {options.samples:,} samples", theirs, visits[theirs])
    for kind in ("idle_s", "cpu_s"):
        ratio = middle(visits[theirs], kind) / middle(visits[ours], kind)
        print(f"  {kind.partition('_')[0]}: MultiQC takes {ratio:.1f} times as long")


def rendering_case(options: argparse.Namespace) -> None:
    """CPU of making, and writing, one page after the other; runs are judged in between, as in an audit."""
    costs, peaks = list[float](), dict[int, float]()
    for number, run in enumerate(many_runs(options.pages), start=1):
        judged = judge(run, RULES)
        start = time.process_time()
        page = render_run(judged, version=__version__, index_href="../index.html").text()
        index_row(judged, "runs/x.html")
        write_page(options.data / "runs" / f"{number}.html", page)
        costs.append(1000 * (time.process_time() - start))
        if number in (*MEMORY_AT, options.pages):
            peaks[number] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"\nrendering {options.pages:,} run pages, CPU a page: mean {statistics.mean(costs):.1f} ms, {spread(costs, 'ms')}"
    )
    print("  peak memory " + ", ".join(f"at {number:,} pages {peak:.0f} MB" for number, peak in peaks.items()))


def write_index(path: Path, count: int) -> Path:
    kinds = [index_row(judge(run, RULES), "") for run in many_runs(min(count, KINDS_OF_RUNS))]
    rows = [
        kinds[i % len(kinds)]
        | {"name": f"sweep-{i % 7}/run-{i:05}", "href": f"runs/sweep-{i % 7}-run-{i:05}-0123abcd.html"}
        for i in range(count)
    ]
    write_page(path, render_index(rows, root="runs", version=__version__, unreadable=[], batch=NO_FINDINGS, seconds=60))
    return path


def measured(page: Path, repeats: int, act: str = "null") -> list[Visit]:
    return [visit(page, act) for _ in range(repeats)]


def report(title: str, page: Path, visits: Sequence[Visit]) -> None:
    print(f"\n{title}: {page.stat().st_size / 1e6:.2f} MB, {visits[0].nodes:,} nodes")
    print(
        f"  idle after {spread([v.idle_s for v in visits], 's')}; CPU of the main thread {spread([v.cpu_s for v in visits], 's')}",
        flush=True,
    )


def middle(visits: Sequence[Visit], kind: str) -> float:
    return statistics.median(getattr(v, kind) for v in visits)


def spread(values: Sequence[float], unit: str) -> str:
    return f"{statistics.median(values):.3g} {unit} ({min(values):.3g} to {max(values):.3g})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=list(CASES), choices=CASES)
    parser.add_argument("--curves", type=int, default=200)
    parser.add_argument("--points", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=5_000, help="of the index")
    parser.add_argument("--samples", type=int, default=1_000, help="of MultiQC, and runs of the index beside it")
    parser.add_argument("--pages", type=int, default=1_000, help="to render")
    parser.add_argument("--multiqc", default="multiqc", help="the program")
    parser.add_argument("--repeats", type=int, default=5)
    options = parser.parse_args()
    makers: dict[str, Callable[[Any], None]] = {
        "run": run_case, "index": index_case, "multiqc": multiqc_case, "rendering": rendering_case,
    }  # fmt: skip
    for case in options.cases:
        with tempfile.TemporaryDirectory() as folder:
            options.data = Path(folder)
            makers[case](options)


if __name__ == "__main__":
    sys.exit(main())
