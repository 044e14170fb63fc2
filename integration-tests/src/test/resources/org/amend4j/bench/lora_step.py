# SPDX-License-Identifier: Apache-2.0
"""One LoRA step of DenseBenchmark's networks in PyTorch, which DJL cannot run in bf16: fp32 and under torch.autocast.

lora_step.py DEPTH WIDTH RANK BATCH ROUNDS prints medians in milliseconds; fp32 and bf16 take turns. Frozen weights are bf16
from the start in the second case, so that autocast casts only inputs and adapters. For PyTorch 2 (Debian: python3-torch).
"""
import statistics
import sys
import time

import torch
from torch.nn.functional import cross_entropy, linear, relu

depth, width, rank, batch, rounds = map(int, sys.argv[1:6])
torch.manual_seed(42)
torch.set_num_threads(2)


def network(frozen_type):
    layers = []
    for _ in range(depth):
        weight = (torch.randn(width, width) / width ** 0.5).to(frozen_type)
        down = (torch.randn(rank, width) / width ** 0.5).requires_grad_()
        up = (0.01 * torch.randn(width, rank)).requires_grad_()
        layers.append((weight, torch.zeros(width, dtype=frozen_type), down, up))
    head = (torch.randn(10, width) / width ** 0.5).requires_grad_()
    return layers, head, torch.zeros(10, requires_grad=True)


x = torch.randn(batch, width)
labels = torch.randint(0, 10, (batch,))


def step(net, rounded):
    layers, head, bias = net
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=rounded):
        h = x
        for weight, shift, down, up in layers:
            h = relu(linear(h, weight, shift) + 2 * linear(linear(h, down), up))
        logits = linear(h, head, bias)
    cross_entropy(logits.float(), labels).backward()
    with torch.no_grad():
        for parameter in [head, bias] + [p for layer in layers for p in layer[2:]]:
            parameter -= 1e-6 * parameter.grad
            parameter.grad = None


contenders = {"fp32": (network(torch.float32), False), "bf16": (network(torch.bfloat16), True)}
times = {name: [] for name in contenders}
for turn in range(rounds + 20):
    for name, (net, rounded) in contenders.items():
        start = time.perf_counter()
        step(net, rounded)
        if turn >= 20:
            times[name].append(1e3 * (time.perf_counter() - start))
print(torch.__version__, {name: round(statistics.median(all_times), 2) for name, all_times in times.items()})
