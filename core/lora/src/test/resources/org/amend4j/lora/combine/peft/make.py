# SPDX-License-Identifier: Apache-2.0
"""Three adapters of two linears, and what PEFT's add_weighted_adapter makes of them by each of its methods. Usage: make.py DIR"""
import json, sys
import torch
from peft import LoraConfig, get_peft_model

torch.manual_seed(7)
ALPHAS = {"a": 3, "b": 1.5, "c": 2}
WEIGHTS = [0.7, -0.4, 2]
out = sys.argv[1]


class Twin(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.one = torch.nn.Linear(7, 5)
        self.two = torch.nn.Linear(5, 6)

    def forward(self, x):
        return self.two(self.one(x))


def config(alpha):
    return LoraConfig(r=2, lora_alpha=alpha, target_modules=["one", "two"])


model = get_peft_model(Twin(), config(ALPHAS["a"]), adapter_name="a")
for name in ("b", "c"):
    model.add_adapter(name, config(ALPHAS[name]))
for name, parameter in model.named_parameters():
    if "lora_" in name:
        parameter.data.normal_()
model.save_pretrained(out)  # a folder for each
model = model.double()
cases = []
for method in ["linear", "svd", "cat", "ties", "ties_svd", "dare_ties", "dare_linear", "dare_ties_svd", "dare_linear_svd",
               "magnitude_prune", "magnitude_prune_svd", "ties frequency", "ties_svd frequency"]:
    kind, _, signs = method.partition(" ")
    density = 1.0 if "dare" in kind else 0.4  # draws are anybody's own
    signs = signs or "total"
    rank = {"svd_rank": 3} if kind.endswith("svd") else {}
    model.add_weighted_adapter(list(ALPHAS), WEIGHTS, method, kind, density=density, majority_sign_method=signs, **rank)
    changes = {part: getattr(model.base_model.model, part).get_delta_weight(method).tolist() for part in ("one", "two")}
    cases.append({"method": kind, "density": density, "signs": signs, "rank": rank.get("svd_rank", 0), "changes": changes})
json.dump({"weights": WEIGHTS, "cases": cases}, open(out + "/reference.json", "w"))
