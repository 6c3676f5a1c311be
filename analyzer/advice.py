"""What to log next time, so that rules which could not run can: one line of code for each common framework."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..rules.registry import known_rules
from ..rules.view import RunView

if TYPE_CHECKING:
    from ..parsers.run import Role, Split
    from .judgement import Judgement

MAX_ADVICES = 6


@dataclass(frozen=True, slots=True)
class Advice:
    """A missing quantity, the rules that wait for it, and how to log it as (framework, line)."""

    what: str
    rules: list[str]
    lines: tuple[tuple[str, str], ...]


# PyTorch lines write with torch.utils.tensorboard's SummaryWriter as `writer`.
LINES: dict[tuple[Role, Split | None], tuple[tuple[str, str], ...]] = {
    ("loss", "train"): (
        ("PyTorch", 'writer.add_scalar("train/loss", loss.item(), step)'),
        ("Lightning", 'self.log("train/loss", loss)  # in training_step'),
        ("Keras", 'model.fit(..., callbacks=[keras.callbacks.CSVLogger("log.csv")])'),
        ("Hugging Face", "TrainingArguments(..., logging_steps=10)"),
    ),
    ("loss", "validation"): (
        ("PyTorch", 'writer.add_scalar("val/loss", validation_loss, step)'),
        ("Lightning", 'self.log("val/loss", loss)  # in validation_step'),
        ("Keras", "model.fit(..., validation_data=(x_val, y_val))"),
        ("Hugging Face", 'TrainingArguments(..., eval_strategy="steps", eval_steps=500)'),
    ),
    ("score", "validation"): (
        ("PyTorch", 'writer.add_scalar("val/accuracy", accuracy, step)'),
        ("Lightning", 'self.log("val/accuracy", accuracy)  # in validation_step'),
        ("Keras", 'model.compile(..., metrics=["accuracy"])  # and validation_data in fit'),
        ("Hugging Face", "Trainer(..., compute_metrics=compute_metrics)"),
    ),
    ("learning-rate", None): (
        ("PyTorch", 'writer.add_scalar("lr", optimizer.param_groups[0]["lr"], step)'),
        ("Lightning", "Trainer(callbacks=[LearningRateMonitor()])"),
        ("Keras", 'keras.callbacks.TensorBoard("logs")  # with a LearningRateSchedule'),
        ("Hugging Face", "TrainingArguments(..., logging_steps=10)  # logs learning_rate"),
    ),
    ("gradient-norm", None): (
        ("PyTorch", 'for n, p in model.named_parameters(): writer.add_scalar(f"grad_norm/{n}", p.grad.norm(), step)'),
        ("Lightning", "self.log_dict(grad_norm(self, norm_type=2))  # in on_before_optimizer_step"),
        ("Hugging Face", "TrainingArguments(..., logging_steps=10, max_grad_norm=1.0)  # logs grad_norm"),
    ),
    ("zero-fraction", None): (
        ("PyTorch", 'writer.add_scalar("zero_fraction/relu1", (activation == 0).float().mean(), step)'),
        ("Lightning", 'self.log("zero_fraction/relu1", (activation == 0).float().mean())'),
    ),
    ("update-ratio", None): (
        ("PyTorch", 'writer.add_scalar(f"update_ratio/{n}", lr * p.grad.norm() / p.norm(), step)  # plain SGD'),
    ),
    ("weight-norm", None): (
        ("PyTorch", 'for n, p in model.named_parameters(): writer.add_scalar(f"weight_norm/{n}", p.norm(), step)'),
    ),
}


def advices_of(judgement: Judgement) -> list[Advice]:
    """Quantities that rules asked for in vain, the most wanted first."""
    view = RunView(judgement.run)
    waiting: dict[tuple[Role, Split | None], Advice] = {}
    for rule in known_rules():
        verdict = judgement.verdicts.get(rule.id)
        if verdict is None or verdict.outcome != "not-applicable":
            continue
        for need in rule.needs:
            found = view.curves(need.role, need.split)
            if found and len({curve.layer for curve in found if curve.layer}) >= need.layers:
                continue
            lines = LINES.get((need.role, need.split)) or LINES.get((need.role, None), ())
            advice = waiting.setdefault((need.role, need.split), Advice(str(need), [], lines))
            advice.rules.append(rule.id)
    return sorted(waiting.values(), key=lambda a: (-len(a.rules), a.what))[:MAX_ADVICES]
