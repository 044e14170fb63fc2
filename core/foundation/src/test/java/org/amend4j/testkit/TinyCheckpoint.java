/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;

/**
 * A small random checkpoint of Llama's or BERT's family, of DistilBERT, a GPT-2 or a vision transformer (ViT, DINOv2), right or, after a change, wrong. Its tensors follow from the fields of its
 * {@code config.json} by rules of its own, not by those of the classes that are tested.
 */
public final class TinyCheckpoint {

    private final Map<String, Object> config = new TreeMap<>();
    private final Map<String, float[]> values = new TreeMap<>();
    private final Map<String, List<Long>> shapes = new HashMap<>();
    private final Map<String, DType> types = new HashMap<>();
    private final Random random;
    private boolean prefixed = true;

    private TinyCheckpoint(long seed) {
        random = new Random(seed);
    }

    /** Fields of a Llama with 37 tokens, 24 numbers in a row, 3 layers, 4 heads of 6 numbers, 2 of keys and values, 64 positions. */
    public static TinyCheckpoint llama(long seed) {
        TinyCheckpoint tiny = new TinyCheckpoint(seed);
        tiny.config.put("model_type", "llama");
        tiny.config.put("vocab_size", 37);
        tiny.config.put("hidden_size", 24);
        tiny.config.put("intermediate_size", 40);
        tiny.config.put("num_hidden_layers", 3);
        tiny.config.put("num_attention_heads", 4);
        tiny.config.put("num_key_value_heads", 2);
        tiny.config.put("max_position_embeddings", 64);
        tiny.config.put("rms_norm_eps", 1e-5);
        tiny.config.put("tie_word_embeddings", false);
        return tiny;
    }

    /** Fields of a GPT-2 with 37 tokens, 24 numbers in a row, 40 within the feed-forward part, 3 layers, 4 heads, 64 positions. */
    public static TinyCheckpoint gpt2(long seed) {
        TinyCheckpoint tiny = new TinyCheckpoint(seed);
        tiny.config.put("model_type", "gpt2");
        tiny.config.put("vocab_size", 37);
        tiny.config.put("n_embd", 24);
        tiny.config.put("n_inner", 40);
        tiny.config.put("n_layer", 3);
        tiny.config.put("n_head", 4);
        tiny.config.put("n_positions", 64);
        tiny.config.put("bos_token_id", 36);
        tiny.config.put("eos_token_id", 36);
        return tiny;
    }

    /** Fields of a BERT without a head, of 37 tokens, 24 numbers in a row, 3 layers, 4 heads, 64 positions. */
    public static TinyCheckpoint bert(long seed) {
        TinyCheckpoint tiny = new TinyCheckpoint(seed);
        tiny.config.put("model_type", "bert");
        tiny.config.put("architectures", List.of("BertModel"));
        tiny.config.put("vocab_size", 37);
        tiny.config.put("hidden_size", 24);
        tiny.config.put("intermediate_size", 40);
        tiny.config.put("num_hidden_layers", 3);
        tiny.config.put("num_attention_heads", 4);
        tiny.config.put("max_position_embeddings", 64);
        tiny.config.put("type_vocab_size", 2);
        return tiny;
    }

    /** Fields of a RoBERTa without a head, of BERT's sizes. */
    public static TinyCheckpoint roberta(long seed) {
        return bert(seed)
                .with("model_type", "roberta")
                .with("architectures", List.of("RobertaModel"))
                .with("type_vocab_size", 1)
                .with("layer_norm_eps", 1e-5);
    }

    /** Fields of a DistilBERT without a head, of BERT's sizes. */
    public static TinyCheckpoint distilBert(long seed) {
        TinyCheckpoint tiny = new TinyCheckpoint(seed);
        tiny.config.put("model_type", "distilbert");
        tiny.config.put("architectures", List.of("DistilBertModel"));
        tiny.config.put("vocab_size", 37);
        tiny.config.put("dim", 24);
        tiny.config.put("hidden_dim", 40);
        tiny.config.put("n_layers", 3);
        tiny.config.put("n_heads", 4);
        tiny.config.put("max_position_embeddings", 64);
        tiny.config.put("sinusoidal_pos_embds", false);
        return tiny;
    }

    /** Fields of a vision transformer without a head, of pictures of 6 by 6 with 3 channels in patches of 2, 24 numbers in a row. */
    public static TinyCheckpoint vit(long seed) {
        TinyCheckpoint tiny = new TinyCheckpoint(seed);
        tiny.config.put("model_type", "vit");
        tiny.config.put("architectures", List.of("ViTModel"));
        tiny.config.put("image_size", 6);
        tiny.config.put("patch_size", 2);
        tiny.config.put("num_channels", 3);
        tiny.config.put("hidden_size", 24);
        tiny.config.put("intermediate_size", 40);
        tiny.config.put("num_hidden_layers", 3);
        tiny.config.put("num_attention_heads", 4);
        return tiny;
    }

    /** Fields of a DINOv2 without a head, of the sizes of {@link #vit}. */
    public static TinyCheckpoint dinov2(long seed) {
        return vit(seed)
                .with("model_type", "dinov2")
                .with("architectures", List.of("Dinov2Model"))
                .without("intermediate_size")
                .with("mlp_ratio", 2)
                .with("layer_norm_eps", 1e-6);
    }

    /** Sets a field of {@code config.json}, before tensors are made. */
    public TinyCheckpoint with(String field, Object value) {
        config.put(field, value);
        return this;
    }

    /** Names tensors of a GPT-2 as its model without a head does, when they are written. */
    public TinyCheckpoint withoutPrefix() {
        prefixed = false;
        return this;
    }

    /** Leaves a field of {@code config.json} out. */
    public TinyCheckpoint without(String field) {
        config.remove(field);
        return this;
    }

    /** Makes the tensors that the fields ask for. */
    public TinyCheckpoint filled() {
        if (isGpt2()) {
            return filledGpt2();
        }
        if (text("model_type").equals("distilbert")) {
            return filledDistilBert();
        }
        if (text("model_type").equals("vit")) {
            return filledVit();
        }
        if (text("model_type").equals("dinov2")) {
            return filledDinov2();
        }
        return config.containsKey("type_vocab_size") ? filledEncoder() : filledDecoder();
    }

    private boolean isGpt2() {
        return text("model_type").equals("gpt2");
    }

    private TinyCheckpoint filledGpt2() {
        int hidden = integer("n_embd");
        int inner = config.containsKey("n_inner") ? integer("n_inner") : 4 * hidden;
        table("transformer.wte", integer("vocab_size"), hidden);
        table("transformer.wpe", integer("n_positions"), hidden);
        for (int layer = 0; layer < integer("n_layer"); layer++) {
            String path = "transformer.h." + layer + ".";
            norm(path + "ln_1", hidden);
            matrix(path + "attn.c_attn", 3 * hidden, hidden, true);
            matrix(path + "attn.c_proj", hidden, hidden, true);
            norm(path + "ln_2", hidden);
            matrix(path + "mlp.c_fc", inner, hidden, true);
            matrix(path + "mlp.c_proj", hidden, inner, true);
        }
        norm("transformer.ln_f", hidden);
        if (Boolean.FALSE.equals(config.get("tie_word_embeddings"))) {
            matrix("lm_head", integer("vocab_size"), hidden, false);
        }
        return this;
    }

    private TinyCheckpoint filledEncoder() {
        int hidden = integer("hidden_size");
        int inner = integer("intermediate_size");
        String head = config.get("architectures").toString();
        boolean bert = text("model_type").equals("bert");
        String prefix = head.endsWith("Model]") ? "" : text("model_type") + ".";
        String embeddings = prefix + "embeddings.";
        table(embeddings + "word_embeddings", integer("vocab_size"), hidden);
        table(embeddings + "position_embeddings", integer("max_position_embeddings"), hidden);
        table(embeddings + "token_type_embeddings", integer("type_vocab_size"), hidden);
        norm(embeddings + "LayerNorm", hidden);
        for (int layer = 0; layer < integer("num_hidden_layers"); layer++) {
            String path = prefix + "encoder.layer." + layer + ".";
            for (String part : List.of("self.query", "self.key", "self.value", "output.dense")) {
                matrix(path + "attention." + part, hidden, hidden, true);
            }
            norm(path + "attention.output.LayerNorm", hidden);
            matrix(path + "intermediate.dense", inner, hidden, true);
            matrix(path + "output.dense", hidden, inner, true);
            norm(path + "output.LayerNorm", hidden);
        }
        if (head.contains("ForMaskedLM")) {
            matrix(bert ? "cls.predictions.transform.dense" : "lm_head.dense", hidden, hidden, true);
            norm(bert ? "cls.predictions.transform.LayerNorm" : "lm_head.layer_norm", hidden);
            vector(bert ? "cls.predictions.bias" : "lm_head.bias", integer("vocab_size"), 0);
        } else if (bert) {
            matrix(prefix + "pooler.dense", hidden, hidden, true);
        }
        if (head.contains("ForSequenceClassification")) {
            matrix(bert ? "classifier" : "classifier.out_proj", integer("num_labels"), hidden, true);
            if (!bert) {
                matrix("classifier.dense", hidden, hidden, true);
            }
        }
        return this;
    }

    private TinyCheckpoint filledDistilBert() {
        int hidden = integer("dim");
        int inner = integer("hidden_dim");
        String head = config.get("architectures").toString();
        String prefix = head.endsWith("Model]") ? "" : "distilbert.";
        table(prefix + "embeddings.word_embeddings", integer("vocab_size"), hidden);
        table(prefix + "embeddings.position_embeddings", integer("max_position_embeddings"), hidden);
        norm(prefix + "embeddings.LayerNorm", hidden);
        for (int layer = 0; layer < integer("n_layers"); layer++) {
            String path = prefix + "transformer.layer." + layer + ".";
            for (String part : List.of("q_lin", "k_lin", "v_lin", "out_lin")) {
                matrix(path + "attention." + part, hidden, hidden, true);
            }
            norm(path + "sa_layer_norm", hidden);
            matrix(path + "ffn.lin1", inner, hidden, true);
            matrix(path + "ffn.lin2", hidden, inner, true);
            norm(path + "output_layer_norm", hidden);
        }
        if (head.contains("ForMaskedLM")) {
            matrix("vocab_transform", hidden, hidden, true);
            norm("vocab_layer_norm", hidden);
            vector("vocab_projector.bias", integer("vocab_size"), 0);
        }
        if (head.contains("ForSequenceClassification")) {
            matrix("pre_classifier", hidden, hidden, true);
            matrix("classifier", integer("num_labels"), hidden, true);
        }
        return this;
    }

    private TinyCheckpoint filledVit() {
        int hidden = integer("hidden_size");
        int inner = integer("intermediate_size");
        String head = config.get("architectures").toString();
        String prefix = head.endsWith("Model]") ? "" : "vit.";
        boolean bias = !Boolean.FALSE.equals(config.get("qkv_bias"));
        patches(prefix + "embeddings.");
        for (int layer = 0; layer < integer("num_hidden_layers"); layer++) {
            String path = prefix + "encoder.layer." + layer + ".";
            norm(path + "layernorm_before", hidden);
            for (String part : List.of("query", "key", "value")) {
                matrix(path + "attention.attention." + part, hidden, hidden, bias);
            }
            matrix(path + "attention.output.dense", hidden, hidden, true);
            norm(path + "layernorm_after", hidden);
            matrix(path + "intermediate.dense", inner, hidden, true);
            matrix(path + "output.dense", hidden, inner, true);
        }
        norm(prefix + "layernorm", hidden);
        if (head.contains("ForImageClassification")) {
            matrix("classifier", integer("num_labels"), hidden, true);
        } else {
            matrix(prefix + "pooler.dense", hidden, hidden, true);
        }
        return this;
    }

    private TinyCheckpoint filledDinov2() {
        int hidden = integer("hidden_size");
        int inner = (int) (hidden * number("mlp_ratio", 4));
        boolean gated = flag("use_swiglu_ffn");
        String head = config.get("architectures").toString();
        String prefix = head.endsWith("Model]") ? "" : "dinov2.";
        boolean bias = !Boolean.FALSE.equals(config.get("qkv_bias"));
        patches(prefix + "embeddings.");
        if (!Boolean.FALSE.equals(config.get("use_mask_token"))) {
            vector(prefix + "embeddings.mask_token", hidden, 0);
            shapes.put(prefix + "embeddings.mask_token", List.of(1L, (long) hidden));
        }
        for (int layer = 0; layer < integer("num_hidden_layers"); layer++) {
            String path = prefix + "encoder.layer." + layer + ".";
            norm(path + "norm1", hidden);
            for (String part : List.of("query", "key", "value")) {
                matrix(path + "attention.attention." + part, hidden, hidden, bias);
            }
            matrix(path + "attention.output.dense", hidden, hidden, true);
            vector(path + "layer_scale1.lambda1", hidden, 1);
            norm(path + "norm2", hidden);
            if (gated) {
                int half = (inner * 2 / 3 + 7) / 8 * 8;
                matrix(path + "mlp.weights_in", 2 * half, hidden, true);
                matrix(path + "mlp.weights_out", hidden, half, true);
            } else {
                matrix(path + "mlp.fc1", inner, hidden, true);
                matrix(path + "mlp.fc2", hidden, inner, true);
            }
            vector(path + "layer_scale2.lambda1", hidden, 1);
        }
        norm(prefix + "layernorm", hidden);
        if (head.contains("ForImageClassification")) {
            matrix("classifier", integer("num_labels"), 2 * hidden, true);
        }
        return this;
    }

    /** What makes rows of pictures, without the row of masked patches. */
    private void patches(String embeddings) {
        int hidden = integer("hidden_size");
        int patch = integer("patch_size");
        int along = integer("image_size") / patch;
        int channels = integer("num_channels");
        vector(embeddings + "cls_token", hidden, 0);
        shapes.put(embeddings + "cls_token", List.of(1L, 1L, (long) hidden));
        int rows = 1 + along * along;
        vector(embeddings + "position_embeddings", rows * hidden, 0);
        shapes.put(embeddings + "position_embeddings", List.of(1L, (long) rows, (long) hidden));
        String projection = embeddings + "patch_embeddings.projection";
        matrix(projection, hidden, channels * patch * patch, true);
        shapes.put(projection + ".weight", List.of((long) hidden, (long) channels, (long) patch, (long) patch));
    }

    private void table(String module, int rows, int width) {
        float[] table = new float[rows * width];
        for (int i = 0; i < table.length; i++) {
            table[i] = (float) random.nextGaussian();
        }
        put(module + ".weight", List.of((long) rows, (long) width), table);
    }

    private void norm(String module, int size) {
        vector(module + ".weight", size, 1);
        vector(module + ".bias", size, 0);
    }

    private TinyCheckpoint filledDecoder() {
        int hidden = integer("hidden_size");
        int inner = integer("intermediate_size");
        String type = text("model_type");
        boolean qwen = type.equals("qwen2");
        int gain = type.equals("gemma") ? 0 : 1;
        boolean bias = flag("attention_bias");
        matrix("model.embed_tokens", integer("vocab_size"), hidden, false);
        for (int layer = 0; layer < integer("num_hidden_layers"); layer++) {
            String path = "model.layers." + layer + ".";
            vector(path + "input_layernorm.weight", hidden, gain);
            vector(path + "post_attention_layernorm.weight", hidden, gain);
            if (type.equals("qwen3")) {
                vector(path + "self_attn.q_norm.weight", headSize(), gain);
                vector(path + "self_attn.k_norm.weight", headSize(), gain);
            }
            matrix(path + "self_attn.q_proj", integer("num_attention_heads") * headSize(), hidden, bias || qwen);
            matrix(path + "self_attn.k_proj", integer("num_key_value_heads") * headSize(), hidden, bias || qwen);
            matrix(path + "self_attn.v_proj", integer("num_key_value_heads") * headSize(), hidden, bias || qwen);
            matrix(path + "self_attn.o_proj", hidden, integer("num_attention_heads") * headSize(), bias);
            matrix(path + "mlp.gate_proj", inner, hidden, flag("mlp_bias"));
            matrix(path + "mlp.up_proj", inner, hidden, flag("mlp_bias"));
            matrix(path + "mlp.down_proj", hidden, inner, flag("mlp_bias"));
        }
        vector("model.norm.weight", hidden, gain);
        if (!flag("tie_word_embeddings")) {
            matrix("lm_head", integer("vocab_size"), hidden, false);
        }
        return this;
    }

    /** A whole number of {@code config.json}. */
    public int integer(String field) {
        return ((Number) config.get(field)).intValue();
    }

    /** A number of {@code config.json}, or another. */
    public double number(String field, double otherwise) {
        return ((Number) config.getOrDefault(field, otherwise)).doubleValue();
    }

    /** A number in an object of {@code config.json}, or another. */
    public double number(String object, String field, double otherwise) {
        return config.get(object) instanceof Map<?, ?> map && map.get(field) instanceof Number number
                ? number.doubleValue()
                : otherwise;
    }

    /** A text of {@code config.json}; empty if it is not there. */
    public String text(String field) {
        return String.valueOf(config.getOrDefault(field, ""));
    }

    /** Whether a field of {@code config.json} is true. */
    public boolean flag(String field) {
        return Boolean.TRUE.equals(config.get(field));
    }

    /** Numbers in a head. */
    public int headSize() {
        return config.containsKey("head_dim")
                ? integer("head_dim")
                : integer("hidden_size") / integer("num_attention_heads");
    }

    private void matrix(String module, int outputs, int inputs, boolean biased) {
        float[] weight = new float[outputs * inputs];
        for (int i = 0; i < weight.length; i++) {
            weight[i] = (float) (random.nextGaussian() * 1.5 / Math.sqrt(inputs));
        }
        put(module + ".weight", List.of((long) outputs, (long) inputs), weight);
        if (biased) {
            vector(module + ".bias", outputs, 0);
        }
    }

    private void vector(String name, int size, double around) {
        float[] vector = new float[size];
        for (int i = 0; i < size; i++) {
            vector[i] = (float) (around + 0.3 * random.nextGaussian());
        }
        put(name, List.of((long) size), vector);
    }

    /** Adds a tensor, or puts it in the place of another. */
    public TinyCheckpoint put(String name, List<Long> shape, float[] tensor) {
        values.put(name, tensor);
        shapes.put(name, shape);
        return this;
    }

    /** Leaves a tensor out. */
    public TinyCheckpoint drop(String name) {
        values.remove(name);
        return this;
    }

    /** Rounds all values to those of a type of 16 bits, and stores them so. */
    public TinyCheckpoint halved(DType type) {
        values.forEach((name, tensor) -> {
            for (int i = 0; i < tensor.length; i++) {
                // 8 bits of fraction, and no small exponents: a value of both types
                tensor[i] = Math.round(tensor[i] * 64) / 64f;
                tensor[i] = Float.intBitsToFloat(Float.floatToIntBits(tensor[i]) & 0xffff0000);
            }
            types.put(name, type);
        });
        return this;
    }

    /** The names of its tensors, in order. */
    public List<String> names() {
        return List.copyOf(values.keySet());
    }

    /** A tensor's sizes. */
    public List<Long> shape(String name) {
        return List.copyOf(shapes.get(name));
    }

    /** A tensor's values, not copied. */
    public float[] values(String name) {
        return values.get(name);
    }

    /** Writes {@code config.json} and {@code model.safetensors}. */
    public Path write(Path directory) throws IOException {
        writeConfig(directory);
        SafetensorsWriter.write(directory.resolve("model.safetensors"), Map.of("format", "pt"), data(names()));
        return directory;
    }

    /** Writes several files and their index. */
    public Path writeSharded(Path directory, int shards) throws IOException {
        writeConfig(directory);
        Map<String, String> map = new TreeMap<>();
        for (int shard = 0; shard < shards; shard++) {
            String file = "model-0000" + (shard + 1) + "-of-0000" + shards + ".safetensors";
            List<String> own = new ArrayList<>();
            for (int i = shard; i < names().size(); i += shards) {
                own.add(names().get(i));
                map.put(names().get(i), file);
            }
            SafetensorsWriter.write(directory.resolve(file), Map.of("format", "pt"), data(own));
        }
        writeIndex(directory, map);
        return directory;
    }

    /** Writes an index alone. */
    public static void writeIndex(Path directory, Map<String, String> map) throws IOException {
        new ObjectMapper()
                .writeValue(
                        directory.resolve("model.safetensors.index.json").toFile(),
                        Map.of("metadata", Map.of("total_size", 1), "weight_map", map));
    }

    /** Writes {@code config.json} alone. */
    public Path writeConfig(Path directory) throws IOException {
        Files.createDirectories(directory);
        Path file = directory.resolve("config.json");
        new ObjectMapper().writeValue(file.toFile(), config);
        return file;
    }

    private List<TensorData> data(List<String> names) {
        return names.stream().map(this::data).toList();
    }

    private TensorData data(String name) {
        List<Long> shape = shapes.get(name);
        DType type = types.getOrDefault(name, DType.F32);
        if (isGpt2()) {
            String written = prefixed ? name : name.replaceFirst("^transformer\\.", "");
            boolean turned = name.contains(".c_") && shape.size() == 2;
            return turned
                    ? TensorData.ofFloats(written, List.of(shape.get(1), shape.get(0)), turned(name))
                    : TensorData.ofFloats(written, shape, values(name));
        }
        return type == DType.F32
                ? TensorData.ofFloats(name, shape, values(name))
                : TensorData.ofHalves(name, type, shape, values(name)).orElseThrow();
    }

    /** As GPT-2's files have matrices of linears: column after column. */
    private float[] turned(String name) {
        int outputs = shapes.get(name).get(0).intValue();
        int inputs = shapes.get(name).get(1).intValue();
        float[] turned = new float[outputs * inputs];
        for (int i = 0; i < inputs; i++) {
            for (int o = 0; o < outputs; o++) {
                turned[i * outputs + o] = values(name)[o * inputs + i];
            }
        }
        return turned;
    }
}
