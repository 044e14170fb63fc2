"""Told-v0 is the environment "of" of Gymnasium, and tells the file "told" its seeds and actions."""

import json

import gymnasium
import numpy


class Told(gymnasium.Wrapper):
    def __init__(self, of, told, render_mode=None):
        super().__init__(gymnasium.make(of, render_mode=render_mode))
        # only where it is shown
        self.told = open(told, "a", encoding="utf-8") if render_mode else None

    def tell(self, event):
        if self.told:
            self.told.write(json.dumps(event) + "\n")
            self.told.flush()

    def reset(self, *, seed=None, options=None):
        self.tell({"seed": seed})
        return super().reset(seed=seed, options=options)

    def step(self, action):
        self.tell({"action": numpy.asarray(action).tolist()})
        return super().step(action)


gymnasium.register("Told-v0", entry_point=Told)
