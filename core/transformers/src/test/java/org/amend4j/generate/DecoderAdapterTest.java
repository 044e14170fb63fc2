/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.generate.Decoding.TOLERANCE;
import static org.amend4j.generate.Decoding.assertNear;
import static org.amend4j.generate.Decoding.decoder;
import static org.amend4j.generate.Decoding.distance;
import static org.amend4j.generate.Decoding.naive;
import static org.amend4j.generate.Decoding.tokens;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Adapters of PEFT on decoders. */
class DecoderAdapterTest {

    private static final int[] TOKENS = tokens(1, 12, 37);

    @TempDir
    Path directory;

    private static TinyCheckpoint tiny() {
        return TinyCheckpoint.llama(2).filled();
    }

    private static TinyAdapter everywhere(long seed) {
        TinyAdapter adapter = new TinyAdapter(seed, 3, 6).on("lm_head", 37, 24);
        for (int layer = 0; layer < 3; layer += 2) {
            String path = "model.layers." + layer + ".";
            adapter.on(path + "self_attn.q_proj", 24, 24)
                    .on(path + "self_attn.k_proj", 12, 24)
                    .on(path + "self_attn.v_proj", 12, 24)
                    .on(path + "self_attn.o_proj", 24, 24)
                    .on(path + "mlp.gate_proj", 40, 24)
                    .on(path + "mlp.up_proj", 40, 24)
                    .on(path + "mlp.down_proj", 24, 40);
        }
        return adapter;
    }

    private DecoderAdapter read(TinyAdapter adapter) throws IOException {
        return DecoderAdapter.read(adapter.write(directory.resolve("adapter")));
    }

    @Test
    void an_adapter_computes_what_the_model_does_with_the_adapter_in_its_weights() throws IOException {
        Decoder decoder = decoder(tiny(), directory);
        TinyAdapter adapter = everywhere(3);
        TinyCheckpoint merged = tiny();
        adapter.mergeInto(merged);
        Sequence sequence = decoder.begin(Optional.of(read(adapter)));
        List<float[]> logits = decoder.appendAll(sequence, TOKENS);
        assertNear(new NaiveDecoder(merged).logits(TOKENS), logits);
        double apart = distance(new NaiveDecoder(tiny()).logits(TOKENS), logits);
        assertTrue(apart > 100 * TOLERANCE, "the adapter does something, " + apart);
    }

    /** PEFT's factors of a Conv1D are those of a linear: A [rank, inputs], B [outputs, rank]. */
    @Test
    void an_adapter_of_a_gpt2_computes_what_the_model_does_with_the_adapter_in_its_weights() throws IOException {
        TinyCheckpoint plain = TinyCheckpoint.gpt2(2).filled();
        Decoder decoder = decoder(plain, directory);
        TinyAdapter adapter = new TinyAdapter(5, 3, 6)
                .with("fan_in_fan_out", true)
                .on("lm_head", 37, 24)
                .on("transformer.h.0.attn.c_attn", 72, 24)
                .on("transformer.h.1.attn.c_proj", 24, 24)
                .on("transformer.h.1.mlp.c_fc", 40, 24)
                .on("transformer.h.2.mlp.c_proj", 24, 40);
        TinyCheckpoint merged = TinyCheckpoint.gpt2(2).filled();
        float[] head = merged.values("transformer.wte.weight").clone();
        merged.put("lm_head.weight", List.of(37L, 24L), head);
        adapter.mergeInto(merged);
        List<float[]> logits = decoder.appendAll(decoder.begin(Optional.of(read(adapter))), TOKENS);
        assertNear(naive(merged, TOKENS), logits);
        double apart = distance(naive(plain, TOKENS), logits);
        assertTrue(apart > 100 * TOLERANCE, "the adapter does something, " + apart);
    }

    /** What an adapter has beside plain factors of linears. */
    private enum Beside {
        MAGNITUDES,
        BIASES,
        MAGNITUDES_AND_BIASES,
        BIASES_AND_BIASES_ON_B,
        TABLES,
        TABLES_WITH_MAGNITUDES;

        TinyAdapter adapter(TinyCheckpoint tiny) {
            TinyAdapter adapter = onLinears(tiny);
            if (name().startsWith("TABLES")) {
                tables(tiny)
                        .forEach(name -> adapter.onTable(
                                module(name),
                                tiny.shape(name).get(0).intValue(),
                                tiny.shape(name).get(1).intValue()));
            }
            if (name().contains("MAGNITUDES")) {
                adapter.dora(tiny);
            }
            if (name().contains("BIASES")) {
                adapter.biases(tiny);
            }
            if (name().endsWith("ON_B")) {
                adapter.biasesOnB(tiny);
            }
            return adapter;
        }
    }

    private static TinyAdapter onLinears(TinyCheckpoint tiny) {
        TinyAdapter adapter = new TinyAdapter(6, 3, 2);
        tiny.names().stream()
                .filter(name -> name.endsWith(".weight") && tiny.shape(name).size() == 2 && !isTable(name))
                .forEach(name -> adapter.on(
                        module(name),
                        tiny.shape(name).get(0).intValue(),
                        tiny.shape(name).get(1).intValue()));
        return adapter;
    }

    private static List<String> tables(TinyCheckpoint tiny) {
        return tiny.names().stream().filter(DecoderAdapterTest::isTable).toList();
    }

    private static boolean isTable(String name) {
        return List.of("model.embed_tokens.weight", "transformer.wte.weight", "transformer.wpe.weight")
                .contains(name);
    }

    private static String module(String weight) {
        return weight.substring(0, weight.length() - ".weight".length());
    }

    static Stream<Arguments> familiesAndWhatStandsBeside() {
        return families().flatMap(tiny -> Arrays.stream(Beside.values()).map(beside -> Arguments.of(tiny, beside)));
    }

    /** Made anew for each use. */
    private record Family(String name, Supplier<TinyCheckpoint> fields) {

        TinyCheckpoint filled() {
            return fields.get().filled();
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static Stream<Family> families() {
        return Stream.of(
                new Family("llama", () -> TinyCheckpoint.llama(2)),
                new Family(
                        "llama with biases",
                        () -> TinyCheckpoint.llama(2)
                                .with("attention_bias", true)
                                .with("mlp_bias", true)),
                new Family(
                        "mistral",
                        () -> TinyCheckpoint.llama(2)
                                .with("model_type", "mistral")
                                .with("sliding_window", 5)),
                new Family("qwen2", () -> TinyCheckpoint.llama(2).with("model_type", "qwen2")),
                new Family(
                        "qwen3",
                        () -> TinyCheckpoint.llama(2)
                                .with("model_type", "qwen3")
                                .with("head_dim", 6)),
                new Family(
                        "gemma",
                        () -> TinyCheckpoint.llama(2)
                                .with("model_type", "gemma")
                                .with("head_dim", 6)
                                .with("hidden_act", "gelu_pytorch_tanh")),
                new Family("gpt2", () -> TinyCheckpoint.gpt2(2).with("tie_word_embeddings", false)));
    }

    /** And neither the model without what stands beside the factors nor the base does. */
    @ParameterizedTest
    @MethodSource("familiesAndWhatStandsBeside")
    void with_magnitudes_biases_and_tables_it_computes_what_the_model_does_with_all_of_it_in_its_weights(
            Family family, Beside beside) throws IOException {
        Decoder decoder = decoder(family.filled(), directory);
        TinyAdapter adapter = beside.adapter(family.filled());
        TinyCheckpoint merged = family.filled();
        adapter.mergeInto(merged);
        List<float[]> logits = decoder.appendAll(decoder.begin(Optional.of(read(adapter))), TOKENS);
        assertNear(naive(merged, TOKENS), logits);
        TinyCheckpoint factorsAlone = family.filled();
        onLinears(factorsAlone).mergeInto(factorsAlone);
        boolean more =
                beside != Beside.BIASES || family.filled().names().stream().anyMatch(name -> name.endsWith(".bias"));
        if (more) {
            double apart = distance(naive(factorsAlone, TOKENS), logits);
            assertTrue(apart > 100 * TOLERANCE, "what stands beside the factors does something, " + apart);
        }
        double apart = distance(naive(family.filled(), TOKENS), logits);
        assertTrue(apart > 100 * TOLERANCE, "the adapter does something, " + apart);
    }

    /** The head of a tied model is not adapted with its table, as in PEFT. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void the_table_of_a_tied_model_is_adapted_without_its_head(boolean dora) throws IOException {
        Family family = new Family("tied", () -> TinyCheckpoint.llama(2).with("tie_word_embeddings", true));
        TinyAdapter adapter = new TinyAdapter(6, 3, 2).onTable("model.embed_tokens", 37, 24);
        if (dora) {
            adapter.dora(family.filled());
        }
        TinyCheckpoint merged = family.filled();
        merged.with("tie_word_embeddings", false)
                .put(
                        "lm_head.weight",
                        List.of(37L, 24L),
                        merged.values("model.embed_tokens.weight").clone());
        adapter.mergeInto(merged);
        Decoder decoder = decoder(family.filled(), directory);
        assertNear(naive(merged, TOKENS), decoder.appendAll(decoder.begin(Optional.of(read(adapter))), TOKENS));
    }

    @Tag("kernels")
    @ParameterizedTest
    @MethodSource("families")
    void sequences_with_adapters_of_all_kinds_have_the_bytes_that_each_has_alone(Family family) throws IOException {
        Decoder decoder = decoder(family.filled(), directory);
        List<Optional<DecoderAdapter>> adapters = new ArrayList<>(List.of(Optional.empty()));
        adapters.add(Optional.of(read(onLinears(family.filled()))));
        for (Beside beside : Beside.values()) {
            adapters.add(Optional.of(read(beside.adapter(family.filled()))));
        }
        adapters.add(Optional.empty());
        List<Sequence> together = adapters.stream().map(decoder::begin).toList();
        for (int at = 0; at < 3; at++) {
            List<float[]> logits = decoder.appendEach(together, tokens(at, adapters.size(), 37));
            if (at == 2) {
                for (int i = 0; i < adapters.size(); i++) {
                    int number = i;
                    int[] own = IntStream.range(0, 3)
                            .map(t -> tokens(t, adapters.size(), 37)[number])
                            .toArray();
                    assertArrayEquals(decoder.append(decoder.begin(adapters.get(i)), own), logits.get(i));
                }
            }
        }
    }

    @Tag("kernels")
    @Test
    void sequences_with_different_adapters_have_the_bytes_that_each_has_alone() throws IOException {
        Decoder decoder = decoder(tiny(), directory);
        Optional<DecoderAdapter> first = Optional.of(read(everywhere(3)));
        Optional<DecoderAdapter> second =
                Optional.of(read(new TinyAdapter(4, 2, 2).on("model.layers.1.mlp.up_proj", 40, 24)));
        List<Optional<DecoderAdapter>> adapters = List.of(first, first, Optional.empty(), second, first);
        List<Sequence> together = adapters.stream().map(decoder::begin).toList();
        List<Sequence> alone = adapters.stream().map(decoder::begin).toList();
        for (int token : TOKENS) {
            List<float[]> logits = decoder.appendEach(together, token, token, token, 5, 6);
            for (int i = 0; i < alone.size(); i++) {
                assertArrayEquals(decoder.append(alone.get(i), i < 3 ? token : i + 2), logits.get(i));
            }
        }
    }

    @Test
    void an_adapter_that_amend4j_wrote_computes_what_pefts_does() throws IOException {
        Decoder decoder = decoder(tiny(), directory);
        Path foreign = everywhere(3).write(directory.resolve("foreign"));
        Map<String, String> same = new TreeMap<>();
        AdapterSummary.read(foreign).modules().forEach(module -> same.put(module.name(), module.name()));
        Path ours = directory.resolve("ours");
        AdapterFile.write(ours, AdapterFile.read(foreign, same));
        assertTrue(AdapterSummary.read(ours).ours());
        assertArrayEquals(
                decoder.append(decoder.begin(Optional.of(DecoderAdapter.read(foreign))), TOKENS),
                decoder.append(decoder.begin(Optional.of(DecoderAdapter.read(ours))), TOKENS));
    }

    @Test
    void an_adapter_of_another_model_is_refused() throws IOException {
        Decoder decoder = decoder(tiny(), directory);
        DecoderAdapter deeper = read(new TinyAdapter(1, 2, 2).on("model.layers.3.mlp.up_proj", 40, 24));
        refused(
                "factors of 'model.layers.3.mlp.up_proj', which the model does not have",
                () -> decoder.begin(Optional.of(deeper)));
        DecoderAdapter wider = read(new TinyAdapter(1, 2, 2).on("model.layers.2.mlp.up_proj", 40, 32));
        refused("are for [40, 32], the model's weight is [40, 24]", () -> decoder.begin(Optional.of(wider)));
    }

    @Test
    void layers_trained_in_full_and_convolutions_are_refused() throws IOException {
        TinyAdapter full = everywhere(1)
                .with("modules_to_save", List.of("norm"))
                .tensor("base_model.model.model.norm.weight", List.of(24L, 1L), new float[24]);
        refused("must have factors, biases and trained tokens only", () -> read(full));
        TinyAdapter convolution = new TinyAdapter(1, 2, 2)
                .tensor("base_model.model.conv.lora_A.weight", List.of(2L, 24L, 3L), new float[144])
                .tensor("base_model.model.conv.lora_B.weight", List.of(8L, 2L, 1L), new float[16]);
        refused("must be on linears and embeddings, 'conv' is none", () -> read(convolution));
    }

    @Test
    void biases_that_the_model_does_not_have_are_refused() throws IOException {
        Decoder decoder = decoder(tiny(), directory);
        TinyCheckpoint biased =
                TinyCheckpoint.llama(2).with("attention_bias", true).filled();
        DecoderAdapter more = read(everywhere(1).biases(biased));
        refused("where the model has none", () -> decoder.begin(Optional.of(more)));
        Decoder withBiases = decoder(biased, directory);
        DecoderAdapter longer = read(new TinyAdapter(1, 2, 2)
                .on("lm_head", 37, 24)
                .with("bias", "all")
                .tensor("base_model.model.model.layers.0.self_attn.q_proj.bias", List.of(25L), new float[25]));
        refused("has 25 values, the model's has 24", () -> withBiases.begin(Optional.of(longer)));
    }

    @Test
    void a_table_of_another_size_is_refused() throws IOException {
        Decoder decoder = decoder(tiny(), directory);
        DecoderAdapter larger = read(new TinyAdapter(1, 2, 2).onTable("model.embed_tokens", 38, 24));
        refused("are for [24, 38], the model's weight is [24, 37]", () -> decoder.begin(Optional.of(larger)));
        DecoderAdapter linear = read(new TinyAdapter(1, 2, 2).onTable("lm_head", 37, 24));
        refused("which the model does not have; it has 'model.embed_tokens'", () -> decoder.begin(Optional.of(linear)));
    }
}
