/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.amend4j.safetensors.SafetensorsException;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.JsonMutation;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Mutated checkpoints: each is refused in one sentence or opens to what its configuration says, with the tensors of its files. */
@Timeout(600)
class MutatedCheckpointTest {

    /** For each model and file; {@code -Damend4j.mutations=4000} makes 20,000 in all, with tokenizers and models of other formats. */
    private static final int CASES = Integer.getInteger("amend4j.mutations", 600) / 5;

    /**
     * What the files say is held as bytes, characters and nodes, each tensor once more when it is read: a hundred bytes for each of
     * theirs, and what a parser takes at first.
     */
    private static final int PER_BYTE = 100;

    private static final int FIXED = 4 << 20;

    private static final long SEED = 20261129;

    @TempDir
    Path directory;

    /** A model, in one file or several. */
    enum Model {
        LLAMA(1, TinyCheckpoint.llama(1).with("rope_scaling", Map.of("rope_type", "linear", "factor", 2.0))),
        QWEN(3, TinyCheckpoint.llama(2).with("model_type", "qwen2").with("use_sliding_window", false)),
        QWEN3(1, TinyCheckpoint.llama(6).with("model_type", "qwen3").with("head_dim", 6)),
        GEMMA(
                2,
                TinyCheckpoint.llama(7)
                        .with("model_type", "gemma")
                        .with("head_dim", 4)
                        .with("tie_word_embeddings", true)),
        GPT2(1, TinyCheckpoint.gpt2(8).with("bos_token_id", 4).with("eos_token_id", 4)),
        BERT(
                2,
                TinyCheckpoint.bert(3)
                        .with("architectures", List.of("BertForSequenceClassification"))
                        .with("num_labels", 2)
                        .with("id2label", Map.of("0", "bad", "1", "good"))),
        MASKED(1, TinyCheckpoint.bert(4).with("architectures", List.of("BertForMaskedLM"))),
        CLASSIFIER(
                1,
                TinyCheckpoint.roberta(5)
                        .with("architectures", List.of("RobertaForSequenceClassification"))
                        .with("num_labels", 3)),
        DISTILLED(1, TinyCheckpoint.distilBert(6).with("architectures", List.of("DistilBertForMaskedLM"))),
        VISION(
                1,
                TinyCheckpoint.vit(7)
                        .with("image_size", 4)
                        .with("architectures", List.of("ViTForImageClassification"))
                        .with("num_labels", 2)),
        DINO(
                1,
                TinyCheckpoint.dinov2(8)
                        .with("image_size", 4)
                        .with("use_swiglu_ffn", true)
                        .with("architectures", List.of("Dinov2ForImageClassification"))
                        .with("num_labels", 2));

        private final int files;
        private final TinyCheckpoint tiny;

        Model(int files, TinyCheckpoint tiny) {
            this.files = files;
            this.tiny = smaller(tiny).filled();
        }

        private static TinyCheckpoint smaller(TinyCheckpoint tiny) {
            return switch (tiny.text("model_type")) {
                case "gpt2" ->
                    tiny.with("n_embd", 8)
                            .with("n_inner", 6)
                            .with("n_layer", 1)
                            .with("n_positions", 7)
                            .with("vocab_size", 5);
                case "distilbert" ->
                    tiny.with("dim", 8)
                            .with("hidden_dim", 6)
                            .with("n_layers", 1)
                            .with("max_position_embeddings", 7)
                            .with("vocab_size", 5);
                case "vit" ->
                    tiny.with("hidden_size", 8).with("intermediate_size", 6).with("num_hidden_layers", 1);
                case "dinov2" -> tiny.with("hidden_size", 8).with("num_hidden_layers", 1);
                default ->
                    tiny.with("hidden_size", 8)
                            .with("intermediate_size", 6)
                            .with("num_hidden_layers", 1)
                            .with("max_position_embeddings", 7)
                            .with("vocab_size", 5);
            };
        }

        void write(Path directory) throws IOException {
            if (files == 1) {
                tiny.write(directory);
            } else {
                tiny.writeSharded(directory, files);
            }
        }
    }

    /** What was read of a checkpoint. */
    private record Opened(TransformerConfig config, Map<String, List<Long>> shapes, Map<String, float[]> tensors) {

        static Opened of(Path directory) throws IOException {
            try (TransformerCheckpoint checkpoint = TransformerCheckpoint.open(directory)) {
                Map<String, float[]> tensors = new HashMap<>();
                for (String name : checkpoint.shapes().keySet()) {
                    tensors.put(name, checkpoint.read(name));
                }
                return new Opened(checkpoint.config(), checkpoint.shapes(), tensors);
            }
        }
    }

    private long bytes() throws IOException {
        long bytes = 0;
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                bytes += Files.size(file);
            }
        }
        return bytes;
    }

    private Optional<Opened> opened(String place) throws IOException {
        return BoundedReading.of(
                place,
                FIXED + PER_BYTE * bytes(),
                Set.of(CheckpointException.class, SafetensorsException.class),
                () -> Opened.of(directory));
    }

    private static void overwrite(Path file, byte[] bytes) throws IOException {
        Files.delete(file); // some file systems flush a file that is cut to nothing and written again
        Files.write(file, bytes);
    }

    private static void requireConsistent(Opened opened, String place) {
        CheckpointFiles.shapes(opened.config())
                .forEach((name, shape) -> assertEquals(shape, opened.shapes().get(name), place));
        opened.tensors()
                .forEach((name, values) -> assertEquals(
                        opened.shapes().get(name).stream().reduce(1L, Math::multiplyExact), values.length, place));
    }

    /** Their numbers are those of the files, whatever the configuration says. */
    @ParameterizedTest
    @EnumSource
    @OneIn(2)
    void a_mutated_configuration_is_refused_or_read_as_it_says(Model model) throws IOException {
        model.write(directory);
        Path file = directory.resolve("config.json");
        byte[] right = Files.readAllBytes(file);
        Opened.of(directory); // classes are loaded
        opened("right");
        Random random = new Random(SEED);
        int read = 0;
        for (int k = 0; k < CASES; k++) {
            overwrite(file, JsonMutation.of(right, random));
            String place = model + ", case " + k + ": " + Files.readString(file, StandardCharsets.ISO_8859_1);
            Optional<Opened> opened = opened(place);
            opened.ifPresent(found -> {
                requireConsistent(found, place);
                found.tensors().forEach((name, values) -> assertArrayEquals(model.tiny.values(name), values, place));
            });
            read += opened.isPresent() ? 1 : 0;
        }
        assertTrue(0 < read && read < CASES, "mutations must hit and miss, " + read + " were read");
    }

    @ParameterizedTest
    @EnumSource
    @OneIn(2)
    void mutated_tensors_and_indexes_are_refused_or_read_with_the_shapes_of_the_configuration(Model model)
            throws IOException {
        model.write(directory);
        List<Path> files;
        try (var all = Files.list(directory)) {
            files = all.filter(file -> !file.endsWith("config.json")).sorted().toList();
        }
        Opened.of(directory); // classes are loaded
        opened("right");
        Random random = new Random(SEED);
        int read = 0;
        for (int k = 0; k < CASES; k++) {
            Path file = files.get(random.nextInt(files.size()));
            byte[] right = Files.readAllBytes(file);
            boolean index = file.toString().endsWith(".json");
            overwrite(file, index ? JsonMutation.of(right, random) : tensors(right, random));
            String place = model + ", case " + k + " in " + file.getFileName();
            Optional<Opened> opened = opened(place);
            opened.ifPresent(found -> requireConsistent(found, place));
            read += opened.isPresent() ? 1 : 0;
            overwrite(file, right);
        }
        assertTrue(0 < read && read < CASES, "mutations must hit and miss, " + read + " were read");
    }

    private static byte[] tensors(byte[] file, Random random) throws IOException {
        int header = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong();
        return switch (random.nextInt(8)) {
            case 0 -> Arrays.copyOf(file, random.nextInt(file.length));
            case 1 -> withHeader(file, header, random.nextLong() >>> random.nextInt(64));
            case 2, 3 -> {
                byte[] changed = file.clone();
                changed[8 + header + random.nextInt(file.length - 8 - header)] ^= (byte) (1 << random.nextInt(8));
                yield changed;
            }
            default -> {
                byte[] text = JsonMutation.of(Arrays.copyOfRange(file, 8, 8 + header), random);
                ByteBuffer changed =
                        ByteBuffer.allocate(text.length + file.length - header).order(ByteOrder.LITTLE_ENDIAN);
                changed.putLong(text.length).put(text).put(file, 8 + header, file.length - 8 - header);
                yield changed.array();
            }
        };
    }

    private static byte[] withHeader(byte[] file, int header, long length) {
        byte[] changed = file.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putLong(length == header ? 0 : length);
        return changed;
    }
}
