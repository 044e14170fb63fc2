"""The other side of FilmPeerTest: ENVIRONMENT TOLD FILM compares each picture of a film, which Pillow opens, with what Gymnasium itself
shows. TOLD has a line of JSON for each reset, {"seed": n}, and each step, {"action": [...]}: the last episode is the one of the film.
"""

import json
import sys

import gymnasium
import numpy
from PIL import Image

name, told, film = sys.argv[1:]
events = [json.loads(line) for line in open(told, encoding="utf-8")]
start = max(i for i, event in enumerate(events) if "seed" in event)

environment = gymnasium.make(name, render_mode="rgb_array")
environment.reset(seed=events[start]["seed"])
shown = [environment.render()]
for event in events[start + 1 :]:
    action = numpy.array(event["action"], environment.action_space.dtype).reshape(environment.action_space.shape)
    environment.step(action)
    shown.append(environment.render())

assert len(shown) > 5, len(shown)
assert len({picture.tobytes() for picture in shown}) > 5
with Image.open(film) as pictures:
    assert pictures.n_frames == len(shown), (pictures.n_frames, len(shown))
    for i, expected in enumerate(shown):
        pictures.seek(i)
        assert pictures.info["duration"] == 1000 / environment.metadata["render_fps"], pictures.info
        assert pictures.mode == "RGB", pictures.mode
        assert numpy.array_equal(numpy.asarray(pictures), expected), f"picture {i}"
