/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.generate.Decoding.decoder;
import static org.amend4j.generate.Decoding.naive;
import static org.amend4j.generate.Decoding.tokens;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.internal.backend.Machine;
import org.amend4j.testkit.LawMachines;
import org.amend4j.testkit.OneIn;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A decoder on a machine computes what papers say, as the host's does, with texts of any lengths side by side. */
class MachineDecoderTest {

    @TempDir
    Path directory;

    private Machine machine = LawMachines.plain();

    @BeforeEach
    void nothingIsLeftOfOthers() {
        assertEquals(0, machine.bytesInUse());
    }

    @AfterEach
    void everythingIsGivenBack() {
        assertEquals(0, machine.bytesInUse());
        machine.close();
    }

    private MachineDecoder on(Decoder decoder) {
        return new MachineDecoder(machine, decoder, ProductPrecision.FP32);
    }

    /** A prompt and then token by token: each step's logits are those of the whole text without a cache. */
    @OneIn(10)
    @ParameterizedTest(name = "{0}")
    @MethodSource("org.amend4j.generate.DecoderVariants#variants")
    void steps_are_the_forward_pass_of_the_whole_text(DecoderVariants.Variant variant) {
        TinyCheckpoint tiny = variant.tiny();
        int[] all = tokens(5, 15, tiny.integer("vocab_size"));
        double[][] expected = naive(tiny, all);
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            MachineText text = decoder.begin(Optional.empty());
            List<float[]> logits = new ArrayList<>();
            logits.add(decoder.append(text, Arrays.copyOf(all, 6)));
            for (int at = 6; at < all.length; at++) {
                logits.add(decoder.append(text, all[at]));
            }
            assertEquals(all.length, text.length());
            Decoding.assertNear(Arrays.copyOfRange(expected, 5, all.length), logits);
        }
    }

    /** Over several pages and parts, where a window forgets the first; a prompt of more rows than are computed at once. */
    @OneIn(3)
    @ParameterizedTest(name = "window of {0}")
    @ValueSource(ints = {70, 0, 200})
    void long_texts_are_read_to_their_beginning_or_to_the_edge_of_their_window(int window) {
        TinyCheckpoint tiny = TinyCheckpoint.llama(4).with("max_position_embeddings", 400);
        if (window > 0) {
            tiny.with("model_type", "mistral").with("sliding_window", window);
        }
        tiny.filled();
        int[] all = tokens(6, 301, 37);
        double[][] expected = naive(tiny, all);
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            MachineText text = decoder.begin(Optional.empty());
            List<float[]> logits = List.of(
                    decoder.append(text, Arrays.copyOf(all, 130)),
                    decoder.append(text, Arrays.copyOfRange(all, 130, 300)),
                    decoder.append(text, all[300]));
            Decoding.assertNear(new double[][] {expected[129], expected[299], expected[300]}, logits);
        }
    }

    @Test
    void texts_of_any_lengths_grow_side_by_side() {
        TinyCheckpoint tiny =
                TinyCheckpoint.llama(7).with("max_position_embeddings", 400).filled();
        int[] lengths = {1, 64, 200, 127, 5};
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            List<MachineText> texts = new ArrayList<>();
            double[][] expected = new double[lengths.length][];
            for (int i = 0; i < lengths.length; i++) {
                int[] all = tokens(i, lengths[i] + 1, 37);
                expected[i] = naive(tiny, all)[lengths[i]];
                texts.add(decoder.begin(Optional.empty()));
                decoder.append(texts.get(i), Arrays.copyOf(all, lengths[i]));
            }
            int[] next = new int[lengths.length];
            Arrays.setAll(next, i -> tokens(i, lengths[i] + 1, 37)[lengths[i]]);
            Decoding.assertNear(expected, decoder.appendEach(texts, next));
        }
    }

    /** More texts than rows are computed at once. */
    @Test
    void many_texts_are_computed_in_several_steps() {
        TinyCheckpoint tiny = TinyCheckpoint.llama(8).filled();
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            List<MachineText> texts = new ArrayList<>();
            int[] next = new int[70];
            double[][] expected = new double[next.length][];
            for (int i = 0; i < next.length; i++) {
                texts.add(decoder.begin(Optional.empty()));
                next[i] = i % 37;
                expected[i] = naive(tiny, next[i])[0];
            }
            Decoding.assertNear(expected, decoder.appendEach(texts, next));
        }
    }

    @Tag("kernels")
    @Test
    void a_text_on_pages_of_others_has_the_bytes_of_one_on_new_pages() {
        Decoder host = decoder(TinyCheckpoint.llama(9).filled(), directory);
        int[] all = tokens(3, 20, 37);
        try (MachineDecoder fresh = on(host);
                MachineDecoder used = on(host)) {
            MachineText before = used.begin(Optional.empty());
            used.append(before, tokens(4, 60, 37));
            used.end(before);
            MachineText after = used.begin(Optional.empty());
            assertArrayEquals(fresh.append(fresh.begin(Optional.empty()), all), used.append(after, all));
            assertEquals(20, after.length());
            used.end(after);
            long bytes = machine.bytesInUse();
            for (int i = 0; i < 20; i++) {
                MachineText next = used.begin(Optional.empty());
                used.append(next, all);
                used.end(next);
            }
            assertEquals(bytes, machine.bytesInUse(), "pages are used again");
        }
    }

    @Test
    void adapters_of_texts_are_computed_beside_the_base() throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.llama(2).filled();
        TinyAdapter factors = new TinyAdapter(3, 3, 6).on("lm_head", 37, 24).on("model.layers.1.mlp.down_proj", 24, 40);
        factors.on("model.layers.0.self_attn.q_proj", 24, 24).on("model.layers.0.mlp.up_proj", 40, 24);
        DecoderAdapter adapter = DecoderAdapter.read(factors.write(directory.resolve("adapter")));
        TinyCheckpoint merged = TinyCheckpoint.llama(2).filled();
        factors.mergeInto(merged);
        int[] all = tokens(1, 9, 37);
        double[] with = naive(merged, all)[8];
        double[] without = naive(tiny, all)[8];
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            List<MachineText> texts = List.of(
                    decoder.begin(Optional.empty()),
                    decoder.begin(Optional.of(adapter)),
                    decoder.begin(Optional.of(adapter)),
                    decoder.begin(Optional.empty()));
            texts.forEach(text -> decoder.append(text, Arrays.copyOf(all, 8)));
            int last = all[8];
            Decoding.assertNear(
                    new double[][] {without, with, with, without}, decoder.appendEach(texts, last, last, last, last));
        }
    }

    @Test
    void adapters_with_more_than_factors_of_linears_are_refused() throws IOException {
        TinyCheckpoint tiny = TinyCheckpoint.llama(2).filled();
        TinyAdapter dora = new TinyAdapter(3, 3, 6).on("lm_head", 37, 24);
        dora.dora(tiny);
        DecoderAdapter adapter = DecoderAdapter.read(dora.write(directory.resolve("adapter")));
        try (MachineDecoder decoder = on(decoder(tiny, directory))) {
            refused("factors of linears only, got DoRA", () -> decoder.begin(Optional.of(adapter)));
        }
    }

    @Test
    void greedy_texts_are_those_of_the_host() {
        Decoder host = decoder(TinyCheckpoint.llama(11).filled(), directory);
        List<Prompt> prompts = List.of(Prompt.of(List.of(3, 1, 4)), Prompt.of(List.of(15)), Prompt.of(List.of(9, 2)));
        GenerationRules rules = GenerationRules.greedy(12, host);
        try (MachineDecoder decoder = on(host)) {
            assertEquals(
                    new Generator(host).generate(prompts, rules, TokenListener.NONE),
                    new Generator(decoder).generate(prompts, rules, TokenListener.NONE));
        }
    }

    /** 8 bits of weights and rows, some twenty products after each other: more than rounding of floats, and not much. */
    @Test
    void weights_may_be_rounded() {
        assumeTrue(machine.frozenPrecisions().contains(ProductPrecision.BF16));
        TinyCheckpoint tiny = TinyCheckpoint.llama(12).filled();
        int[] all = tokens(2, 12, 37);
        try (MachineDecoder decoder = new MachineDecoder(machine, decoder(tiny, directory), ProductPrecision.BF16)) {
            List<float[]> logits = List.of(decoder.append(decoder.begin(Optional.empty()), all));
            double distance = Decoding.distance(new double[][] {naive(tiny, all)[11]}, logits);
            assertTrue(distance < 20 * 0x1p-8 && distance > Decoding.TOLERANCE, "distance " + distance);
        }
    }

    @Test
    void what_cannot_be_appended_is_refused_and_leaves_texts_as_they_were() {
        Decoder host = decoder(TinyCheckpoint.llama(9).filled(), directory);
        try (MachineDecoder decoder = on(host);
                MachineDecoder another = on(host)) {
            MachineText text = decoder.begin(Optional.empty());
            decoder.append(text, tokens(1, 60, 37));
            refused("a token must be in [0, 37), got 37", () -> decoder.append(text, 1, 37));
            refused("at least one token", () -> decoder.append(text));
            refused("the model has 64 positions, got 65 tokens", () -> decoder.append(text, 1, 2, 3, 4, 5));
            refused("must differ, number 1", () -> decoder.appendEach(List.of(text, text), 1, 2));
            MachineText other = another.begin(Optional.empty());
            refused("that this decoder began", () -> decoder.append(other, 1));
            refused("that this decoder began", () -> decoder.appendEach(List.of(text, other), 1, 1));
            assertEquals(60, text.length());
            MachineText same = decoder.begin(Optional.empty());
            decoder.append(same, tokens(1, 60, 37));
            assertArrayEquals(decoder.append(same, 1, 2, 3, 4), decoder.append(text, 1, 2, 3, 4));
        }
    }
}
