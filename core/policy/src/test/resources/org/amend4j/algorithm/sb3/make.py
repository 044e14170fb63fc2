# SPDX-License-Identifier: Apache-2.0
"""One whole update of Stable-Baselines3's PPO, and what it began with: update.json.

python make.py > update.json

Two environments of 16 steps, episodes that terminate and episodes that a time limit cuts off, 3 epochs of 4 mini-batches.
Everything is computed in double precision, for which Stable-Baselines3 is changed in four places: observations stay in double precision,
and so do rewards, the buffer and the policy. Its deviation of a mini-batch's advantages is that of the mini-batch (division by n, not n - 1).
"""

import json
import sys

import gymnasium
import numpy
import stable_baselines3
import torch
from stable_baselines3 import PPO
from stable_baselines3.common import policies
from stable_baselines3.common.buffers import RolloutBuffer
from stable_baselines3.common.vec_env import DummyVecEnv, VecEnvWrapper

STEPS, LIMIT = 16, 6
SETTINGS = dict(n_steps=STEPS, batch_size=8, n_epochs=3, gamma=0.95, gae_lambda=0.9, clip_range=0.15, learning_rate=0.02)
TERMS = dict(ent_coef=0.01, vf_coef=0.4, max_grad_norm=0.5)


class Drift(gymnasium.Env):
    observation_space = gymnasium.spaces.Box(-10, 10, (3,), numpy.float64)
    action_space = gymnasium.spaces.Box(-1, 1, (2,), numpy.float64)

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.state = self.np_random.normal(size=3)
        return self.state.copy(), {}

    def step(self, action):
        push = numpy.array([action[0], action[1], action[0] * action[1]])
        self.state = 0.9 * self.state + push + 0.3 * self.np_random.normal(size=3)
        return self.state.copy(), 1 - float(self.state @ self.state), bool(abs(self.state[0]) > 2.2), False, {}


class DoubleRewards(VecEnvWrapper):
    """Also keeps what the algorithm does not: which steps ended an episode, how, and what was seen then."""

    def __init__(self, venv):
        super().__init__(venv)
        self.kept = []

    def reset(self):
        return self.venv.reset()

    def step_wait(self):
        observations, rewards, dones, infos = self.venv.step_wait()
        truncated = [int(info.get("TimeLimit.truncated", False)) for info in infos]
        nexts = [info.get("terminal_observation", seen).tolist() for info, seen in zip(infos, observations)]
        self.kept.append((rewards.astype(float).tolist(), dones.astype(int).tolist(), truncated, nexts))
        return observations, rewards.astype(numpy.float64), dones, infos


class DoubleBuffer(RolloutBuffer):
    def reset(self):
        super().reset()
        for name in ("rewards", "returns", "episode_starts", "values", "log_probs", "advantages"):
            setattr(self, name, getattr(self, name).astype(numpy.float64))


def state(model):
    return {name: value.detach().flatten().tolist() for name, value in model.policy.state_dict().items()}


def rows(buffered):
    """Environment after environment, as its mini-batches count."""
    return numpy.asarray(buffered).swapaxes(0, 1).reshape(len(buffered) * len(buffered[0]), -1).squeeze().tolist()


def main():
    policies.preprocess_obs = lambda observations, *_, **__: observations
    deviation, permutation, orders = torch.Tensor.std, numpy.random.permutation, []
    torch.Tensor.std = lambda numbers: deviation(numbers, correction=0)

    def noted(count):
        orders.append(permutation(count))
        return orders[-1]

    numpy.random.permutation = noted
    torch.set_num_threads(1)
    environments = DoubleRewards(DummyVecEnv([lambda: gymnasium.wrappers.TimeLimit(Drift(), LIMIT)] * 2))
    model = PPO(
        "MlpPolicy",
        environments,
        seed=7,
        device="cpu",
        policy_kwargs=dict(net_arch=[4, 4]),
        rollout_buffer_class=DoubleBuffer,
        **SETTINGS,
        **TERMS,
    )
    model.policy.double()
    model.policy.optimizer = torch.optim.Adam(model.policy.parameters(), lr=SETTINGS["learning_rate"], eps=1e-5)
    before = state(model)
    _, callback = model._setup_learn(2 * STEPS)
    model.collect_rollouts(environments, callback, model.rollout_buffer, STEPS)
    buffer = model.rollout_buffer
    names = ("observations", "actions", "log_probs", "values", "advantages", "returns")
    found = {name: rows(getattr(buffer, name).copy()) for name in names}
    model.train()
    rewards, dones, truncated, nexts = zip(*environments.kept)
    json.dump(
        {
            "versions": {"stable_baselines3": stable_baselines3.__version__, "torch": torch.__version__},
            "settings": {**SETTINGS, **TERMS},
            "before": before,
            "rollout": {
                **found,
                "rewards": rows(rewards),
                "done": rows(dones),
                "truncated": rows(truncated),
                "nexts": numpy.asarray(nexts).swapaxes(0, 1).reshape(2 * STEPS, -1).tolist(),
            },
            "orders": [order.tolist() for order in orders],
            "clip_fraction": float(model.logger.name_to_value["train/clip_fraction"]),
            "after": state(model),
        },
        sys.stdout,
    )
    print()


main()
