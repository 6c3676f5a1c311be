"""Who imports whom: modules, import edges and the longest import chain of each folder of a checkout.

    python benchmarks/import_graph.py [CHECKOUT]

A folder is a package of `analyzer/`, `parsers/` or `rules/`; each of these three counts as a folder of its own, too, with
only the modules that lie directly in it. An edge leads from one module to another of the project that it imports;
`out` counts those that leave the folder. The longest chain is the number of modules in the longest path of imports within
the folder. A room is a folder, or a module that lies directly in one of the three: circles are looked for between rooms,
as `parsers/base.py` stands below the formats and `parsers/registry.py` above them. Imports for annotations alone (under `if TYPE_CHECKING`) are listed in columns of their own, because they cost
a reader as much as others and cost the program nothing. Circles are printed at the end.

The checkout is parsed, never imported, so any commit can be measured, whatever its layout.
"""

from __future__ import annotations

import argparse
import ast
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

TOPS = ("analyzer", "parsers", "rules")


@dataclass(frozen=True, slots=True)
class Import:
    """One module of the project importing another; names are dotted and relative to the checkout."""

    source: str
    target: str
    is_for_types: bool


def modules_of(root: Path) -> dict[str, Path]:
    """Every module of the three folders, by its dotted name; a package has the name of its folder."""
    found: dict[str, Path] = {}
    for path in sorted(path for top in TOPS for path in (root / top).rglob("*.py")):
        parts = path.relative_to(root).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(root: Path) -> list[Import]:
    """Every import between modules of the project, once for each pair and kind; those within functions count."""
    modules = modules_of(root)
    found: dict[Import, None] = {}
    for name, path in modules.items():
        is_package = path.name == "__init__.py"
        for node, is_for_types in _statements(ast.parse(path.read_text(encoding="utf-8")), is_for_types=False):
            for target in _targets(node, name, is_package=is_package, modules=modules):
                if target != name:
                    found[Import(name, target, is_for_types)] = None
    return list(found)


def folder_of(module: str, modules: Mapping[str, Path]) -> str:
    """The folder that a module lies in; a package is its own folder."""
    return module if modules[module].name == "__init__.py" else module.rpartition(".")[0]


def room_of(module: str, modules: Mapping[str, Path]) -> str:
    """The folder of a module, or the module itself where it lies directly in `analyzer/`, `parsers/` or `rules/`."""
    folder = folder_of(module, modules)
    return module if folder in TOPS else folder


def rooms_between(
    imports: Iterable[Import], modules: Mapping[str, Path], *, with_types: bool = False
) -> set[tuple[str, str]]:
    """Edges between different rooms."""
    pairs = {
        (room_of(i.source, modules), room_of(i.target, modules)) for i in imports if with_types or not i.is_for_types
    }
    return {(source, target) for source, target in pairs if source != target}


def circles_of(edges: Iterable[tuple[str, str]]) -> list[list[str]]:
    """Groups of nodes that reach each other, each sorted."""
    following: dict[str, set[str]] = defaultdict(set)
    for source, target in edges:
        if source != target:
            following[source].add(target)
    reached = {node: _reached(node, following) for node in following}
    groups = {tuple(sorted(o for o in reached[n] if n in reached.get(o, ()))) for n in reached if n in reached[n]}
    return [list(group) for group in sorted(groups)]


def _reached(start: str, following: Mapping[str, set[str]]) -> set[str]:
    seen: set[str] = set()
    ahead = list(following.get(start, ()))
    while ahead:
        node = ahead.pop()
        if node not in seen:
            seen.add(node)
            ahead += following.get(node, ())
    return seen


def _statements(node: ast.AST, *, is_for_types: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_for_types
        elif isinstance(child, ast.If) and isinstance(child.test, ast.Name) and child.test.id == "TYPE_CHECKING":
            for each in child.body:
                yield from _statements(ast.Module([each], []), is_for_types=True)
            for each in child.orelse:
                yield from _statements(ast.Module([each], []), is_for_types=is_for_types)
        else:
            yield from _statements(child, is_for_types=is_for_types)


def _targets(
    node: ast.Import | ast.ImportFrom, module: str, *, is_package: bool, modules: Mapping[str, Path]
) -> Iterator[str]:
    """The modules that a statement imports; `from . import name` is the module `name` where there is one."""
    if isinstance(node, ast.Import):
        dotted = [alias.name.removeprefix("trainlint.") for alias in node.names]
        yield from (name for name in dotted if name in modules)
        return
    base = (node.module or "").removeprefix("trainlint.")
    if node.level:
        parts = module.split(".")
        above = parts[: len(parts) - node.level + is_package]
        base = ".".join([*above, *((node.module or "").split(".") if node.module else [])])
    for alias in node.names:
        inner = f"{base}.{alias.name}" if base else alias.name
        if inner in modules:
            yield inner
        elif base in modules:
            yield base


def longest_chain(members: set[str], edges: Iterable[tuple[str, str]]) -> int:
    """Modules in the longest path of imports among some; modules of a circle count once."""
    following: dict[str, set[str]] = defaultdict(set)
    for source, target in edges:
        if source in members and target in members:
            following[source].add(target)

    @cache
    def length(node: str, seen: frozenset[str] = frozenset()) -> int:
        ahead = [length(other, seen | {node}) if node in _reached(other, following) else length(other)
                 for other in following[node] if other not in seen]  # fmt: skip
        return 1 + max(ahead, default=0)

    return max((length(node) for node in members), default=0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkout", nargs="?", type=Path, default=Path(__file__).parents[1])
    root: Path = parser.parse_args().checkout
    modules, imports = modules_of(root), imports_of(root)
    folders: dict[str, set[str]] = defaultdict(set)
    for module, path in modules.items():
        if path.name != "__init__.py":
            folders[folder_of(module, modules)].add(module)
    print(f"{'folder':32} {'modules':>7} {'edges':>6} {'out':>5} {'chain':>6}   {'type edges':>10} {'type out':>8}")
    for folder, members in sorted(folders.items()):
        counts = []
        for is_for_types in (False, True):
            own = [i for i in imports if i.source in members and i.is_for_types is is_for_types]
            within = [i for i in own if i.target in members]
            counts.append((len(within), len(own) - len(within)))
        chain = longest_chain(members, [(i.source, i.target) for i in imports if not i.is_for_types])
        (edges, out), (type_edges, type_out) = counts
        print(f"{folder:32} {len(members):7} {edges:6} {out:5} {chain:6}   {type_edges:10} {type_out:8}")
    for top in TOPS:
        members = {m for m in modules if m.split(".")[0] == top and modules[m].name != "__init__.py"}
        own = [i for i in imports if i.source in members and i.target in members]
        between = rooms_between(own, modules)
        rooms = {room_of(m, modules) for m in members}
        edges = {(i.source, i.target) for i in own if not i.is_for_types}
        print(
            f"{top + ', all':32} {len(members):7} {len(edges):6}       {longest_chain(members, edges):6}   "
            f"{len(rooms)} rooms, {len(between)} edges between them, longest chain of {longest_chain(rooms, between)}"
        )
    for label, with_types in (("run time", False), ("run time and types", True)):
        circles = circles_of(rooms_between(imports, modules, with_types=with_types))
        print(f"circles of rooms, {label}: {'; '.join(' <-> '.join(c) for c in circles) or 'none'}")


if __name__ == "__main__":
    main()
