"""Naming conventions of reinforcement learning, also of that with language models."""

from __future__ import annotations

from ..run import Meaning
from .patterns import Convention, aside

_RL = "reinforcement-learning log: losses need not decrease"
_RL_LOSS = Meaning("loss", "train", reason=_RL)
_UPDATE_KL = aside("approx-kl", "KL divergence between the policies before and after an update")
_CLIPPED = aside("clip-fraction", "share of samples whose policy ratio leaves the clip range")
_CLIPPED_VALUES = aside("statistic", "clipping of the value function, not of the policy")
_EXPLAINED = Meaning(
    "explained-variance",
    direction="higher",
    reason="share of the variance of the returns explained by the value function",
)
_SPREAD = aside("policy-std", "standard deviation of the actions")
_CUT_OFF = aside("truncated-fraction", "share of completions truncated at the length limit")
_LENGTH = aside("completion-length", "tokens of a completion")

_RL_MEANINGS: tuple[tuple[str, Meaning | None], ...] = (
    ("* learning rate *", None),
    ("* lr *", None),
    ("* loss scale *", None),
    ("* cross entropy *", None),
    ("*coef_loss*", _RL_LOSS),
    ("* ent coef *", None),
    ("* coef *", aside("setting", "weight of a loss term")),
    ("* coeff *", aside("setting", "weight of a loss term")),
    ("*old_approx_kl*", aside("kl", "CleanRL: an estimate that may be negative")),
    ("*approx_kl*", _UPDATE_KL),
    ("*approxkl*", _UPDATE_KL),
    ("* ppo kl *", _UPDATE_KL),
    ("*actor/kl_loss", Meaning("kl", "train", reason="verl: divergence from the reference model, a term of the loss")),
    ("* kl loss *", _RL_LOSS),
    ("* target entropy *", aside("setting", "the target entropy of the policy")),
    ("* entropy *", Meaning("entropy", "train", reason=_RL)),
    ("* kl *", Meaning("kl", "train", reason=_RL)),
    ("* ep len *", aside("statistic", "reinforcement-learning log: length of an episode")),
    ("*vf_clipfrac*", _CLIPPED_VALUES),
    ("*val/clipfrac*", _CLIPPED_VALUES),
    ("*clipfrac_lower*", aside("statistic", "verl: the lower bound of the dual clip")),
    ("*clipfrac*", _CLIPPED),
    ("* ppo clip ratio *", _CLIPPED),
    ("* clip fraction *", _CLIPPED),
    ("*explained_var*", _EXPLAINED),
    ("* explained variance *", _EXPLAINED),
    ("policy/mean_std", _SPREAD),
    ("policy/*noise_std", _SPREAD),
    ("policy / standard deviation*", _SPREAD),
    ("response_length/clip_ratio", _CUT_OFF),
    ("* response clip ratio *", _CUT_OFF),
    ("response_length/mean", _LENGTH),
    ("*q*_values", aside("statistic", _RL)),
    ("losses/alpha*", aside("setting", "CleanRL: weight of the entropy")),
    ("train/mean_reward/time", aside("statistic", "RSL-RL: the same tag logged again by seconds")),
    ("*loss*", _RL_LOSS),
)

REINFORCEMENT_FRAMEWORKS: tuple[Convention, ...] = (
    Convention(
        "TRL value function",
        ("* val ratio *", "* val clipfrac *", "* val num eos tokens *", "* objective kl *", "* objective rlhf reward *"),
        2,
        (
            ("*val/ratio", aside("policy-ratio", "TRL: probability of the samples after an update over that before it")),
            ("val/*", aside("statistic", "TRL: val is the value function, not validation")),
            ("*/val/*", aside("statistic", "TRL: val is the value function, not validation")),
            *_RL_MEANINGS,
        ),
    ),
    Convention(
        "TRL preference optimisation",
        ("* rewards chosen *", "* rewards rejected *", "* rewards margins *", "* logps chosen *", "* logps rejected *"),
        2,
        (
            ("* rewards accuracies *", Meaning("score", "train", direction="higher", reason="TRL: correctly ranked pairs")),
            ("* rewards chosen *", aside("statistic", "TRL: only the margin is expected to grow")),
            ("* rewards rejected *", aside("statistic", "TRL: only the margin is expected to grow")),
            ("* rewards margins *", Meaning("reward-margin", "train", direction="higher", reason="TRL: chosen minus rejected")),
        ),
    ),
    Convention(
        "OpenRLHF preference optimisation",
        ("* chosen reward *", "* reject reward *"),
        2,
        (
            ("* chosen reward *", aside("statistic", "OpenRLHF: only the margin is expected to grow")),
            ("* reject reward *", aside("statistic", "OpenRLHF: only the margin is expected to grow")),
            ("eval/*loss", Meaning("loss", "validation", direction="lower", reason="OpenRLHF: loss of held-out pairs")),
            ("*loss", Meaning("loss", "train", direction="lower", reason="OpenRLHF: loss of the training pairs")),
            ("* loss mean *", Meaning("loss", "train", direction="lower", reason="OpenRLHF: loss of the training pairs")),
        ),
    ),
    Convention(
        "TRL group-relative optimisation",
        ("*frac_reward_zero_std", "*completions/mean_length|*completion_length", "*completions/clipped_ratio", "* reward std *"),
        2,
        (
            ("*frac_reward_zero_std", aside("uniform-reward-fraction", "share of prompts whose answers all get the same reward")),
            ("*completions/clipped_ratio", _CUT_OFF),
            ("*completions/mean_length", _LENGTH),
            ("*completion_length", _LENGTH),
            ("*clip_ratio/region_mean", _CLIPPED),
        ),
    ),
    Convention(
        "Stable-Baselines3",
        ("*rollout/ep_rew_mean", "*train/n_updates", "*time/total_timesteps", "*train/clip_range", "*eval/mean_reward"),
        2,
        (
            ("*entropy_loss", aside("negative-entropy", "Stable-Baselines3: the entropy with its sign reversed")),
            ("*train/std", _SPREAD),
        ),
    ),
    Convention(
        "Spinning Up",
        ("* ep ret *", "* loss pi *", "* loss v *", "* stop iter *", "*totalenvinteracts*"),
        2,
        (("kl", _UPDATE_KL),),
    ),
    Convention(
        "RLlib",
        ("*episode_reward_mean|*episode_return_mean", "*info/learner/*|*learners/*"),
        2,
        (("*learner*/kl", _UPDATE_KL), ("*learner*/mean_kl_loss", _UPDATE_KL)),
    ),
    Convention(
        "rl_games",
        ("losses/a_loss", "losses/c_loss", "rewards/iter", "info/last_lr", "performance/step_fps"),
        2,
        (("info/e_clip", aside("setting", "rl_games: the clip range of policy ratios")), ("info/kl", _UPDATE_KL), *_RL_MEANINGS),
    ),
)  # fmt: skip
_REWARD = (
    "* reward |* reward mean *|* reward std *|* reward per *|* reward total *|* reward sum *|* reward m[ai][xn] *"
    "|* reward [0-9]* |reward/*|*/reward/*|*_reward/*|* reward fn *"
)
REINFORCEMENT: tuple[Convention, ...] = (
    Convention(
        "reinforcement learning",
        (
            "*ep_rew*", "*eprew*", "*episodic_return*", "*episode_reward*", "*episode_return*", "* ep ret *",
            # a reward, not what predicts one: `reward_loss` and `reward_err` are of a model of it
            _REWARD, "* rew *", "*critic/rewards*", "*approx_kl*", "*approxkl*", "*clipfrac*", "*clip_fraction*",
        ),
        1,
        _RL_MEANINGS,
    ),
    Convention(
        "reinforcement learning",
        (
            "*explained_variance*", "*explained_var*", "* vf loss *", "*policy_loss*", "* loss policy *",
            "*policy_gradient_loss*", "* pg loss *", "*actor_loss*", "*critic_loss*", "* mean reward *", "*q_values*",
            "* loss v *", "* loss pi *", "* value loss *", "* loss value *", "* loss surrogate *", "* ppo kl *",
        ),
        2,
        _RL_MEANINGS,
    ),
)  # fmt: skip
