/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective.blocks;

import static org.amend4j.testkit.Refusals.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The order in which blocks are added up, against its definition. */
class BlockTreeTest {

    private static final int SIGN = 63;

    private static long[] numbers(Random random, int bits) {
        return LongStream.generate(() -> random.nextLong() >> (64 - bits))
                .limit(1 + random.nextInt(40))
                .distinct()
                .sorted()
                .toArray();
    }

    private static double[] values(Random random, int count) {
        return random.doubles(count, -1, 1).toArray();
    }

    /** The definition, from the root down: those numbers that have the bits of a prefix. */
    private static double sum(long[] numbers, double[] values, int from, int to, int bit) {
        if (to - from == 1) {
            return values[from];
        }
        int middle = from;
        // at the sign's bit, negative numbers come first
        boolean low = bit == SIGN;
        while (middle < to && (numbers[middle] >>> bit & 1) == (low ? 1 : 0)) {
            middle++;
        }
        if (middle == from || middle == to) {
            return sum(numbers, values, from, to, bit - 1);
        }
        return sum(numbers, values, from, middle, bit - 1) + sum(numbers, values, middle, to, bit - 1);
    }

    private static BlockSum one(double value) {
        return new BlockSum(value, new double[] {value}, new double[0]);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 6, 12, 64})
    void blocks_are_added_as_the_tree_of_all_numbers_has_them_in_any_order_of_arrival(int bits) {
        Random random = new Random(bits);
        for (int trial = 0; trial < 200; trial++) {
            long[] numbers = numbers(random, bits);
            double[] values = values(random, numbers.length);
            TreeSum sum = new TreeSum(BlockTree.of(numbers));
            List<Integer> order = IntStream.range(0, numbers.length).boxed().collect(Collectors.toList());
            Collections.shuffle(order, random);
            order.forEach(place -> sum.take(place, place + 1, one(values[place])));
            assertEquals(
                    sum(numbers, values, 0, numbers.length, SIGN), sum.whole().value());
            assertEquals(sum.whole().value(), sum.whole().gradient()[0]);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 7, 100})
    void parts_add_up_what_they_have_as_a_whole_and_no_sum_changes(int parts) {
        Random random = new Random(parts);
        for (int trial = 0; trial < 200; trial++) {
            long[] numbers = numbers(random, 12);
            double[] values = values(random, numbers.length);
            BlockTree tree = BlockTree.of(numbers);
            int[] cuts = tree.divided(parts);
            assertEquals(Math.min(parts, numbers.length), cuts.length - 1);
            TreeSum total = new TreeSum(tree);
            for (int part = 0; part < cuts.length - 1; part++) {
                assertTrue(cuts[part] < cuts[part + 1], "parts have blocks: " + Arrays.toString(cuts));
                TreeSum some = new TreeSum(tree);
                IntStream.range(cuts[part], cuts[part + 1])
                        .forEach(place -> some.take(place, place + 1, one(values[place])));
                some.nodes().forEach(node -> total.take(node.from(), node.to(), node.sum()));
            }
            assertEquals(
                    sum(numbers, values, 0, numbers.length, SIGN), total.whole().value());
        }
    }

    @Test
    void parts_of_many_blocks_are_few_nodes() {
        for (int blocks : new int[] {1000, 1024, 5000}) {
            BlockTree tree = BlockTree.of(LongStream.range(0, blocks).toArray());
            for (int parts : new int[] {3, 16, 100}) {
                int[] cuts = tree.divided(parts);
                for (int part = 0; part < parts; part++) {
                    int size = cuts[part + 1] - cuts[part];
                    // two cuts, each at most a quarter of a part away, and one rounding
                    assertEquals((double) blocks / parts, size, 0.5 * blocks / parts + 1);
                    TreeSum some = new TreeSum(tree);
                    IntStream.range(cuts[part], cuts[part + 1]).forEach(place -> some.take(place, place + 1, one(1)));
                    // counted, not derived
                    assertTrue(
                            some.nodes().size() <= 3, "nodes: " + some.nodes().size());
                }
            }
        }
    }

    @Test
    void in_order_few_sums_wait() {
        int blocks = 1000;
        TreeSum sum = new TreeSum(BlockTree.of(LongStream.range(0, blocks).toArray()));
        for (int place = 0; place < blocks; place++) {
            sum.take(place, place + 1, one(1));
            assertTrue(sum.nodes().size() <= 10, "one for each height");
        }
        assertEquals(blocks, sum.whole().value());
    }

    /** Not bit by bit on the left: the sum of a whole part is added at once. */
    @Test
    void the_order_is_not_one_after_the_other() {
        double tiny = 0x1p-53;
        TreeSum sum = new TreeSum(BlockTree.of(0, 1, 2, 3));
        IntStream.range(0, 4).forEach(place -> sum.take(place, place + 1, one(place == 0 ? 1 : tiny)));
        assertEquals(1 + 2 * tiny, sum.whole().value());
        assertEquals(1, 1 + tiny + tiny + tiny);
    }

    @Test
    void what_comes_twice_or_never_or_is_no_node_is_an_error() {
        TreeSum sum = new TreeSum(BlockTree.of(0, 1, 2));
        sum.take(1, 2, one(1));
        refused(IllegalStateException.class, "each of 3 blocks must come once", () -> sum.take(1, 2, one(1)));
        refused(IllegalStateException.class, "got 1", sum::whole);
        sum.take(0, 1, one(1));
        refused(IllegalStateException.class, "got another from place 0 to 1", () -> sum.take(0, 1, one(1)));
        refused(IllegalStateException.class, "got another from place 2 to 4", () -> sum.take(2, 4, one(1)));
        refused(
                IllegalStateException.class,
                "in a node of their tree",
                () -> new TreeSum(BlockTree.of(0, 1, 2)).take(1, 3, one(1)));
        refused("a block's gradient", () -> sum.take(2, 3, new BlockSum(1, new double[2], new double[0])));
        refused("must ascend, got 3 after 3", () -> BlockTree.of(3, 3));
        assertArrayEquals(new int[] {0, 1, 2, 3}, BlockTree.of(0, 1, 2).divided(7));
    }
}
