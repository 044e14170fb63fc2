"""The other side of TransformersPeerTest (models FOLDER), PeftPeerTest (makes, adapters FOLDER) and PeftTypesPeerTest (types FOLDER).

models: opens every model in FOLDER/ours, makes another of its class and configuration, and saves that in FOLDER/theirs.
makes: makes adapters in FOLDER/theirs of the bases in FOLDER/bases, each of which is called like the beginning of its adapters' names.
adapters: opens every adapter in FOLDER/ours by itself and on its base.
types: says in FOLDER/theirs/types.json which kinds of adapters PEFT merges.
What any of the former computes is kept beside it in NAME.safetensors, "input" and "output".
"""

import dataclasses
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file

# two texts of 37 tokens; what is behind the second is padding, 1 for a RoBERTa, which counts positions by it
IDS = torch.tensor([[3, 11, 4, 13, 5, 9, 2, 6], [2, 7, 18, 28, 36, 1, 1, 1]])
MASK = torch.tensor([[1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0, 0]])


def computed(model):
    config = model.config
    torch.manual_seed(2)
    with torch.no_grad():
        if hasattr(config, "patch_size"):
            given = torch.randn(2, config.num_channels, config.image_size, config.image_size)
            said = model(pixel_values=given)
            kept = slice(None)
        else:
            given = torch.stack([IDS, MASK], 1).float()
            said = model(input_ids=IDS, attention_mask=MASK)
            kept = MASK.bool()
    if config.architectures[0].endswith("Classification"):
        output = said.logits.softmax(-1)
    else:
        output = (said.logits if "logits" in said else said.last_hidden_state)[kept]
    return {"input": given, "output": output.flatten(0, -2).contiguous()}


def keep(model, path):
    save_file(computed(model), f"{path}.safetensors")


def opened(path):
    """A model, whole: nothing begins anew, nothing is left."""
    (name,) = transformers.AutoConfig.from_pretrained(path).architectures
    model, loading = getattr(transformers, name).from_pretrained(path, output_loading_info=True)
    # a graph without a use for it leaves the pooler out
    lacking = [key for key in loading["missing_keys"] if not key.startswith("pooler.")]
    assert not lacking and not loading["unexpected_keys"] and not loading["mismatched_keys"], (path, loading)
    return model.eval()


def fill(parameters):
    torch.manual_seed(1)
    for parameter in parameters:
        torch.nn.init.normal_(parameter, std=0.3)


def folders(path):
    return sorted(child for child in path.iterdir() if child.is_dir())


def models(folder):
    for ours in folders(folder / "ours"):
        model = opened(ours)
        keep(model, ours)
        made = type(model)(model.config).eval()
        fill(made.parameters())
        theirs = folder / "theirs" / ours.name
        made.save_pretrained(theirs)
        keep(made, theirs)


def base(folder, name):
    return opened(folder / "bases" / name.split(",")[0])


def keep_merged(model, path):
    """A head with trained tokens loses its bias in PEFT until it is merged."""
    keep(model.merge_and_unload() if path.name == "words, tokens" else model, path)


def makes(folder):
    from peft import LoraConfig, get_peft_model

    def config(**settings):
        return LoraConfig(r=3, lora_alpha=5, **settings)

    def tokens(target, table):
        return config(target_modules=[target], trainable_token_indices={table: [4, 30, 2]})

    configs = {
        "llama": config(target_modules=["q_proj", "v_proj"], task_type="CAUSAL_LM"),
        "llama, dora": config(target_modules="all-linear", use_dora=True),
        "llama, patterns": config(
            target_modules=["q_proj", "down_proj"],
            use_rslora=True,
            rank_pattern={"down_proj": 2},
            alpha_pattern={"layers.1.self_attn.q_proj": 7},
        ),
        "llama, words": config(target_modules=["embed_tokens", "q_proj"]),
        "llama, tokens": tokens("q_proj", "embed_tokens"),
        "tied, tokens": tokens("q_proj", "embed_tokens"),
        "gemma, tokens": tokens("q_proj", "embed_tokens"),
        "gpt2, tokens": tokens("c_attn", "wte"),
        "words, tokens": tokens("query", "word_embeddings"),
        "gpt2": config(target_modules=["c_attn", "c_proj", "c_fc"], task_type="CAUSAL_LM"),
        "bert": config(target_modules=["query", "dense"], task_type="SEQ_CLS"),
        "bert, biases": config(target_modules=["query", "value"], bias="lora_only", modules_to_save=["classifier"]),
        "vit": config(target_modules=["q_proj", "v_proj"], modules_to_save=["classifier"]),
        "dinov2": config(target_modules=["q_proj", "fc1"], modules_to_save=["classifier"]),
        "gated": config(target_modules=["gate_proj", "up_proj", "down_proj"]),
        "gated, dora": config(target_modules=["gate_proj", "up_proj"], use_dora=True),
        "gated, half": config(target_modules=["up_proj"]),
        "gated, biases": config(target_modules=["gate_proj", "up_proj"], bias="lora_only"),
        "gated, full": config(target_modules=["q_proj"], modules_to_save=["gate_proj", "up_proj"]),
    }
    for name, one in configs.items():
        made = get_peft_model(base(folder, name), one).eval()
        fill(parameter for parameter in made.parameters() if parameter.requires_grad)
        made.save_pretrained(folder / "theirs" / name)
        keep_merged(made, folder / "theirs" / name)


def adapters(folder):
    import peft
    from peft import PeftConfig, PeftModel

    alone = {
        "CAUSAL_LM": peft.AutoPeftModelForCausalLM,
        "SEQ_CLS": peft.AutoPeftModelForSequenceClassification,
        "FEATURE_EXTRACTION": peft.AutoPeftModelForFeatureExtraction,
        None: peft.AutoPeftModel,
    }
    for ours in folders(folder / "ours"):
        model = PeftModel.from_pretrained(base(folder, ours.name), ours).eval()
        again = alone[PeftConfig.from_pretrained(ours).task_type].from_pretrained(ours).eval()
        assert torch.equal(computed(model)["output"], computed(again)["output"]), ours
        keep_merged(model, ours)


def types(folder):
    from peft import PeftType, get_peft_model
    from peft.mapping import PEFT_TYPE_TO_CONFIG_MAPPING

    usual = {"task_type": "CAUSAL_LM", "target_modules": ["q_proj"], "num_virtual_tokens": 3}
    own = {
        "ADALORA": {"total_step": 10},
        "ADAPTION_PROMPT": {"target_modules": "self_attn", "adapter_len": 2, "adapter_layers": 1},
        "C3A": {"block_size": 16},
        "CPT": {"cpt_token_ids": [1], "cpt_mask": [1], "cpt_tokens_type_mask": [1]},
        "IA3": {"feedforward_modules": []},
        "TRAINABLE_TOKENS": {"target_modules": ["embed_tokens"], "token_indices": [3]},
        "VBLORA": {"vector_length": 8},
    }

    def merges(kind):
        if kind == PeftType.XLORA:
            return False  # weighs LoRA's adapters by the text, though its class has the method
        config = PEFT_TYPE_TO_CONFIG_MAPPING[kind]
        fields = {field.name for field in dataclasses.fields(config)}
        settings = {key: value for key, value in {**usual, **own.get(kind.value, {})}.items() if key in fields}
        sizes = {"hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 4}
        model = transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=37, attention_bias=True, **sizes))
        adapted = get_peft_model(model, config(**settings))
        try:
            adapted.merge_and_unload()
        except (AttributeError, NotImplementedError):
            return False
        return True

    found = {kind.value: merges(kind) for kind in PeftType}
    (folder / "theirs" / "types.json").write_text(json.dumps(found), encoding="utf-8")


todo, path = sys.argv[1:]
(Path(path) / "theirs").mkdir(exist_ok=True)
{"models": models, "makes": makes, "adapters": adapters, "types": types}[todo](Path(path))
