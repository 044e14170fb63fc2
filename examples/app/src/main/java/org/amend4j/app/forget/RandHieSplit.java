/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.validation.Checks;
import org.amend4j.objective.HeadObjective;
import org.amend4j.objective.RecordIds;

/**
 * A split of {@link RandHie} by subjects, about four to one, and the order in which training subjects ask to be forgotten.
 * Both are pseudo-random by SHA-256, so that they can be repeated anywhere: person g of split S is tested on if the number
 * of "randhie-split-S-g" is a multiple of 5, and asks in the order of the numbers of "randhie-forget-S-g", where a text's
 * number is the first four bytes of its hash. Record ids are the numbers of the rows, from 0.
 */
public final class RandHieSplit {

    private static final int PARTS = 5;

    private final RandHie data;
    private final RecordIds training;
    private final RecordIds test;
    private final List<Integer> deletionOrder;

    RandHieSplit(RandHie data, int number) {
        Checks.atLeast(0, "the number of a split", number);
        boolean[] tested = new boolean[data.subjects()];
        for (int person = 0; person < tested.length; person++) {
            tested[person] = hash("randhie-split-" + number + "-" + person) % PARTS == 0;
        }
        this.data = data;
        this.training = rows(row -> !tested[data.person(row)]);
        this.test = rows(row -> tested[data.person(row)]);
        this.deletionOrder = IntStream.range(0, tested.length)
                .filter(person -> !tested[person])
                .boxed()
                .sorted(Comparator.comparingLong((Integer person) -> hash("randhie-forget-" + number + "-" + person))
                        .thenComparing(Comparator.naturalOrder()))
                .toList();
    }

    private static long hash(String text) {
        byte[] digest = Sha256.of(text.getBytes(StandardCharsets.US_ASCII));
        return Integer.toUnsignedLong(ByteBuffer.wrap(digest).getInt());
    }

    private RecordIds rows(IntPredicate wanted) {
        return RecordIds.of(
                IntStream.range(0, data.size()).filter(wanted).asLongStream().toArray());
    }

    /** The rows to learn from. */
    public RecordIds training() {
        return training;
    }

    /** The rows of subjects who are not learned from. */
    public RecordIds test() {
        return test;
    }

    /** The training subjects in the order in which they ask to be forgotten. */
    public List<Integer> deletionOrder() {
        return deletionOrder;
    }

    /**
     * The rows of the first subjects who ask to be forgotten.
     *
     * @param count in [0, training subjects]
     */
    public RecordIds firstSubjects(int count) {
        Checks.inRange(0, deletionOrder.size(), "the number of subjects", count);
        boolean[] asked = new boolean[data.subjects()];
        deletionOrder.subList(0, count).forEach(person -> asked[person] = true);
        return rows(row -> asked[data.person(row)]);
    }

    /**
     * Logistic regression on the training rows, of "so many visits or more" on the features. Divides by the number of
     * records and has no penalty unless that is changed.
     *
     * @param leastVisits at least 1
     */
    public HeadObjective objective(int leastVisits) {
        Checks.atLeast(1, "the least number of visits", leastVisits);
        long[] ids = training.stream().toArray();
        double[][] features =
                Arrays.stream(ids).mapToObj(id -> data.features((int) id)).toArray(double[][]::new);
        double[] labels = Arrays.stream(ids)
                .mapToDouble(id -> data.label((int) id, leastVisits))
                .toArray();
        return HeadObjective.logistic(features, labels).withIds(ids);
    }

    /**
     * The test rows, to measure models of that question by.
     *
     * @param leastVisits at least 1
     */
    public HeldOutRows heldOut(int leastVisits) {
        Checks.atLeast(1, "the least number of visits", leastVisits);
        return HeldOutRows.of(data, test, leastVisits);
    }

    /** The rows of one person, learned from or not. */
    public RecordIds rowsOf(int person) {
        return rows(row -> data.person(row) == person);
    }

    /** The person a record is about. */
    public int person(long id) {
        return data.person((int) id);
    }
}
