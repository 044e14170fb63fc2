/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassWeightsTest {

    private static final List<String> CLASSES = List.of("no", "yes", "never");

    /** 40 no, 10 yes, mixed; never has none. */
    private static int[] labels() {
        return IntStream.range(0, 50).map(k -> k % 5 == 3 ? 1 : 0).toArray();
    }

    private static long count(int[] epoch, int label) {
        return Arrays.stream(epoch)
                .filter(example -> labels()[example] == label)
                .count();
    }

    @Test
    void balancedClassesHaveEquallyManyExamplesAndNoneIsLost() {
        int[] epoch = new ClassWeights.Balanced().epoch(CLASSES, labels(), 1);
        assertEquals(40, count(epoch, 0));
        assertEquals(40, count(epoch, 1));
        assertEquals(50, Arrays.stream(epoch).distinct().count());
    }

    @Test
    void aClassIsThereInProportionToItsWeightUpToOneExample() {
        for (double weight : new double[] {0.37, 1, 1.5, 2.24, 17}) {
            int[] epoch = ClassWeights.parse("yes=" + weight).epoch(CLASSES, labels(), 7);
            double lightest = Math.min(weight, 1);
            assertEquals(40 / lightest, (double) count(epoch, 0), 0.5, "no, " + weight);
            assertEquals(10 * weight / lightest, (double) count(epoch, 1), 0.5, "yes, " + weight);
            assertEquals(50, Arrays.stream(epoch).distinct().count(), "all are there");
            Map<Integer, Long> times = Arrays.stream(epoch)
                    .boxed()
                    .collect(java.util.stream.Collectors.groupingBy(
                            example -> example, java.util.stream.Collectors.counting()));
            long[] ofYes = IntStream.range(0, 50)
                    .filter(k -> labels()[k] == 1)
                    .mapToLong(times::get)
                    .toArray();
            assertTrue(
                    Arrays.stream(ofYes).max().orElseThrow()
                                    - Arrays.stream(ofYes).min().orElseThrow()
                            <= 1,
                    "examples of a class are alike: " + Arrays.toString(ofYes));
        }
    }

    @Test
    void theSeedDecidesWhoIsThereOnceMore() {
        ClassWeights half = ClassWeights.parse("yes=1.5");
        assertArrayEquals(half.epoch(CLASSES, labels(), 3), half.epoch(CLASSES, labels(), 3));
        assertTrue(!Arrays.equals(half.epoch(CLASSES, labels(), 3), half.epoch(CLASSES, labels(), 4)));
    }

    @Test
    void alikeMeansOnce() {
        int[] all = IntStream.range(0, 50).toArray();
        assertArrayEquals(all, new ClassWeights.Alike().epoch(CLASSES, labels(), 1));
    }

    @Test
    void whatIsNoWeightIsRefused() {
        for (String wrong : new String[] {"", "yes", "yes=", "yes=0", "yes=-1", "yes=NaN", "yes=Infinity", "yes=1,,"}) {
            String said = assertThrows(BadInputException.class, () -> ClassWeights.parse(wrong))
                    .getMessage();
            assertTrue(said.startsWith("--class-weights must be balanced, or weights > 0"), said);
        }
    }

    @Test
    void aClassHasOneWeight() {
        String said = assertThrows(BadInputException.class, () -> ClassWeights.parse("yes=2, yes=3"))
                .getMessage();
        assertEquals("--class-weights names 'yes' twice", said);
    }

    @ParameterizedTest
    @ValueSource(strings = {"maybe=2", "Yes=2"})
    void aClassThatIsNoneIsRefused(String wrong) {
        ClassWeights weights = ClassWeights.parse(wrong);
        String said = assertThrows(BadInputException.class, () -> weights.epoch(CLASSES, labels(), 1))
                .getMessage();
        assertTrue(said.endsWith("which is none of the classes no, yes, never"), said);
    }

    @Test
    void anEpochThatNeverEndsIsRefused() {
        ClassWeights weights = ClassWeights.parse("yes=1e12");
        String said = assertThrows(BadInputException.class, () -> weights.epoch(CLASSES, labels(), 1))
                .getMessage();
        assertTrue(said.contains("times as long: at most 100 times is sensible"), said);
    }
}
