"""An actor and a critic in a small grid: find the exit, whose place is told, before the time is up."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from .loggers import Log
    from .recipe import PolicyRecipe

SIDE, LIMIT = 6, 30  # cells, steps of an episode
MOVES = torch.tensor([[0, 1], [0, -1], [1, 0], [-1, 0]])
STEP_COST, PRIZE = 0.05, 1.0


class Grid:
    """Many grids at once; an episode ends at the exit or after LIMIT steps, and a new one begins."""

    def __init__(self, count: int) -> None:
        self.place = torch.randint(SIDE, (count, 2))
        self.exit = torch.randint(SIDE, (count, 2))
        self.age, self.gained = torch.zeros(count), torch.zeros(count)

    def state(self) -> torch.Tensor:
        """Place and exit between -1 and 1."""
        return torch.cat([self.place, self.exit], 1) / (SIDE - 1) * 2 - 1

    def step(self, actions: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, list[float]]:
        """Rewards, whether the episode is over, and the returns of those that are."""
        self.place = (self.place + MOVES[actions]).clamp(0, SIDE - 1)
        arrived = (self.place == self.exit).all(1)
        reward = PRIZE * arrived.float() - STEP_COST
        self.age, self.gained = self.age + 1, self.gained + reward
        over = arrived | (self.age >= LIMIT)
        returns = self.gained[over].tolist()
        fresh = torch.randint(SIDE, (2, len(over), 2))
        self.place = torch.where(over[:, None], fresh[0], self.place)
        self.exit = torch.where(over[:, None], fresh[1], self.exit)
        self.age, self.gained = self.age * ~over, self.gained * ~over
        return reward, over, returns


def train(recipe: PolicyRecipe, log: Log, seed: int) -> None:
    """Train by advantage actor-critic (Mnih et al., 2016) and log it."""
    torch.manual_seed(seed)
    log.settings = {**log.settings, "steps": recipe.updates}
    grid = Grid(recipe.environments)
    actor = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, len(MOVES)))
    critic = nn.Sequential(nn.Linear(4, 64), nn.Tanh(), nn.Linear(64, 64), nn.Tanh(), nn.Linear(64, 1))
    parameters = [*actor.parameters(), *critic.parameters()]
    chosen = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[recipe.optimizer]
    optimizer = chosen(parameters, lr=recipe.rate)
    recent: list[float] = []
    for update in range(recipe.updates):
        for group in optimizer.param_groups:
            group["lr"] = recipe.rate * recipe.schedule(update / recipe.updates)
        before = copy.deepcopy(actor)
        states, actions, rewards, overs = [], [], [], []
        for _ in range(recipe.rollout):
            state = grid.state()
            with torch.no_grad():
                action = torch.distributions.Categorical(logits=actor(state)).sample()
            reward, over, returns = grid.step(action)
            recent = (recent + returns)[-100:]
            for kept, value in zip((states, actions, rewards, overs), (state, action, reward, over), strict=True):
                kept.append(value)
        seen = torch.stack(states) * (1.0 if recipe.critic_sees else 0.0)
        values = critic(seen)[..., 0]
        with torch.no_grad():
            follow = critic(grid.state() * (1.0 if recipe.critic_sees else 0.0))[:, 0]
            goals = torch.zeros_like(values)
            for back in reversed(range(recipe.rollout)):
                follow = recipe.reward_scale * rewards[back] + recipe.discount * follow * ~overs[back]
                goals[back] = follow
        advantage = (goals - values).detach()
        advantage = (advantage - advantage.mean()) / (advantage.std() + 1e-8)
        policy = torch.distributions.Categorical(logits=actor(torch.stack(states)))
        taken = policy.log_prob(torch.stack(actions))
        policy_loss, value_loss = -(taken * advantage).mean(), (goals - values).square().mean()
        entropy = policy.entropy().mean()
        optimizer.zero_grad()
        (policy_loss + recipe.value_weight * value_loss - recipe.entropy_weight * entropy).backward()
        norm = nn.utils.clip_grad_norm_(parameters, recipe.clip)
        optimizer.step()
        if update % recipe.log_every == 0 and recent:
            with torch.no_grad():
                old, new = (net(torch.stack(states)).log_softmax(-1) for net in (before, actor))
                kl = (old.exp() * (old - new)).sum(-1).mean()
                explained = 1 - (goals - values).var() / goals.var().clamp(min=1e-12)
            losses = {"policy_loss": policy_loss, "value_loss": value_loss, "entropy": entropy, "approx_kl": kl}
            losses |= {"explained_variance": explained}
            entry = {("train", name): value.item() for name, value in losses.items()}
            entry |= {("", "episode_reward_mean"): sum(recent) / len(recent), ("", "grad_norm"): float(norm)}
            log.write(update, 0, entry | {("", "lr"): optimizer.param_groups[0]["lr"]})
