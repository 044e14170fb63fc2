/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.internal.validation.Checks;

/**
 * The base of an adapter as PEFT opens it by itself, with {@code AutoPeftModelForCausalLM} and its like.
 *
 * @param name the base's folder, or its name on the hub, as it is looked for there; nothing here opens it
 * @param architecture the class of Hugging Face's that computes the base with its head, such as {@code LlamaForCausalLM}
 */
public record PeftBase(String name, String architecture) {

    /** Kinds of tasks by what the names of classes end in. */
    private static final Map<String, String> TASKS = Map.of(
            "ForCausalLM", "CAUSAL_LM",
            "LMHeadModel", "CAUSAL_LM",
            "ForSequenceClassification", "SEQ_CLS",
            "ForTokenClassification", "TOKEN_CLS",
            "ForQuestionAnswering", "QUESTION_ANS");

    /** What PEFT's class for a task trains in full whatever the adapter says. */
    private static final Map<String, List<String>> HEADS = Map.of(
            "SEQ_CLS", List.of("classifier", "score"),
            "TOKEN_CLS", List.of("classifier", "score"),
            "QUESTION_ANS", List.of("qa_outputs"));

    /** @throws IllegalArgumentException if one is empty */
    public PeftBase {
        if (Checks.present("name", name).isEmpty()
                || Checks.present("architecture", architecture).isEmpty()) {
            throw new IllegalArgumentException("a base for PEFT must have a name and an architecture");
        }
    }

    /** PEFT's name of the task; empty where it has none, as for masked words and classes of pictures. */
    public Optional<String> task() {
        Optional<String> ofHead = TASKS.entrySet().stream()
                .filter(task -> architecture.endsWith(task.getKey()))
                .map(Map.Entry::getValue)
                .findFirst();
        boolean rows = ofHead.isEmpty() && architecture.endsWith("Model");
        return rows ? Optional.of("FEATURE_EXTRACTION") : ofHead;
    }

    /**
     * As {@code adapter_config.json} says it: with the task, or with the class for {@code AutoPeftModel}. PEFT's classes for heads want
     * the head among the layers trained in full, under one name.
     *
     * @param trainedInFull what the adapter has
     */
    Map<String, JsonNode> entries(Collection<String> trainedInFull) {
        Map<String, JsonNode> entries = new TreeMap<>();
        entries.put("base_model_name_or_path", StrictJson.tree(name));
        Optional<String> task = task().filter(some -> !HEADS.containsKey(some)
                || trainedInFull.stream().anyMatch(layer -> isOne(layer, HEADS.getOrDefault(some, List.of()))));
        if (task.isPresent()) {
            entries.put("task_type", StrictJson.tree(task.get()));
        } else {
            entries.put(
                    "auto_mapping",
                    StrictJson.tree(Map.of("base_model_class", architecture, "parent_library", "transformers")));
        }
        return entries;
    }

    private static boolean isOne(String layer, List<String> heads) {
        return heads.contains(layer.substring(layer.lastIndexOf('.') + 1));
    }
}
