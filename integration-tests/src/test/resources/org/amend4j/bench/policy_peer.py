"""PPO of Stable-Baselines3 beside the command line's: returns and processor time.

policy_peer.py sb3 ENV SEED STEPS             Stable-Baselines3 with its own defaults, one thread
policy_peer.py amend4j ENV SEED STEPS WORD... the command that WORD... names, with `policy train` and its options behind it

Prints a line of JSON: mean returns of 20 new episodes with drawn and with greedy actions, and the processor seconds of training
(of amend4j: of the whole command, its start, its Python and those episodes among them).
"""

import json
import os
import resource
import subprocess
import sys
import tempfile

EPISODES = 20


def seconds(who):
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


def sb3(environment, seed, steps):
    import gymnasium
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.evaluation import evaluate_policy

    torch.set_num_threads(1)
    begin = seconds(resource.RUSAGE_SELF)
    model = PPO("MlpPolicy", environment, seed=seed, device="cpu")
    model.learn(steps)
    used = seconds(resource.RUSAGE_SELF) - begin
    played = gymnasium.make(environment)
    played.reset(seed=1_000 + seed)
    means = [evaluate_policy(model, played, EPISODES, deterministic=greedy)[0] for greedy in (False, True)]
    return {"drawn": means[0], "greedy": means[1], "seconds": used}


def amend4j(environment, seed, steps, program):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        words = ["policy", "train", "--env", "gymnasium:" + environment, "--algo", "ppo", "--steps", str(steps)]
        words += ["--seeds", f"{seed}..{seed}", "--final-episodes", str(EPISODES), "--out", out, "--python", sys.executable]
        subprocess.run(program + words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        with open(os.path.join(out, f"seed-{seed}", "result.json"), encoding="utf-8") as file:
            evaluation = json.load(file)["evaluation"]
    return {
        "drawn": evaluation["sampled"]["return"],
        "greedy": evaluation["greedy"]["return"],
        "seconds": seconds(resource.RUSAGE_CHILDREN),
    }


def main():
    peer, environment, seed, steps, *program = sys.argv[1:]
    with_program = () if peer == "sb3" else (program,)
    found = {"sb3": sb3, "amend4j": amend4j}[peer](environment, int(seed), int(steps), *with_program)
    print(json.dumps({"peer": peer, "env": environment, "seed": int(seed), "steps": int(steps), **found}), flush=True)


main()
