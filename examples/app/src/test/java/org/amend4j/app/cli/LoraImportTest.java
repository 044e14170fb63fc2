/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Directories that PEFT wrote, on the command line. */
class LoraImportTest {

    @TempDir
    private Path folder;

    private Path model = Path.of("");
    private ComputationGraph network = new ComputationGraph(PeftFolder.twin());

    @BeforeEach
    void makeModel() throws IOException {
        network.init();
        model = folder.resolve("model.zip");
        ModelSerializer.writeModel(network, model.toFile(), false);
    }

    private Path peft(String query, String valueLayer, String head, String more) throws IOException {
        return PeftFolder.write(folder.resolve("peft"), query, valueLayer, head, more);
    }

    private Ran imported(Path adapter, Object... more) {
        Object[] first = {"lora", "import", "--model", model, "--adapter", adapter, "--out", folder.resolve("out")};
        return amend4j(Stream.concat(Stream.of(first), Stream.of(more)).toArray());
    }

    private void requireMerged() throws IOException {
        Path merged = folder.resolve("merged.zip");
        Ran ran = amend4j("lora", "merge", "--model", model, "--adapter", folder.resolve("out"), "--out", merged);
        assertEquals(0, ran.code(), ran.err());
        ComputationGraph found = ModelSerializer.restoreComputationGraph(merged.toFile());
        for (int in = 0; in < 4; in++) {
            for (int out = 0; out < 6; out++) {
                double product = 0;
                for (int k = 0; k < 2; k++) {
                    product += PeftFolder.value(2, out * 2 + k) * PeftFolder.value(1, k * 4 + in);
                }
                double expected =
                        network.getLayer("layer.0.query").getParam("W").getDouble(in, out) + 6.0 / 2 * product;
                // two products and two sums in float
                assertEquals(
                        expected,
                        found.getLayer("layer.0.query").getParam("W").getDouble(in, out),
                        4 * Math.ulp((float) Math.abs(expected) + 1));
            }
        }
        assertEquals(
                PeftFolder.value(5, 2 * 6 + 4),
                found.getLayer("head").getParam("W").getDouble(4, 2));
        assertEquals(
                PeftFolder.value(6, 1), found.getLayer("head").getParam("b").getDouble(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "bert.", "bert.encoder."})
    void modules_named_as_layers_are_imported_up_to_a_part_they_share(String shared) throws IOException {
        Path adapter = peft(shared + "layer.0.query", shared + "layer.0.value", shared + "head", "");
        Ran ran = imported(adapter, "--json");
        assertEquals(0, ran.code(), ran.err());
        assertEquals(
                "[\"layer.0.query\",\"layer.0.value\"]",
                ran.json().path("adapted").toString());
        assertEquals("[\"head\"]", ran.json().path("trainedInFull").toString());
        requireMerged();
        Ran info = amend4j("lora", "info", folder.resolve("out"), "--json");
        assertEquals("adapter", info.json().path("kind").asText());
        assertEquals(ran.json().path("base").asText(), info.json().path("base").asText());
        Path table = Files.writeString(folder.resolve("table.csv"), "a,b,c,d,kind\n1,0,0,1,x\n0,1,0,1,y\n0,0,1,0,z\n");
        Ran eval = amend4j(
                "lora",
                "eval",
                "--model",
                model,
                "--adapter",
                folder.resolve("out"),
                "--data",
                table,
                "--labels",
                "kind",
                "--device",
                "cpu",
                "--json");
        assertEquals(3, eval.json().path("examples").asInt(), eval.err());
    }

    @Test
    void modules_of_other_names_are_imported_by_a_map_of_pairs_files_or_both() throws IOException {
        Path adapter = peft("q", "v", "head", "");
        Ran pairs = imported(adapter, "--map", "q=layer.0.query", "--map", "v = layer.0.value");
        assertEquals(0, pairs.code(), pairs.err());
        assertTrue(pairs.out().startsWith("2 layers adapted, 1 trained in full"), pairs.out());
        requireMerged();
        amend4jRemovesNothing();
        Path file = Files.writeString(folder.resolve("map.txt"), "# twins\n\nq = layer.0.query\n");
        Ran both = amend4j(
                "lora",
                "import",
                "--model",
                model,
                "--adapter",
                adapter,
                "--out",
                folder.resolve("both"),
                "--map",
                file,
                "--map",
                "v=layer.0.value");
        assertEquals(0, both.code(), both.err());
    }

    private void amend4jRemovesNothing() throws IOException {
        assertTrue(Files.exists(folder.resolve("out").resolve("adapter_model.safetensors")));
        imported(peft("q", "v", "head", "")).refused("exists already");
    }

    @Test
    void a_model_of_a_type_that_adapters_are_not_saved_in_is_refused() throws IOException {
        ModelSerializer.writeModel(network.convertDataType(DataType.FLOAT16), model.toFile(), false);
        imported(peft("layer.0.query", "layer.0.value", "head", ""))
                .refused("--model must be of type FLOAT or DOUBLE to get an adapter here, got HALF");
        assertFalse(Files.exists(folder.resolve("out")));
    }

    /** PEFT's files do not say for which weights they are, ours do. */
    @Test
    void an_adapter_of_amend4j_s_is_refused_for_another_base_and_taken_for_its_own() throws IOException {
        Path adapter = peft("layer.0.query", "layer.0.value", "head", "");
        imported(adapter).done();
        Path ours = folder.resolve("out");
        String command = "lora import --out " + folder.resolve("again");
        Object[] again = Stream.concat(Stream.of(command.split(" ")), Stream.of("--adapter", ours))
                .toArray();
        amend4j(again, "--model", model).done();
        ComputationGraph other = new ComputationGraph(PeftFolder.twin());
        other.init();
        other.params().addi(1);
        Path another = folder.resolve("another.zip");
        ModelSerializer.writeModel(other, another.toFile(), false);
        amend4j("lora", "import", "--out", folder.resolve("other"), "--adapter", ours, "--model", another)
                .refused("the adapter was made for the base model", "first difference: layer");
        assertFalse(Files.exists(folder.resolve("other")));
        amend4j("lora", "import", "--out", folder.resolve("other"), "--adapter", adapter, "--model", another)
                .done(); // of which nobody knows
    }

    @Test
    void modules_without_a_layer_are_named_with_the_layers_left() throws IOException {
        imported(peft("q", "v", "head", ""))
                .refused("2 modules 'q', 'v'", "--map MODULE=VERTEX", "candidates: 'layer.0.query', 'layer.0.value'");
        assertFalse(Files.exists(folder.resolve("out")));
        imported(peft("q", "v", "head", ""), "--map", "q=layer.0.query", "--map", "v=none")
                .refused("'none'");
        imported(peft("q", "v", "head", ""), "--map", "q=x", "--map", "v=x").refused("mapped to one vertex");
        imported(peft("q", "v", "head", ""), "--map", "q=x", "--map", "q=y").refused("'q' is mapped twice");
        imported(peft("q", "v", "head", ""), "--map", "nothing.txt").refused("--map must be MODULE=VERTEX or a file");
        imported(peft("q", "v", "head", ""), "--map", "q=").refused("must be MODULE=VERTEX, got 'q='");
        Path binary = Files.write(folder.resolve("binary.txt"), new byte[] {(byte) 0xff, 'q', '='});
        imported(peft("q", "v", "head", ""), "--map", binary).refused("binary.txt: it is not UTF-8 text");
        imported(
                        peft("q", "v", "head", ""),
                        "--map",
                        "more=head",
                        "--map",
                        "q=layer.0.query",
                        "--map",
                        "v=layer.0.value")
                .refused("mapped to one vertex");
        imported(peft("layer.0.value", "layer.0.query", "head", ""))
                .refused("the factors of 'layer.0.query' must be [4, r]");
        imported(folder.resolve("none")).refused("there is no adapter directory");
        assertFalse(Files.exists(folder.resolve("out")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    "init_lora_weights": "pissa", | path_initial_model_for_weight_conversion
                    "from_the_future": true,      | 'from_the_future'
                    """)
    void what_cannot_be_computed_is_refused_by_import_and_told_by_info(String field, String sentence)
            throws IOException {
        Path adapter = peft("layer.0.query", "layer.0.value", "head", field);
        imported(adapter).refused(sentence);
        assertFalse(Files.exists(folder.resolve("out")));
        Ran info = amend4j("lora", "info", adapter, "--json");
        assertEquals(0, info.code(), info.err());
        assertEquals(1, info.json().path("obstacles").size());
        assertTrue(info.json().path("obstacles").get(0).asText().contains(sentence), info.out());
        assertTrue(amend4j("lora", "info", adapter).out().contains("cannot be loaded: "));
    }

    @Test
    void info_tells_what_a_directory_of_peft_holds() throws IOException {
        Path adapter = peft("layer.0.query", "layer.0.value", "head", "\"init_lora_weights\": \"eva\", ");
        JsonNode facts = amend4j("lora", "info", adapter, "--json").json();
        assertEquals("peft adapter", facts.path("kind").asText());
        assertEquals("0.20.1", facts.path("peftVersion").asText());
        assertEquals("eva", facts.path("init").asText());
        assertEquals(3.0, facts.path("adapted").get(0).path("scaling").asDouble());
        assertEquals(0.5, facts.path("adapted").get(1).path("scaling").asDouble());
        assertEquals(2, facts.path("adapted").get(1).path("rank").asInt());
        assertEquals(
                2 * (6 + 6), facts.path("adapted").get(1).path("parameters").asInt());
        assertEquals("[\"head\"]", facts.path("trainedInFull").toString());
        assertEquals("[]", facts.path("obstacles").toString());
        assertTrue(amend4j("lora", "info", adapter).out().contains("lora import"));
    }

    @Test
    void other_commands_say_that_peft_adapters_are_imported_first() throws IOException {
        Path adapter = peft("layer.0.query", "layer.0.value", "head", "");
        amend4j("lora", "merge", "--model", model, "--adapter", adapter, "--out", folder.resolve("m.zip"))
                .refused("lora import");
    }

    private Path json(String text) throws IOException {
        return Files.writeString(folder.resolve("map.json"), text);
    }

    @Test
    void modules_are_mapped_by_a_json_file() throws IOException {
        Path adapter = peft("q", "v", "head", "");
        Path map = json("{\"q\": \"layer.0.query\", \"v\": \"layer.0.value\"}");
        Ran ran = imported(adapter, "--map-file", map);
        assertEquals(0, ran.code(), ran.err());
        requireMerged();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"q": "layer.0.query", "q": "x"} | is not JSON: the name 'q' stands twice
                    {"q": 3}                         | the layer of 'q' must be a name, got 3
                    {"v": "layer.0.value"}           | 'v' is mapped twice
                    ["q"]                            | must be a JSON object
                    {"q": "layer.0.query"} more      | is not JSON: there is a mistake at line 1, column
                    """)
    void a_file_that_is_no_map_is_refused(String text, String sentence) throws IOException {
        Path adapter = peft("q", "v", "head", "");
        imported(adapter, "--map", "v=layer.0.value", "--map-file", json(text)).refused(sentence);
        imported(adapter, "--map-file", folder.resolve("none.json")).refused("there is no");
        assertFalse(Files.exists(folder.resolve("out")));
    }
}
