"""Gymnasium environments behind standard input and output: a line of JSON in, a line of JSON out, pictures before it.

Arguments: id of the environment, number of rows, keyword arguments of gymnasium.make as a JSON object.
First line out: {"protocol": 4, "rows": n, "observation": space, "action": space}, with "limit" (steps) and "threshold"
(return) where they are registered, "leaves", what a point of observations has in a block, and "fps" where the environment says how many of its pictures make a second. A space is {"count": n}, {"counts": [...]}, {"low": [...], "high": [...]} or
{"parts": [{"name": text, "space": space}, ...]}. Then, for each line in:
  {"rows": [...], "seeds": [...]}            begins episodes
  {"rows": [...]} behind a block of actions  acts
  {"picture": row}                           shows a row, whose render_mode must be rgb_array
and out, after the last of them, {"picture": [height, width]} behind a block of red, green and blue of each pixel; else {"observations": [[...], ...]}, after acts with "rewards", "terminated", "truncated"; with "masks" if an
environment tells an action mask, null for those that do not. A block before a line is a zero, the number of bytes in four
bytes, the greatest first, and the bytes. Actions are doubles there, the least byte first. Observations are in a block where all
boxes are numpy's arrays of their kind; then "observations" is "block". A leaf [n, true] is n unsigned bytes, as of pictures,
[n, false] n doubles. What cannot be done is answered with {"error": sentence}, with "missing": true if a
package is missing. Ends with its input, or with the process that started it.
"""

import array
import json
import os
import signal
import sys
import threading
import time

PROTOCOL = 4


def flat(point):
    """The numbers of an array, a list, a tuple or a number."""
    if hasattr(point, "ravel"):
        return point.ravel().tolist()
    if isinstance(point, (list, tuple)):
        return [number for part in point for number in flat(part)]
    return [point]


def single(point):
    """A number, also in an array or a list of its own."""
    numbers = flat(point)
    if len(numbers) != 1 or not isinstance(numbers[0], (bool, int, float)):
        raise ValueError(f"one number expected, got {point}")
    return numbers[0]


OLD_STEP = "step must give observation, reward, terminated, truncated and info, got {}: Gym's own had 4 values before 0.26"


def begun(environment, seed):
    """What a reset gives."""
    result = environment.reset(seed=seed)
    if not (isinstance(result, tuple) and len(result) == 2 and isinstance(result[1], dict)):
        raise TypeError("reset must give observation and info: Gym's own gave the observation alone before 0.26")
    return result


def stepped(environment, action):
    """What a step gives. Gymnasium's own wrappers unpack it, those of time limits among them."""
    try:
        result = environment.step(action)
    except ValueError as error:
        if "expected 5, got 4" in str(error):
            raise TypeError(OLD_STEP.format("4 values")) from error
        raise
    if not (isinstance(result, tuple) and len(result) == 5 and isinstance(result[4], dict)):
        got = f"{len(result)} values" if isinstance(result, tuple) else type(result).__name__
        raise TypeError(OLD_STEP.format(got))
    return result


class Discrete:
    def __init__(self, space):
        self.space = space

    def description(self):
        return {"count": int(self.space.n)}

    def size(self):
        return 1

    def leaves(self):
        return [[1, False]]

    def pack(self, point):
        return packed(self.to_list(point))

    def to_list(self, point):
        return [int(single(point)) - int(self.space.start)]

    def from_list(self, numbers):
        return int(numbers[0]) + int(self.space.start)


class MultiDiscrete:
    """Also MultiBinary, whose numbers are 0 or 1."""

    def __init__(self, space):
        self.space = space
        if hasattr(space, "nvec"):
            self.counts = [int(n) for n in flat(space.nvec)]
            self.start = [int(n) for n in flat(getattr(space, "start", [0] * len(self.counts)))]
            self.shape = space.nvec.shape
        else:
            self.shape = space.shape
            size = 1
            for side in self.shape:
                size *= side
            self.counts, self.start = [2] * size, [0] * size

    def description(self):
        return {"counts": self.counts}

    def size(self):
        return len(self.counts)

    def leaves(self):
        return [[len(self.counts), False]]

    def pack(self, point):
        return packed(self.to_list(point))

    def to_list(self, point):
        return [int(number) - start for number, start in zip(flat(point), self.start)]

    def from_list(self, numbers):
        shifted = [int(number) + start for number, start in zip(numbers, self.start)]
        return self.space.from_jsonable([shifted])[0].astype(self.space.dtype).reshape(self.shape)


class Box:
    def __init__(self, space):
        self.space = space
        self.length = len(flat(space.low))
        self.numpy = sys.modules["numpy"] if type(space.low).__module__ == "numpy" else None
        self.of_bytes = str(space.dtype) == "uint8" if hasattr(space, "dtype") else False

    def description(self):
        return {"low": flat(self.space.low), "high": flat(self.space.high)}

    def size(self):
        return self.length

    def leaves(self):
        return [[self.length, self.of_bytes]]

    def pack(self, point):
        """A point's bytes; nothing if it is not what its space says."""
        if self.of_bytes:
            return point.tobytes() if str(getattr(point, "dtype", "")) == "uint8" and point.size == self.length else None
        numbers = self.numpy and isinstance(point, self.numpy.ndarray) and point.dtype.kind in "fiu"
        return point.astype("<f8").tobytes() if numbers and point.size == self.length else None

    def from_block(self, block, count):
        """Points of doubles."""
        if self.numpy is None:
            return None
        rows = self.numpy.frombuffer(block, "<f8").reshape(count, self.length)
        return [row.astype(self.space.dtype).reshape(self.space.shape) for row in rows]

    def to_list(self, point):
        return flat(point)

    def from_list(self, numbers):
        return self.space.from_jsonable([numbers])[0].astype(self.space.dtype).reshape(self.space.shape)


class Parts:
    """Dict and Tuple: the parts' numbers one after the other."""

    def __init__(self, what, space, spaces, named):
        self.named = named
        items = space.spaces.items() if named else enumerate(space.spaces)
        self.codecs = [(key, codec(f"{what}[{key!r}]", part, spaces)) for key, part in items]

    def description(self):
        return {"parts": [{"name": str(key), "space": part.description()} for key, part in self.codecs]}

    def size(self):
        return sum(part.size() for _, part in self.codecs)

    def leaves(self):
        return [leaf for _, part in self.codecs for leaf in part.leaves()]

    def pack(self, point):
        parts = [part.pack(point[key]) for key, part in self.codecs]
        return None if any(part is None for part in parts) else b"".join(parts)

    def to_list(self, point):
        return [number for key, part in self.codecs for number in part.to_list(point[key])]

    def from_list(self, numbers):
        points, at = {}, 0
        for key, part in self.codecs:
            points[key] = part.from_list(numbers[at : at + part.size()])
            at += part.size()
        return points if self.named else tuple(points.values())


def ordered(numbers):
    """Doubles as they are in blocks, or back."""
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers


def packed(numbers):
    return ordered(array.array("d", numbers)).tobytes()


def doubles(block):
    return ordered(array.array("d", block)).tolist()


def codec(what, space, spaces):
    """Points of a Gymnasium space as flat lists of numbers."""
    for name, kind in (("Discrete", Discrete), ("Box", Box), ("MultiDiscrete", MultiDiscrete), ("MultiBinary", MultiDiscrete)):
        if isinstance(space, getattr(spaces, name, ())):
            return kind(space)
    for name in ("Dict", "Tuple"):
        if isinstance(space, getattr(spaces, name, ())):
            return Parts(what, space, spaces, name == "Dict")
    raise TypeError(f"the {what} space must be Discrete, MultiDiscrete, MultiBinary, Box, or a Dict or Tuple of those, got {space}")


class Peer:
    def __init__(self, gymnasium, environment_id, rows, arguments):
        self.environments = [
            gymnasium.make(environment_id, disable_env_checker=True, **arguments) for _ in range(rows)
        ]
        first = self.environments[0]
        self.observation = codec("observation", first.observation_space, gymnasium.spaces)
        self.action = codec("action", first.action_space, gymnasium.spaces)
        self.spec = getattr(first, "spec", None)

    def hello(self):
        answer = {
            "protocol": PROTOCOL,
            "rows": len(self.environments),
            "observation": self.observation.description(),
            "action": self.action.description(),
            "leaves": self.observation.leaves(),
        }
        for name, attribute in (("limit", "max_episode_steps"), ("threshold", "reward_threshold")):
            value = getattr(self.spec, attribute, None)
            if value is not None and value != -1:
                answer[name] = value
        fps = (getattr(self.environments[0], "metadata", None) or {}).get("render_fps")
        if isinstance(fps, (int, float)) and 0 < fps < float("inf"):
            answer["fps"] = fps
        return answer

    def picture(self, row):
        picture = self.environments[row].render()
        shape = getattr(picture, "shape", ())
        if str(getattr(picture, "dtype", "")) != "uint8" or len(shape) != 3 or shape[2] != 3:
            raise TypeError(f"render must give bytes of height x width x 3, got {type(picture).__name__}")
        return {"picture": [int(shape[0]), int(shape[1])]}, picture.tobytes()

    def actions(self, block, count):
        points = self.action.from_block(block, count) if isinstance(self.action, Box) else None
        if points is None:
            numbers, size = doubles(block), self.action.size()
            points = [self.action.from_list(numbers[row * size : (row + 1) * size]) for row in range(count)]
        return points

    def answer(self, question, given):
        if "picture" in question:
            return self.picture(question["picture"])
        environments = [self.environments[row] for row in question["rows"]]
        if "seeds" in question:
            results = [begun(e, s) for e, s in zip(environments, question["seeds"])]
            answer = {}
        else:
            results = [stepped(e, a) for e, a in zip(environments, self.actions(given, len(environments)))]
            answer = {
                "rewards": [float(single(r[1])) for r in results],
                "terminated": [bool(single(r[2])) for r in results],
                "truncated": [bool(single(r[3])) for r in results],
            }
        points = [self.observation.pack(r[0]) for r in results]
        block = b"" if any(point is None for point in points) else b"".join(points)
        answer["observations"] = "block" if block else [self.observation.to_list(r[0]) for r in results]
        masks = [r[-1].get("action_mask") for r in results]
        if any(mask is not None for mask in masks):
            answer["masks"] = [None if mask is None else [bool(flag) for flag in flat(mask)] for mask in masks]
        return answer, block

    def close(self):
        for environment in self.environments:
            environment.close()


def sentence(error):
    return " ".join(f"{type(error).__name__}: {error}".split())


def end_with_parent():
    """A step may take long, and whoever waits for it may be killed meanwhile."""
    parent = os.getppid()

    def watch():
        while os.getppid() == parent:
            time.sleep(0.5)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


def find_packages():
    """What isolated Python leaves out and the user's account names: no path that depends on the working directory."""
    if not sys.flags.no_site and sys.prefix == sys.base_prefix and "PYTHONNOUSERSITE" not in os.environ:
        import site

        if os.path.isabs(site.getusersitepackages()):
            site.addsitedir(site.getusersitepackages())
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    sys.path[:0] = [path for path in named if os.path.isabs(path)]


def questions(stream):
    """Lines, and the blocks before them."""
    for first in iter(lambda: stream.read(1), b""):
        block = b""
        if first == b"\0":
            block, first = stream.read(int.from_bytes(stream.read(4), "big")), b""
        yield first + stream.readline(), block


def main():
    end_with_parent()
    find_packages()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the other side, which still wants answers
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what environments print must not mix with the answers

    def say(answer, block=b""):
        if block:
            out.write(b"\0" + len(block).to_bytes(4, "big") + block)
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()

    environment_id, rows, arguments = sys.argv[1:]
    try:
        import gymnasium
    except ImportError as error:
        say({"error": f"Gymnasium must be installed for {sys.executable} ({error}): 'pip install gymnasium' does that,"
             " and another Python can be named", "missing": True})
        return
    try:
        peer = Peer(gymnasium, environment_id, int(rows), json.loads(arguments))
    except Exception as error:
        missing = isinstance(error, ImportError) or type(error).__name__ == "DependencyNotInstalled"
        say({"error": f"Gymnasium cannot make '{environment_id}' ({sentence(error)})", "missing": missing})
        return
    say(peer.hello())
    for line, given in questions(sys.stdin.buffer):
        try:
            answer, block = peer.answer(json.loads(line), given)
        except Exception as error:
            answer, block = {"error": f"Gymnasium failed ({sentence(error)})"}, b""
        say(answer, block)
    peer.close()


main()
