"""Gymnasium environments behind standard input and output: a line of JSON in, a line of JSON out.

Arguments: id of the environment, number of rows, keyword arguments of gymnasium.make as a JSON object.
First line out: {"protocol": 1, "rows": n, "observation": space, "action": space}, a space being {"count": n} or
{"low": [...], "high": [...]}. Then, for each line in:
  {"rows": [...], "seeds": [...]}            begins episodes
  {"rows": [...], "actions": [[...], ...]}   acts
and out: {"observations": [[...], ...]}, after acts with "rewards", "terminated", "truncated"; with "masks" if the
environment tells an action mask. What cannot be done is answered with {"error": sentence}. Ends with its input.
"""

import json
import os
import sys

PROTOCOL = 1


class Codec:
    """Points of a Gymnasium space as flat lists of numbers."""

    def __init__(self, what, space, spaces):
        self.space = space
        self.discrete = isinstance(space, spaces.Discrete)
        if not self.discrete and not isinstance(space, spaces.Box):
            raise TypeError(f"the {what} space must be Discrete or Box, got {space}")

    def description(self):
        if self.discrete:
            return {"count": int(self.space.n)}
        return {"low": self.space.low.ravel().tolist(), "high": self.space.high.ravel().tolist()}

    def to_list(self, point):
        if self.discrete:
            return [int(point) - int(self.space.start)]
        return point.ravel().tolist()

    def from_list(self, numbers):
        if self.discrete:
            return int(numbers[0]) + int(self.space.start)
        return self.space.from_jsonable([numbers])[0].astype(self.space.dtype).reshape(self.space.shape)


class Peer:
    def __init__(self, gymnasium, environment_id, rows, arguments):
        self.environments = [
            gymnasium.make(environment_id, disable_env_checker=True, **arguments) for _ in range(rows)
        ]
        first = self.environments[0]
        self.observation = Codec("observation", first.observation_space, gymnasium.spaces)
        self.action = Codec("action", first.action_space, gymnasium.spaces)

    def hello(self):
        return {
            "protocol": PROTOCOL,
            "rows": len(self.environments),
            "observation": self.observation.description(),
            "action": self.action.description(),
        }

    def answer(self, question):
        environments = [self.environments[row] for row in question["rows"]]
        if "seeds" in question:
            # Gymnasium wants seeds without a sign
            results = [e.reset(seed=s & 0xFFFFFFFFFFFFFFFF) for e, s in zip(environments, question["seeds"])]
            answer = {}
        else:
            actions = [self.action.from_list(numbers) for numbers in question["actions"]]
            results = [e.step(a) for e, a in zip(environments, actions)]
            answer = {
                "rewards": [float(r[1]) for r in results],
                "terminated": [bool(r[2]) for r in results],
                "truncated": [bool(r[3]) for r in results],
            }
        answer["observations"] = [self.observation.to_list(r[0]) for r in results]
        if all("action_mask" in r[-1] for r in results):
            answer["masks"] = [[bool(flag) for flag in r[-1]["action_mask"]] for r in results]
        return answer

    def close(self):
        for environment in self.environments:
            environment.close()


def sentence(error):
    return " ".join(f"{type(error).__name__}: {error}".split())


def main():
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what environments print must not mix with the answers

    def say(answer):
        out.write(json.dumps(answer) + "\n")
        out.flush()

    environment_id, rows, arguments = sys.argv[1:]
    try:
        import gymnasium
    except ImportError as error:
        say({"error": f"Gymnasium must be installed for {sys.executable} ({error})"})
        return
    try:
        peer = Peer(gymnasium, environment_id, int(rows), json.loads(arguments))
    except Exception as error:
        say({"error": f"Gymnasium cannot make '{environment_id}' ({sentence(error)})"})
        return
    say(peer.hello())
    for line in sys.stdin:
        try:
            answer = peer.answer(json.loads(line))
        except Exception as error:
            answer = {"error": f"Gymnasium failed ({sentence(error)})"}
        say(answer)
    peer.close()


main()
