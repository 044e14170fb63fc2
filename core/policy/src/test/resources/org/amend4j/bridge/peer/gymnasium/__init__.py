"""Stands in for Gymnasium in tests of the bridge: as much of its interface as the bridge uses, no code of Gymnasium's."""

import os
import time

from . import spaces


class Environment:
    """Starts at seed mod 1000; an action adds itself. Terminates at an even sum above 1003, is truncated after 5 steps."""

    observation_space = spaces.Box([[-1e6, -float("inf")]], [[1e6, float("inf")]])
    action_space = spaces.Discrete(3, start=2)

    def __init__(self, offset=0):
        self.offset = offset

    def reset(self, seed):
        assert isinstance(seed, int) and 0 <= seed < 2**32
        self.position = seed % 1000 + self.offset
        self.steps = 0
        return self.see(), self.info()

    def step(self, action):
        assert action in (2, 3, 4)
        self.position += action - 2
        self.steps += 1
        terminated = self.position > 1003 and self.position % 2 == 0
        return self.see(), 0.1 * self.position, terminated, self.steps >= 5, self.info()

    def see(self):
        return spaces.Array([float(self.position), self.steps / 3])

    def info(self):
        return {}

    def close(self):
        pass


class Masked(Environment):
    observation_space = spaces.Discrete(5000, start=-1)

    def see(self):
        return self.position - 1

    def info(self):
        return {"action_mask": [1, self.position % 2, 0]}


class SometimesMasked(Masked):
    """Tells no mask at an even position but 4."""

    def info(self):
        return super().info() if self.position == 4 or self.position % 2 else {}


class OutOfSpace(Environment):
    observation_space = spaces.Discrete(3)

    def see(self):
        return self.position


class Continuous(Environment):
    action_space = spaces.Box([[-1], [-1]], [[1], [1]])

    def step(self, action):
        assert action.shape == (2, 1)
        self.position += 10 * action[0] + action[1]
        return self.see(), 0.0, False, False, {}


class Chatty(Environment):
    def step(self, action):
        print("a line that is no answer", flush=True)
        os.write(1, b"another\n")
        return super().step(action)


class NotANumber(Environment):
    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, float("nan") if self.steps == 2 else reward, terminated, truncated, info


class Raising(Environment):
    def step(self, action):
        if self.steps == 1 and action == 4:
            raise ValueError("a joint\nbroke")
        return super().step(action)


class Dying(Environment):
    def step(self, action):
        os.write(2, b"MemoryError: the simulator is full\n")
        os._exit(3)


class Sleeping(Environment):
    def step(self, action):
        time.sleep(600)


class Lists(Environment):
    """Nothing is an array, and every number has a list of its own."""

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, [reward], [terminated], (truncated,), info

    def see(self):
        return [[float(self.position)], (self.steps / 3,)]


class Mixed(Environment):
    """Parts as observations, two integers as an action: the first adds itself, the second counts tenfold."""

    observation_space = spaces.Dict(
        {"where": Environment.observation_space, "odd": spaces.Discrete(2), "two": spaces.MultiDiscrete([3, 2], [1, 0])}
    )
    action_space = spaces.MultiDiscrete([3, 2], [1, -1])

    def step(self, action):
        assert isinstance(action, spaces.Array) and action.shape == (2,), action
        self.position += (action[0] - 1) + 10 * (action[1] + 1)
        self.steps += 1
        return self.see(), 1.0, False, self.steps >= 5, self.info()

    def see(self):
        return {"two": [1 + self.steps % 3, self.steps % 2], "odd": self.position % 2, "where": super().see()}

    def info(self):
        return {"action_mask": ([1, 1, self.position % 2], [0, 1])}


class Pictures(Environment):
    """Every byte there is, and one more."""

    observation_space = spaces.Box([[0] * 257], [[255] * 257], "uint8")

    def see(self):
        return spaces.Bytes((self.position + i) % 256 for i in range(257))


class ListedPictures(Pictures):
    def see(self):
        return list(super().see())


class PicturesWithin(Pictures):
    """Beside a number, in parts."""

    observation_space = spaces.Dict({"picture": Pictures.observation_space, "odd": spaces.Discrete(2)})

    def see(self):
        return {"odd": self.position % 2, "picture": self.picture()}

    def picture(self):
        return super().see()


class ListedPicturesWithin(PicturesWithin):
    def picture(self):
        return list(super().picture())


class SomePictures(Pictures):
    """Lists at odd positions."""

    def see(self):
        return list(super().see()) if self.position % 2 else super().see()


class Meeting(Environment):
    """Its end waits until others of its kind end, too."""

    def __init__(self, folder, count):
        super().__init__()
        self.folder, self.count = folder, count

    def tell(self, what):
        open(f"{self.folder}/{what}-{os.getpid()}", "x").close()

    def close(self):
        self.tell("ends")
        while sum(name.startswith("ends") for name in os.listdir(self.folder)) < self.count:
            time.sleep(0.01)
        self.tell("met")


class Limited(Environment):
    class spec:
        max_episode_steps = 7
        reward_threshold = 1.5


class Shown(Environment):
    """Two lines of three pixels: where it is, its steps, and which row of a picture; or what a test wants to be shown."""

    metadata = {"render_fps": 12.5}

    def __init__(self, render_mode=None, shown="picture"):
        super().__init__()
        self.render_mode, self.shown = render_mode, shown

    def render(self):
        assert self.render_mode == "rgb_array"
        if self.shown != "picture":
            return None if self.shown == "none" else spaces.Picture((2, 3, 4), [0] * 24)
        return spaces.Picture((2, 3, 3), [self.position, self.steps, 0] * 3 + [self.position, self.steps, 255] * 3)


class OldStep(Environment):
    """As Gym's before 0.26: observation, reward, done, info."""

    def step(self, action):
        return super().step(action)[:3] + ({"lives": 3},)


class OldStepUnpacked(OldStep):
    """Under a wrapper that unpacks, as Gymnasium's time limit does."""

    def step(self, action):
        observation, reward, terminated, truncated, info = super().step(action)
        return observation, reward, terminated, truncated, info


class OldReset(Environment):
    def reset(self, seed):
        return super().reset(seed)[0]


class NoFlag(Environment):
    def step(self, action):
        return super().step(action)[:3] + ({"lives": 3}, {})


class DependencyNotInstalled(Exception):
    """Gymnasium's own is no ImportError either."""


class NoPackage(Environment):
    def __init__(self):
        raise DependencyNotInstalled("MuJoCo is not installed")


class Unflat(Environment):
    observation_space = "Graph(a, b)"


KINDS = {
    kind.__name__ + "-v0": kind
    for kind in (Environment, Masked, SometimesMasked, OutOfSpace, Continuous, Chatty, NotANumber, Raising, Dying, Sleeping, Unflat, Lists, Mixed, Limited, Meeting, Shown, OldStep, OldStepUnpacked, OldReset, NoFlag, NoPackage, Pictures, ListedPictures, PicturesWithin, ListedPicturesWithin, SomePictures)
}


def make(environment_id, disable_env_checker, **arguments):
    if environment_id not in KINDS:
        raise KeyError(f"no environment {environment_id}")
    return KINDS[environment_id](**arguments)
