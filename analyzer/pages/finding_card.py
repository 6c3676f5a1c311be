"""A finding on a page: the message, the chart with the evidence, and what to do."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ..report import verdict_text as wording
from .drawing.charts import Band
from .prose import prose

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup

    from ...parsers.run import Curve
    from ..judging.headline import Headline
    from ..judging.judgement import Judgement, RuleFinding
    from .drawing.charts import Chart, ChartBook

CURVES_OF_EVIDENCE = 4
MAX_FACTS = 12
MAX_CITED = 60  # steps per finding that the chart must contain
MAX_MARKS = 4
MAX_STEP = 1e15  # larger floats cannot represent neighbouring steps
SEEN_LABEL = "detectable"
CARD_SIZE = (560, 224)
PICTURE_POINTS = 6_000  # of all cards together, for pages without scripts


@dataclass(frozen=True, slots=True)
class Cause:
    """Another rule whose finding could explain this one; `anchor` is empty if it has none on the page."""

    rule: str
    anchor: str


@dataclass(frozen=True, slots=True)
class Card:
    """One finding with the content of its card.

    Attributes:
        number: its index among the findings of the run, as in report.json.
        anchor: the rule id, e.g. `#overfitting`; from the second finding of a rule on with a number.
        where: the place in the run as text.
        is_accepted: whether the baseline accepts it.
        early: the earliest step of detection as a sentence; empty if unknown.
        confidence: probability that it is true.
        cause_confidence: probability that it names the fault; None if it was not determined.
        follows: the finding that explains this one, None for a first cause.
        consequences: cards of the findings that this one explains, by time.
        facts: the evidence as pairs of label and value.
        why, remedy, false_alarm, detection: sections of the rule's docstring.

    """

    number: int
    anchor: str
    rule: str
    family: str
    severity: str
    title: str
    message: str
    where: str
    early: str
    confidence: float
    cause_confidence: float | None
    chart: Chart | None
    facts: list[tuple[str, str]]
    causes: list[Cause]
    remedies: tuple[str, ...]
    why: Markup
    remedy: Markup
    false_alarm: Markup
    detection: Markup
    is_accepted: bool
    follows: Card | None = None
    consequences: list[Card] = field(default_factory=list, repr=False)


def anchors_of(findings: Sequence[RuleFinding]) -> list[str]:
    """An anchor for each finding, in their order."""
    seen: Counter[str] = Counter()
    anchors = []
    for found in findings:
        seen[found.rule.id] += 1
        count = seen[found.rule.id]
        anchors.append(found.rule.id if count == 1 else f"{found.rule.id}-{count}")
    return anchors


def cards_of(
    findings: Sequence[RuleFinding],
    judgement: Judgement,
    book: ChartBook,
    main: Sequence[Curve],
    headline: Headline | None = None,
) -> list[Card]:
    """Cards of the findings in their order, with consequences linked to causes; their charts are added to the book."""
    anchors = anchors_of(findings)
    on_page = set(anchors)
    points = max(40, min(160, PICTURE_POINTS // max(1, len(findings))))
    cards: list[Card] = []
    for number, (found, anchor) in enumerate(zip(findings, anchors, strict=True)):
        rule, finding = found.rule, found.finding
        follows = next((card for card in reversed(cards) if card.rule == found.caused_by), None)
        cards.append(
            Card(
                number=number,
                anchor=anchor,
                rule=rule.id,
                family=rule.family,
                severity=str(found.severity),
                title=rule.failure_title,
                message=finding.message,
                where=wording.place(found, judgement),
                early=wording.detectable_sentence(found, judgement),
                confidence=found.confidence,
                cause_confidence=found.cause_confidence,
                chart=_evidence_chart(found, book, main, points, headline),
                facts=[(label_of(k), fact(k, float(v))) for k, v in list(finding.evidence.items())[:MAX_FACTS]],
                causes=[Cause(cause, cause if cause in on_page else "") for cause in rule.causes],
                remedies=tuple(map(wording.capitalised, finding.remedies)),
                why=prose(rule.section("Why it matters")),
                remedy=prose(rule.section("What to do")),
                false_alarm=prose(rule.section("When it is a false alarm")),
                detection=prose(rule.section("How it is detected")),
                is_accepted=bool(found.is_accepted),
                follows=follows,
            )
        )
        if follows:
            follows.consequences.append(cards[-1])
    return cards


def _evidence_chart(
    found: RuleFinding, book: ChartBook, main: Sequence[Curve], points: int, headline: Headline | None
) -> Chart | None:
    """The curve of the finding with those of the other splits, and the main curves if it is one of them."""
    finding = found.finding
    named = [curve for curve in book.drawn if curve.name == finding.metric] or list(main)
    if not named:
        return None
    companions = main if any(curve in main for curve in named) else []
    others = [curve for curve in companions if curve not in named and curve.axis == named[0].axis]
    cited = [curve for curve in named if curve.axis == named[0].axis][:CURVES_OF_EVIDENCE]
    curves = [*others[: CURVES_OF_EVIDENCE - len(cited)], *cited]  # the last curve is drawn on top
    return book.add(
        curves,
        size=CARD_SIZE,
        bands=[Band(*finding.steps, str(found.severity))],
        marks=_marks(found, headline),
        cited=finding.cited[:MAX_CITED],
        picture_points=points,
    )


def _marks(found: RuleFinding, headline: Headline | None) -> list[tuple[int, str]]:
    """All steps that the card mentions: the best one, those in the evidence, and the earliest step of detection."""
    finding, labels = found.finding, dict[int, list[str]]()
    if headline and headline.curve.name == finding.metric:
        labels.setdefault(headline.best_step, []).append(headline.superlative)
    for name, value in finding.evidence.items():
        if name.endswith("_step") and abs(value) < MAX_STEP and value == round(value):
            words = [] if int(value) in labels else [wording.words(name.removesuffix("_step"))]
            labels.setdefault(int(value), []).extend(words)
    if found.detectable_from:
        labels.setdefault(found.detectable_from.step, []).append(SEEN_LABEL)
    return [(step, " · ".join(words)) for step, words in sorted(labels.items())][:MAX_MARKS]


def label_of(name: str) -> str:
    """The name of an evidence value in words; a duration has its unit with its value."""
    return wording.words(f"time_{name.removeprefix('hours_')}" if name.startswith("hours_") else name)


def fact(name: str, value: float) -> str:
    """An evidence value in the format for its name."""
    if name.startswith("hours_"):
        return wording.duration(3600 * value)
    is_whole = value == round(value) if abs(value) < MAX_STEP else False
    if is_whole and (name == "step" or name.endswith(("_step", "step_", "_steps", "points", "count"))):
        return wording.step(int(value))
    if name.endswith(("_share", "_fraction")) or name in ("share", "fraction"):
        return wording.percent(value)
    if name.endswith(("_s", "_seconds")):
        return wording.duration(value)
    return wording.step(int(value)) if is_whole else wording.number(value)


def markdown_of(card: Card, run_name: str) -> str:
    """A finding as Markdown for an issue or a pull request."""
    cause = "" if card.cause_confidence is None else f", as the cause {card.cause_confidence:.2f}"
    lines = [f"**{card.title}** (`{card.rule}`, {card.severity}, confidence {card.confidence:.2f}{cause})", ""]
    lines += [f"Run `{run_name}`, {card.where}:" if card.where else f"Run `{run_name}`:", "", f"> {card.message}", ""]
    lines += [f"- {label}: {value}" for label, value in card.facts]
    lines += ["", card.early] if card.early else []
    lines += ["Accepted in the baseline."] if card.is_accepted else []
    lines += [f"Follows from `{card.follows.rule}`."] if card.follows else []
    if card.remedies:
        lines += ["", "What to do:", "", *(f"{i}. {text}" for i, text in enumerate(card.remedies, 1))]
    return "\n".join(lines).rstrip() + "\n"
