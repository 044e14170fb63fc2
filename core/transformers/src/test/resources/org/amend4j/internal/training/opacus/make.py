# SPDX-License-Identifier: Apache-2.0
"""The clipped gradient of a small network with a table of words and a convolution, by Opacus in double: clipped.json.

python make.py clipped.json
"""
import json
import sys
import warnings

import opacus
import torch
from opacus.grad_sample import GradSampleModule, GradSampleModuleFastGradientClipping
from opacus.optimizers import DPOptimizerFastGradientClipping
from opacus.utils.fast_gradient_clipping_utils import DPLossFastGradientClipping
from torch import nn

warnings.simplefilter("ignore")
torch.set_default_dtype(torch.float64)
torch.manual_seed(7)

RECORDS, LENGTH, VOCABULARY, WIDTH, SIDE, CHANNELS, CLASSES, BOUND = 6, 5, 7, 4, 6, 3, 3, 3.0


class Network(nn.Module):
    """Words: the mean of a table's rows at the words that count, one of them often twice. Pictures: a convolution, tanh."""

    def __init__(self):
        super().__init__()
        self.table = nn.Embedding(VOCABULARY, WIDTH)
        self.convolution = nn.Conv2d(2, CHANNELS, 3, stride=2)
        self.out = nn.Linear(WIDTH + CHANNELS * 4, CLASSES)

    def forward(self, words, counts, pictures):
        mean = (self.table(words) * counts[:, :, None]).sum(1) / counts.sum(1, keepdim=True)
        return self.out(torch.cat([mean, torch.tanh(self.convolution(pictures)).flatten(1)], 1))


words = torch.randint(VOCABULARY, (RECORDS, LENGTH))
words[:, 1] = words[:, 0]
counts = torch.ones(RECORDS, LENGTH)
for record in range(RECORDS):
    counts[record, 2 + record % 4:] = 0
pictures = torch.randn(RECORDS, 2, SIDE, SIDE)
labels = torch.randint(CLASSES, (RECORDS,))
network = Network()
start = {name: value.detach().clone() for name, value in network.named_parameters()}


def fresh():
    made = Network()
    made.load_state_dict(start)
    return made


each = GradSampleModule(fresh(), loss_reduction="sum")
nn.functional.cross_entropy(each(words, counts, pictures), labels, reduction="sum").backward()
samples = {name.removeprefix("_module."): value.grad_sample for name, value in each.named_parameters()}
norms = torch.stack([sample.flatten(1).norm(dim=1) for sample in samples.values()]).norm(dim=0)
weights = (BOUND / norms).clamp(max=1)
clipped = {name: torch.einsum("n,n...->...", weights, sample) for name, sample in samples.items()}

ghost = GradSampleModuleFastGradientClipping(fresh(), max_grad_norm=BOUND, use_ghost_clipping=True, loss_reduction="sum")
optimizer = DPOptimizerFastGradientClipping(
    torch.optim.SGD(ghost.parameters(), 0.0), noise_multiplier=0, max_grad_norm=BOUND, expected_batch_size=RECORDS,
    loss_reduction="sum")
DPLossFastGradientClipping(ghost, optimizer, nn.CrossEntropyLoss(reduction="sum"), loss_reduction="sum")(
    ghost(words, counts, pictures), labels).backward()
for name, value in ghost.named_parameters():
    # Opacus divides by norm + 1e-6
    torch.testing.assert_close(value.grad, clipped[name.removeprefix("_module.")], rtol=1e-5, atol=1e-5)

with open(sys.argv[1], "w") as file:
    json.dump({
        "versions": {"opacus": opacus.__version__, "torch": torch.__version__},
        "bound": BOUND,
        "words": words.tolist(), "counts": counts.tolist(), "pictures": pictures.tolist(), "labels": labels.tolist(),
        "parameters": {name: value.tolist() for name, value in start.items()},
        "norms": norms.tolist(),
        "clipped": {name: value.tolist() for name, value in clipped.items()},
        "ghost": {name.removeprefix("_module."): value.grad.tolist() for name, value in ghost.named_parameters()},
    }, file)
    file.write("\n")
print(norms)
