/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.text.Tokenizer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Vectors of texts, and folders of exported models. */
class EmbedTest {

    private static final String[] TEXTS = {"the cat sat on the mat", "a rat", "the hat and the bat ate the oat"};

    /**
     * How far two ways to a vector's element may be apart: on each, 3 layers of products, norms and a softmax add up some 800 terms, and a
     * term is off by up to 2^-24 of their magnitudes, here at most 1.
     */
    private static final float ROUNDING = 2 * 800 * 0x1p-24f;

    @TempDir
    private Path folder;

    private Path base = Path.of("");

    @BeforeEach
    void write() throws IOException {
        base = folder.resolve("base");
        TinyLanguageModel.writeEncoder(base);
    }

    private static Object[] texts() {
        return new Object[] {"--text", TEXTS[0], "--text", TEXTS[1], "--text", TEXTS[2]};
    }

    private float[][] vectors(Object... more) throws IOException {
        Ran ran = amend4j(amended("embed", "--base", base, "--json"), more).done();
        JsonNode texts = new ObjectMapper().readTree(ran.out()).path("texts");
        float[][] vectors = new float[texts.size()][];
        for (int k = 0; k < vectors.length; k++) {
            vectors[k] = new ObjectMapper().convertValue(texts.get(k).path("vector"), float[].class);
        }
        return vectors;
    }

    private static Object[] amended(Object... arguments) {
        return arguments;
    }

    @Test
    void a_texts_vector_has_length_1_and_does_not_depend_on_the_others() throws IOException {
        float[][] together = vectors(texts());
        assertEquals(3, together.length);
        for (int k = 0; k < 3; k++) {
            float[] alone = vectors("--text", TEXTS[k])[0];
            assertEquals(24, alone.length);
            assertArrayEquals(alone, together[k], ROUNDING);
            assertTrue(distance(alone, together[(k + 1) % 3]) > 100 * ROUNDING, "another text's is another");
            double squares = 0;
            for (float value : alone) {
                squares += value * value;
            }
            assertEquals(1, squares, 3 * 0x1p-24, "of squares of rounded numbers");
        }
    }

    private static double distance(float[] one, float[] other) {
        double largest = 0;
        for (int i = 0; i < one.length; i++) {
            largest = Math.max(largest, Math.abs(one[i] - other[i]));
        }
        return largest;
    }

    @Test
    void files_have_the_vectors_and_a_line_for_each_text_has_one() throws IOException {
        Path lines = folder.resolve("texts.txt");
        Files.writeString(lines, String.join("\n", TEXTS) + "\n\n");
        float[][] expected = vectors(texts());
        for (String name : List.of("vectors.npy", "vectors.tsv")) {
            Path out = folder.resolve(name);
            Ran ran = amend4j("embed", "--base", base, "--texts", lines, "--out", out)
                    .done();
            assertTrue(ran.out().startsWith("3 texts, vectors of 24 numbers in " + out), ran.out());
            float[][] found = name.endsWith("npy") ? numbers(out.toFile()) : numbers(Files.readAllLines(out));
            for (int k = 0; k < 3; k++) {
                assertArrayEquals(expected[k], found[k], 0, name);
            }
        }
    }

    private static float[][] numbers(File npy) {
        INDArray read = Nd4j.createFromNpyFile(npy);
        return read.toFloatMatrix();
    }

    private static float[][] numbers(List<String> lines) {
        float[][] numbers = new float[lines.size()][];
        for (int k = 0; k < numbers.length; k++) {
            String[] cells = lines.get(k).split("\t", -1);
            numbers[k] = new float[cells.length];
            for (int i = 0; i < cells.length; i++) {
                numbers[k][i] = Float.parseFloat(cells[i]);
            }
        }
        return numbers;
    }

    @Test
    void pooling_is_the_folders_or_the_option_and_an_adapter_changes_vectors() throws IOException {
        float[] mean = vectors("--text", TEXTS[0], "--pooling", "mean")[0];
        assertArrayEquals(mean, vectors("--text", TEXTS[0])[0]);
        Files.createDirectories(base.resolve("1_Pooling"));
        Files.writeString(
                base.resolve("1_Pooling/config.json"),
                "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": false}");
        float[] first = vectors("--text", TEXTS[0])[0];
        assertArrayEquals(first, vectors("--text", TEXTS[0], "--pooling", "first")[0]);
        assertFalse(java.util.Arrays.equals(first, mean));
        Path adapter = new TinyAdapter(1, 2, 16)
                .on("encoder.layer.1.attention.self.query", 24, 24)
                .write(folder.resolve("adapter"));
        float[] adapted = vectors("--text", TEXTS[0], "--adapter", adapter)[0];
        assertFalse(java.util.Arrays.equals(first, adapted));
        Path imported = folder.resolve("imported");
        amend4j("lora", "import", "--base", base, "--adapter", adapter, "--out", imported)
                .done();
        assertArrayEquals(adapted, vectors("--text", TEXTS[0], "--adapter", imported)[0]);
    }

    /** As release 6 saves it, with its vectors: a text is cut, the pooling is one word. */
    @Test
    void a_folder_of_sentence_transformers_makes_its_vectors() throws Exception {
        base = Path.of(Objects.requireNonNull(EmbedTest.class.getResource("sentence_mean_16"))
                .toURI());
        JsonNode expected =
                new ObjectMapper().readTree(base.resolve("expected.json").toFile());
        for (int k = 0; k < 3; k++) {
            float[] theirs =
                    new ObjectMapper().convertValue(expected.path("vectors").path(k), float[].class);
            assertArrayEquals(
                    theirs, vectors("--text", expected.path("texts").path(k).asText())[0], ROUNDING);
        }
    }

    @Test
    void what_makes_no_vector_is_refused_in_one_sentence() throws IOException {
        Object[] embed = {"embed", "--base", base};
        amend4j(embed).refused("texts come either from --text or from --texts FILE");
        amend4j(embed, "--text", "").refused("text 1 has no token");
        amend4j(embed, "--text", "a", "--out", "x.csv").refused("--out must end in .npy or .tsv");
        Path language = folder.resolve("language");
        TinyLanguageModel.write(language);
        amend4j("embed", "--base", language, "--text", "a").refused("it is no encoder");
        Files.createDirectories(base.resolve("1_Pooling"));
        Files.writeString(base.resolve("1_Pooling/config.json"), "{\"pooling_mode_max_tokens\": true}");
        amend4j(embed, "--text", "a").refused("say another with --pooling");
        Files.writeString(
                base.resolve("1_Pooling/config.json"),
                "{\"pooling_mode_mean_tokens\": true, \"pooling_mode_max_tokens\": true}");
        amend4j(embed, "--text", "a").refused("say another with --pooling");
        Files.delete(base.resolve("1_Pooling/config.json"));
        Files.writeString(
                base.resolve("modules.json"),
                "[{\"type\": \"sentence_transformers.models.Transformer\"},"
                        + " {\"type\": \"sentence_transformers.models.Dense\"}]");
        amend4j(embed, "--text", "a").refused("got sentence_transformers.models.Dense: --pooling leaves it aside");
        amend4j(embed, "--text", "a", "--pooling", "mean").done();
        Files.writeString(base.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 0}");
        amend4j(embed, "--text", "a", "--pooling", "mean").refused("max_seq_length >= 1, got 0");
    }

    @Test
    void texts_are_cut_where_the_folder_says_and_a_merged_folder_says_the_same() throws IOException {
        Files.createDirectories(base.resolve("1_Pooling"));
        Files.writeString(base.resolve("1_Pooling/config.json"), "{\"pooling_mode_lasttoken\": true}");
        Files.writeString(base.resolve("modules.json"), "[{\"type\": \"sentence_transformers.models.Pooling\"}]");
        Files.writeString(base.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 1}");
        float[][] first = vectors("--text", "aaa", "--text", "abc");
        assertArrayEquals(first[0], first[1], ROUNDING, "both begin with one token");
        Path adapter = new TinyAdapter(1, 2, 16)
                .on("encoder.layer.1.attention.self.query", 24, 24)
                .write(folder.resolve("adapter"));
        Files.writeString(base.resolve("sentence_bert_config.json"), "{\"max_seq_length\": 4}");
        float[] expected = vectors("--text", TEXTS[2], "--adapter", adapter)[0];
        Path merged = folder.resolve("merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", merged)
                .done();
        base = merged;
        assertArrayEquals(expected, vectors("--text", TEXTS[2])[0], ROUNDING);
        for (String file : List.of("1_Pooling/config.json", "modules.json", "sentence_bert_config.json")) {
            assertTrue(Files.isRegularFile(merged.resolve(file)), file);
        }
    }

    /** As a file with its tokenizer, and as a jar with both. */
    @Test
    void an_exported_model_makes_the_same_vectors() throws IOException {
        Path tokenizer = base.resolve("tokenizer.json");
        Path file = Files.write(folder.resolve("tiny.onnx"), TinyLanguageModel.exportedEncoder());
        Path jar = folder.resolve("tiny.jar");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
            zip.putNextEntry(new ZipEntry("tiny.onnx"));
            zip.write(TinyLanguageModel.exportedEncoder());
            zip.putNextEntry(new ZipEntry("tiny-tokenizer.json"));
            zip.write(Files.readAllBytes(tokenizer));
        }
        float[] expected = vectors("--text", TEXTS[0])[0];
        for (Object[] from : new Object[][] {{"--from", file, "--tokenizer", tokenizer}, {"--from", jar}}) {
            Path out = folder.resolve("imported" + from.length);
            Ran ran =
                    amend4j(amended("checkpoint", "import", "--out", out), from).done();
            assertTrue(ran.out().startsWith("bert: 3 layers of 24, 4 heads, 270 tokens; written to " + out), ran.out());
            assertFalse(ran.out().contains("without a tokenizer"), ran.out());
            base = out;
            assertArrayEquals(expected, vectors("--text", TEXTS[0])[0]);
        }
    }

    @Test
    void an_exported_model_takes_a_vocabulary_that_has_as_many_tokens() throws IOException {
        Path file = Files.write(folder.resolve("tiny.onnx"), TinyLanguageModel.exportedEncoder());
        Path out = folder.resolve("imported");
        List<String> tokens = new ArrayList<>(List.of("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"));
        while (tokens.size() < TinyLanguageModel.TOKENS) {
            tokens.add("word" + tokens.size());
        }
        Path vocabulary = Files.write(folder.resolve("vocab.txt"), tokens);
        Object[] command = {"checkpoint", "import", "--from", file, "--tokenizer", vocabulary, "--out", out};
        amend4j(command).done();
        assertArrayEquals(
                new int[] {2, 7, 269, 3},
                Tokenizer.open(out).encode("word7 WORD269").ids());
        Files.write(vocabulary, tokens.subList(0, 100));
        amend4j("checkpoint", "import", "--from", file, "--tokenizer", vocabulary, "--out", folder.resolve("short"))
                .refused("its vocabulary must have 270 tokens as its table has, got 100");
    }

    @Test
    void what_is_no_exported_model_is_refused_and_leaves_nothing() throws IOException {
        Path out = folder.resolve("out");
        Path text = Files.writeString(folder.resolve("model.onnx"), "no model");
        Object[] command = {"checkpoint", "import", "--out", out};
        amend4j(command, "--from", text).refused("cannot import " + text + ": this is no ONNX model");
        amend4j(command, "--from", folder.resolve("nowhere.onnx")).refused("cannot read");
        Path jar = Files.writeString(folder.resolve("model.jar"), "no jar");
        amend4j(command, "--from", jar).refused("it is no jar or zip file");
        assertFalse(Files.exists(out));
    }
}
