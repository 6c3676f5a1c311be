"""A rule asks the view for nothing that it does not declare in `needs` or `reads`."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import pytest

from trainlint.rules.base import InsufficientDataError, NotApplicableError
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView

from .test_rules import CASES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainlint.parsers.run import Role, Run, Split
    from trainlint.rules.base import Rule
    from trainlint.rules.view.curve_view import CurveView


class RefusingView(RunView):
    """A view that raises for a quantity which a rule has not declared; what the view asks itself is free."""

    def __init__(self, run: Run, rule: Rule) -> None:
        super().__init__(run)
        self.declared = [(need.role, need.split) for need in (*rule.all_needs, *rule.reads)]
        self.inside = 0

    def require(self, role: Role | None, split: Split | None = None) -> None:
        met = any(r in (None, role) and s in (None, split) for r, s in self.declared)
        assert met or self.inside, f"{role}:{split} is not declared"

    @contextmanager
    def own_question(self) -> Iterator[None]:
        self.inside += 1
        try:
            yield
        finally:
            self.inside -= 1

    @property
    def all_curves(self) -> list[CurveView]:
        self.require(None)
        return self._every

    @property
    def _every(self) -> list[CurveView]:
        if not hasattr(self, "_kept"):
            with self.own_question():
                self._kept = RunView(self.run).all_curves
        return self._kept

    def curves(self, role: Role | None = None, split: Split | None = None) -> list[CurveView]:
        self.require(role, split)
        with self.own_question():
            return super().curves(role, split)

    def layers(self, role: Role) -> list[CurveView]:
        self.require(role)
        with self.own_question():
            return super().layers(role)

    def loss(self, split: Split) -> CurveView | None:
        self.require("loss", split)
        with self.own_question():
            return super().loss(split)

    @property
    def learning_rate(self) -> CurveView | None:
        self.require("learning-rate")
        with self.own_question():
            rates = [c for c in super().curves("learning-rate") if len(c)]
        return max(rates, key=lambda c: (float(c.values.max()), len(c))) if rates else None

    @property
    def last_step(self) -> int:
        return RunView(self.run).last_step  # where a run ends is no quantity that it logs


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rule_reads_what_it_declares(rule: Rule) -> None:
    for case in CASES:
        if case.rule == rule.id:
            with np.errstate(all="ignore"):
                try:
                    list(rule.check(RefusingView(case.make(), rule), rule.limits))
                except (InsufficientDataError, NotApplicableError):
                    continue
