/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Arrays;
import org.amend4j.internal.validation.Checks;
import org.amend4j.numeric.Cholesky;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.eigen.Eigen;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Few coordinates in which kinds lie apart (Rao 1948): rows are centred, whitened by the covariance within kinds, and turned so
 * that what is left of variance comes first. Few rows make a poor covariance, so it is shrunk towards a diagonal.
 *
 * <p>Fitted to public rows this is a public constant. Fitted to records that may be deleted it would break every certificate.
 */
final class DiscriminantCoordinates {

    /** Added to every variance, relative to their mean, so that a constant feature does no harm. */
    private static final double FLOOR = 1e-6;

    private static final double SHRINKAGE = 0.5;

    private final double[] centre;
    private final Cholesky root;
    private final double[][] axes;

    private DiscriminantCoordinates(double[] centre, Cholesky root, double[][] axes) {
        this.centre = centre;
        this.root = root;
        this.axes = axes;
    }

    /**
     * Of some rows.
     *
     * @param rows [n, width], at least two that differ
     * @param labels the kind of each row, >= 0
     * @param count of coordinates, in [1, width]
     * @param shrinkage share of the diagonal in the covariance, in (0, 1]
     */
    static DiscriminantCoordinates of(double[][] rows, int[] labels, int count, double shrinkage) {
        Checks.atLeast(2, "the number of rows", rows.length);
        Checks.inRange(1, rows[0].length, "the number of coordinates", count);
        if (!(shrinkage > 0 && shrinkage <= 1)) {
            throw new IllegalArgumentException("the shrinkage must be in (0, 1], got " + shrinkage);
        }
        double[] centre = mean(rows);
        double[][] within = moments(withoutMeans(rows, labels), new double[centre.length]);
        Cholesky root = Cholesky.of(shrunk(within, moments(rows, centre), shrinkage));
        if (!root.definite()) {
            throw new IllegalArgumentException("rows must differ within kinds, got a covariance that is not positive");
        }
        double[][] white =
                Arrays.stream(rows).map(row -> whiten(row, centre, root)).toArray(double[][]::new);
        return new DiscriminantCoordinates(centre, root, largest(moments(white, new double[centre.length]), count));
    }

    /** Clothes as these coordinates of their features, fitted to the first pictures. */
    static ClothesCoordinates clothes(
            double[][] features, int[] kinds, double[][] testFeatures, int[] testKinds, int fitted) {
        DiscriminantCoordinates coordinates =
                of(Arrays.copyOf(features, fitted), Arrays.copyOf(kinds, fitted), ClothesCoordinates.WIDTH, SHRINKAGE);
        return new ClothesCoordinates(coordinates.all(features), kinds, coordinates.all(testFeatures), testKinds);
    }

    private double[][] all(double[][] rows) {
        return Arrays.stream(rows).map(this::of).toArray(double[][]::new);
    }

    private static double[] mean(double[][] rows) {
        double[] mean = new double[rows[0].length];
        for (double[] row : rows) {
            for (int i = 0; i < mean.length; i++) {
                mean[i] += row[i] / rows.length;
            }
        }
        return mean;
    }

    private static double[][] withoutMeans(double[][] rows, int[] labels) {
        double[][] rests = new double[rows.length][];
        for (int kind : Arrays.stream(labels).distinct().toArray()) {
            int[] its = java.util.stream.IntStream.range(0, rows.length)
                    .filter(r -> labels[r] == kind)
                    .toArray();
            double[] mean = mean(Arrays.stream(its).mapToObj(r -> rows[r]).toArray(double[][]::new));
            for (int r : its) {
                rests[r] = rows[r].clone();
                for (int i = 0; i < mean.length; i++) {
                    rests[r][i] -= mean[i];
                }
            }
        }
        return rests;
    }

    /** Second moments about a point, all of them. */
    private static double[][] moments(double[][] rows, double[] about) {
        int width = about.length;
        double[][] moments = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j <= i; j++) {
                double sum = 0;
                for (double[] row : rows) {
                    sum += (row[i] - about[i]) * (row[j] - about[j]);
                }
                moments[i][j] = sum / rows.length;
                moments[j][i] = moments[i][j];
            }
        }
        return moments;
    }

    /** The covariance within kinds, and a diagonal in proportion to the features' variances. */
    private static double[][] shrunk(double[][] within, double[][] all, double shrinkage) {
        int width = within.length;
        double trace = 0;
        double ratio = 0;
        for (int i = 0; i < width; i++) {
            trace += all[i][i] / width;
        }
        for (int i = 0; i < width; i++) {
            ratio += within[i][i] / (all[i][i] + FLOOR * trace) / width;
        }
        double[][] sigma = new double[width][width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                sigma[i][j] = (1 - shrinkage) * within[i][j];
            }
            sigma[i][i] += shrinkage * ratio * (all[i][i] + FLOOR * trace);
        }
        return sigma;
    }

    private static double[] whiten(double[] row, double[] centre, Cholesky root) {
        double[] deviation = row.clone();
        for (int i = 0; i < row.length; i++) {
            deviation[i] -= centre[i];
        }
        return root.solveLower(deviation);
    }

    /** Eigenvectors of the largest eigenvalues, in their order, a row each. */
    private static double[][] largest(double[][] symmetric, int count) {
        int width = symmetric.length;
        INDArray vectors = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {width, width}, 'f');
        vectors.assign(Nd4j.createFromArray(symmetric));
        Eigen.symmetricGeneralizedEigenvalues(vectors, true); // ascending; leaves the vectors in the columns
        double[][] axes = new double[count][width];
        for (int c = 0; c < count; c++) {
            axes[c] = vectors.getColumn(width - 1L - c).toDoubleVector();
        }
        return axes;
    }

    /** One row's coordinates. */
    double[] of(double[] row) {
        double[] white = whiten(row, centre, root);
        double[] coordinates = new double[axes.length];
        for (int c = 0; c < axes.length; c++) {
            for (int i = 0; i < white.length; i++) {
                coordinates[c] += axes[c][i] * white[i];
            }
        }
        return coordinates;
    }
}
