"""Real fine-tuning of a tiny transformer with TRL on the processor, healthy and with planted faults.

    python benchmarks/trl_runs.py FOLDER                # needs trl; writes FOLDER/<run>/trainer_state.json and labels.json
    python benchmarks/real_runs.py FOLDER               # what an audit says of them

The model has two layers of width 32 and starts from random weights, the vocabulary has twenty words; nothing is downloaded. GRPO
is rewarded for saying one word and for ending in time; DPO prefers answers with some words over those with others. A run takes
about a minute.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, GRPOConfig, GRPOTrainer

WORDS = [f"w{number}" for number in range(16)]
SPECIAL = ["<pad>", "<eos>", "<bos>", "<unk>"]
LONGEST = 16  # tokens of an answer
STEPS = 150

# run -> method, changes, rules of which one has to find the fault
RUNS = {
    "grpo-healthy": ("grpo", {}, []),
    "grpo-rate-zero": ("grpo", {"learning_rate": 0.0}, ["zero-learning-rate", "frozen-policy"]),
    "grpo-rate-high": ("grpo", {"learning_rate": 0.1}, [
        "policy-divergence", "kl-runaway", "entropy-collapse", "reward-collapse", "learning-rate-too-high", "uniform-rewards",
        "truncated-answers", "zero-gradient"]),
    "grpo-constant-reward": ("grpo", {"reward": "constant"}, ["uniform-rewards", "zero-gradient", "frozen-policy"]),
    "grpo-length-reward": ("grpo", {"reward": "length"}, ["length-runaway", "truncated-answers", "reward-hacking", "score-decline"]),
    "grpo-no-penalty": ("grpo", {"learning_rate": 3e-2, "beta": 1e-6}, ["kl-runaway", "entropy-collapse", "uniform-rewards"]),
    "dpo-healthy": ("dpo", {}, []),
    "dpo-rate-zero": ("dpo", {"learning_rate": 0.0}, ["zero-learning-rate", "frozen-policy"]),
    "dpo-rate-high": ("dpo", {"learning_rate": 0.1}, [
        "divergence", "early-blow-up", "learning-rate-too-high", "preference-at-chance", "loss-spike", "exploding-gradients",
        "likelihood-displacement"]),
    "dpo-beta-zero": ("dpo", {"beta": 0.0}, ["preference-at-chance", "frozen-policy", "stuck-at-chance", "not-learning", "zero-gradient"]),
    "dpo-swapped": ("dpo", {"pairs": "swapped"}, ["preference-reversed", "score-decline", "overfitting"]),
    "dpo-memorised": ("dpo", {"pairs": "few", "learning_rate": 1e-2}, ["preference-memorised", "overfitting", "score-decline"]),
}  # fmt: skip
MAY = ["overfitting", "missing-validation", "zero-learning-rate", "score-decline", "zero-gradient", "reward-stagnation"]


def main() -> None:
    """Train and write the logs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("runs", nargs="*", default=list(RUNS))
    args = parser.parse_args()
    torch.set_num_threads(1)
    for name in args.runs:
        method, changes, _ = RUNS[name]
        torch.manual_seed(0)
        random.seed(0)
        trainer = (_grpo if method == "grpo" else _dpo)(args.folder / name, dict(changes))
        trainer.train()
        trainer.state.save_to_json(str(args.folder / name / "trainer_state.json"))
    labels = {
        name: {"need": [needs] if needs else [], "may": MAY if needs else []} for name, (_, _, needs) in RUNS.items()
    }
    (args.folder / "labels.json").write_text(json.dumps(labels, indent=1))


def _tokenizer() -> PreTrainedTokenizerFast:
    words = {word: number for number, word in enumerate([*SPECIAL, *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", bos_token="<bos>", unk_token="<unk>"
    )


def _model(folder: Path) -> str:
    """Where a model with random weights was saved: trainers load their reference model from there as well."""
    config = GPT2Config(
        vocab_size=len(SPECIAL) + len(WORDS), n_positions=64, n_embd=32, n_layer=2, n_head=2,
        pad_token_id=0, eos_token_id=1, bos_token_id=2,
    )  # fmt: skip
    place = str(folder / "model")
    GPT2LMHeadModel(config).save_pretrained(place)
    _tokenizer().save_pretrained(place)
    return place


def _common(folder: Path) -> dict[str, object]:
    return {
        "output_dir": str(folder), "max_steps": STEPS, "logging_steps": 1, "save_strategy": "no", "report_to": "none",
        "use_cpu": True, "seed": 0, "eval_strategy": "steps", "eval_steps": 15, "lr_scheduler_type": "cosine",
        "disable_tqdm": True, "bf16": False, "gradient_checkpointing": False,
    }  # fmt: skip


def _grpo(folder: Path, changes: dict[str, object]) -> GRPOTrainer:
    kind = changes.pop("reward", "word")

    def said_word(completions: list[str], completion_ids: list[list[int]], **_: object) -> list[float]:
        said = [answer.split() for answer in completions]
        ended = [SPECIAL.index("<eos>") in ids for ids in completion_ids]
        return [words.count("w3") / max(len(words), 1) / 2 + end / 2 for words, end in zip(said, ended, strict=True)]

    def length(completions: list[str], **_: object) -> list[float]:
        return [len(answer.split()) / LONGEST for answer in completions]

    def constant(completions: list[str], **_: object) -> list[float]:
        return [0.5] * len(completions)

    prompts = Dataset.from_dict({"prompt": [f"w{random.randrange(16)} w{random.randrange(16)}" for _ in range(400)]})
    settings = {"learning_rate": 2e-3, "beta": 0.02, "per_device_train_batch_size": 32, "num_generations": 8,
                "per_device_eval_batch_size": 32, "max_completion_length": LONGEST, "temperature": 1.0}  # fmt: skip
    return GRPOTrainer(
        model=_model(folder),
        reward_funcs={"word": said_word, "length": length, "constant": constant}[str(kind)],
        args=GRPOConfig(**(_common(folder) | settings | changes)),
        train_dataset=prompts,
        eval_dataset=prompts.select(range(32)),
        processing_class=_tokenizer(),
    )


def _dpo(folder: Path, changes: dict[str, object]) -> DPOTrainer:
    kind = changes.pop("pairs", "right")

    def pairs(number: int, *, swapped: bool) -> Dataset:
        rows = []
        for _ in range(number):
            answers = [" ".join(random.choices(WORDS[:12], k=5)), " ".join(random.choices(WORDS[4:], k=5))]
            chosen, rejected = reversed(answers) if swapped else answers
            rows.append({"prompt": random.choice(WORDS), "chosen": chosen, "rejected": rejected})
        return Dataset.from_list(rows)

    settings = {"learning_rate": 3e-3, "beta": 0.1, "per_device_train_batch_size": 16, "per_device_eval_batch_size": 64,
                "max_length": 32}  # fmt: skip
    return DPOTrainer(
        model=_model(folder),
        ref_model=None,
        args=DPOConfig(**(_common(folder) | settings | changes)),
        train_dataset=pairs(48 if kind == "few" else 2000, swapped=kind == "swapped"),
        eval_dataset=pairs(256, swapped=False),
        processing_class=_tokenizer(),
    )


if __name__ == "__main__":
    main()
