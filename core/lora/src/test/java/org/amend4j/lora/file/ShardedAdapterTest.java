/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import static org.amend4j.lora.file.AdapterFixtures.assertSameInAll;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.amend4j.safetensors.SafetensorsException;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.SafetensorsWriter;
import org.amend4j.safetensors.TensorData;
import org.amend4j.safetensors.TensorInfo;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An adapter of PEFT whose tensors are in two files with an index. */
class ShardedAdapterTest {
    private static final String FIRST = "adapter_model-00001-of-00002.safetensors";
    private static final String SECOND = "adapter_model-00002-of-00002.safetensors";

    @TempDir
    Path directory;

    private Path index;
    private Map<String, String> modules = Map.of();

    @BeforeEach
    void split() throws IOException {
        AdapterFile.export(directory, AdapterFixtures.biasOnB());
        modules = Map.of("conv", "conv", "dense", "dense");
        index = directory.resolve(AdapterTensors.INDEX);
        Path whole = directory.resolve(AdapterFile.TENSORS);
        Map<String, List<TensorData>> shards = Map.of(FIRST, new ArrayList<>(), SECOND, new ArrayList<>());
        Map<String, Object> map = new TreeMap<>();
        try (SafetensorsFile file = SafetensorsFile.open(whole)) {
            for (TensorInfo tensor : file.tensors().values()) {
                String name = tensor.name();
                String shard = name.contains("lora_A") ? FIRST : SECOND;
                map.put(name, shard);
                shards.getOrDefault(shard, List.of())
                        .add(
                                tensor.dtype().fitsFloat()
                                        ? TensorData.ofFloats(name, tensor.shape(), file.readFloats(name))
                                        : TensorData.ofDoubles(name, tensor.shape(), file.readDoubles(name)));
            }
        }
        for (Map.Entry<String, List<TensorData>> shard : shards.entrySet()) {
            SafetensorsWriter.write(directory.resolve(shard.getKey()), Map.of("format", "pt"), shard.getValue());
        }
        Files.delete(whole);
        Files.writeString(index, StrictJson.pretty(Map.of("metadata", Map.of("total_size", 1), "weight_map", map)));
    }

    @Test
    void shardsAreReadAsOneFile() throws IOException {
        assertSameInAll(AdapterFixtures.biasOnB(), AdapterFile.read(directory, modules));
        assertEquals(2, AdapterSummary.read(directory).modules().size());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../adapter_model-00001-of-00002.safetensors",
                "/etc/passwd",
                "a/b.safetensors",
                "a\\\\b.safetensors",
                "..safetensors",
                "adapter_model.bin",
                ""
            })
    void aNameThatIsNoFileBesideTheIndexIsRefused(String name) throws IOException {
        refusedAfter("must name .safetensors files beside it", text -> text.replace(FIRST, name));
    }

    @Test
    void anIndexThatDisagreesWithTheFilesIsRefused() throws IOException {
        String moved = "\"base_model.model.conv.lora_A.weight\" : \"" + FIRST + "\"";
        refusedAfter(
                "must say that the tensor 'base_model.model.conv.lora_A.weight' is in " + FIRST,
                text -> text.replace(moved, moved.replace(FIRST, SECOND)));
        refusedAfter(
                "must say that the tensor 'base_model.model.conv.lora_A.weight' is in " + FIRST,
                text -> text.replace(moved + ",", ""));
        refusedAfter(
                "the tensor 'base_model.model.more' is missing in " + SECOND,
                text -> text.replace(moved, moved + ", \"base_model.model.more\": \"" + SECOND + "\""));
        refusedAfter(
                "'base_model.model.conv.lora_A.weight' stands twice",
                text -> text.replace(moved, moved + ", " + moved));
        refusedAfter("must have an object 'weight_map'", text -> text.replace("weight_map", "map"));
        refusedAfter("must name 1 to 1024 files, got 0", text -> "{\"weight_map\": {}}");
        refusedAfter("is not strict JSON", text -> text + "}");
    }

    @Test
    void aTensorInTwoShardsIsRefused() throws IOException {
        Files.copy(directory.resolve(FIRST), directory.resolve("third.safetensors"));
        refusedAfter(
                "is in third.safetensors",
                text -> text.replaceFirst("\\{\\s*\"base", "{\"base_model.model.x\": \"third.safetensors\", \"base"));
    }

    @Test
    void aMissingShardIsRefused() throws IOException {
        Files.delete(directory.resolve(SECOND));
        refused(SafetensorsException.class, SECOND, () -> AdapterFile.read(directory, modules));
    }

    private void refusedAfter(String rule, UnaryOperator<String> change) throws IOException {
        String text = Files.readString(index);
        Files.writeString(index, change.apply(text));
        refused(SafetensorsException.class, rule, () -> AdapterFile.read(directory, modules));
        refused(SafetensorsException.class, rule, () -> AdapterSummary.read(directory));
        Files.writeString(index, text);
    }
}
