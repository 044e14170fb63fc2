# SPDX-License-Identifier: Apache-2.0
"""Clipped gradients of ClippingBenchmark's networks by Opacus' ghost clipping, as many as each line of the input says.

clipped_gradient.py tokens RECORDS LENGTH VOCABULARY WIDTH
clipped_gradient.py pictures RECORDS SIDE
"""
import sys

import opacus
import torch
from opacus.grad_sample import GradSampleModuleFastGradientClipping
from opacus.optimizers import DPOptimizerFastGradientClipping
from opacus.utils.fast_gradient_clipping_utils import DPLossFastGradientClipping
from torch import nn

kind, records, *sizes = sys.argv[1:]
records, sizes = int(records), [int(size) for size in sizes]
torch.manual_seed(1)


class Words(nn.Module):
    def __init__(self, vocabulary, width):
        super().__init__()
        self.table = nn.Embedding(vocabulary, width)
        self.out = nn.Linear(width, 2)

    def forward(self, x):
        return self.out(self.table(x).mean(1))


if kind == "tokens":
    length, vocabulary, width = sizes
    model = Words(vocabulary, width)
    data = torch.randint(vocabulary, (records, length))
    labels = torch.randint(2, (records,))
else:
    (side,) = sizes
    model = nn.Sequential(
        nn.Conv2d(1, 16, 8, 2), nn.Tanh(), nn.MaxPool2d(2, 1), nn.Conv2d(16, 32, 4, 2), nn.Tanh(), nn.MaxPool2d(2, 1),
        nn.Flatten(), nn.LazyLinear(32), nn.Tanh(), nn.Linear(32, 10))
    data = torch.randn(records, 1, side, side)
    labels = torch.randint(10, (records,))
    model(data[:1])

module = GradSampleModuleFastGradientClipping(model, max_grad_norm=0.1, use_ghost_clipping=True)
optimizer = DPOptimizerFastGradientClipping(
    torch.optim.SGD(module.parameters(), 0.0), noise_multiplier=0, max_grad_norm=0.1, expected_batch_size=records)
criterion = DPLossFastGradientClipping(module, optimizer, nn.CrossEntropyLoss())

print(f"Opacus {opacus.__version__}, PyTorch {torch.__version__}, {torch.get_num_threads()} threads", flush=True)
for line in sys.stdin:
    for _ in range(int(line)):
        optimizer.zero_grad()
        criterion(module(data), labels).backward()
    print(float(next(iter(module.parameters())).grad.norm()), flush=True)
