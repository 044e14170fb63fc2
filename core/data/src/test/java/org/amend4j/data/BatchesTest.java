/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import org.junit.jupiter.api.Test;

class BatchesTest {

    /** Example i has the one feature i and the label i mod 3. */
    private record Counting(int size) implements Labelled {
        @Override
        public long[] shape() {
            return new long[] {1};
        }

        @Override
        public List<String> classes() {
            return List.of("0", "1", "2");
        }

        @Override
        public int label(int example) {
            return example % 3;
        }

        @Override
        public void features(int example, float[] into, int offset) {
            into[offset] = example;
        }
    }

    private static List<Integer> epoch(Batches batches) {
        List<Integer> seen = new ArrayList<>();
        while (batches.hasNext()) {
            var batch = batches.next();
            for (int i = 0; i < batch.numExamples(); i++) {
                int example = (int) batch.getFeatures().getFloat(i, 0);
                assertEquals(1f, batch.getLabels().getFloat(i, example % 3));
                assertEquals(1f, batch.getLabels().getRow(i).sumNumber().floatValue());
                seen.add(example);
            }
        }
        return seen;
    }

    @Test
    void everyEpochHasEveryExampleOnceInAnotherOrderThatTheSeedFixes() {
        Batches one = Batches.shuffled(new Counting(10), 4, 7);
        Batches two = Batches.shuffled(new Counting(10), 4, 7);
        assertEquals(3, one.perEpoch());
        List<Integer> first = epoch(one);
        assertEquals(first, epoch(two));
        assertEquals(10, new HashSet<>(first).size());
        one.reset();
        two.reset();
        List<Integer> second = epoch(one);
        assertEquals(second, epoch(two));
        assertNotEquals(first, second);
        assertThrows(NoSuchElementException.class, one::next);
    }

    @Test
    void inOrderMeansInOrder() {
        assertEquals(List.of(0, 1, 2, 3, 4), epoch(Batches.inOrder(new Counting(5), 2)));
    }

    @Test
    void aSplitLosesAndRepeatsNothing() {
        Subset.Split split = Subset.split(new Counting(11), 0.2, 3);
        assertEquals(9, split.training().size());
        assertEquals(2, split.validation().size());
        Set<Integer> all = new HashSet<>(epoch(Batches.inOrder(split.training(), 4)));
        all.addAll(epoch(Batches.inOrder(split.validation(), 4)));
        assertEquals(11, all.size());
    }

    @Test
    void badSizesAndFractionsAreRefused() {
        assertTrue(assertThrows(BadInputException.class, () -> Batches.inOrder(new Counting(5), 0))
                .getMessage()
                .contains("batch size must be >= 1, got 0"));
        assertThrows(BadInputException.class, () -> Subset.split(new Counting(5), 1, 0));
        assertThrows(BadInputException.class, () -> Subset.split(new Counting(5), Double.NaN, 0));
        assertThrows(BadInputException.class, () -> Subset.split(new Counting(1), 0.5, 0));
        assertThrows(BadInputException.class, () -> Subset.of(new Counting(1)));
        assertThrows(BadInputException.class, () -> Subset.of(new Counting(1), 1));
        assertThrows(BadInputException.class, () -> new PictureShape(0, 3, PictureShape.Order.NHWC));
        assertThrows(BadInputException.class, () -> new PictureShape(8, 2, PictureShape.Order.NHWC));
    }
}
