/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;

/** Adapters combined on the command line. */
class LoraCombineTest {

    private static final String[] LAYERS = {"layer.0.query", "layer.0.value"};

    @TempDir
    private Path folder;

    @BeforeEach
    void makeAdapters() throws IOException {
        PeftFolder.writeTwin(file("model.zip"));
        adapter("formal", 2, 1, LoraConfig.of(2, 6).withTargets(LAYERS).withTrainedInFull("head"));
        adapter("friendly", 2, 2, LoraConfig.of(1, 1).withTargets(LAYERS).withRankPattern("layer.0.query", 2));
        new DataRecord(List.of("x", "y", "z"), 0, Optional.empty()).write(file("formal"));
    }

    private Path file(String name) {
        return folder.resolve(name);
    }

    private void adapter(String name, int steps, long seed, LoraConfig config) throws IOException {
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.open(file("model.zip")),
                config,
                FineTuneConfiguration.builder().updater(new Sgd(0.5)).seed(seed).build());
        Random random = new Random(seed);
        for (int i = 0; i < steps; i++) {
            INDArray inputs = Nd4j.create(DataType.FLOAT, 3, 4);
            for (int k = 0; k < 12; k++) {
                inputs.putScalar(k, random.nextGaussian());
            }
            model.graph()
                    .fit(new INDArray[] {inputs}, new INDArray[] {Nd4j.eye(3).castTo(DataType.FLOAT)});
        }
        model.save(file(name));
    }

    private Ran combined(String first, String second, Object... more) {
        Object[] begin = {
            "lora",
            "combine",
            "--adapter",
            file("formal"),
            "--weight",
            first,
            "--adapter",
            file("friendly"),
            "--weight",
            second,
            "--out",
            file("both")
        };
        return amend4j(begin, more);
    }

    private INDArray merged(String adapter, String layer) throws IOException {
        Path zip = file(adapter + ".zip");
        if (Files.notExists(zip)) {
            amend4j("lora", "merge", "--model", file("model.zip"), "--adapter", file(adapter), "--out", zip)
                    .done();
        }
        ComputationGraph network = ModelSerializer.restoreComputationGraph(zip.toFile());
        return network.getLayer(layer).getParam("W").castTo(DataType.DOUBLE);
    }

    private void requireSum(double first, double second) throws IOException {
        ComputationGraph base =
                ModelSerializer.restoreComputationGraph(file("model.zip").toFile());
        for (String layer : LAYERS) {
            INDArray w = base.getLayer(layer).getParam("W").castTo(DataType.DOUBLE);
            INDArray expected = w.add(merged("formal", layer).sub(w).mul(first))
                    .add(merged("friendly", layer).sub(w).mul(second));
            // some roundings in float of numbers below 4, in each of three merged weights
            assertEquals(
                    0,
                    expected.sub(merged("both", layer)).amaxNumber().doubleValue(),
                    (1 + Math.abs(first) + Math.abs(second)) * 16 * 0x1p-24,
                    layer);
            assertTrue(merged("friendly", layer).sub(w).amaxNumber().doubleValue() > 1e-3, layer);
        }
    }

    @ParameterizedTest
    @CsvSource({"0.7, 0.3, cat", "1, -1, cat", "-2, 1e-1, svd"})
    void the_weighted_sum_is_one_adapter_of_the_same_model(String first, String second, String method)
            throws IOException {
        Ran ran = combined(first, second, "--method", method);
        ran.done();
        assertTrue(ran.out().startsWith("2 adapters combined by " + method + "; adapter written to "), ran.out());
        if (method.equals("cat")) {
            assertTrue(ran.out().contains("rank 4, the weighted sum"), ran.out());
            requireSum(Double.parseDouble(first), Double.parseDouble(second));
        }
        JsonNode info = amend4j("lora", "info", file("both"), "--json").json();
        assertEquals("[\"head\"]", info.path("trainedInFull").toString());
        assertEquals("[\"x\",\"y\",\"z\"]", info.path("classes").toString(), "what is known of the data stays known");
        assertEquals("exact", info.path("peft").asText());
    }

    @Test
    void what_is_put_side_by_side_is_merged_even_if_its_rank_exceeds_the_weights_sides() throws IOException {
        Object[] thrice = {"lora", "combine", "--out", file("both")};
        for (int i = 1; i <= 3; i++) {
            thrice = Stream.concat(Stream.of(thrice), Stream.of("--adapter", file("friendly"), "--weight", i))
                    .toArray();
        }
        Ran ran = amend4j(thrice);
        ran.done();
        assertTrue(ran.out().contains("rank 6, the weighted sum"), ran.out());
        ComputationGraph base =
                ModelSerializer.restoreComputationGraph(file("model.zip").toFile());
        INDArray w = base.getLayer(LAYERS[0]).getParam("W").castTo(DataType.DOUBLE);
        INDArray expected = w.add(merged("friendly", LAYERS[0]).sub(w).mul(6));
        assertEquals(0, expected.sub(merged("both", LAYERS[0])).amaxNumber().doubleValue(), 7 * 16 * 0x1p-24);
    }

    @Test
    void an_adapter_whose_merged_weights_are_not_finite_is_refused_in_a_sentence() throws IOException {
        adapter("huge", 0, 3, LoraConfig.of(2, 1e60).withTargets(LAYERS).withInit(AdapterInit.RANDOM));
        Object[] model = {"--model", file("model.zip"), "--adapter", file("huge")};
        Path table = Files.writeString(file("table.csv"), "1,2,3,4,x\n4,3,2,1,y\n2,2,2,2,z\n");
        for (Object[] words : List.of(
                new Object[] {"lora", "merge", "--out", file("merged.zip")},
                new Object[] {"lora", "eval", "--data", table})) {
            amend4j(words, model).refused("a merged weight must be finite");
        }
    }

    @Test
    void svd_has_the_rank_that_is_asked_for_or_the_adapters_largest() throws IOException {
        JsonNode largest = combined("0.7", "0.3", "--method", "SVD", "--json").json();
        assertEquals("svd", largest.path("method").asText());
        assertEquals(2, largest.path("layers").get(0).path("rank").asInt());
        assertEquals("TRUNCATED", largest.path("layers").get(0).path("fidelity").asText());
        double error = largest.path("layers").get(0).path("error").asDouble();
        assertTrue(
                error > 0 && error < largest.path("layers").get(0).path("norm").asDouble(), largest.toString());
        Path enough = file("enough");
        JsonNode exact = amend4j(
                        "lora",
                        "combine",
                        "--adapter",
                        file("formal"),
                        "--adapter",
                        file("friendly"),
                        "--weight",
                        "0.7",
                        "--weight",
                        "0.3",
                        "--method",
                        "svd",
                        "--rank",
                        "4",
                        "--out",
                        enough,
                        "--json")
                .json();
        assertEquals("EXACT", exact.path("layers").get(0).path("fidelity").asText());
        assertEquals(enough.toString(), exact.path("adapter").asText());
    }

    @ParameterizedTest
    @CsvSource({
        "ties_svd, --signs frequency --rank 3",
        "dare_ties_svd, --seed 3",
        "dare_linear_svd, --rank 1",
        "magnitude_prune_svd, --rank 2"
    })
    void the_methods_of_peft_say_how_far_they_are_from_the_weighted_sum(String method, String words) {
        Ran ran = combined("0.7", "0.3", words("--density 0.5 --method " + method + " " + words));
        ran.done();
        assertTrue(ran.out().matches("(?s).*PEFT's " + method + ", [-+.e0-9]+ % off the.*"), ran.out());
    }

    private static Object[] words(String line) {
        return line.split(" ", -1);
    }

    private void refused(Ran ran, String... parts) throws IOException {
        ran.refused(parts);
        try (Stream<Path> left = Files.list(folder)) {
            assertEquals(
                    List.of("formal", "friendly", "model.zip"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    --weight 3                             | --weight must be given once for each --adapter, got 3 for 2
                    --rank 2                               | --rank is for methods that end in svd, not for --method cat
                    --method svd --rank 0                  | --rank must be >= 1, got 0
                    --method svd --density 0.5             | --density is for ties, dare and magnitude_prune
                    --method ties_svd                      | --method ties_svd needs --density
                    --method ties_svd --density 1.5        | --density must be > 0 and <= 1, got 1.5
                    --method ties_svd --density .5 --seed 1 | --seed is for dare_linear and dare_ties
                    --method dare_linear --density .5 --signs total | --signs is for ties and dare_ties
                    --method linear                        | 'linear' needs adapters of one rank
                    """)
    void options_that_do_not_fit_are_refused_in_a_sentence_and_nothing_is_left(String words, String sentence)
            throws IOException {
        refused(combined("0.7", "0.3", words(words)), sentence);
    }

    @Test
    void adapters_that_do_not_fit_are_refused_in_a_sentence_and_nothing_is_left() throws IOException {
        refused(combined("1e60", "1"), "the combined factors of 'layer.0.query' must be finite");
        refused(combined("NaN", "0.3"), "the weight of '" + file("formal") + "' must be finite");
        Object[] twice = {
            "lora",
            "combine",
            "--adapter",
            file("formal"),
            "--adapter",
            file("formal"),
            "--weight",
            1,
            "--weight",
            1,
            "--out",
            file("both")
        };
        refused(amend4j(twice), "the layer 'head' is trained in full by");
        Object[] missing = {"lora", "combine", "--adapter", file("none"), "--weight", 1, "--out", file("both")};
        refused(amend4j(missing), "there is no adapter directory");
        Object[] there = {"lora", "combine", "--adapter", file("formal"), "--weight", 1, "--out", file("friendly")};
        refused(amend4j(there), "exists already");
        Files.writeString(file("friendly").resolve("amend4j_data.json"), "{");
        refused(combined("1", "1"), "amend4j_data.json is not JSON: it ends too early");
    }

    @Test
    void directories_of_peft_are_combined_to_one_of_peft_and_with_ours_after_an_import() throws IOException {
        Path peft = PeftFolder.write(file("peft"), "layer.0.query", "layer.0.value", "head", "");
        amend4j("lora", "combine", "--adapter", peft, "--weight", 1, "--out", file("both"))
                .done();
        JsonNode info = amend4j("lora", "info", file("both"), "--json").json();
        assertEquals(
                amend4j("lora", "info", peft, "--json").json().path("adapted"), info.path("adapted"), info.toString());
        Object[] mixed = {"--adapter", peft, "--weight", 1, "--adapter", file("friendly"), "--weight", 1};
        amend4j(new Object[] {"lora", "combine", "--out", file("mixed")}, mixed)
                .refused("of an unknown one, as PEFT's are before lora import");
    }

    @Test
    void what_is_no_method_or_number_is_bad_input_with_a_hint() {
        for (String words : List.of("--method average", "--density half")) {
            Ran ran = combined("1", "1", words(words));
            assertEquals(2, ran.code());
            assertTrue(ran.err().contains("--help' for what this command takes"), ran.err());
        }
    }
}
