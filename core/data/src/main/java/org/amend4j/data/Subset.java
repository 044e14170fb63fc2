/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.nd4j.linalg.dataset.DataSet;

/** Some of the examples of another set, in a given order. */
public final class Subset implements Labelled {

    private final Labelled all;
    private final int[] chosen;

    private Subset(Labelled all, int[] chosen) {
        this.all = all;
        this.chosen = chosen;
    }

    /** A set cut in two. */
    public record Split(Labelled training, Labelled validation) {}

    /**
     * The examples with these indices.
     *
     * @throws BadInputException if there is none, or one does not exist
     */
    public static Subset of(Labelled all, int... chosen) {
        if (chosen.length == 0) {
            throw new BadInputException("a subset needs at least one example");
        }
        for (int index : chosen) {
            if (index < 0 || index >= all.size()) {
                throw new BadInputException("example " + index + " does not exist, there are " + all.size());
            }
        }
        return new Subset(all, chosen.clone());
    }

    /**
     * Cuts a set at random into training and validation examples.
     *
     * @param fraction part that goes to validation, in (0, 1); at least one example goes to either side
     * @throws BadInputException if the fraction is outside (0, 1) or there are fewer than two examples
     */
    public static Split split(Labelled all, double fraction, long seed) {
        if (!(fraction > 0 && fraction < 1)) {
            throw new BadInputException("the validation part must be > 0 and < 1, got " + fraction);
        }
        if (all.size() < 2) {
            throw new BadInputException(
                    "at least 2 examples are needed to hold some back for validation, got 1: --validation 0 holds none back");
        }
        int[] order = order(all.size(), seed);
        int held = Math.min(all.size() - 1, Math.max(1, (int) Math.round(fraction * all.size())));
        int[] validation = java.util.Arrays.copyOfRange(order, 0, held);
        int[] training = java.util.Arrays.copyOfRange(order, held, order.length);
        return new Split(new Subset(all, training), new Subset(all, validation));
    }

    /** The numbers 0 to {@code n - 1} in an order that depends on the seed only (Fisher and Yates). */
    public static int[] order(int n, long seed) {
        int[] order = new int[n];
        for (int i = 0; i < n; i++) {
            order[i] = i;
        }
        Random random = new Random(seed);
        for (int i = n - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int swap = order[i];
            order[i] = order[j];
            order[j] = swap;
        }
        return order;
    }

    @Override
    public int size() {
        return chosen.length;
    }

    @Override
    public long[] shape() {
        return all.shape();
    }

    @Override
    public Optional<PictureShape> pictures() {
        return all.pictures();
    }

    @Override
    public List<String> classes() {
        return all.classes();
    }

    @Override
    public int label(int example) {
        return all.label(chosen[example]);
    }

    @Override
    public int columns() {
        return all.columns();
    }

    @Override
    public void target(int example, float[] into, int offset) {
        all.target(chosen[example], into, offset);
    }

    @Override
    public float[] inUnits(float[] outputs) {
        return all.inUnits(outputs);
    }

    @Override
    public void pixels(int example, float[] into) {
        all.pixels(chosen[example], into);
    }

    @Override
    public DataSet batch(int... examples) {
        return all.batch(IntStream.of(examples).map(example -> chosen[example]).toArray());
    }

    @Override
    public void features(int example, float[] into, int offset) {
        all.features(chosen[example], into, offset);
    }
}
