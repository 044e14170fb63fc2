"""The other side of GymnasiumPeerTest, with Gymnasium itself: FILE gets what its environments do, numbers as they are.

"episodes" by id: seed, first observation, and for each step the state before it where there is one, the action and what it led to.
"pictures": for each of two episodes of CarRacing-v3 its seed, the actions, and SHA-256 of every observation's bytes.
"tables" by id: [state, action, probability, next state, reward, terminated] for each outcome.
"""

import hashlib
import json
import sys

import gymnasium
import numpy

EPISODES = (
    "CartPole-v1",
    "Acrobot-v1",
    "MountainCar-v0",
    "MountainCarContinuous-v0",
    "Pendulum-v1",
    "FrozenLake-v1",
    "CliffWalking-v1",
    "Taxi-v4",
    "Blackjack-v1",
    "HalfCheetah-v5",
)
TABLES = ("FrozenLake-v1", "CliffWalking-v1", "Taxi-v4")
STEPS = 60


def numbers(point):
    parts = point if isinstance(point, tuple) else (point,)
    return [float(number) for part in parts for number in numpy.ravel(part)]


def episode(name, seed):
    environment = gymnasium.make(name)
    environment.action_space.seed(seed)
    observation, _ = environment.reset(seed=seed)
    first, steps, over = numbers(observation), [], False
    while len(steps) < STEPS and not over:
        state = getattr(environment.unwrapped, "state", None)
        step = {"state": [] if state is None else numbers(state)}
        action = environment.action_space.sample()
        observation, reward, terminated, truncated, _ = environment.step(action)
        over = bool(terminated or truncated)
        step.update(action=numbers(action), observation=numbers(observation), reward=float(reward))
        step.update(terminated=bool(terminated), truncated=bool(truncated))
        steps.append(step)
    environment.close()
    return {"seed": seed, "first": first, "steps": steps}


def pictures(seed):
    environment = gymnasium.make("CarRacing-v3")
    environment.action_space.seed(seed)
    seen, actions = [environment.reset(seed=seed)[0]], []
    for _ in range(20):
        actions.append(environment.action_space.sample())
        seen.append(environment.step(actions[-1])[0])
    environment.close()
    digests = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in seen]
    return {"seed": seed, "actions": [numbers(action) for action in actions], "digests": digests}


def table(name):
    return [
        [state, action, float(probability), int(following), float(reward), bool(terminated)]
        for state, actions in gymnasium.make(name).unwrapped.P.items()
        for action, outcomes in actions.items()
        for probability, following, reward, terminated in outcomes
    ]


with open(sys.argv[1], "w", encoding="utf-8") as file:
    found = {
        "episodes": {name: [episode(name, seed) for seed in (0, 7, 2**31 + 5)] for name in EPISODES},
        "pictures": [pictures(seed) for seed in (0, 7)],
        "tables": {name: table(name) for name in TABLES},
    }
    json.dump(found, file)
