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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.amend4j.lora.file.AdapterFile;
import org.amend4j.lora.file.AdapterSummary;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
    void an_adapter_that_is_more_than_factors_of_linears_is_refused() throws IOException {
        TinyAdapter full = everywhere(1)
                .with("modules_to_save", List.of("norm"))
                .tensor("base_model.model.model.norm.weight", List.of(24L, 1L), new float[24]);
        refused("must have factors of linears only", () -> read(full));
        TinyAdapter dora = new TinyAdapter(1, 2, 2)
                .on("lm_head", 37, 24)
                .with("use_dora", true)
                .tensor("base_model.model.lm_head.lora_magnitude_vector", List.of(37L), new float[37]);
        refused("must have plain factors, 'lm_head' has", () -> read(dora));
    }
}
