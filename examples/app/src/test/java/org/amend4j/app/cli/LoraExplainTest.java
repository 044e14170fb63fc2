/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.LSTM;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.conf.layers.RnnOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.learning.config.Sgd;

/** What would be adapted, on the command line; and what PEFT gets. */
class LoraExplainTest {

    @TempDir
    private Path folder;

    private Path rows() throws IOException {
        return SmallClassifiers.ofRows(folder.resolve("model.zip"), Activation.TANH);
    }

    private Path sequences() throws IOException {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(5)
                .graphBuilder()
                .addInputs("in")
                .addLayer("lstm", new LSTM.Builder().nIn(4).nOut(3).build(), "in")
                .addLayer(
                        "out",
                        new RnnOutputLayer.Builder()
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "lstm")
                .setOutputs("out")
                .build());
        network.init();
        Path zip = folder.resolve("sequences.zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        return zip;
    }

    private static Ran explained(Path model, Object... more) {
        return amend4j(new Object[] {"lora", "explain", "--model", model}, more);
    }

    private Ran training(Path model, Object... more) throws IOException {
        Path table = SmallClassifiers.table(folder.resolve("table.csv"));
        Object[] files = {"--model", model, "--data", table, "--out", folder.resolve("adapter")};
        Object[] rest = "lora train --labels kind --epochs 1 --json".split(" ");
        return amend4j(rest, Stream.concat(Stream.of(files), Stream.of(more)).toArray())
                .done();
    }

    @Test
    void what_training_refuses_is_refused() throws IOException {
        explained(sequences(), "--targets", "lstm", "--rank", 2, "--lora-bias")
                .refused("B must not have a bias on 'lstm.W'");
    }

    /** A name in a model that somebody else made could steer the terminal. */
    @Test
    void names_cannot_steer_a_terminal() throws IOException {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "\u001b[2J\u202e",
                        new DenseLayer.Builder().nIn(4).nOut(3).build(),
                        "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "\u001b[2J\u202e")
                .setOutputs("out")
                .build());
        network.init();
        Path zip = folder.resolve("odd.zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        for (Ran ran : List.of(explained(zip), explained(zip, "--rank", 9), amend4j("lora", "info", zip))) {
            String said = ran.out() + ran.err();
            assertTrue(said.contains("\\u{1b}[2J\\u{202e}"), said);
            assertFalse(said.contains("\u001b") || said.contains("\u202e"), said);
        }
    }

    /** Nor can it break a line of a table. */
    @Test
    void a_name_with_a_line_break_stays_on_its_line() throws IOException {
        String name = "first\nsecond\r\tthird";
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .graphBuilder()
                .addInputs("in")
                .addLayer(name, new DenseLayer.Builder().nIn(4).nOut(3).build(), "in")
                .addLayer(
                        "out",
                        new OutputLayer.Builder()
                                .nIn(3)
                                .nOut(2)
                                .activation(Activation.SOFTMAX)
                                .build(),
                        name)
                .setOutputs("out")
                .build());
        network.init();
        Path zip = folder.resolve("lines.zip");
        ModelSerializer.writeModel(network, zip.toFile(), false);
        String said = explained(zip, "--rank", 2, "--alpha", 0.1).out();
        assertTrue(said.contains("  first\\u{a}second\\u{d}\\u{9}third  DenseLayer "), said);
        assertTrue(said.contains("note: ") && !said.contains("first\n"), said);
        Path adapter = folder.resolve("lines");
        AdaptedModel.attach(
                        BaseModel.open(zip),
                        LoraConfig.of(1, 2).withTargets(name),
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build())
                .save(adapter);
        for (Ran ran : List.of(amend4j("lora", "info", zip), amend4j("lora", "info", adapter))) {
            assertFalse(ran.out().contains("first\n"), ran.out());
        }
    }

    @Test
    void json_has_what_training_then_has() throws IOException {
        Path model = rows();
        JsonNode facts = explained(model, "--rank", 2, "--alpha", 6, "--train-in-full", "2", "--json")
                .json();
        int trained = 2 * (4 + 8) + 2 * (8 + 8) + 8 * 3 + 3;
        assertEquals(trained, facts.path("trainableParameters").asInt());
        assertEquals(
                2L * trained,
                facts.path("adapted").path("updaterState").path("Adam").asLong());
        JsonNode first = facts.path("vertices").get(0);
        assertEquals("adapted", first.path("status").asText());
        assertEquals(3, first.path("adapters").get(0).path("scaling").asDouble());
        int perExample = 4 * 8 + 8 * 8 + 8 * 3; // forward
        perExample += 2 * (4 + 8) + 2 * (8 + 8); // adapters
        perExample += 8 * 8 + 8 * 3; // backward, not to the input
        perExample += 2 * (4 + 2 * 8) + 2 * (8 + 2 * 8 + 8); // factors
        perExample += 8 * 3; // the weight that trains
        assertEquals(
                perExample,
                facts.path("adapted").path("multiplyAdds").path("perExample").asInt());

        Ran train = training(model, "--rank", 2, "--alpha", 6, "--train-in-full", "2");
        assertEquals(trained, train.json().path("trainableParameters").asInt());
        assertTrue(train.err().contains("adapter on '0' of 4 x 8: rank 2, scaling 3.000, 24 parameters"), train.err());
        assertTrue(train.err().contains("'2' in full: 27 parameters"), train.err());
    }

    @Test
    void text_page_and_picture_are_about_the_same_layers() throws IOException {
        Path svg = folder.resolve("graph.svg");
        Path json = folder.resolve("explained.json");
        Ran ran = explained(rows(), "--rank", 2, "--svg", svg, "--report", json);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("through the input; as PEFT"), ran.out());
        assertTrue(ran.out().contains("multiply-adds per example"), ran.out());
        String picture = Files.readString(svg);
        assertTrue(picture.startsWith("<svg ") && picture.contains("rank 2, s 8"), picture);
        String page = Files.readString(folder.resolve("explained.html"));
        assertTrue(page.contains("What would be adapted") && page.contains("<svg "), page);
        assertTrue(Files.size(json) > 0);
    }

    @Test
    void a_scaling_that_hardly_moves_a_weight_is_noted_in_text_page_json_and_before_training() throws IOException {
        Path json = folder.resolve("explained.json");
        Ran ran = explained(rows(), "--rank", 4, "--alpha", 0.5, "--report", json);
        String note =
                "rank 4 with alpha 0.5 scales by 0.1250 ('0', '1'): the first step of SGD moves such a weight at most ";
        assertTrue(ran.out().contains("note: " + note), ran.out());
        assertTrue(ran.out().contains("scaling  first step"), ran.out());
        JsonNode facts =
                explained(rows(), "--rank", 4, "--alpha", 0.5, "--json").json();
        assertTrue(facts.path("notes").toString().contains(note), facts.toString());
        JsonNode adapter = facts.path("vertices").get(0).path("adapters").get(0);
        assertEquals(0.125 * 0.125 * 4 / 3, adapter.path("firstStep").asDouble(), 1e-12); // 4 rows, rank 4
        assertTrue(Files.readString(folder.resolve("explained.html")).contains("with alpha = rank"));
        Ran stabilised = explained(rows(), "--rank", 4, "--alpha", 0.5, "--rslora");
        assertTrue(stabilised.out().contains("with alpha = sqrt(rank)"), stabilised.out());
        assertFalse(explained(rows(), "--rank", 4, "--alpha", 2).out().contains("note: rank"));
        Ran train = training(rows(), "--rank", 4, "--alpha", 0.5);
        assertTrue(train.err().contains(note), train.err());
    }

    @Test
    void a_start_that_changes_the_base_is_foretold() throws IOException {
        Path model = rows();
        Ran ran = explained(model, "--rank", 2, "--init", "pissa");
        assertTrue(ran.out().contains("note: the start PISSA takes its factors out of the weights"), ran.out());
        assertTrue(ran.out().contains("copies of weights, bytes"), ran.out());
        assertTrue(explained(model, "--rank", 2, "--init", "eva").out().contains("note: the start EVA is made from"));
        assertFalse(explained(model, "--rank", 2, "--init", "gaussian").out().contains("note:"));
        explained(model, "--init", "best").refused("--init: the start of adapters must be one of", "got 'best'");
        explained(model, "--init", "pissa", "--targets", "none", "--train-in-full", "2")
                .refused("--init is about adapters");
    }

    @Test
    void what_adds_to_the_weight_and_what_is_not_known_is_said() throws IOException {
        Path model = sequences();
        Ran ran = explained(model, "--targets", "lstm.RW", "--rank", 1);
        assertEquals(0, ran.code(), ran.err());
        assertTrue(ran.out().contains("adds to the weight; PEFT has no adapters for such weights"), ran.out());
        assertTrue(ran.out().contains("not known: the shape of the input 'in'"), ran.out());
        assertTrue(ran.out().contains("--steps how long sequences are"), ran.out());
        JsonNode known = explained(model, "--targets", "lstm.RW", "--rank", 1, "--steps", 6, "--json")
                .json();
        assertEquals(
                3 * 12,
                known.path("adapted").path("multiplyAdds").path("perStep").asInt());
        assertEquals("[]", known.path("unknown").toString());
    }

    @Test
    void bad_input_is_refused_in_one_sentence() throws IOException {
        Path model = rows();
        explained(model, "--targets", "nine").refused("'nine'");
        explained(model, "--rank", 0).refused("--rank must be >= 1");
        explained(model, "--steps", 0).refused("--steps must be >= 1");
        explained(model, "--side", 0).refused("--side must be >= 1");
        explained(model, "--svg", folder.resolve("graph.png")).refused("--svg must end in .svg");
        explained(folder.resolve("none.zip")).refused("none.zip");
        assertFalse(Files.exists(folder.resolve("graph.png")));
    }

    private Path trained(Path model, String... targets) throws IOException {
        Path adapter = folder.resolve("adapter");
        AdaptedModel.attach(
                        BaseModel.open(model),
                        LoraConfig.of(1, 2).withTargets(targets),
                        new FineTuneConfiguration.Builder()
                                .updater(new Sgd(0.1))
                                .build())
                .save(adapter);
        return adapter;
    }

    private Ran exported(Path model, Path adapter, String out, Object... more) {
        Object[] first = {"lora", "export", "--model", model, "--adapter", adapter, "--out", folder.resolve(out)};
        return amend4j(first, more);
    }

    @Test
    void an_exported_adapter_comes_back_by_import() throws IOException {
        PeftFolder.writeTwin(folder.resolve("twin.zip"));
        Path model = folder.resolve("twin.zip");
        Path adapter = trained(model, "layer.0.query");
        Ran ran = exported(model, adapter, "peft", "--require-peft", "--json");
        assertEquals("exact", ran.json().path("peft").asText());
        assertEquals("[]", ran.json().path("otherwise").toString());
        assertFalse(Files.readString(folder.resolve("peft/adapter_model.safetensors"), StandardCharsets.ISO_8859_1)
                .contains("amend4j"));
        Ran back = amend4j(
                "lora",
                "import",
                "--model",
                model,
                "--adapter",
                folder.resolve("peft"),
                "--out",
                folder.resolve("back"));
        assertEquals(0, back.code(), back.err());
        Ran again = exported(model, folder.resolve("back"), "again");
        assertEquals(0, again.code(), again.err());
        assertEquals(
                -1,
                Files.mismatch(
                        folder.resolve("peft/adapter_model.safetensors"),
                        folder.resolve("again/adapter_model.safetensors")));
    }

    @Test
    void what_peft_does_not_know_is_named_and_refused_if_that_is_wanted() throws IOException {
        Path model = sequences();
        Path adapter = trained(model, "lstm.RW", "out");
        exported(model, adapter, "peft", "--require-peft").refused("'lstm.RW': PEFT has no adapters for such weights");
        assertFalse(Files.exists(folder.resolve("peft")));
        Ran ran = exported(model, adapter, "peft", "--json");
        assertEquals("partial", ran.json().path("peft").asText());
        assertEquals(
                "lstm.RW", ran.json().path("otherwise").get(0).path("layer").asText());
        assertEquals(1, ran.json().path("otherwise").size());
        assertEquals(
                "partial",
                amend4j("lora", "info", folder.resolve("peft"), "--json")
                        .json()
                        .path("peft")
                        .asText());
        exported(rows(), adapter, "other").refused("made for the base model");
    }
}
