/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

/** Ten kinds around ten random means, 40 features each, in place of pictures. */
public final class MadeUpClothes {

    static final int USERS = 100;
    private static final int PUBLIC = 100;
    private static final int OF_USERS = 1000;
    private static final int TEST = 300;
    private static final int FEATURES = 40;
    private static final int KINDS = 10;

    private MadeUpClothes() {}

    public static PrivateClothes create() {
        RandomDraws draws = new RandomDraws(5);
        double[][] means = rows(KINDS, draws);
        int[] labels = labels(PUBLIC + OF_USERS);
        int[] testLabels = labels(TEST);
        double[][] training = around(means, labels, draws);
        double[][] test = around(means, testLabels, draws);
        return PrivateClothes.of(
                DiscriminantCoordinates.clothes(training, labels, test, testLabels, PUBLIC), PUBLIC, USERS);
    }

    private static int[] labels(int count) {
        return java.util.stream.IntStream.range(0, count).map(i -> i % KINDS).toArray();
    }

    private static double[][] around(double[][] means, int[] labels, RandomDraws draws) {
        double[][] rows = rows(labels.length, draws);
        for (int r = 0; r < rows.length; r++) {
            for (int i = 0; i < FEATURES; i++) {
                rows[r][i] = 2 * rows[r][i] + means[labels[r]][i];
            }
        }
        return rows;
    }

    private static double[][] rows(int count, RandomDraws draws) {
        double[][] rows = new double[count][FEATURES];
        for (double[] row : rows) {
            for (int i = 0; i < FEATURES; i++) {
                row[i] = draws.normal();
            }
        }
        return rows;
    }
}
