"""Runs that the language rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of

LOSS = decay(60, 6.0, 3.0, noise=0.01)
NOISE = np.random.default_rng(1).normal(size=60)
GRPO = {"reward": flat(60, 0.5, noise=0.1), "reward_std": flat(60, 0.2), "completions/mean_length": flat(60, 200.0)}


def preferences(accuracies: np.ndarray, chosen: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """A log of preference optimisation."""
    return {
        "train/loss": decay(60, 0.69, 0.3),
        "train/rewards/accuracies": accuracies,
        "train/rewards/margins": np.linspace(0, 3, 60),
        "train/rewards/chosen": np.linspace(0, 1, 60) if chosen is None else chosen,
    }


CASES = [
    Case("perplexity-mismatch", "mean of the perplexities of batches", lambda: run_of({"val_loss": LOSS, "val_ppl": np.exp(LOSS + 0.08 + 0.01 * NOISE)}), "warning"),
    Case("perplexity-mismatch", "the loss holds a penalty", lambda: run_of({"val_loss": LOSS + 0.1 + 0.01 * NOISE, "val_ppl": np.exp(LOSS)}), "info"),
    Case("perplexity-mismatch", "exponential", lambda: run_of({"val_loss": LOSS, "val_ppl": np.exp(LOSS)}), "clear"),
    Case("perplexity-mismatch", "rounded for the terminal", lambda: run_of({"val_loss": np.round(LOSS, 2), "val_ppl": np.round(np.exp(LOSS))}), "clear"),
    Case("perplexity-mismatch", "base 2, as in fairseq", lambda: run_of({"valid_loss": LOSS / np.log(2), "valid_ppl": np.exp(LOSS)}), "clear"),
    Case("perplexity-mismatch", "of words, with the loss of tokens", lambda: run_of({"val_loss": LOSS, "val_ppl": np.exp(1.3 * LOSS)}), "clear"),
    Case("perplexity-mismatch", "of another loss that is logged too", lambda: run_of({
        "val_loss": LOSS + 0.3, "val_nll_loss": LOSS, "val_ppl": np.exp(LOSS)}), "clear"),
    Case("perplexity-mismatch", "of the last batch, with the mean loss", lambda: run_of({"val_loss": LOSS, "val_ppl": np.exp(LOSS + 0.2 * NOISE)}), "clear"),
    Case("perplexity-mismatch", "never at the same step", lambda: run_of({"val_loss": (np.arange(0, 120, 2), LOSS), "val_ppl": (np.arange(1, 121, 2), np.exp(LOSS))}), "insufficient-data"),
    Case("perplexity-mismatch", "losses of another split", lambda: run_of({"train_loss": LOSS, "val_ppl": np.exp(LOSS)}), "not-applicable"),

    Case("reward-model-saturation", "all answers alike", lambda: run_of(GRPO | {"frac_reward_zero_std": np.linspace(0.5, 0.95, 60)}), "warning"),
    Case("reward-model-saturation", "prompts have become too easy", lambda: run_of(
        GRPO | {"frac_reward_zero_std": np.linspace(0.5, 0.95, 60), "reward": np.linspace(0.1, 0.97, 60) + 0.005 * NOISE}), "info"),
    Case("reward-model-saturation", "answers cut off", lambda: run_of(GRPO | {"completions/clipped_ratio": flat(60, 0.8)}), "warning"),
    Case("reward-model-saturation", "runs away from the reference", lambda: run_of(GRPO | {
        "kl": np.r_[np.linspace(0.01, 0.05, 20), flat(30, 0.05, noise=0.1), np.geomspace(0.05, 20, 10)]}), "warning"),
    Case("reward-model-saturation", "a healthy run", lambda: run_of(GRPO | {
        "frac_reward_zero_std": flat(60, 0.3), "completions/clipped_ratio": flat(60, 0.05), "kl": np.linspace(0.0, 0.3, 60)}), "clear"),
    Case("reward-model-saturation", "pairs ranked as by chance", lambda: run_of(preferences(0.5 + 0.05 * NOISE)), "warning"),
    Case("reward-model-saturation", "preferences are learnt", lambda: run_of(preferences(np.minimum(np.linspace(0.5, 0.8, 60) + 0.02 * NOISE, 1))), "clear"),
    Case("reward-model-saturation", "training pairs memorised", lambda: run_of(
        preferences(np.minimum(np.linspace(0.5, 1.6, 60), 1)) | {"eval/rewards/accuracies": flat(60, 0.6)}), "warning"),
    Case("reward-model-saturation", "chosen answers become less likely", lambda: run_of(
        preferences(np.minimum(np.linspace(0.5, 1.6, 60), 1), chosen=np.linspace(0, -4, 60))), "info"),
    Case("reward-model-saturation", "memorised, and held-out pairs agree", lambda: run_of(
        preferences(np.minimum(np.linspace(0.5, 1.6, 60), 1)) | {"eval/rewards/accuracies": flat(60, 0.95, noise=0.001)}), "clear"),
    Case("reward-model-saturation", "few points", lambda: run_of({**{k: v[:8] for k, v in GRPO.items()}, "frac_reward_zero_std": np.ones(8)}), "insufficient-data"),
    Case("reward-model-saturation", "a language model", lambda: run_of({"loss": LOSS, "ppl": np.exp(LOSS)}), "not-applicable"),
]  # fmt: skip
