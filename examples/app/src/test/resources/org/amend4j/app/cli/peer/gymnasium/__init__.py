"""Stands in for Gymnasium in tests of the command line; no code of Gymnasium's."""

import os
import random
import signal

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


class Bench:
    """Half of the reward for the tool that is seen, half for the side; the third tool is locked. Cut off after 8 steps."""

    observation_space = spaces.Dict(
        {"inner": spaces.Dict({"tool": spaces.Discrete(2)}), "side": spaces.Box([-50.0], [50.0])}
    )
    action_space = spaces.MultiDiscrete([3, 2])

    class spec:
        max_episode_steps = 8
        reward_threshold = None

    def reset(self, seed):
        self.random, self.steps = random.Random(seed), 0
        return self.see(), self.info()

    def step(self, action):
        assert action.shape == (2,) and action[0] != 2, action
        reward = 0.5 * (action[0] == self.tool) + 0.5 * (action[1] == (self.side > 0))
        self.steps += 1
        return self.see(), reward, False, self.steps >= 8, self.info()

    def see(self):
        self.tool, self.side = self.random.randrange(2), self.random.uniform(-50, 50)
        return {"inner": {"tool": self.tool}, "side": [self.side]}

    def info(self):
        return {"action_mask": ([1, 1, 0], [1, 1])}

    def close(self):
        pass


class Mortal(Bench):
    """Where there is a file at the 40th episode, whoever removes it is killed."""

    def __init__(self, fate):
        self.fate, self.episodes = fate, 0

    def reset(self, seed):
        self.episodes += 1
        if self.episodes == 40:
            try:
                os.remove(self.fate)
                os.kill(os.getpid(), signal.SIGKILL)
            except FileNotFoundError:
                pass  # nobody is to be killed, or somebody else was
        return super().reset(seed)


class Shown(Line):
    """Shows where it is: as many times 20 in red, and whatever is to go wrong at the third picture."""

    metadata = {"render_fps": 4}

    class spec:
        max_episode_steps = 9
        reward_threshold = None

    def __init__(self, fault="", render_mode=None):
        super().__init__()
        self.fault, self.render_mode, self.shown = fault, render_mode, 0

    def render(self):
        assert self.render_mode == "rgb_array"
        self.shown += 1
        wrong = self.shown == 3
        if wrong and self.fault == "raise":
            raise RuntimeError("no more light")
        if wrong and self.fault == "none":
            return None
        height = 3 if wrong and self.fault == "size" else 2
        return spaces.Picture(height, 3, [20 * (self.at + 3), 7, 255] * (3 * height))


class Long(Shown):
    """Has no end, and is cut off later than a film may last."""

    class spec:
        max_episode_steps = 5_010
        reward_threshold = None

    def step(self, action):
        self.at, self.steps = action, self.steps + 1
        return [[float(self.at)]], 0.0, False, self.steps >= 5_010, {}


KINDS = {"Line-v0": Line, "Bench-v0": Bench, "Mortal-v0": Mortal, "Shown-v0": Shown, "Long-v0": Long}


def make(environment_id, disable_env_checker, **arguments):
    if environment_id not in KINDS:
        raise KeyError(f"no environment {environment_id}")
    return KINDS[environment_id](**arguments)
