/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.convert;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.amend4j.checkpoint.Checkpoint;
import org.amend4j.checkpoint.EncoderConfig;
import org.amend4j.checkpoint.EncoderFamily;
import org.amend4j.checkpoint.EncoderHead;
import org.amend4j.checkpoint.HiddenActivation;
import org.amend4j.testkit.BoundedReading;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.framework.TensorProto;

/** BERT as TensorFlow saves it, made into a checkpoint. */
class TensorFlowBertTest {

    private static final long SEED = 31;

    /** In each of two ways; {@code -Damend4j.mutations=4000} makes 20,000 in all, with checkpoints, tokenizers and ONNX. */
    private static final int CASES = Integer.getInteger("amend4j.mutations", 600) / 2;

    /** Bytes that reading may take: the files have 60,000, and TensorFlow's classes are made ready at the first. */
    private static final int HEAP = 16 << 20;

    @TempDir
    Path temp;

    private static TinyCheckpoint tiny() {
        return TinyCheckpoint.bert(SEED)
                .with("architectures", List.of("BertForMaskedLM"))
                .filled();
    }

    private static TinySavedModel saved() throws IOException {
        return TinySavedModel.of(tiny(), "Erf", 4);
    }

    private static EncoderConfig config(HiddenActivation activation) {
        return new EncoderConfig(
                EncoderFamily.BERT, new EncoderHead.MaskedTokens(), 37, 24, 40, 3, 4, 64, 2, 1e-12, activation);
    }

    @Test
    void what_tensorflow_saved_is_a_checkpoint_with_the_same_weights_from_a_folder_a_zip_or_a_jar() throws IOException {
        Map<String, byte[]> files = saved().files();
        Path zip = Files.write(temp.resolve("model.zip"), TinySavedModel.zip(files, "bert/"));
        Path jar = Files.write(
                temp.resolve("model.jar"),
                TinySavedModel.zip(Map.of("models/bert-uncased", TinySavedModel.zip(files, "")), ""));
        for (Path from : List.of(TinySavedModel.folder(files, temp.resolve("folder")), zip, jar)) {
            Path out = temp.resolve("out");
            try (TensorFlowBert model = TensorFlowBert.open(from)) {
                assertEquals(config(HiddenActivation.GELU), model.config());
                assertEquals("[PAD]\n[UNK]\n", new String(model.vocabulary(), StandardCharsets.UTF_8));
                model.save(out);
            }
            try (Checkpoint checkpoint = Checkpoint.open(out)) {
                assertEquals(config(HiddenActivation.GELU), checkpoint.config());
                for (String name : tiny().names()) {
                    assertArrayEquals(tiny().values(name), checkpoint.read(name), name);
                }
            }
        }
    }

    @Test
    void which_gelu_it_is_follows_from_the_graph() throws IOException {
        Path folder = TinySavedModel.folder(TinySavedModel.of(tiny(), "Tanh", 4).files(), temp);
        try (TensorFlowBert model = TensorFlowBert.open(folder)) {
            assertEquals(config(HiddenActivation.GELU_TANH), model.config());
        }
    }

    private void isRefused(String rule, TinySavedModel model) throws IOException {
        Path folder = TinySavedModel.folder(model.files(), temp);
        refused(rule, () -> TensorFlowBert.open(folder));
    }

    @Test
    void what_computes_something_else_is_refused_in_one_sentence() throws IOException {
        isRefused("the same number of heads, a divisor of the width 24, got [5]", TinySavedModel.of(tiny(), "Erf", 5));
        isRefused(
                "must have GELU in the same form, got nodes of the kinds [Erf, Relu]",
                saved().node("encoder/layer_1/intermediate/dense/Tanh", "Relu", TensorProto.getDefaultInstance()));
        isRefused(
                "must have the heads of each of 3 layers",
                saved().node(
                                "encoder/layer_3/attention/self/Reshape/shape/2",
                                "Const",
                                TensorProto.getDefaultInstance()));
        isRefused(
                "all norms must add the same constant",
                saved().node("x/LayerNorm/batchnorm/add/y", "Const", TensorProto.getDefaultInstance()));
        isRefused(
                "the model has no tensor 'module/bert/encoder/layer_1/output/dense/bias'",
                saved().drop("module/bert/encoder/layer_1/output/dense/bias"));
        isRefused(
                "the model must have one tensor 'bert/embeddings/word_embeddings', got 0",
                saved().drop("module/bert/embeddings/word_embeddings"));
        isRefused("'module/classifier' has no place in a BERT", saved().put("module/classifier", new float[24], 24));
        isRefused(
                "'module/bert/encoder/layer_0/output/dense/bias' must have the shape [24], got [4, 6]",
                saved().put("module/bert/encoder/layer_0/output/dense/bias", new float[24], 4, 6));
        isRefused(
                "of the shape [24] has 92 bytes",
                saved().put("module/bert/encoder/layer_0/output/dense/bias", new float[23], 24));
    }

    @ParameterizedTest
    @CsvSource({
        "saved_model.pb, it has no saved_model.pb",
        "assets/vocab.txt, it has no assets/vocab.txt",
        "variables/variables.index, it has no variables/variables.index",
        "variables/variables.data-00000-of-00001, it has no variables/variables.data"
    })
    void a_missing_file_is_named(String file, String rule) throws IOException {
        Map<String, byte[]> files = saved().files();
        files.remove(file);
        refused(rule, () -> TensorFlowBert.open(TinySavedModel.folder(files, temp.resolve("folder"))));
        Path zip = Files.write(temp.resolve("model.zip"), TinySavedModel.zip(files, ""));
        refused(rule, () -> TensorFlowBert.open(zip));
    }

    @Test
    void values_that_are_damaged_are_noticed_by_their_checksums() throws IOException {
        Map<String, byte[]> files = saved().files();
        files.get(TinySavedModel.DATA)[12345] ^= 16;
        try (TensorFlowBert model = TensorFlowBert.open(TinySavedModel.folder(files, temp.resolve("folder")))) {
            String sentence = refused("is damaged", () -> model.save(temp.resolve("out")));
            assertTrue(sentence.startsWith("the tensor 'module/"), sentence);
        }
        assertTrue(Files.notExists(temp.resolve("out/model.safetensors")));
    }

    /** Nearly all damage to the index is noticed, by the checksums of its blocks. */
    @Test
    void damaged_files_are_read_or_refused_in_one_sentence() throws IOException {
        Map<String, byte[]> right = saved().files();
        Random random = new Random(SEED);
        int refusals = 0;
        Path folder = TinySavedModel.folder(right, temp);
        for (int trial = 0; trial < CASES; trial++) {
            String file = trial % 3 == 0 ? TinySavedModel.GRAPH : TinySavedModel.INDEX;
            byte[] damaged = right.get(file).clone();
            for (int k = 0; k <= random.nextInt(4); k++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            int length = trial % 4 == 0 ? random.nextInt(damaged.length) : damaged.length;
            Files.write(folder.resolve(file), Arrays.copyOf(damaged, length));
            refusals += width(folder, "case " + trial).isPresent() ? 0 : 1;
            Files.write(folder.resolve(file), right.get(file));
        }
        assertTrue(refusals > CASES / 2 && refusals < CASES, refusals + " were refused");
    }

    /** Bytes of entries with checksums that fit them, so that what these protect is read. */
    @Test
    void wrong_entries_under_right_checksums_are_read_or_refused_in_one_sentence() throws IOException {
        Random random = new Random(SEED);
        TinySavedModel right = saved();
        Path folder = TinySavedModel.folder(right.files(), temp);
        int read = 0;
        for (int trial = 0; trial < CASES; trial++) {
            Files.write(folder.resolve(TinySavedModel.INDEX), right.damagedIndex(random));
            read += width(folder, "case " + trial).isPresent() ? 1 : 0;
        }
        assertTrue(read > 0 && read < CASES / 2, read + " were read");
    }

    /** After one of its tensors was read; empty if it is refused. */
    private static Optional<Integer> width(Path folder, String place) {
        return BoundedReading.of(place, HEAP, Set.of(IllegalArgumentException.class), () -> {
            try (TensorFlowBert model = TensorFlowBert.open(folder)) {
                model.values("bert.embeddings.word_embeddings.weight");
                return model.config().hiddenSize();
            }
        });
    }
}
