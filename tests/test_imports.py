"""Who may not import whom, inside analyzer/, parsers/ and rules/: read from the files, imports in functions included.

Imports for annotations alone count as well: what a reader must know of another room is the same.
"""

import os
import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MOST_MODULES = 17  # of a folder; more are not taken in at a glance


def _import_graph():
    spec = spec_from_file_location("import_graph", ROOT / "benchmarks" / "import_graph.py")
    module = sys.modules[spec.name] = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GRAPH = _import_graph()
MODULES = GRAPH.modules_of(ROOT)
IMPORTS = GRAPH.imports_of(ROOT)
NEVER = [
    *(
        (who, "analyzer.commands")
        for who in ("analyzer.library", "analyzer.config", "analyzer.reading", "analyzer.judging")
    ),
    *(
        (who, "analyzer.commands")
        for who in ("analyzer.report", "analyzer.across", "analyzer.outputs", "analyzer.pages")
    ),
    *((f"analyzer.{who}", "analyzer.pages") for who in ("report", "across", "outputs", "judging", "reading")),
    ("analyzer.report", "analyzer.across"),
    ("analyzer.pages.drawing", "analyzer.across"),
    ("parsers.texts", "parsers.tables"),
    ("parsers.tables", "parsers.texts"),
    ("parsers", "analyzer"),
    ("parsers", "rules"),
    ("rules", "analyzer"),
]
WITHOUT_CLICK = (
    "library", "config", "reading", "report", "judging", "outputs", "across", "batch", "result", "report_folder", "pages",
    "explain_text", "processes",
)  # fmt: skip


def is_in(module, folder):
    return f"{module}.".startswith(f"{folder}.")


@pytest.mark.parametrize(("who", "whom"), NEVER, ids=lambda name: name)
def test_nevers(who, whom):
    assert any(is_in(module, who) for module in MODULES)
    assert any(is_in(module, whom) for module in MODULES)
    assert [i for i in IMPORTS if is_in(i.source, who) and is_in(i.target, whom)] == []


@pytest.mark.parametrize("with_types", [False, True])
def test_no_circle_between_rooms(with_types):
    assert GRAPH.circles_of(GRAPH.rooms_between(IMPORTS, MODULES, with_types=with_types)) == []


@pytest.mark.parametrize("top", ["analyzer", "parsers"])
def test_no_folder_is_crowded(top):
    counts = {}
    for module, path in MODULES.items():
        if is_in(module, top) and path.name != "__init__.py":
            counts[module.rpartition(".")[0]] = counts.get(module.rpartition(".")[0], 0) + 1
    assert {folder: count for folder, count in counts.items() if count > MOST_MODULES} == {}


@pytest.mark.parametrize("name", WITHOUT_CLICK)
def test_only_the_command_line_knows_click(name):
    paths = [path for module, path in MODULES.items() if is_in(module, f"analyzer.{name}")]
    assert paths
    assert [path for path in paths if "import click" in path.read_text(encoding="utf-8")] == []


def loaded(code):
    """The modules that a fresh interpreter has after some code."""
    lines = f"import sys\n{code}\nprint(*sys.modules, file=sys.__stdout__)"
    done = subprocess.run([sys.executable, "-c", lines], capture_output=True, text=True, cwd=ROOT / "tests", check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("name", ["a.csv", "log.csv"])  # the second could be a plain text by its name
def test_one_small_table_loads_what_it_needs(tmp_path, name):
    """Every module here took a hundredth of the time of auditing one table, or more."""
    (tmp_path / name).write_text("epoch,loss\n" + "".join(f"{i},{0.95**i:.4f}\n" for i in range(60)))
    names = loaded(f"import os, trainlint\nsys.stdout = open(os.devnull, 'w')\ntrainlint.audit({str(tmp_path)!r})")
    assert "trainlint.rules.registry" in names
    heavy = {
        "click", "jinja2", "pandas", "scipy", "ssl", "urllib.request", "http.client", "email", "asyncio", "importlib.metadata",
        "concurrent.futures", "subprocess", "logging", "difflib", "tomllib", "sqlite3", "google_crc32c", "zipfile", "numpy.ma",
        "trainlint.parsers.formats.generic.plain_text", "trainlint.parsers.formats.frameworks.tensorboard",
        "trainlint.analyzer.outputs.junit", "trainlint.analyzer.pages.render",
    }  # fmt: skip
    assert names & heavy == set()


def test_the_page_of_a_lone_run_loads_no_page_of_all_runs(tmp_path):
    (tmp_path / "log.csv").write_text("epoch,loss\n" + "".join(f"{i},{0.95**i:.4f}\n" for i in range(60)))
    logs, report = str(tmp_path / "log.csv"), str(tmp_path / "report")
    names = loaded(f"import trainlint\ntrainlint.audit({logs!r}, report={report!r})")
    assert "trainlint.analyzer.pages.run_page" in names
    assert (
        names & {"pandas", "scipy", "trainlint.analyzer.pages.index_page", "trainlint.analyzer.pages.insight_cards"}
        == set()
    )


@pytest.mark.parametrize(("given", "used"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_a_command_uses_one_thread_for_linear_algebra(given, used):
    environment = {name: value for name, value in os.environ.items() if "THREADS" not in name} | given
    code = (
        "import os, sys\nfrom trainlint.analyzer.cli import main\nsys.argv = ['trainlint', '--version']\n"
        "try: main()\nexcept SystemExit: print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split()[-1] == used
