# SPDX-License-Identifier: Apache-2.0
"""What transformers makes of folders that we make of GGUF files: python gguf_peer.py FOLDER"""

import json
import random
import sys
from pathlib import Path

import torch
import transformers

PARTS = ["Emma", " was", " 21", "12345", "\n\n", "1.", "  ", "\t", "don't", "I'LL", "\u00e9", "e\u0301", "\u00df", "\u4e2d\u6587", "\U0001f642", "!?", "<|im_end|>", "a" * 9]

folder = Path(sys.argv[1])
(folder / "theirs").mkdir()
draws = random.Random(7)
lines = ["".join(draws.choices(PARTS, k=draws.randint(0, 9))) for _ in range(300)]
messages = [
    {"role": "system", "content": "Be brief."},
    {"role": "user", "content": "Who was Emma?\n\n1. A friend"},
    {"role": "assistant", "content": "Clever."},
    {"role": "user", "content": "And rich?"},
]
for path in sorted((folder / "ours").iterdir()):
    tokenizer = transformers.AutoTokenizer.from_pretrained(path)
    model = transformers.AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32).eval()
    chat = tokenizer.apply_chat_template(messages, add_generation_prompt=True, tokenize=False)
    ids = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=False)
    tokens = torch.tensor([ids])
    with torch.no_grad():
        for _ in range(16):
            tokens = torch.cat([tokens, model(tokens).logits[:, -1:].argmax(-1)], 1)
    found = {
        "lines": [{"text": line, "ids": tokenizer(line)["input_ids"]} for line in lines],
        "messages": messages,
        "chat": chat,
        "chat_ids": ids,
        "greedy": tokens[0, len(ids) :].tolist(),
    }
    (folder / "theirs" / (path.name + ".json")).write_text(json.dumps(found), encoding="utf-8")
