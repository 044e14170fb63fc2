/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.amend4j.data.BadInputException;
import org.amend4j.graph.Records;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;

/** Texts cut into examples and batches. */
class TokenExamplesTest {

    private static TokenExamples ofLengths(int count) {
        List<TokenExample> examples = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            examples.add(new TokenExample(new int[1 + k % 7], new int[0], new int[] {k}));
        }
        return new TokenExamples(examples, count);
    }

    @Test
    void every_token_of_a_text_but_the_first_is_to_be_said_once_after_the_one_before_it() {
        int[] text = IntStream.range(100, 123).toArray();
        List<TokenExample> pieces = TokenExample.pieces(text, 5);
        int[] said = pieces.stream()
                .flatMapToInt(piece -> IntStream.of(piece.labels()))
                .toArray();
        int[] read =
                pieces.stream().flatMapToInt(piece -> IntStream.of(piece.ids())).toArray();
        assertArrayEquals(IntStream.range(101, 123).toArray(), said);
        assertArrayEquals(IntStream.range(100, 122).toArray(), read);
        assertEquals(List.of(), TokenExample.pieces(new int[] {1}, 5));
    }

    /** Of a text that is in both parts, the model has learned what it is tested on. */
    @Test
    void a_text_is_held_back_whole_or_not_at_all() {
        List<List<TokenExample>> texts = IntStream.range(0, 12)
                .mapToObj(k -> TokenExample.pieces(
                        IntStream.range(100 * k, 100 * k + 3 * k).toArray(), 5))
                .toList();
        TokenExamples all = TokenExamples.ofTexts(texts);
        for (long seed = 0; seed < 20; seed++) {
            TokenExamples.Split split = all.split(0.3, seed);
            Set<Integer> back = texts(split.heldBack());
            assertEquals(all.size(), split.heldBack().size() + split.training().size());
            assertTrue(Collections.disjoint(back, texts(split.training())), "seed " + seed);
            assertEquals(3, back.size(), "0.3 of the 11 that have pieces");
            assertEquals(
                    back.size(),
                    texts(split.heldBack().split(0.3, seed).heldBack()).size() * 3,
                    "of a part, too");
        }
        TokenExamples alone = TokenExamples.ofTexts(List.of(texts.get(9)));
        assertThrows(BadInputException.class, () -> alone.split(0.3, 1));
    }

    private static Set<Integer> texts(TokenExamples examples) {
        return IntStream.range(0, examples.size())
                .mapToObj(k -> examples.get(k).ids()[0] / 100)
                .collect(Collectors.toSet());
    }

    @Test
    void what_no_array_holds_is_refused() {
        TokenExamples one =
                new TokenExamples(List.of(new TokenExample(new int[1 << 20], new int[0], new int[1 << 20])));
        BadInputException refused = assertThrows(BadInputException.class, () -> one.batch(new int[1 << 10]));
        assertTrue(String.valueOf(refused.getMessage()).contains("a smaller --length"), refused.toString());
    }

    /** A text of 1,000 tokens among many of one or two: together padded they would be 400 million positions. */
    @Test
    void a_plan_gets_examples_in_order_and_few_of_them_padded_at_a_time() {
        int count = 400_000;
        List<TokenExample> some = new ArrayList<>();
        for (int k = 0; k < count; k++) {
            int[] ids = new int[k == 7 ? 1000 : 1 + k % 2];
            ids[0] = k % 1000;
            some.add(new TokenExample(ids, new int[0], ids));
        }
        TokenRecords records = new TokenRecords(new TokenExamples(some));
        assertEquals(count, records.size());
        assertArrayEquals(new long[] {2, 1000}, records.exampleShapes().get(0));
        int read = 0;
        for (Records part : records.parts()) {
            INDArray features = part.all().getFeatures(0);
            assertTrue(features.length() <= 2 << 20, features.shapeInfoToString());
            assertEquals(read == 0 ? 1000 : 2, features.size(2));
            for (int k = 0; k < part.size(); k++, read++) {
                assertEquals(read % 1000, features.getInt(k, 0, 0));
            }
        }
        assertEquals(count, read);
    }

    /** A pair's types, and padding behind the shorter example. */
    @Test
    void a_batch_has_ids_masks_and_types_and_is_as_long_as_its_longest_example() {
        TokenExamples examples = new TokenExamples(
                List.of(
                        TokenExample.of(new int[] {7, 8, 9, 6}, new int[] {0, 0, 1, 1}, 1),
                        TokenExample.of(new int[] {5, 4}, new int[] {0, 1}, 0)),
                2);
        DataSet batch = examples.batch(0, 1);
        assertArrayEquals(new long[] {2, 3, 4}, batch.getFeatures().shape());
        assertArrayEquals(
                new float[] {7, 8, 9, 6, 1, 1, 1, 1, 0, 0, 1, 1, 5, 4, 0, 0, 1, 1, 0, 0, 0, 1, 0, 0},
                batch.getFeatures().dup('c').data().asFloat());
        assertArrayEquals(
                new float[] {0, 1, 1, 0}, batch.getLabels().dup('c').data().asFloat());
    }

    @Test
    void an_epoch_has_every_example_once_in_an_order_of_seed_and_epoch() {
        TokenExamples examples = ofLengths(23);
        TokenBatches batches = new TokenBatches(examples, 4, 9);
        TokenBatches same = new TokenBatches(examples, 4, 9);
        List<Integer> before = List.of();
        for (int epoch = 0; epoch < 2; epoch++) {
            List<Integer> classes = classes(batches);
            assertEquals(classes, classes(same));
            assertEquals(
                    IntStream.range(0, 23).boxed().toList(),
                    classes.stream().sorted().toList());
            assertFalse(classes.equals(before));
            before = classes;
            batches.reset();
            same.reset();
        }
        assertEquals(6, batches.perEpoch());
    }

    private static List<Integer> classes(TokenBatches batches) {
        List<Integer> classes = new ArrayList<>();
        while (batches.hasNext()) {
            DataSet batch = batches.next();
            for (int i = 0; i < batch.numExamples(); i++) {
                classes.add(batch.getLabels().getRow(i).argMax().getInt(0));
            }
        }
        return classes;
    }

    @Test
    void windows_are_as_many_in_every_epoch_and_four_ways_to_cut_take_turns() {
        int[] tokens = IntStream.range(0, 100).toArray();
        Windows windows = new Windows(tokens, 16);
        assertEquals(5, windows.perEpoch());
        TokenExamples all = windows.all();
        assertEquals(20, all.size());
        for (int epoch = 0; epoch < 9; epoch++) {
            int[] of = windows.ofEpoch(epoch);
            assertEquals(5, of.length);
            for (int k = 0; k < 5; k++) {
                assertEquals(epoch % 4 * 4 + 16 * k, all.get(of[k]).ids()[0]);
                assertEquals(all.get(of[k]).ids()[15] + 1, all.get(of[k]).labels()[15]);
            }
        }
        assertThrows(BadInputException.class, () -> new Windows(tokens, 51));
    }

    /** Four ways to cut 4 million tokens would take 128 MB. */
    @Test
    void windows_of_all_ways_take_no_memory_before_they_are_asked_for() {
        Windows windows = new Windows(new int[1 << 22], 64);
        long bytes = Allocated.by(() -> {
            TokenExamples all = windows.all();
            assertEquals(4 * windows.perEpoch(), all.size());
            assertEquals(64, all.length(all.size() - 1));
            all.subset(windows.ofEpoch(3));
        });
        assertTrue(bytes < 2 << 20, bytes + " bytes"); // the numbers of an epoch's windows, some times
    }

    @Test
    void what_is_held_back_of_texts_is_their_ends() {
        Corpus corpus = Corpus.of(List.of("one two\nthree four\nfive six\nseven\n"), 0.25);
        assertEquals(List.of("one two\nthree four\n"), corpus.training());
        assertEquals(List.of("five six\nseven\n"), corpus.heldBack());
        assertEquals(6, Novels.austen().size());
        Corpus whole = Corpus.of(List.of("\uD83D\uDE00".repeat(3)), 0.5); // the middle is within the second
        assertEquals(List.of("\uD83D\uDE00"), whole.training());
        assertEquals(List.of("\uD83D\uDE00".repeat(2)), whole.heldBack());
    }
}
