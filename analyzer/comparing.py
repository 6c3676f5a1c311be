"""From paths to a comparison of two or more groups of runs: the path that command line, Python API and MCP server share."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from .. import __version__
from ..parsers.secrets import masked_path
from ..parsers.settings.run_names import settings_of_name
from .batch import Audit
from .comparison.comparison_document import comparison_document
from .comparison.finished import FinishedComparison
from .comparison.gate import add_gate
from .comparison.run_groups import RunGroup
from .config.config_file import load
from .config.errors import MissingPathError, UsageError
from .config.options import Config
from .config.resolve import resolve_options
from .group_audit import AuditOptions
from .library import discover_logs
from .report.files import INDEX, REPORT, write_page
from .report.run_record import is_stored, read_stored, reference_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ..rules.view.study import RunDigest
    from .report.compare_schema import ManyComparisons
    from .report.schema import FileEntry


@dataclass(frozen=True, slots=True)
class CompareRequest:
    """The request of a comparison.

    Attributes:
        paths: files and folders; without references the first one is what the others are compared with.
        references: known-good runs, all together one group; the paths are then new runs, together one group as well.
        exact: the new runs must be equal to the reference.
        root: folder that names of groups are relative to; None keeps the paths as given.

    """

    paths: Sequence[Path]
    references: Sequence[Path] = ()
    config: Config = field(default_factory=Config)
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    jobs: int = 1
    strict: bool = False
    exact: bool = False
    root: Path | None = None


def compared(request: CompareRequest) -> FinishedComparison:
    """Read all runs and compare them.

    Raises:
        UsageError: fewer than two inputs, or a path does not exist or cannot be used.

    """
    if request.references and not request.paths:
        raise UsageError("there is nothing to compare with the baseline: name at least one new path")
    if not request.references and len(request.paths) < 2:
        raise UsageError("comparing takes at least two paths, or --baseline with a new one")
    groups, unreadable = read_groups(request)
    if request.references:
        cut = len(request.references)
        first, second = _merged(groups[:cut]), _merged(groups[cut:])
        document, found = comparison_document(first, second, __version__)
        add_gate(document, found, first, second, exact=request.exact)
        return FinishedComparison(cast("ManyComparisons", document), [first, second], unreadable)
    documents = [comparison_document(groups[0], other, __version__)[0] for other in groups[1:]]
    whole = cast("ManyComparisons", {**documents[0]})
    if len(documents) > 1:
        whole["comparisons"] = documents
        whole["sentence"] = " ".join(document["sentence"] for document in documents)
    return FinishedComparison(whole, groups, unreadable)


def read_groups(request: CompareRequest) -> tuple[list[RunGroup], list[FileEntry]]:
    """The runs of each input, references first, and the files that could not be read.

    Raises:
        UsageError: a path does not exist or cannot be used.

    """
    given = [*request.references, *request.paths]
    for path in given:
        if not path.exists():
            raise MissingPathError(path)
    top = Path(os.path.commonpath([path.absolute().parent for path in given]))
    unreadable: list[FileEntry] = []
    return [_group(path, top, request, unreadable) for path in given], unreadable


def _merged(groups: Sequence[RunGroup]) -> RunGroup:
    label = groups[0].label if len(groups) == 1 else f"{groups[0].label} (and {len(groups) - 1} more)"
    return RunGroup(label, tuple(run for group in groups for run in group.runs))


def _group(path: Path, top: Path, request: CompareRequest, unreadable: list[FileEntry]) -> RunGroup:
    """The runs of one input: logs, or a report or a reference that was written before."""
    shown = path.relative_to(request.root) if request.root else path
    label = masked_path(str(shown))
    stored = path / REPORT if (path / INDEX).is_file() else path
    if is_stored(stored):
        return RunGroup(label, tuple(replace(run, name=f"{label}/{run.name}") for run in read_stored(stored)))
    found = discover_logs([path], include=request.include, exclude=request.exclude)
    audit = Audit(
        found, AuditOptions(root=found.root, config=request.config, version=__version__, strict=request.strict)
    )
    with closing(audit.run(request.jobs)) as results:
        for _ in results:
            pass
    unreadable += audit.unreadable
    inner = path.absolute().relative_to(top)
    place = (inner.with_suffix("") if path.is_file() else inner).as_posix()
    runs = []
    for result in audit.results:
        digest = result.digest
        if result.entry["status"] == "unreadable" and not digest.outcomes:
            continue
        name = label if path.is_file() or digest.name in ("", ".") else f"{label}/{digest.name}"
        named = settings_of_name(place if path.is_file() else f"{place}/{digest.name}")
        runs.append(replace(digest, name=name, named=named))
    return RunGroup(label, tuple(_different(runs)))


def _different(runs: Sequence[RunDigest]) -> list[RunDigest]:
    """Runs with different names: those of one file may share one."""
    seen: dict[str, int] = {}
    named = []
    for run in runs:
        seen[run.name] = seen.get(run.name, 0) + 1
        named.append(run if seen[run.name] == 1 else replace(run, name=f"{run.name} ({seen[run.name]})"))
    return named


def run_compare(
    paths: Sequence[str | os.PathLike[str]],
    given: Mapping[str, Any],
    *,
    references: Sequence[str | os.PathLike[str]] = (),
    exact: bool = False,
    write_reference: str | os.PathLike[str] | None = None,
    config: str | os.PathLike[str] | None = None,
    jobs: int = 1,
) -> ManyComparisons:
    """See `trainlint.compare`; `given` as in `run_audit`.

    Raises:
        UsageError: an option or the file is invalid, or a path does not exist (then it is a FileNotFoundError, too).
        OSError: the reference cannot be written.

    """
    chosen = {name: value for name, value in given.items() if value is not None}
    options = resolve_options(chosen, chosen, load(Path(config)) if config is not None else None)
    request = CompareRequest(
        [Path(path) for path in paths], [Path(path) for path in references], options["config"], options.get("include", ()),
        options.get("exclude", ()), jobs, exact=exact,
    )  # fmt: skip
    finished = compared(request)
    if write_reference is not None:
        write_page(Path(write_reference), reference_text(finished.groups[1 if references else 0].runs, __version__))
    return finished.document
