"""Logs with a made-up secret in each, and harmless look-alikes: 250 and 250, written without a look at the patterns.

The first 300 found what was missing, the other 200 were scored once when all was done; now both are tests. Every case is
a folder of files with the secrets (in parts, where one is split) or the text that must stay. "¦" parts each long word of
the file, so that the services that guard repositories do not take them for real ones; it is taken out when read.
"""

from __future__ import annotations

import html
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import trainlint

CORPUS = Path(__file__).with_name("secrets.json")
MARK = "¦"
SANE = "epoch,loss,val_loss\n" + "".join(f"{i},{2 / (i + 1):.4f},{2.2 / (i + 1):.4f}\n" for i in range(40))
FORMATS = ("json", "jsonl", "sarif", "junit", "github", "markdown", "brief", "csv")


@dataclass(frozen=True)
class Case:
    """A folder: `secret` must nowhere appear, `keep` must; the files by their paths."""

    id: str
    corpus: str
    kind: str
    secret: tuple[str, ...]
    keep: tuple[str, ...]
    files: dict[str, str]


def cases() -> list[Case]:
    """All cases, the marks taken out."""
    return [
        Case(each["id"], each["set"], each["kind"], tuple(each["secret"]), tuple(each["keep"]), each["files"])
        for each in json.loads(CORPUS.read_text(encoding="utf-8").replace(MARK, ""))
    ]


def forms(text: str) -> set[str]:
    """A text as it may stand in an output: as it is, or escaped for a page, for JSON once or twice, or for an address."""
    once = json.dumps(text)[1:-1]
    page = html.escape(text)
    return {
        text, page, page.replace("&#x27;", "&#39;").replace("&quot;", "&#34;"), once, json.dumps(once)[1:-1],
        quote(text), quote(text, safe=""), repr(text)[1:-1],
    }  # fmt: skip


def shows(outputs: str, texts: tuple[str, ...]) -> list[str]:
    """Those of the texts that stand in the outputs."""
    return [text for text in texts if any(form in outputs for form in forms(text))]


def written(case: Case, folder: Path) -> Path:
    """The case as files, beside a log that is sane."""
    for name, content in {**case.files, "sane/metrics.csv": SANE}.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def told(case: Case, *, is_short: bool = False) -> str:
    """All that trainlint tells of a case: every format, the pages, the baseline, the inspection, the table, an agent."""
    with tempfile.TemporaryDirectory(prefix="case-") as folder:
        root, report = written(case, Path(folder) / "logs"), Path(folder) / "report"
        result = trainlint.audit(root, report=None if is_short else report)
        parts = [result.render(name) for name in (("json",) if is_short else FORMATS)]
        parts += _inspected(root, Path(folder) / "out")
        if not is_short:
            result.write_baseline(Path(folder) / "baseline.json")
            parts += [(Path(folder) / "baseline.json").read_text(encoding="utf-8"), result._repr_html_()]
            parts += [f"{p.name} {p.read_text(encoding='utf-8')}" for p in sorted(report.rglob("*")) if p.is_file()]
            parts += _for_agents(root)
            parts.append(trainlint.read(root).to_csv())
        return "\n".join(parts).replace(folder, "")


def _inspected(root: Path, output: Path) -> list[str]:
    from trainlint.analyzer.inspection import run_inspect
    from trainlint.analyzer.settings import Config

    parts = []
    for name in ("text", "json"):
        run_inspect(paths=[root], include=(), exclude=(), config=Config(), output_format=name, output=output)
        parts.append(output.read_text(encoding="utf-8"))
    return parts


def _for_agents(root: Path) -> list[str]:
    from trainlint.analyzer.agent_server import audit_answer, inspect_answer

    return [inspect_answer(root, "."), audit_answer(root, ".", None)]
