"""Stands in for Gymnasium in tests of the command line; no code of Gymnasium's."""

from . import spaces


class Line:
    """Starts at 0, moves left or right; 1 for the right end, after which it is over. Cut off after 9 steps."""

    observation_space = spaces.Box([-3.0], [3.0])
    action_space = spaces.Discrete(2)

    class spec:
        max_episode_steps = 9
        reward_threshold = 0.5

    def __init__(self, prize=1):
        self.prize = prize

    def reset(self, seed):
        self.at, self.steps = 0, 0
        return [[0.0]], {}

    def step(self, action):
        self.at = max(-3, self.at + 2 * action - 1)
        self.steps += 1
        end = self.at == 3
        return [[float(self.at)]], [self.prize * float(end)], end, self.steps >= 9, {}

    def close(self):
        pass


def make(environment_id, disable_env_checker, **arguments):
    if environment_id != "Line-v0":
        raise KeyError(f"no environment {environment_id}")
    return Line(**arguments)
