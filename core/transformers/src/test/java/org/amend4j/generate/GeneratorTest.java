/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.generate;

import static org.amend4j.generate.Decoding.decoder;
import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.testkit.TinyAdapter;
import org.amend4j.testkit.TinyCheckpoint;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Texts by rules. */
class GeneratorTest {

    private static final Choice DRAWN = new Choice.Sampling(1, 0, 1);

    @TempDir
    Path directory;

    private TinyCheckpoint tiny = TinyCheckpoint.llama(1);
    private Decoder decoder;
    private Generator generator;

    @BeforeEach
    void make() {
        tiny = TinyCheckpoint.llama(11).with("eos_token_id", null).filled();
        decoder = decoder(tiny, directory);
        generator = new Generator(decoder);
    }

    private GenerationRules greedy(int most) {
        return GenerationRules.greedy(most, decoder);
    }

    private static List<Prompt> prompts(List<List<Integer>> prompts) {
        return prompts.stream().map(Prompt::of).toList();
    }

    private List<List<Integer>> texts(GenerationRules rules, List<List<Integer>> prompts) {
        return generator.generate(prompts(prompts), rules, TokenListener.NONE).stream()
                .map(Generation::tokens)
                .toList();
    }

    private static int largest(double[] logits) {
        int largest = 0;
        for (int i = 0; i < logits.length; i++) {
            largest = logits[i] > logits[largest] ? i : largest;
        }
        return largest;
    }

    @Test
    void greedy_text_is_that_of_the_whole_forward_pass_after_each_token() {
        List<Integer> text = new ArrayList<>(List.of(3, 1, 4));
        for (int i = 0; i < 20; i++) {
            double[][] logits = new NaiveDecoder(tiny)
                    .logits(text.stream().mapToInt(token -> token).toArray());
            text.add(largest(logits[logits.length - 1]));
        }
        Generation generation = generator.generate(List.of(3, 1, 4), greedy(20));
        assertEquals(text.subList(3, 23), generation.tokens());
        assertEquals(Generation.End.MOST_TOKENS, generation.end());
    }

    @Test
    void a_stop_token_ends_a_text_and_is_not_in_it() {
        List<Integer> whole = generator.generate(List.of(3), greedy(20)).tokens();
        int stop = whole.get(12);
        int first = whole.indexOf(stop);
        Generation stopped = generator.generate(List.of(3), greedy(20).withStopTokens(Set.of(stop)));
        assertEquals(new Generation(whole.subList(0, first), Generation.End.STOP_TOKEN), stopped);
    }

    @Test
    void a_listener_ends_its_text_with_the_token_it_hears_of() {
        List<Integer> whole = generator.generate(List.of(3), greedy(20)).tokens();
        List<Generation> texts = generator.generate(
                prompts(List.of(List.of(3), List.of(3))),
                greedy(20),
                (prompt, token) -> prompt == 1 || token != whole.get(12));
        int last = whole.indexOf(whole.get(12));
        assertEquals(new Generation(whole.subList(0, last + 1), Generation.End.LISTENER), texts.get(0));
        assertEquals(new Generation(whole, Generation.End.MOST_TOKENS), texts.get(1));
    }

    @Test
    void a_suppressed_token_is_in_no_text() {
        Set<Integer> often =
                new HashSet<>(generator.generate(List.of(3), greedy(20)).tokens());
        Generation without = generator.generate(List.of(3), greedy(20).withSuppressedTokens(often));
        assertEquals(20, without.tokens().size());
        assertTrue(Collections.disjoint(often, without.tokens()));
    }

    @Test
    void a_text_ends_where_the_models_positions_do() {
        Generation generation = generator.generate(List.of(1, 2, 3), greedy(1000));
        // the last token needs no position: nothing is computed after it
        assertEquals(64 - 3 + 1, generation.tokens().size());
        assertEquals(Generation.End.POSITIONS, generation.end());
    }

    @Test
    void one_seed_gives_one_text_and_another_seed_another() {
        GenerationRules rules = greedy(30).withChoice(DRAWN);
        List<Integer> text = generator.generate(List.of(5), rules).tokens();
        assertEquals(text, generator.generate(List.of(5), rules).tokens());
        assertNotEquals(text, generator.generate(List.of(5), rules.withSeed(2)).tokens());
    }

    @Test
    void sampling_of_one_token_is_greedy() {
        List<Integer> text = generator.generate(List.of(5), greedy(30)).tokens();
        for (Choice choice : List.of(
                new Choice.Sampling(3, 1, 1), new Choice.Sampling(1, 0, 1e-9), new Choice.Sampling(1e-6, 0, 1))) {
            assertEquals(
                    text,
                    generator
                            .generate(List.of(5), greedy(30).withChoice(choice))
                            .tokens());
        }
    }

    @Test
    void a_prompts_text_does_not_depend_on_the_prompts_beside_it() {
        GenerationRules rules = greedy(15).withChoice(DRAWN);
        List<List<Integer>> texts = texts(rules, List.of(List.of(1), List.of(2, 3, 4), List.of(5, 6)));
        assertEquals(texts.subList(0, 1), texts(rules, List.of(List.of(1))));
        assertEquals(
                texts.get(2),
                texts(rules, List.of(List.of(7), List.of(8), List.of(5, 6))).get(2));
        List<List<Integer>> same = texts(rules, List.of(List.of(1), List.of(1)));
        assertNotEquals(same.get(0), same.get(1));
        assertEquals(List.of(), texts(rules, List.of()));
    }

    @Test
    void prompts_end_at_their_own_times() {
        List<Integer> first = generator.generate(List.of(1), greedy(30)).tokens();
        int stop = first.get(3);
        GenerationRules rules = greedy(30).withStopTokens(Set.of(stop));
        List<List<Integer>> together = texts(rules, List.of(List.of(1), List.of(2), List.of(9)));
        for (int i = 0; i < 3; i++) {
            assertEquals(
                    generator.generate(List.of(List.of(1, 2, 9).get(i)), rules).tokens(), together.get(i));
        }
        assertTrue(together.get(0).size() <= 3);
    }

    @Test
    void a_listener_hears_every_token_when_it_is_chosen() {
        List<List<Integer>> heard = List.of(new ArrayList<>(), new ArrayList<>());
        List<Integer> order = new ArrayList<>();
        List<Generation> texts =
                generator.generate(prompts(List.of(List.of(1), List.of(2))), greedy(6), (prompt, token) -> {
                    heard.get(prompt).add(token);
                    order.add(prompt);
                    return true;
                });
        assertEquals(texts.stream().map(Generation::tokens).toList(), heard);
        assertEquals(List.of(0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1), order);
    }

    @Test
    void an_infinite_penalty_lets_no_token_come_twice() {
        List<Integer> text = generator
                .generate(List.of(5), greedy(30).withRepetitionPenalty(1e300))
                .tokens();
        assertEquals(30, new HashSet<>(text).size());
        assertTrue(!text.contains(5));
    }

    @Test
    void prompts_have_adapters_of_their_own() throws IOException {
        TinyAdapter adapter = new TinyAdapter(1, 2, 8)
                .on("model.layers.0.mlp.up_proj", 40, 24)
                .on("model.layers.2.self_attn.v_proj", 12, 24);
        TinyCheckpoint merged =
                TinyCheckpoint.llama(11).with("eos_token_id", null).filled();
        adapter.mergeInto(merged);
        DecoderAdapter read = DecoderAdapter.read(adapter.write(directory.resolve("adapter")));
        List<Generation> texts = generator.generate(
                List.of(Prompt.of(List.of(4)), new Prompt(List.of(4), Optional.of(read))),
                greedy(20),
                TokenListener.NONE);
        assertEquals(generator.generate(List.of(4), greedy(20)), texts.get(0));
        assertEquals(new Generator(decoder(merged, directory)).generate(List.of(4), greedy(20)), texts.get(1));
        assertNotEquals(texts.get(0), texts.get(1));
    }

    @Test
    void logits_beyond_single_precision_are_refused() {
        TinyCheckpoint large = TinyCheckpoint.llama(12).filled();
        Arrays.fill(large.values("lm_head.weight"), 3e38f);
        Generator broken = new Generator(decoder(large, directory));
        refused("the model's logits must be finite", () -> broken.generate(List.of(3), greedy(3)));
        refused(
                "the model's logits must be finite",
                () -> broken.generate(List.of(3), greedy(3).withChoice(DRAWN)));
    }

    @Test
    void prompts_and_stops_that_the_model_does_not_have_are_refused() {
        refused("a token must be in [0, 37), got 37", () -> generator.generate(List.of(37), greedy(3)));
        refused(
                "a stop token must be in [0, 37), got 40",
                () -> generator.generate(List.of(3), greedy(3).withStopTokens(Set.of(40))));
        refused(
                "a suppressed token must be in [0, 37), got -1",
                () -> generator.generate(List.of(3), greedy(3).withSuppressedTokens(Set.of(-1))));
        Set<Integer> all = IntStream.range(0, 37).boxed().collect(Collectors.toSet());
        refused(
                "a token must be left to choose",
                () -> generator.generate(List.of(3), greedy(3).withSuppressedTokens(all)));
        List<Integer> tooLong = Collections.nCopies(65, 1);
        refused("the model has 64 positions", () -> generator.generate(tooLong, greedy(3)));
    }
}
