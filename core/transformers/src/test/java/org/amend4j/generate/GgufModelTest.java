/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.StreamSupport;
import org.amend4j.checkpoint.CausalConfig;
import org.amend4j.checkpoint.CheckpointException;
import org.amend4j.checkpoint.CheckpointFiles;
import org.amend4j.checkpoint.DecoderConfig;
import org.amend4j.checkpoint.GgufModel;
import org.amend4j.checkpoint.RotaryScaling;
import org.amend4j.checkpoint.TransformerCheckpoint;
import org.amend4j.gguf.GgufException;
import org.amend4j.gguf.GgufFile;
import org.amend4j.gguf.GgufKeys;
import org.amend4j.gguf.GgufTensor;
import org.amend4j.gguf.GgufType;
import org.amend4j.transformer.TransformerModel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Models of GGUF files compute what transformers computes of the weights that the files stand for. */
class GgufModelTest {

    /** Sums of at most 256 products of the order 1 in single precision, in two layers and a head, in another order than PyTorch's. */
    private static final double TOLERANCE = 1e-4;

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"llama-f32-scaled", "llama-mixed-tied", "qwen2-f16", "qwen3-f16", "gpt2-f16"})
    void a_decoder_that_was_saved_in_hugging_faces_layout_has_the_logits_of_transformers(String name)
            throws IOException {
        save(name);
        Decoder decoder = Decoder.open(folder);
        FloatBuffer expected = floats(name + ".logits.f32");
        List<float[]> logits = decoder.appendAll(decoder.begin(), ids(name, "ids"));
        assertEquals(expected.capacity(), logits.size() * decoder.config().vocabulary());
        logits.forEach(row -> requireNear(expected, row));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama-f32-scaled", "llama-mixed-tied", "qwen2-f16", "qwen3-f16", "gpt2-f16"})
    void it_goes_on_with_the_tokens_of_transformers_and_llama_cpp(String name) throws IOException {
        try (GgufModel model = GgufModel.open(path(name + ".gguf"))) {
            Decoder decoder = new Decoder((CausalConfig) model.config(), model);
            Sequence sequence = decoder.begin();
            float[] logits = decoder.append(sequence, ids(name, "ids"));
            for (int token : ids(name, "greedy")) {
                float[] last = logits;
                int best = IntStream.range(0, last.length)
                        .reduce((a, b) -> last[b] > last[a] ? b : a)
                        .orElseThrow();
                assertEquals(token, best);
                logits = decoder.append(sequence, token);
            }
        }
    }

    /** A number of binary16 comes back as it is, others as the nearest: 2^-11 of it, or 2^-25, away at most. */
    @ParameterizedTest
    @ValueSource(strings = {"llama-f32-scaled", "llama-mixed-tied", "qwen2-f16", "qwen3-f16", "gpt2-f16"})
    void a_model_that_is_written_in_16_bits_says_the_same_and_has_the_nearest_weights(String name) throws IOException {
        Path file = folder.resolve("written.gguf");
        try (OutputStream out = Files.newOutputStream(file)) {
            TransformerModel.open(path(name + ".gguf"), DataType.FLOAT).writeGguf(out, GgufType.F16, ids(name));
        }
        try (GgufModel before = GgufModel.open(path(name + ".gguf"));
                GgufModel after = GgufModel.open(file)) {
            assertEquals(before.config(), after.config());
            for (Map.Entry<String, List<Long>> tensor :
                    CheckpointFiles.shapes(before.config()).entrySet()) {
                float[] expected = before.values(tensor.getKey());
                float[] found = after.values(tensor.getKey());
                double exact = name.endsWith("f16") || tensor.getValue().size() == 1 ? 0 : 1;
                for (int i = 0; i < expected.length; i++) {
                    double most = exact * Math.max(0x1p-25, 0x1p-11 * Math.abs(expected[i]));
                    assertTrue(Math.abs((double) expected[i] - found[i]) <= most, tensor.getKey());
                }
            }
        }
    }

    private static GgufKeys ids(String name) throws IOException {
        GgufKeys keys = new GgufKeys();
        try (GgufFile file = GgufFile.open(path(name + ".gguf"))) {
            for (String id : List.of("bos_token_id", "eos_token_id", "padding_token_id")) {
                file.metadata()
                        .whole("tokenizer.ggml." + id)
                        .ifPresent(value -> keys.whole("tokenizer.ggml." + id, (int) value));
            }
        }
        return keys;
    }

    @Test
    void an_encoder_has_the_rows_of_transformers() throws IOException {
        save("bert-f32");
        int[] ids = ids("bert-f32", "ids");
        TransformerModel model = TransformerModel.open(folder, DataType.FLOAT);
        INDArray tokens = Nd4j.createFromArray(ids).castTo(DataType.FLOAT).reshape(1, 1, ids.length);
        INDArray rows = model.graph().outputSingle(tokens);
        FloatBuffer expected = floats("bert-f32.rows.f32");
        for (int i = 0; i < ids.length; i++) {
            requireNear(expected, rows.tensorAlongDimension(i, 1).toFloatVector());
        }
    }

    @Test
    void the_scaling_of_positions_is_known_from_the_divisors_of_frequencies() throws IOException {
        try (GgufModel model = GgufModel.open(path("llama-f32-scaled.gguf"))) {
            assertEquals(
                    new RotaryScaling.Llama3(8, 1, 4, 32),
                    ((DecoderConfig) model.config()).rotary().scaling());
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "llama-f32-scaled | llama-f32-scaled | the key 'llama.vocab_size' must be 384, got 385",
                "llama.vocab_size | llama.vocab_sort | the key 'llama.vocab_sort' is not known",
                "llama.block_count | llama.block_coutn | the key 'llama.block_count' is missing",
                "llama.rope.freq_base | llama.rope.freq_bale | the key 'llama.rope.freq_bale' is not known",
                "blk.1.ffn_up.weight | blk.1.ffn_uq.weight | the tensor 'blk.1.ffn_up.weight' is missing",
                "rope_freqs.weight | rope_fraqs.weight | the tensor 'rope_fraqs.weight' has no place in a llama model"
            })
    void a_model_that_is_not_all_known_is_refused_by_the_name_of_what_is_not(String text, String other, String rule)
            throws IOException {
        byte[] bytes = Files.readAllBytes(path("llama-f32-scaled.gguf"));
        if (text.equals(other)) {
            bytes[at(bytes, "llama.vocab_size") + "llama.vocab_size".length() + Integer.BYTES]++;
        }
        Path file = Files.write(folder.resolve("other.gguf"), replaced(bytes, text, other));
        String sentence = refused(CheckpointException.class, rule, () -> GgufModel.open(file));
        assertTrue(sentence.startsWith("file '" + file + "': "), sentence);
    }

    @Test
    void what_would_be_computed_otherwise_is_refused() throws IOException {
        byte[] good = Files.readAllBytes(path("qwen2-f16.gguf"));
        Path file = folder.resolve("other.gguf");
        Files.write(file, with(good, "qwen2.attention.causal", 7, 1));
        GgufModel.open(file).close();
        Files.write(file, with(good, "qwen2.attention.causal", 7, 0));
        refused(CheckpointException.class, "'qwen2.attention.causal' must be true", () -> GgufModel.open(file));
        Files.write(file, with(good, "qwen2.pooling_type", 4, 3, 0, 0, 0));
        refused(CheckpointException.class, "'qwen2.pooling_type' must be 0, got 3", () -> GgufModel.open(file));
        Files.write(file, with(good, "qwen2.rope.scaling.factor", 6, 0, 0, 0, 0x40));
        refused(CheckpointException.class, "got 2.0 without", () -> GgufModel.open(file));
    }

    /** One more key of a type of GGUF, and another whose text keeps the tensors' places on multiples of 32. */
    private static byte[] with(byte[] bytes, String key, int type, int... value) {
        int length = 8 + key.length() + 4 + value.length;
        String other = "note";
        int filling = Math.floorMod(-(length + 8 + other.length() + 4 + 8), 32);
        ByteBuffer out = ByteBuffer.allocate(bytes.length + length + 8 + other.length() + 4 + 8 + filling)
                .order(ByteOrder.LITTLE_ENDIAN);
        out.put(bytes, 0, 24).putLong(16, out.getLong(16) + 2);
        out.putLong(key.length()).put(key.getBytes(StandardCharsets.UTF_8)).putInt(type);
        for (int one : value) {
            out.put((byte) one);
        }
        out.putLong(other.length()).put(other.getBytes(StandardCharsets.UTF_8)).putInt(8);
        out.putLong(filling).put("-".repeat(filling).getBytes(StandardCharsets.UTF_8));
        return out.put(bytes, 24, bytes.length - 24).array();
    }

    @Test
    void architectures_that_are_not_known_are_refused_by_name() throws IOException {
        byte[] bytes = Files.readAllBytes(path("llama-f32-scaled.gguf"));
        int value = at(bytes, "general.architecture") + "general.architecture".length() + 12;
        bytes[value] = 'o';
        Path file = Files.write(folder.resolve("other.gguf"), bytes);
        refused(CheckpointException.class, "the architecture 'olama' is not known", () -> GgufModel.open(file));
    }

    @Test
    void divisors_of_no_known_scaling_are_refused() throws IOException {
        byte[] bytes = Files.readAllBytes(path("llama-f32-scaled.gguf"));
        try (GgufFile file = GgufFile.open(path("llama-f32-scaled.gguf"))) {
            GgufTensor last =
                    List.copyOf(file.tensors().values()).get(file.tensors().size() - 1);
            long divisors = Objects.requireNonNull(file.tensors().get("rope_freqs.weight"))
                    .begin();
            int start = (int) (bytes.length - last.bytes() - last.begin());
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat((int) (start + divisors), 3);
        }
        Path other = Files.write(folder.resolve("other.gguf"), bytes);
        refused(CheckpointException.class, "must hold the divisors of Llama 3's scaling", () -> GgufModel.open(other));
    }

    @Test
    void a_model_with_a_changed_byte_in_what_it_says_is_opened_or_refused_in_a_sentence() throws IOException {
        byte[] good = Files.readAllBytes(path("llama-f32-scaled.gguf"));
        SplittableRandom random = new SplittableRandom(50);
        int keys = at(good, "tokenizer.ggml.model");
        int tensors = at(good, "token_embd.weight");
        int end = tensors + 1_500;
        Path file = folder.resolve("changed.gguf");
        for (int i = 0; i < 600; i++) {
            byte[] changed = good.clone();
            int place = i % 2 == 0 ? random.nextInt(keys) : random.nextInt(tensors, end);
            changed[place] = (byte) random.nextInt();
            Files.write(file, changed);
            try (GgufModel model = GgufModel.open(file)) {
                assertTrue(model.config().layers() > 0);
            } catch (GgufException | CheckpointException refused) {
                assertTrue(String.valueOf(refused.getMessage()).startsWith("file '" + file + "': "));
            }
        }
    }

    private static byte[] replaced(byte[] bytes, String text, String other) {
        byte[] replaced = bytes.clone();
        byte[] letters = other.getBytes(StandardCharsets.UTF_8);
        System.arraycopy(letters, 0, replaced, at(bytes, text), text.length());
        return replaced;
    }

    private static int at(byte[] bytes, String text) {
        return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
    }

    private void save(String name) throws IOException {
        try (GgufModel model = GgufModel.open(path(name + ".gguf"))) {
            model.save(folder);
            try (TransformerCheckpoint saved = TransformerCheckpoint.open(folder)) {
                assertEquals(model.config(), saved.config());
            }
        }
    }

    private static void requireNear(FloatBuffer expected, float[] row) {
        for (float value : row) {
            float wanted = expected.get();
            assertTrue(Math.abs(wanted - value) <= TOLERANCE, () -> "wanted " + wanted + ", got " + value);
        }
    }

    private static int[] ids(String name, String field) throws IOException {
        JsonNode json = new ObjectMapper().readTree(path(name + ".json").toFile());
        return StreamSupport.stream(json.get(field).spliterator(), false)
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    private static FloatBuffer floats(String name) throws IOException {
        return ByteBuffer.wrap(Files.readAllBytes(path(name)))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asFloatBuffer();
    }

    private static Path path(String name) {
        try {
            return Path.of(Objects.requireNonNull(GgufModelTest.class.getResource("gguf/" + name), name)
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
