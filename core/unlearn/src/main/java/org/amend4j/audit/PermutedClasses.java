/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.audit;

import java.io.Serializable;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A {@link CrossValidation} to be repeated with permuted classes. It shows how far the areas spread for features that tell nothing. Each
 * permutation is a function of its number, so they may be computed in any order and anywhere.
 *
 * @param validation what is repeated
 * @param members of one class
 * @param others of the other one, with the same columns
 */
public record PermutedClasses(CrossValidation validation, SubjectScores members, SubjectScores others)
        implements Serializable {

    /** @throws IllegalArgumentException if a fold would get no subject of a class, or columns differ */
    public PermutedClasses {
        validation.requireEnough("members", members.size());
        validation.requireEnough("others", others.size());
        if (members.columns() != others.columns()) {
            throw new IllegalArgumentException("members and others must have the same columns, got " + members.columns()
                    + " and " + others.columns());
        }
    }

    /** How many permutations there are; their numbers are those below. */
    public int count() {
        return validation.permutations();
    }

    /**
     * The mean area under the curve on held-out folds after one permutation.
     *
     * @param permutation its number, from 0
     * @throws ArithmeticException if a regression does not converge
     */
    public double area(int permutation) {
        double[][] all = CrossValidation.together(members.rows(), others.rows());
        SplittableRandom random = validation.random();
        random.split(); // of the classes as they are
        for (int earlier = 0; earlier < permutation; earlier++) {
            CrossValidation.draw(all.length, all.length, random);
            random.split();
        }
        double[][] permuted = Arrays.stream(CrossValidation.draw(all.length, all.length, random))
                .mapToObj(subject -> all[subject])
                .toArray(double[][]::new);
        return validation.area(
                Arrays.copyOf(permuted, members.size()),
                Arrays.copyOfRange(permuted, members.size(), all.length),
                random.split());
    }

    /** The areas after all permutations, one after the other. */
    public double[] areas() {
        return IntStream.range(0, count()).mapToDouble(this::area).toArray();
    }
}
