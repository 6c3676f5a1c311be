"""Write the documentation pages of report.json and of `inspect --format json`, and their JSON Schemas, from their types."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainlint.analyzer.across.document import SCHEMA
from trainlint.analyzer.comparison.comparison_document import SCHEMA as COMPARE_SCHEMA
from trainlint.analyzer.report.compare_schema import ManyComparisons
from trainlint.analyzer.report.inspection import Inspection
from trainlint.analyzer.report.inspection_document import SCHEMA as INSPECTION_SCHEMA
from trainlint.analyzer.report.json_schema import json_schema
from trainlint.analyzer.report.schema import Report

if TYPE_CHECKING:
    from pathlib import Path

WORDS = {"string": "text", "number": "number", "integer": "integer", "boolean": "boolean", "null": "null"}
NOTES = """within a major version fields are added, never renamed or removed. Keys that are not listed here do not occur. A
number that is not finite is given as the text `nan`, `inf` or `-inf`.

The JSON Schema (draft 2020-12) is"""


@dataclass(frozen=True)
class Document:
    """A JSON document with a page and a schema of its own.

    Attributes:
        root: its type.
        name: value of its field `schema`.
        folder: of its page, below this one.
        file: name of its schema at the root of the site.
        introduction: of its page.

    """

    root: type
    name: str
    folder: str
    file: str
    introduction: str

    @property
    def schema(self) -> dict[str, Any]:
        """The JSON Schema."""
        return json_schema(self.root, title=self.name)

    @property
    def page(self) -> str:
        """All types, the whole document first, each with a table of its fields."""
        sections = [_section(name, definition) for name, definition in self.schema["$defs"].items()]
        return "\n\n".join([self.introduction, *sections]) + "\n"


REPORT_INTRODUCTION = f"""# Fields of report.json

`trainlint audit` writes report.json next to its pages and prints it with `--format json`. `--format jsonl` prints the entries
of `runs`, one per line. `trainlint.audit` returns the same. The version of the format is `{SCHEMA}`: {NOTES}
<a href="../report.schema.json">report.schema.json</a>. For Python, `trainlint.analyzer.report.schema` has the same as types:
`trainlint.audit(...).report` is a `Report`."""
INSPECTION_INTRODUCTION = f"""# Fields of inspect --format json

`trainlint inspect --format json` prints how the logs are interpreted and what to log to enable more rules. The version of the
format is `{INSPECTION_SCHEMA}`: {NOTES} <a href="../inspection.schema.json">inspection.schema.json</a>."""
COMPARE_INTRODUCTION = f"""# Fields of compare --format json

`trainlint compare --format json` prints what two groups of runs differ in, and whether the second is worse. `trainlint.compare`
returns the same. The version of the format is `{COMPARE_SCHEMA}`: {NOTES} <a href="../compare.schema.json">compare.schema.json</a>."""

DOCUMENTS = (
    Document(Report, SCHEMA, "report-schema", "report.schema.json", REPORT_INTRODUCTION),
    Document(Inspection, INSPECTION_SCHEMA, "inspection-schema", "inspection.schema.json", INSPECTION_INTRODUCTION),
    Document(ManyComparisons, COMPARE_SCHEMA, "compare-schema", "compare.schema.json", COMPARE_INTRODUCTION),
)


def write(docs: Path) -> None:
    """Make for each document a folder with `index.md` and its schema."""
    for document in DOCUMENTS:
        folder = docs / document.folder
        folder.mkdir(exist_ok=True)
        (folder / "index.md").write_text(document.page, encoding="utf-8")
        (folder / document.file).write_text(json.dumps(document.schema, indent=1) + "\n", encoding="utf-8")


def _section(name: str, definition: dict[str, Any]) -> str:
    rows = [
        _row(
            f"`{key}`",
            _kind(field) + ("" if key in definition["required"] else "; may be absent"),
            field["description"],
        )
        for key, field in definition["properties"].items()
    ]
    return "\n".join(
        [f"## {name}\n\n{definition['description']}\n", _row("Key", "Type", "Meaning"), "|---|---|---|", *rows]
    )


def _kind(field: dict[str, Any]) -> str:
    """The type of a field in words, with a link where it has fields of its own."""
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in field:
        return _or([f"`{value}`" for value in field["enum"]])
    if "anyOf" in field:
        return _or([_kind(each) for each in field["anyOf"]])
    if field["type"] == "array":
        return f"list of {_kind(field['items'])}"
    if field["type"] == "object":
        return f"object whose values are {_kind(field['additionalProperties'])}"
    kinds = field["type"] if isinstance(field["type"], list) else [field["type"]]
    return _or([WORDS[kind] for kind in kinds if kind != "integer" or "number" not in kinds])


def _or(words: list[str]) -> str:
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"
