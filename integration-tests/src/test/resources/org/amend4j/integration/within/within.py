"""Within-v0 is CarRacing-v3, whose picture is one of two parts: the other is the number of steps."""

import gymnasium
import numpy


class Within(gymnasium.ObservationWrapper):
    def __init__(self):
        super().__init__(gymnasium.make("CarRacing-v3"))
        steps = gymnasium.spaces.Box(0, 1e6, (1,), numpy.float32)
        self.observation_space = gymnasium.spaces.Dict({"picture": self.env.observation_space, "steps": steps})

    def reset(self, *, seed=None, options=None):
        self.steps = -1
        return super().reset(seed=seed, options=options)

    def observation(self, observation):
        self.steps += 1
        return {"picture": observation, "steps": numpy.array([self.steps / 3], numpy.float32)}


gymnasium.register("Within-v0", entry_point=Within)
