/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import static org.amend4j.app.cli.Ran.amend4j;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.ModuleNames;
import org.amend4j.model.BaseModel;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.testkit.SmallNetworks;
import org.amend4j.testkit.TinyCheckpoint;
import org.amend4j.transformer.TransformerModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.buffer.DataType;

/** Adapters of a ViT, whose modules are called otherwise in memory since release 5 of transformers than in checkpoints. */
class PictureAdaptersTest {

    private static final String TODAY = "vit.layers.1.attention.q_proj";
    private static final String FORMER = "vit.encoder.layer.1.attention.attention.query";

    @TempDir
    private Path folder;

    private Path base = Path.of("");
    private Path today = Path.of("");
    private Path former = Path.of("");

    /** The same adapter by both names. */
    @BeforeEach
    void write() throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.vit(5)
                .with("architectures", List.of("ViTForImageClassification"))
                .with("num_labels", 2);
        base = tiny.filled().write(folder.resolve("base"));
        ComputationGraph graph = TransformerModel.open(base, DataType.FLOAT).graph();
        AdaptedModel adapted = AdaptedModel.attach(
                BaseModel.of(graph),
                LoraConfig.of(2, 4).withTargets("1.attention.attention.query").withTrainedInFull("classifier"),
                Models.noTraining());
        SmallNetworks.moved(adapted.graph(), new Random(5), 0.1);
        today = folder.resolve("today");
        adapted.save(today);
        former = folder.resolve("former");
        AdapterFile.write(former, adapted.content().named(ModuleNames.TRANSFORMERS_4));
    }

    private static Set<String> modules(Path adapter) throws IOException {
        Set<String> modules = new TreeSet<>();
        try (SafetensorsFile file = SafetensorsFile.open(adapter.resolve(AdapterFile.TENSORS))) {
            file.tensors()
                    .keySet()
                    .forEach(name -> modules.add(name.replaceAll("base_model\\.model\\.|\\.lora_.*|\\.[a-z]*$", "")));
        }
        return modules;
    }

    private static Set<String> targets(Path adapter) throws IOException {
        Set<String> targets = new TreeSet<>();
        new ObjectMapper()
                .readTree(adapter.resolve(AdapterFile.CONFIG).toFile())
                .path("target_modules")
                .forEach(target -> targets.add(target.asText()));
        return targets;
    }

    @Test
    void an_export_has_the_names_that_are_asked_for_whichever_the_adapter_had() throws IOException {
        for (Path adapter : List.of(today, former)) {
            Object[] export = {"lora", "export", "--base", base, "--adapter", adapter, "--require-peft", "--out"};
            Path usual = folder.resolve(adapter.getFileName() + "-usual");
            amend4j(export, usual).done();
            Path asked = folder.resolve(adapter.getFileName() + "-asked");
            amend4j(export, asked, "--transformers", 4).done();
            assertEquals(Set.of(TODAY, "classifier"), modules(usual));
            assertEquals(Set.of(TODAY), targets(usual));
            assertEquals(Set.of(FORMER, "classifier"), modules(asked));
            assertEquals(Set.of(FORMER), targets(asked));
        }
    }

    @Test
    void no_other_release_has_names() {
        amend4j(
                        "lora",
                        "export",
                        "--base",
                        base,
                        "--adapter",
                        today,
                        "--out",
                        folder.resolve("none"),
                        "--transformers",
                        3)
                .refused("--transformers must be 4 or 5, got 3");
    }

    @Test
    void it_is_told_merged_and_imported_by_either_names() throws IOException {
        String told = amend4j("lora", "info", today).done().out();
        assertTrue(told.contains(FORMER), told);
        assertEquals(told, amend4j("lora", "info", former).done().out());
        Path peft = folder.resolve("peft");
        amend4j("lora", "export", "--base", base, "--adapter", today, "--out", peft)
                .done();
        String ofPeft = amend4j("lora", "info", peft).done().out();
        assertTrue(ofPeft.contains(TODAY), ofPeft);
        Path imported = folder.resolve("imported");
        amend4j("lora", "import", "--base", base, "--adapter", peft, "--out", imported)
                .done();
        byte[] merged = merged(today);
        for (Path adapter : List.of(former, imported)) {
            assertArrayEquals(merged, merged(adapter));
        }
    }

    private byte[] merged(Path adapter) throws IOException {
        Path out = folder.resolve(adapter.getFileName() + "-merged");
        amend4j("lora", "merge", "--base", base, "--adapter", adapter, "--out", out)
                .done();
        return Files.readAllBytes(out.resolve("model.safetensors"));
    }
}
