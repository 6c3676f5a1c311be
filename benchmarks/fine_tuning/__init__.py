"""Simulated fine-tuning of language models on rewards and preferences, of which the faults are known.

GRPO, DPO and PPO with a reward model, each healthy or with one of eleven faults, logged under the names and in the form of
TRL, verl or OpenRLHF. They were written without reading the rules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .dpo import DPO
from .grpo import GRPO
from .ppo import PPO

if TYPE_CHECKING:
    from .signals import Method

METHODS: dict[str, Method] = {"GRPO": GRPO, "DPO": DPO, "PPO": PPO}
