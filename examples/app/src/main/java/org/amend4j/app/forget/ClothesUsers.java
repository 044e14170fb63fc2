/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;

/**
 * Made-up users for pictures that have none: each user's shares of the kinds of clothes are drawn from a Dirichlet
 * distribution, and each picture goes to one user, with a probability in proportion to the users' shares of its kind. So most
 * users have mostly a few kinds, and about as many pictures as the others. Equal arguments give equal users on every machine.
 */
public final class ClothesUsers {

    /** The concentration of the usual benchmark: uneven, but no user has only one kind. */
    public static final double CONCENTRATION = 0.5;

    private static final int ATTEMPTS = 1000;

    private final double[][] shares;
    private final int[] subjects;

    private ClothesUsers(double[][] shares, int[] subjects) {
        this.shares = shares;
        this.subjects = subjects;
    }

    /**
     * Draws users, again and again until each has a picture.
     *
     * @param labels the kind of each picture, in [0, kinds)
     * @param kinds how many there are, at least 1
     * @param users how many, from 1 to the number of pictures
     * @throws IllegalArgumentException if a number is out of its range, or there are so few pictures that a user was left without one 1,000
     *     times
     */
    public static ClothesUsers of(int[] labels, int kinds, int users, long seed) {
        Checks.atLeast(1, "the number of kinds", kinds);
        Checks.inRange(1, labels.length, "the number of users", users);
        for (int label : labels) {
            Checks.inRange(0, kinds - 1, "a label", label);
        }
        RandomDraws draws = new RandomDraws(seed);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            double[][] shares = new double[users][];
            Arrays.setAll(shares, user -> draws.dirichlet(kinds, CONCENTRATION));
            int[] subjects = assign(labels, shares, kinds, draws);
            if (Arrays.stream(subjects).distinct().count() == users) {
                return new ClothesUsers(shares, subjects);
            }
        }
        throw new IllegalArgumentException(
                "every user must get a picture, got " + labels.length + " pictures for " + users + " users: too few");
    }

    private static int[] assign(int[] labels, double[][] shares, int kinds, RandomDraws draws) {
        double[][] upTo = new double[kinds][shares.length];
        for (int kind = 0; kind < kinds; kind++) {
            double sum = 0;
            for (int user = 0; user < shares.length; user++) {
                sum += shares[user][kind];
                upTo[kind][user] = sum;
            }
        }
        int[] subjects = new int[labels.length];
        for (int picture = 0; picture < labels.length; picture++) {
            double[] sums = upTo[labels[picture]];
            double point = draws.uniform() * sums[sums.length - 1];
            int user = 0;
            while (user < sums.length - 1 && sums[user] <= point) {
                user++;
            }
            subjects[picture] = user;
        }
        return subjects;
    }

    /** The number of users. */
    public int size() {
        return shares.length;
    }

    /** The user a picture belongs to, in [0, size). */
    public int subject(int picture) {
        return subjects[picture];
    }

    /** Every picture's user. */
    public long[] subjects() {
        return Arrays.stream(subjects).asLongStream().toArray();
    }

    /** The shares of the kinds that a user was drawn with, [kinds]; the pictures follow them but for chance. */
    public double[] shares(int user) {
        return shares[user].clone();
    }

    /** How many pictures a user has, at least 1. */
    public int pictures(int user) {
        return (int) Arrays.stream(subjects).filter(subject -> subject == user).count();
    }

    /** The user with the middle number of pictures; of several the first. */
    public int middle() {
        return java.util.stream.IntStream.range(0, size())
                .boxed()
                .sorted(java.util.Comparator.comparingInt(this::pictures))
                .skip((size() - 1) / 2)
                .findFirst()
                .orElseThrow();
    }
}
