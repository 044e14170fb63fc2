# SPDX-License-Identifier: Apache-2.0
"""Steps of PyTorch's RMSprop in double precision: rmsprop.json.

python make.py > rmsprop.json

Descent; a step of ascent has the opposite gradient. One coordinate has no gradient at first, one never, one's changes its sign.
"""

import json
import sys

import torch

ALPHA, EPSILON, RATES = 0.9, 1e-3, (0.1, 0.1, 0.05, 0.025, 0.1, 0.01)
BEGIN = [1.0, -2.0, 0.5, 3.0]
GRADIENTS = [[0.5, 0.0, 0.0, -2.0], [0.4, 1e-3, 0.0, 1.5], [0.3, 2.0, 0.0, -1.0], [0.2, -1e-6, 0.0, 0.5], [0.1, 5.0, 0.0, -0.25], [3.0, 0.0, 0.0, 0.125]]


def main():
    theta = torch.nn.Parameter(torch.tensor(BEGIN, dtype=torch.float64))
    optimizer = torch.optim.RMSprop([theta], lr=RATES[0], alpha=ALPHA, eps=EPSILON)
    after = []
    for rate, gradient in zip(RATES, GRADIENTS):
        optimizer.param_groups[0]["lr"] = rate
        theta.grad = torch.tensor(gradient, dtype=torch.float64)
        optimizer.step()
        after.append(theta.detach().tolist())
    found = {"torch": torch.__version__, "alpha": ALPHA, "epsilon": EPSILON, "rates": RATES, "begin": BEGIN}
    json.dump({**found, "gradients": GRADIENTS, "after": after}, sys.stdout)
    print()


main()
