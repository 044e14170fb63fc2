"""PPO and A2C of Stable-Baselines3 beside the command line's: returns and processor time.

policy_peer.py sb3 ALGO ENV SEED STEPS             Stable-Baselines3, one thread: ppo with its own defaults, a2c with RL Baselines3 Zoo's settings
policy_peer.py amend4j ALGO ENV SEED STEPS WORD... the command that WORD... names, with `policy train`, then `policy eval` behind it

Prints a line of JSON: mean returns of 20 new episodes with drawn and with greedy actions, and the processor seconds of training alone
(of amend4j: of the whole command, its start and its Python among them; of Stable-Baselines3 without what Python's imports take).
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


def zoo(environment, seed):
    """A2C as hyperparams/a2c.yml has it: of LunarLander, else of MuJoCo's."""
    from stable_baselines3 import A2C
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.vec_env import VecNormalize

    if environment == "LunarLander-v3":
        settings = dict(gamma=0.995, n_steps=5, learning_rate=lambda left: left * 0.00083, ent_coef=0.00001)
        return A2C("MlpPolicy", make_vec_env(environment, 8, seed=seed), seed=seed, device="cpu", **settings)
    return A2C("MlpPolicy", VecNormalize(make_vec_env(environment, 1, seed=seed)), seed=seed, device="cpu")


def sb3(algorithm, environment, seed, steps):
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.env_util import make_vec_env
    from stable_baselines3.common.evaluation import evaluate_policy
    from stable_baselines3.common.vec_env import VecNormalize

    torch.set_num_threads(1)
    begin = seconds(resource.RUSAGE_SELF)
    model = zoo(environment, seed) if algorithm == "a2c" else PPO("MlpPolicy", environment, seed=seed, device="cpu")
    model.learn(steps)
    used = seconds(resource.RUSAGE_SELF) - begin
    played = make_vec_env(environment, 1, seed=1_000 + seed)
    scale = model.get_vec_normalize_env()
    if scale is not None:
        played = VecNormalize(played, training=False, norm_reward=False)
        played.obs_rms = scale.obs_rms
    means = [evaluate_policy(model, played, EPISODES, deterministic=greedy)[0] for greedy in (False, True)]
    return {"drawn": float(means[0]), "greedy": float(means[1]), "seconds": used}


def amend4j(algorithm, environment, seed, steps, program):
    with tempfile.TemporaryDirectory() as folder:
        out = os.path.join(folder, "run")
        place = ["--env", "gymnasium:" + environment, "--python", sys.executable]
        words = ["policy", "train", *place, "--algo", algorithm, "--steps", str(steps), "--final-episodes", "0"]
        words += ["--seeds", f"{seed}..{seed}", "--out", out]
        subprocess.run(program + words, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        used = seconds(resource.RUSAGE_CHILDREN)
        words = ["policy", "eval", os.path.join(out, f"seed-{seed}", "policy"), *place, "--episodes", str(EPISODES)]
        words += ["--seed", str(1_000 + seed), "--json"]
        played = subprocess.run(program + words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        scores = json.loads(played.stdout)
    return {"drawn": scores["sampled"]["return"], "greedy": scores["greedy"]["return"], "seconds": used}


def main():
    peer, algorithm, environment, seed, steps, *program = sys.argv[1:]
    with_program = () if peer == "sb3" else (program,)
    found = {"sb3": sb3, "amend4j": amend4j}[peer](algorithm, environment, int(seed), int(steps), *with_program)
    print(json.dumps({"peer": peer, "algo": algorithm, "env": environment, "seed": int(seed), "steps": int(steps), **found}), flush=True)


main()
