/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import org.amend4j.gguf.GgufFile;
import org.amend4j.gguf.GgufMetadata;
import org.amend4j.gguf.GgufTensor;
import org.amend4j.safetensors.Printable;

/** What the model of a GGUF file computes, from its keys and from which tensors there are. A key that says something else is refused. */
final class GgufConfig {

    static final String FREQUENCIES = "rope_freqs.weight";

    private static final String TABLE = "token_embd.weight";
    private static final String IDS = "tokenizer.ggml.";

    /** Behind the architecture's name. */
    private static final Set<String> KNOWN = Set.of(
            "context_length",
            "embedding_length",
            "block_count",
            "feed_forward_length",
            "attention.head_count",
            "attention.head_count_kv",
            "attention.key_length",
            "attention.value_length",
            "attention.layer_norm_rms_epsilon",
            "attention.layer_norm_epsilon",
            "attention.causal",
            "pooling_type",
            "rope.freq_base",
            "rope.dimension_count",
            "rope.scaling.type",
            "rope.scaling.factor",
            "vocab_size");

    private final GgufFile file;
    private final GgufMetadata metadata;
    private final String architecture;

    private GgufConfig(GgufFile file) throws IOException {
        this.file = file;
        this.metadata = file.metadata();
        this.architecture = metadata.architecture();
    }

    /** @throws CheckpointException if the architecture is not known, or a key is missing or says something that is not known */
    static TextConfig read(GgufFile file) throws IOException {
        try {
            return new GgufConfig(file).config();
        } catch (IllegalArgumentException wrong) {
            throw new CheckpointException(file.path(), Printable.line(String.valueOf(wrong.getMessage())), wrong);
        }
    }

    private TextConfig config() throws IOException {
        TextConfig config = switch (architecture) {
            case "llama", "qwen2", "qwen3", "gemma" ->
                decoder(DecoderFamily.of(architecture).orElseThrow());
            case "gpt2" -> gpt2();
            case "bert" -> encoder();
            default ->
                throw new IllegalArgumentException("the architecture " + Printable.quoted(architecture)
                        + " is not known; known are bert, gemma, gpt2, llama, qwen2 and qwen3");
        };
        for (String key : metadata.keys()) {
            if (key.startsWith(architecture + ".") && !KNOWN.contains(key.substring(architecture.length() + 1))) {
                throw new IllegalArgumentException("the key " + Printable.quoted(key) + " is not known");
            }
        }
        return config;
    }

    private DecoderConfig decoder(DecoderFamily family) throws IOException {
        requireText();
        int width = size("embedding_length");
        int heads = size("attention.head_count");
        int headSize = optional("attention.key_length").orElse(width / Math.max(1, heads));
        requireSame("attention.value_length", headSize);
        requireSame("rope.dimension_count", headSize);
        AttentionShape attention = new AttentionShape(
                heads,
                optional("attention.head_count_kv").orElse(heads),
                headSize,
                has("blk.0.attn_q.bias"),
                has("blk.0.attn_output.bias"),
                Optional.empty());
        return new DecoderConfig(
                family,
                vocabulary(),
                width,
                size("feed_forward_length"),
                layers(),
                attention,
                rotary(headSize),
                size("context_length"),
                fraction("attention.layer_norm_rms_epsilon"),
                family == DecoderFamily.GEMMA ? HiddenActivation.GELU_TANH : HiddenActivation.SILU,
                has("blk.0.ffn_gate.bias"),
                !has("output.weight"),
                ids());
    }

    private Gpt2Config gpt2() throws IOException {
        return new Gpt2Config(
                vocabulary(),
                size("embedding_length"),
                size("feed_forward_length"),
                layers(),
                size("attention.head_count"),
                size("context_length"),
                fraction("attention.layer_norm_epsilon"),
                HiddenActivation.GELU_TANH,
                !has("output.weight"),
                ids());
    }

    private EncoderConfig encoder() throws IOException {
        if (metadata.truth(key("attention.causal")).orElse(true)) {
            throw new IllegalArgumentException("the key " + Printable.quoted(key("attention.causal"))
                    + " must be false, as for all models that read whole texts");
        }
        return new EncoderConfig(
                EncoderFamily.BERT,
                new EncoderHead.None(),
                vocabulary(),
                size("embedding_length"),
                size("feed_forward_length"),
                layers(),
                size("attention.head_count"),
                rows("position_embd.weight"),
                rows("token_types.weight"),
                fraction("attention.layer_norm_epsilon"),
                HiddenActivation.GELU,
                id("padding_token_id"));
    }

    /** An embedding model has a decoder's layers and reads whole texts, or makes one row of them. */
    private void requireText() throws IOException {
        if (!metadata.truth(key("attention.causal")).orElse(true)) {
            throw new IllegalArgumentException(
                    "the key " + Printable.quoted(key("attention.causal")) + " must be true, as for all decoders");
        }
        requireSame("pooling_type", 0);
    }

    /** Without a type, llama.cpp takes a factor as linear scaling; what programs wrote it for is not known, so it is refused. */
    private RotaryEmbedding rotary(int headSize) throws IOException {
        double theta = metadata.fraction(key("rope.freq_base")).orElse(10_000);
        String type = metadata.text(key("rope.scaling.type")).orElse("none");
        double factor = metadata.fraction(key("rope.scaling.factor")).orElse(1);
        if (type.equals("none") && factor != 1) {
            throw new IllegalArgumentException("the key " + Printable.quoted(key("rope.scaling.factor"))
                    + " needs one with the type of scaling, got " + factor + " without");
        }
        if (has(FREQUENCIES) && type.equals("none")) {
            if (rows(FREQUENCIES) != headSize / 2) {
                throw new IllegalArgumentException("the tensor '" + FREQUENCIES + "' must have " + headSize / 2
                        + " values, got " + rows(FREQUENCIES));
            }
            return new RotaryEmbedding(theta, GgufScaling.of(file.readFloats(FREQUENCIES), theta));
        }
        if (type.equals("linear") && !has(FREQUENCIES)) {
            return new RotaryEmbedding(theta, new RotaryScaling.Linear(fraction("rope.scaling.factor")));
        }
        if (type.equals("none")) {
            return new RotaryEmbedding(theta, new RotaryScaling.None());
        }
        throw new IllegalArgumentException("the scaling of positions " + Printable.quoted(type) + " is not known"
                + (has(FREQUENCIES) ? " together with the tensor " + Printable.quoted(FREQUENCIES) : ""));
    }

    private SpecialIds ids() throws IOException {
        List<Integer> ends = new ArrayList<>();
        id("eos_token_id").ifPresent(ends::add);
        id("eot_token_id").ifPresent(end -> {
            if (!ends.contains(end)) {
                ends.add(end);
            }
        });
        return new SpecialIds(id("bos_token_id"), ends, id("padding_token_id"));
    }

    private OptionalInt id(String name) throws IOException {
        return whole(IDS + name);
    }

    private int vocabulary() throws IOException {
        int rows = rows(TABLE);
        requireSame("vocab_size", rows);
        return rows;
    }

    /** At most as many as there are tensors, so that a file cannot ask for the names of a milliard. */
    private int layers() throws IOException {
        int layers = size("block_count");
        if (layers > file.tensors().size()) {
            throw new IllegalArgumentException(
                    "the key " + Printable.quoted(key("block_count")) + " must be at most the number of tensors, "
                            + file.tensors().size() + ", got " + layers);
        }
        return layers;
    }

    private int rows(String tensor) {
        GgufTensor found = Optional.ofNullable(file.tensors().get(tensor))
                .orElseThrow(() -> new IllegalArgumentException("the tensor '" + tensor + "' is missing"));
        return Math.toIntExact(Math.min(Integer.MAX_VALUE, found.shape().get(0)));
    }

    private boolean has(String tensor) {
        return file.tensors().containsKey(tensor);
    }

    private void requireSame(String name, int other) throws IOException {
        int found = optional(name).orElse(other);
        if (found != other) {
            throw new IllegalArgumentException(
                    "the key " + Printable.quoted(key(name)) + " must be " + other + ", got " + found);
        }
    }

    private int size(String name) throws IOException {
        return optional(name).orElseThrow(() -> missing(name));
    }

    private OptionalInt optional(String name) throws IOException {
        return whole(key(name));
    }

    private OptionalInt whole(String key) throws IOException {
        OptionalLong found = metadata.whole(key);
        if (found.isEmpty()) {
            return OptionalInt.empty();
        }
        if (found.getAsLong() < 0 || found.getAsLong() > Integer.MAX_VALUE) {
            throw new IllegalArgumentException(
                    "the key " + Printable.quoted(key) + " must be from 0 to 2^31 - 1, got " + found.getAsLong());
        }
        return OptionalInt.of((int) found.getAsLong());
    }

    private double fraction(String name) throws IOException {
        return metadata.fraction(key(name)).orElseThrow(() -> missing(name));
    }

    private IllegalArgumentException missing(String name) {
        return new IllegalArgumentException("the key " + Printable.quoted(key(name)) + " is missing");
    }

    private String key(String name) {
        return architecture + "." + name;
    }
}
