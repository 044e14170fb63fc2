/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.gguf.GgufKeys;
import org.amend4j.gguf.GgufType;
import org.amend4j.gguf.GgufWriter;

/**
 * Writes language models as GGUF files, as llama.cpp reads them and {@link GgufModel} too: Llama and Mistral, Qwen 2, Qwen 3, Gemma and
 * GPT-2. Vectors and positions are in 32 bits; a matrix with rows that are no whole blocks is in 16.
 */
public final class GgufExport {

    private static final int QUANTIZATION_VERSION = 2;

    private GgufExport() {}

    /**
     * Writes a file.
     *
     * @param type of matrices: F16, Q8_0 or Q4_0
     * @param tokenizer keys of the tokenizer, to which those of the model are added
     * @throws IllegalArgumentException if the format has no way to say what the model computes, or the type cannot hold a value
     * @throws IOException if the file cannot be written, or the weights not read
     */
    public static void write(OutputStream out, CausalConfig config, Weights weights, GgufType type, GgufKeys tokenizer)
            throws IOException {
        String architecture = architecture(config);
        GgufKeys keys = tokenizer
                .text("general.architecture", architecture)
                .whole("general.file_type", fileType(type))
                .whole("general.quantization_version", QUANTIZATION_VERSION);
        if (config instanceof DecoderConfig decoder) {
            put(decoder, architecture + ".", keys);
        } else {
            put((Gpt2Config) config, architecture + ".", keys);
        }
        GgufWriter.write(out, keys, tensors(config, weights, type));
    }

    private static String architecture(CausalConfig config) {
        if (!(config instanceof DecoderConfig decoder)) {
            if (((Gpt2Config) config).activation() != HiddenActivation.GELU_TANH) {
                throw new IllegalArgumentException("a GPT-2 in GGUF has the activation gelu_new, and no other");
            }
            return "gpt2";
        }
        boolean gemma = decoder.family() == DecoderFamily.GEMMA;
        if (decoder.gate() != (gemma ? HiddenActivation.GELU_TANH : HiddenActivation.SILU)) {
            throw new IllegalArgumentException(
                    "a " + decoder.modelType() + " in GGUF has another activation than this one");
        }
        if (decoder.attention()
                .window()
                .filter(window -> window.size() < decoder.longest())
                .isPresent()) {
            throw new IllegalArgumentException("GGUF cannot say that the attention of a " + decoder.modelType()
                    + " reaches back only a limited number of positions");
        }
        return decoder.family() == DecoderFamily.MISTRAL
                ? DecoderFamily.LLAMA.modelType()
                : decoder.family().modelType();
    }

    /** By llama.cpp's numbers. */
    private static int fileType(GgufType type) {
        return switch (type) {
            case F16 -> 1;
            case Q4_0 -> 2;
            case Q8_0 -> 7;
            default -> throw new IllegalArgumentException("matrices can be F16, Q8_0 or Q4_0, not " + type);
        };
    }

    private static void put(DecoderConfig config, String prefix, GgufKeys keys) {
        AttentionShape attention = config.attention();
        keys.whole(prefix + "vocab_size", config.vocabulary())
                .whole(prefix + "context_length", config.longest())
                .whole(prefix + "embedding_length", config.hiddenSize())
                .whole(prefix + "block_count", config.layers())
                .whole(prefix + "feed_forward_length", config.intermediateSize())
                .whole(prefix + "attention.head_count", attention.heads())
                .whole(prefix + "attention.head_count_kv", attention.keyValueHeads())
                .whole(prefix + "attention.key_length", attention.headSize())
                .whole(prefix + "attention.value_length", attention.headSize())
                .fraction(prefix + "attention.layer_norm_rms_epsilon", config.rmsEpsilon())
                .whole(prefix + "rope.dimension_count", attention.headSize())
                .fraction(prefix + "rope.freq_base", config.rotary().theta());
        if (config.rotary().scaling() instanceof RotaryScaling.Linear linear) {
            keys.text(prefix + "rope.scaling.type", "linear").fraction(prefix + "rope.scaling.factor", linear.factor());
        }
    }

    private static void put(Gpt2Config config, String prefix, GgufKeys keys) {
        keys.whole(prefix + "vocab_size", config.vocabulary())
                .whole(prefix + "context_length", config.positions())
                .whole(prefix + "embedding_length", config.hiddenSize())
                .whole(prefix + "block_count", config.layers())
                .whole(prefix + "feed_forward_length", config.innerSize())
                .whole(prefix + "attention.head_count", config.heads())
                .fraction(prefix + "attention.layer_norm_epsilon", config.epsilon());
    }

    private static List<GgufWriter.Tensor> tensors(CausalConfig config, Weights weights, GgufType type) {
        List<GgufWriter.Tensor> tensors = new ArrayList<>();
        if (config instanceof DecoderConfig decoder
                && decoder.rotary().scaling() instanceof RotaryScaling.Llama3 scaling) {
            float[] divisors = divisors(decoder, scaling);
            tensors.add(new GgufWriter.Tensor(
                    GgufConfig.FREQUENCIES, GgufType.F32, List.of((long) divisors.length), () -> divisors));
        }
        Map<String, List<Long>> shapes = new LinkedHashMap<>(CheckpointFiles.shapes(config));
        shapes.forEach((name, shape) -> tensors.add(new GgufWriter.Tensor(
                GgufNames.of(name), type(name, shape, type), shape, () -> values(config, weights, name))));
        return tensors;
    }

    private static GgufType type(String name, List<Long> shape, GgufType wanted) {
        if (shape.size() == 1 || name.equals(Gpt2Names.POSITIONS)) {
            return GgufType.F32;
        }
        return shape.get(1) % wanted.blockValues() == 0 ? wanted : GgufType.F16;
    }

    /** By how much each frequency is divided. */
    private static float[] divisors(DecoderConfig config, RotaryScaling scaling) {
        double[] plain = new RotaryEmbedding(config.rotary().theta(), new RotaryScaling.None())
                .frequencies(config.attention().headSize());
        float[] divisors = new float[plain.length];
        for (int i = 0; i < plain.length; i++) {
            divisors[i] = (float) (plain[i] / scaling.scaled(plain[i]));
        }
        return divisors;
    }

    private static float[] values(CausalConfig config, Weights weights, String name) throws IOException {
        float[] values = weights.values(name);
        if (!(config instanceof DecoderConfig decoder)) {
            return values;
        }
        boolean pairs = decoder.family() == DecoderFamily.LLAMA || decoder.family() == DecoderFamily.MISTRAL;
        AttentionShape attention = decoder.attention();
        if (pairs && name.contains(".self_attn.q_proj.")) {
            return inPairs(values, attention.heads(), attention.headSize());
        }
        if (pairs && name.contains(".self_attn.k_proj.")) {
            return inPairs(values, attention.keyValueHeads(), attention.headSize());
        }
        if (decoder.family().hasGainsAroundOne() && name.endsWith("norm.weight")) {
            float[] gains = values.clone();
            for (int i = 0; i < gains.length; i++) {
                gains[i] += 1;
            }
            return gains;
        }
        return values;
    }

    /** Positions turn the rows j and j + D/2 of a head in Hugging Face's layout, 2j and 2j + 1 in a Llama's file. */
    private static float[] inPairs(float[] values, int heads, int headSize) {
        int width = values.length / (heads * headSize);
        float[] pairs = new float[values.length];
        for (int row = 0; row < heads * headSize; row++) {
            int within = row % headSize;
            int source = row - within + within % 2 * (headSize / 2) + within / 2;
            System.arraycopy(values, source * width, pairs, row * width, width);
        }
        return pairs;
    }
}
