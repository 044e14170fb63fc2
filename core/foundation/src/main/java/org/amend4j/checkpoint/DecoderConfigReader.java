/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.amend4j.internal.validation.Checks;
import org.amend4j.safetensors.Printable;

/**
 * Makes a configuration of a {@code config.json}. Absent fields have the values that Hugging Face's classes give them (Transformers
 * 4.57); what is known to change the mathematics and is not done here is refused by name, other fields are named in a warning.
 */
final class DecoderConfigReader {

    /** Fields that say nothing about what the model computes: origin, training, how its library runs it or samples from it. */
    static final Set<String> HARMLESS = Set.of(
            "_attn_implementation",
            "_attn_implementation_autoset",
            "_name_or_path",
            "_num_labels",
            "architectures",
            "attention_dropout",
            "auto_map",
            "bad_words_ids",
            "chunk_size_feed_forward",
            "do_sample",
            "dtype",
            "early_stopping",
            "finetuning_task",
            "forced_bos_token_id",
            "forced_eos_token_id",
            "gradient_checkpointing",
            "id2label",
            "initializer_range",
            "is_decoder",
            "is_llama_config",
            "label2id",
            "length_penalty",
            "max_length",
            "min_length",
            "no_repeat_ngram_size",
            "num_beams",
            "num_return_sequences",
            "output_attentions",
            "output_hidden_states",
            "output_scores",
            "pad_token_id",
            "prefix",
            "pretraining_tp",
            "problem_type",
            "repetition_penalty",
            "return_dict",
            "return_dict_in_generate",
            "sbert_ce_default_activation_function",
            "sentence_transformers",
            "sep_token_id",
            "task_specific_params",
            "temperature",
            "tokenizer_class",
            "top_k",
            "top_p",
            "torch_dtype",
            "torchscript",
            "transformers.js_config",
            "transformers_version",
            "typical_p",
            "unk_token_id",
            "unsloth_fixed",
            "unsloth_version",
            "use_bfloat16",
            "use_cache");

    private static final List<String> OFF = List.of(
            "add_cross_attention",
            "is_encoder_decoder",
            "pruned_heads",
            "quantization_config",
            "rope_interleaved",
            "tie_encoder_decoder",
            "use_mrope");

    private static final double THETA = 10_000;
    private static final double EPSILON = 1e-6;
    private static final int MISTRAL_WINDOW = 4096;

    private final ConfigFields fields;
    private final DecoderFamily family;
    private final DecoderDefaults defaults;

    DecoderConfigReader(ConfigFields fields, DecoderFamily family) {
        this.fields = fields;
        this.family = family;
        this.defaults = DecoderDefaults.of(family);
    }

    DecoderConfig config() {
        int layers = fields.integer("num_hidden_layers");
        OFF.forEach(fields::requireOff);
        DecoderConfig config = new DecoderConfig(
                family,
                fields.integer("vocab_size"),
                fields.integer("hidden_size"),
                fields.integer("intermediate_size"),
                layers,
                attention(layers),
                rotary(),
                fields.integer("max_position_embeddings", defaults.positions()),
                fields.number("rms_norm_eps").orElse(EPSILON),
                gate(),
                family == DecoderFamily.LLAMA && fields.flag("mlp_bias", false),
                fields.flag("tie_word_embeddings", defaults.tied()),
                ids());
        fields.warnOfOthers(HARMLESS);
        return config;
    }

    /**
     * For Gemma, Transformers reads only {@code hidden_act} since 4.48.0 (pull request 35235; {@code ACT2FN[config.hidden_act]} in
     * models/gemma at c4cdd1a, and at 008e574 of 5.x, where the configuration no longer has {@code hidden_activation}). Earlier releases,
     * from pull request 29402 on, read {@code hidden_activation} instead, or used the tanh form where it was absent. What both compute is
     * known. A file that gives only {@code hidden_act} means what today's releases compute.
     */
    private HiddenActivation gate() {
        if (family != DecoderFamily.GEMMA) {
            return HiddenActivation.read(fields, "silu");
        }
        HiddenActivation newer = HiddenActivation.read(fields, HiddenActivation.GELU_TANH.hiddenAct());
        HiddenActivation older = HiddenActivation.read(fields, "hidden_activation", newer.hiddenAct());
        if (newer != older) {
            throw new IllegalArgumentException("'hidden_act' and 'hidden_activation' must be the same, got '"
                    + newer.hiddenAct() + "', which releases of Transformers since 4.48 compute, and '"
                    + older.hiddenAct()
                    + "', which those before do: give both the one that the model was trained with");
        }
        return newer;
    }

    private AttentionShape attention(int layers) {
        int heads = Checks.atLeast(1, "num_attention_heads", fields.integer("num_attention_heads"));
        boolean bias = hasBias();
        return new AttentionShape(
                heads,
                fields.integer("num_key_value_heads", defaultKeyValueHeads(heads)),
                fields.integer("head_dim", defaultHeadSize(heads)),
                bias || family == DecoderFamily.QWEN2,
                bias,
                window(layers));
    }

    /** Biases of all four projections, as far as the family lets a field say it. */
    private boolean hasBias() {
        return switch (family) {
            case LLAMA, QWEN3, GEMMA -> fields.flag("attention_bias", false);
            case MISTRAL -> {
                fields.requireOff("attention_bias");
                yield false;
            }
            case QWEN2 -> false;
        };
    }

    private int defaultKeyValueHeads(int heads) {
        return fields.mentions("num_key_value_heads")
                ? heads
                : defaults.keyValueHeads().orElse(heads);
    }

    private int defaultHeadSize(int heads) {
        if (defaults.headSize().isPresent()) {
            return defaults.headSize().getAsInt();
        }
        int size = Checks.atLeast(1, "hidden_size", fields.integer("hidden_size"));
        if (!fields.mentions("head_dim") && size % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size must be a multiple of num_attention_heads where there is no head_dim, got " + size
                            + " and " + heads);
        }
        return size / heads;
    }

    /** Mistral has one in all layers; Qwen2 and Qwen3 above the first few, if it is switched on; the others have none. */
    private Optional<SlidingWindow> window(int layers) {
        Optional<SlidingWindow> window = switch (family) {
            case LLAMA -> Optional.empty();
            case GEMMA -> {
                fields.requireOff("use_bidirectional_attention");
                yield Optional.empty();
            }
            case MISTRAL -> {
                int size = fields.integer("sliding_window", MISTRAL_WINDOW);
                yield fields.mentions("sliding_window")
                                && fields.optionalInteger("sliding_window").isEmpty()
                        ? Optional.empty()
                        : Optional.of(new SlidingWindow(size, 0));
            }
            case QWEN2, QWEN3 -> {
                int size = fields.integer("sliding_window", MISTRAL_WINDOW);
                int first = fields.integer("max_window_layers", 28);
                boolean none = fields.mentions("sliding_window")
                        && fields.optionalInteger("sliding_window").isEmpty();
                yield fields.flag("use_sliding_window", false) && !none
                        ? Optional.of(new SlidingWindow(size, first))
                        : Optional.empty();
            }
        };
        fields.texts("layer_types").ifPresent(types -> requireTypes(types, layers, window));
        return window;
    }

    private static void requireTypes(List<String> types, int layers, Optional<SlidingWindow> window) {
        int full = window.map(some -> Math.min(layers, some.firstLayer())).orElse(layers);
        List<String> derived = new ArrayList<>();
        for (int layer = 0; layer < types.size(); layer++) {
            derived.add(layer < full ? "full_attention" : "sliding_attention");
        }
        if (types.size() != layers || !types.equals(derived)) {
            throw new IllegalArgumentException("'layer_types' must be " + full + " of full_attention and then "
                    + (layers - full) + " of sliding_attention, as the other fields say");
        }
    }

    /** Newer files say it in {@code rope_parameters}, older ones in the two other fields; files of both kinds at once must agree. */
    private RotaryEmbedding rotary() {
        List<ConfigFields> objects = Stream.of("rope_parameters", "rope_scaling")
                .flatMap(name -> fields.object(name).stream())
                .toList();
        double theta = Stream.concat(Stream.of(fields), objects.stream())
                .flatMap(place -> place.number("rope_theta").stream())
                .reduce(DecoderConfigReader::agreeing)
                .orElse(THETA);
        RotaryScaling scaling = objects.stream()
                .map(DecoderConfigReader::scaling)
                .reduce(DecoderConfigReader::agreeing)
                .orElse(new RotaryScaling.None());
        fields.number("partial_rotary_factor").ifPresent(DecoderConfigReader::requireWhole);
        return new RotaryEmbedding(theta, scaling);
    }

    private static <T> T agreeing(T one, T other) {
        if (!one.equals(other)) {
            throw new IllegalArgumentException("'rope_parameters', and 'rope_theta' and 'rope_scaling' of older files,"
                    + " must say the same, got " + one + " and " + other);
        }
        return one;
    }

    private static void requireWhole(double factor) {
        if (factor != 1) {
            throw new IllegalArgumentException("'partial_rotary_factor' must be 1, got " + factor);
        }
    }

    private static RotaryScaling scaling(ConfigFields rope) {
        Optional<String> type = rope.text("rope_type");
        Optional<String> olderType = rope.text("type");
        if (type.isPresent() && olderType.isPresent() && !type.equals(olderType)) {
            throw new IllegalArgumentException("'rope_type' and 'type' of the rope scaling must agree, got "
                    + Printable.quoted(type.get()) + " and " + Printable.quoted(olderType.get()));
        }
        RotaryScaling scaling = scaling(rope, type.or(() -> olderType).orElse("default"));
        rope.number("partial_rotary_factor").ifPresent(DecoderConfigReader::requireWhole);
        rope.requireNoOthers();
        return scaling;
    }

    private static RotaryScaling scaling(ConfigFields rope, String type) {
        return switch (type) {
            case "default" -> new RotaryScaling.None();
            case "linear" -> new RotaryScaling.Linear(required(rope, "factor"));
            case "llama3" ->
                new RotaryScaling.Llama3(
                        required(rope, "factor"),
                        required(rope, "low_freq_factor"),
                        required(rope, "high_freq_factor"),
                        rope.integer("original_max_position_embeddings"));
            default ->
                throw new IllegalArgumentException("the rope scaling " + Printable.quoted(type)
                        + " is not supported; supported are 'default', 'linear', 'llama3'");
        };
    }

    private static double required(ConfigFields rope, String name) {
        return rope.number(name)
                .orElseThrow(() -> new IllegalArgumentException("'" + name + "' of the rope scaling is missing"));
    }

    private SpecialIds ids() {
        OptionalInt start = fields.optionalInteger("bos_token_id");
        List<Integer> ends = fields.integers("eos_token_id");
        return new SpecialIds(
                fields.mentions("bos_token_id") ? start : defaults.ids().start(),
                fields.mentions("eos_token_id") ? ends : defaults.ids().ends(),
                fields.optionalInteger("pad_token_id"));
    }
}
