/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.model.TorchLayer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.nd4j.linalg.api.buffer.DataType;

/** Names by which PEFT finds more than the layers of an adapter; each line is what PEFT 0.20.0 did with such a file. */
class PeftNamesTest {

    @TempDir
    Path directory;

    private static AdapterContent content(String adapted, String full) {
        String[] names = adapted.split(" ");
        LoraConfig config = LoraConfig.of(2, 4).withTargets(names).withTrainedInFull(full.split(" "));
        return new AdapterContent(
                config,
                AdapterFixtures.BASE,
                Map.of(),
                Arrays.stream(names)
                        .map(name -> AdapterFixtures.factors(
                                config, name, new FactorLayout.Dense(), 3, 3, 2, 4, DataType.FLOAT))
                        .toList(),
                Arrays.stream(full.split(" "))
                        .map(name -> AdapterFixtures.full(
                                name, TorchLayer.DENSE, DataType.FLOAT, Map.of("W", AdapterFixtures.dims(3, 3))))
                        .toList());
    }

    @ParameterizedTest
    @CsvSource({
        // adapted, in full, other layers, what PEFT takes for a layer of the adapter
        "prefc,    fc,       '',        prefc", // TypeError: modules_to_save cannot be applied to a LoRA layer
        "11,       1,        '',        11",
        "x,        fc,       prefc,     prefc", // KeyError: no tensors for it in the file
        "x,        1,        a11.b,     a11",
        "x,        1 a11.b,  '',        a11",
        "layer.0.q, 0,       '',        layer.0.q", // No modules were targeted for adaptation
        "x head.p, head,     '',        head.p", // loaded in silence without the factors of head.p
        "x a-b,    a.b,      '',        a-b",
        "x,        layer,    '',        x.base_layer",
        "x,        out,      '',        x.lora_dropout",
        "x,        A,        '',        x.lora_A",
        "x,        default,  '',        x.lora_dropout.default",
        "0,        layer.0.q, '',       layer.0", // Target module is not supported
    })
    void what_peft_would_find_by_mistake_is_not_written_for_it(
            String adapted, String full, String others, String mistaken) {
        refused(
                "PEFT would take '" + mistaken + "'",
                () -> AdapterFile.writeForPeft(directory, content(adapted, full), List.of(others.split(" "))));
        assertFalse(Files.exists(directory.resolve(AdapterFile.TENSORS)));
    }

    @ParameterizedTest
    @CsvSource({"x, 1 11, y", "11, 12, 1", "default, head, x", "a.conv, head, b.conv", "fc, prefc, x", "x, c++, y"})
    void names_that_peft_tells_apart_are_written(String adapted, String full, String others) throws IOException {
        AdapterContent content = content(adapted, full);
        assertEquals(Optional.empty(), new PeftNames(content, ModuleNaming.VERTICES, List.of(others)).mistaken());
        AdapterFile.writeForPeft(directory, content, List.of(others));
        AdapterFixtures.assertSame(content, AdapterFile.read(directory));
    }

    @Test
    void a_name_that_is_no_regular_expression_is_not_written_for_peft() {
        refused("is not a regular expression", () -> AdapterFile.writeForPeft(directory, content("x", "c(")));
    }

    @Test
    void a_frozen_layer_of_the_base_counts() throws IOException {
        ComputationGraph network = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(1)
                .graphBuilder()
                .addInputs("in")
                .addLayer("x", new DenseLayer.Builder().nIn(3).nOut(3).build(), "in")
                .addLayer("prehead", new DenseLayer.Builder().nIn(3).nOut(3).build(), "x")
                .addLayer("head", new OutputLayer.Builder().nIn(3).nOut(2).build(), "prehead")
                .setOutputs("head")
                .build());
        AdaptedModel model = AdaptedModel.attach(
                BaseModel.of(network),
                LoraConfig.of(1, 1).withTargets("x").withTrainedInFull("head"),
                FineTuneConfiguration.builder().build());
        refused("PEFT would take 'prehead' for 'head'", () -> model.saveForPeft(directory));
        model.save(directory);
        assertEquals(
                List.of("x"),
                AdapterFile.read(directory).factors().stream()
                        .map(LayerFactors::vertex)
                        .toList());
    }

    /** What PEFT 0.20.1.dev0 does: suffixes without a dot before them, also of its own modules; a target that is both is refused. */
    @ParameterizedTest
    @CsvSource({
        // adapted, trained tokens, other layers, what PEFT takes for the embedding
        "x,        fc,       prefc,     prefc",
        "prefc,    fc,       '',        prefc",
        "x,        out,      '',        x.lora_dropout",
        "fc,       a.fc,     '',        fc",
        "x,        words,    'a y.b',   ''",
    })
    void embeddings_with_trained_tokens_are_found_by_their_names_alone(
            String adapted, String words, String others, String mistaken) {
        AdapterContent plain = content(adapted, "head");
        AdapterContent content = new AdapterContent(
                plain.config().withTrainedInFull().withTrainedTokens(words, 1),
                "",
                Map.of(),
                plain.factors(),
                List.of(),
                List.of(),
                List.of(new TrainedTokens(words, List.of(1), AdapterFixtures.values("t", DataType.FLOAT, 'c', 1, 3))),
                Optional.empty());
        String found = new PeftNames(content, ModuleNaming.VERTICES, List.of(others.split(" ")))
                .mistaken()
                .orElse("");
        assertEquals(
                mistaken.isEmpty() ? "" : "PEFT would take '" + mistaken + "' for '" + words + "'",
                found.substring(0, Math.max(0, found.indexOf(", some of whose tokens"))));
    }
}
