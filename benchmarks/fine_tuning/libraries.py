"""Names and log files of TRL, verl and OpenRLHF.

TRL writes `trainer_state.json`, verl prints a line a step, OpenRLHF hands its metrics to a tracker that exports a table.
Names are as of TRL 0.22 (the PPO trainer 0.12 to 0.29), verl 0.5 and OpenRLHF 0.8.
"""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .signals import Floats, Signals


def write(folder: Path, library: str, method: str, run: Signals) -> None:
    """Write the log of a training as the library does."""
    folder.mkdir(parents=True, exist_ok=True)
    train = _named(library, method, run.train, run)
    evals = _named_evals(library, method, run.evals)
    WRITERS[library](folder, run, train, evals)


def _named(library: str, method: str, of: dict[str, Floats], run: Signals) -> dict[str, Floats]:
    names = NAMES[library, method]
    named = {tag: of[name] for name, tags in names.items() for tag in tags.split()}
    return named | dict(_derived(library, method, of, run))


def _derived(library: str, method: str, of: dict[str, Floats], run: Signals) -> Iterator[tuple[str, Floats]]:
    """Quantities that follow from others."""
    if method == "GRPO" and library == "trl":
        tokens = np.cumsum(of["length"] * 64)
        yield "num_tokens", np.round(tokens)
        longest = 4096.0
        yield (
            "completions/max_length",
            np.round(np.minimum(of["length"] * run.around(np.full(run.points, 2.5), 0.1), longest)),
        )
        yield "completions/min_length", np.round(of["length"] * 0.3)
        yield "rewards/accuracy_reward/std", np.sqrt(np.clip(of["accuracy"] * (1 - of["accuracy"]), 0, None))
        yield "clip_ratio/low_mean", of["clip_fraction"] / 2
        yield "clip_ratio/high_mean", of["clip_fraction"] / 2
        yield "step_time", run.around(np.full(run.points, 20.0), 0.08)
    if method == "PPO" and library == "trl":
        total = of["kl"] * of["length"]  # TRL's PPO sums over the tokens of an answer
        yield "objective/kl", total
        yield "objective/non_score_reward", -0.05 * total
        yield "objective/rlhf_reward", of["score"] - 0.05 * total
        yield "objective/entropy", of["entropy"] * of["length"]
        yield "eps", np.full(run.points, 2.0)
    if library == "verl":
        score = "accuracy" if method == "GRPO" else "score"
        spread = np.ones(run.points) if method == "GRPO" else 2.5 * of["score_std"]
        middle = of[score] if method == "PPO" else of["reward"]
        for name in ("score", "rewards"):
            yield f"critic/{name}/max", np.maximum(middle, 1.1) if method == "GRPO" else middle + spread
            yield f"critic/{name}/min", np.zeros(run.points) if method == "GRPO" else middle - spread
        yield "critic/advantages/mean", 0.02 * run.noise()
        yield "response_length/max", np.round(np.minimum(of["length"] * 2.5, 4096))
        yield "response_length/min", np.round(of["length"] * 0.3)
        yield "prompt_length/mean", run.around(np.full(run.points, 180.0), 0.03)
        yield "timing_s/step", run.around(np.full(run.points, 60.0), 0.08)
        yield "perf/throughput", of["length"] * 512 / 60
    if library == "openrlhf" and method != "DPO":
        yield "train/total_length", of["length"] + 180
        yield "train/return", of["reward" if method == "GRPO" else "score"] - 0.01 * of["kl"]


NAMES = {
    ("trl", "GRPO"): {
        "loss": "loss",
        "grad_norm": "grad_norm",
        "rate": "learning_rate",
        "length": "completions/mean_length",
        "truncated": "completions/clipped_ratio",
        "accuracy": "rewards/accuracy_reward/mean",
        "format": "rewards/format_reward/mean",
        "reward": "reward",
        "reward_std": "reward_std",
        "zero_std": "frac_reward_zero_std",
        "kl": "kl",
        "entropy": "entropy",
        "clip_fraction": "clip_ratio/region_mean",
    },
    ("verl", "GRPO"): {
        "entropy": "actor/entropy",
        "kl": "actor/kl_loss",
        "loss": "actor/pg_loss",
        "clip_fraction": "actor/pg_clipfrac",
        "approx_kl": "actor/ppo_kl",
        "grad_norm": "actor/grad_norm",
        "rate": "actor/lr",
        "reward": "critic/score/mean critic/rewards/mean",
        "length": "response_length/mean",
        "truncated": "response_length/clip_ratio",
    },
    ("openrlhf", "GRPO"): {
        "loss": "train/policy_loss",
        "rate": "train/actor_lr",
        "clip_fraction": "train/ppo_clip_ratio",
        "approx_kl": "train/ppo_kl",
        "kl": "train/kl",
        "reward": "train/reward",
        "reward_std": "train/group_reward_std",
        "length": "train/response_length",
        "truncated": "train/response_clip_ratio",
        "entropy": "train/entropy_loss",
        "grad_norm": "train/actor_grad_norm",
    },
    ("trl", "PPO"): {
        "score": "objective/scores",
        "approx_kl": "policy/approxkl_avg",
        "clip_fraction": "policy/clipfrac_avg",
        "policy_loss": "loss/policy_avg",
        "value_loss": "loss/value_avg",
        "entropy": "policy/entropy_avg",
        "ratio": "val/ratio",
        "ratio_var": "val/ratio_var",
        "rate": "lr",
    },
    ("verl", "PPO"): {
        "entropy": "actor/entropy",
        "kl": "actor/reward_kl_penalty",
        "policy_loss": "actor/pg_loss",
        "clip_fraction": "actor/pg_clipfrac",
        "approx_kl": "actor/ppo_kl",
        "grad_norm": "actor/grad_norm",
        "rate": "actor/lr",
        "value_loss": "critic/vf_loss",
        "explained": "critic/vf_explained_var",
        "value": "critic/values/mean critic/vpred_mean",
        "value_grad_norm": "critic/grad_norm",
        "value_rate": "critic/lr",
        "score": "critic/score/mean critic/rewards/mean critic/returns/mean",
        "length": "response_length/mean",
        "truncated": "response_length/clip_ratio",
    },
    ("openrlhf", "PPO"): {
        "policy_loss": "train/policy_loss",
        "rate": "train/actor_lr",
        "clip_fraction": "train/ppo_clip_ratio",
        "approx_kl": "train/ppo_kl",
        "kl": "train/kl",
        "score": "train/reward",
        "length": "train/response_length",
        "truncated": "train/response_clip_ratio",
        "entropy": "train/entropy_loss",
        "value_loss": "train/critic_loss",
        "value": "train/values",
        "value_rate": "train/critic_lr",
        "grad_norm": "train/actor_grad_norm",
    },
    ("trl", "DPO"): {
        "loss": "loss",
        "grad_norm": "grad_norm",
        "rate": "learning_rate",
        "chosen": "rewards/chosen",
        "rejected": "rewards/rejected",
        "accuracy": "rewards/accuracies",
        "margin": "rewards/margins",
        "chosen_likelihood": "logps/chosen",
        "rejected_likelihood": "logps/rejected",
    },
    ("openrlhf", "DPO"): {
        "loss": "train/loss train/loss_mean",
        "accuracy": "train/acc train/acc_mean",
        "chosen": "train/chosen_reward",
        "rejected": "train/reject_reward",
        "rate": "train/lr",
        "grad_norm": "train/grad_norm",
    },
}

EVALS = {
    ("trl", "GRPO"): {
        "accuracy": "eval_rewards/accuracy_reward/mean eval_reward",
        "format": "eval_rewards/format_reward/mean",
    },
    ("verl", "GRPO"): {
        "accuracy": "val-core/openai/gsm8k/reward/mean@1",
        "format": "val-aux/openai/gsm8k/format_score/mean@1",
    },
    ("openrlhf", "GRPO"): {"accuracy": "eval/eval_gsm8k_pass1"},
    ("trl", "PPO"): {"score": "eval_score"},
    ("verl", "PPO"): {"score": "val-core/rlhf/reward/mean@1"},
    ("openrlhf", "PPO"): {"score": "eval/eval_default_pass1"},
    ("trl", "DPO"): {"loss": "eval_loss", "accuracy": "eval_rewards/accuracies", "margin": "eval_rewards/margins"},
    ("openrlhf", "DPO"): {"loss": "eval/eval_loss", "accuracy": "eval/acc_mean"},
}


def _named_evals(library: str, method: str, of: dict[str, Floats]) -> dict[str, Floats]:
    return {tag: of[name] for name, tags in EVALS[library, method].items() for tag in tags.split()}


def _entries(
    run: Signals, train: dict[str, Floats], evals: dict[str, Floats]
) -> Iterator[tuple[int, dict[str, float], bool]]:
    """Step, values, and whether they are of an evaluation, in the order of logging."""
    at = {int(row): number for number, row in enumerate(run.eval_rows)}
    for row, step in enumerate(run.steps.tolist()):
        yield step, {tag: float(values[row]) for tag, values in train.items()}, False
        if row in at:
            yield step, {tag: float(values[at[row]]) for tag, values in evals.items()}, True


def _write_trl(folder: Path, run: Signals, train: dict[str, Floats], evals: dict[str, Floats]) -> None:
    last = int(run.steps[-1])
    history = []
    for step, values, _ in _entries(run, train, evals):
        rounded = {tag: round(value, 4) if tag == "loss" else value for tag, value in values.items()}
        history.append({**rounded, "epoch": round(step / last, 4), "step": step})
    state = {"global_step": last, "max_steps": last, "num_train_epochs": 1, "epoch": 1.0, "log_history": history}
    (folder / "trainer_state.json").write_text(json.dumps(state))


def _write_verl(folder: Path, run: Signals, train: dict[str, Floats], evals: dict[str, Floats]) -> None:
    lines: list[str] = []
    for step, values, is_evaluation in _entries(run, train, evals):
        text = " - ".join(f"{tag}:{value}" for tag, value in values.items())
        if is_evaluation:
            lines[-1] += f" - {text}"
        else:
            lines.append(f"step:{step} - training/global_step:{step} - training/epoch:0 - {text}")
    (folder / "train.log").write_text("\n".join(lines) + "\n")


def _write_openrlhf(folder: Path, run: Signals, train: dict[str, Floats], evals: dict[str, Floats]) -> None:
    with (folder / "history.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, ["train/global_step", *train, *evals])
        table.writeheader()
        row: dict[str, float] = {}
        for step, values, is_evaluation in _entries(run, train, evals):
            if is_evaluation:
                row |= values
            else:
                if row:
                    table.writerow(row)
                row = {"train/global_step": step, **values}
        table.writerow(row)


WRITERS = {"trl": _write_trl, "verl": _write_verl, "openrlhf": _write_openrlhf}
