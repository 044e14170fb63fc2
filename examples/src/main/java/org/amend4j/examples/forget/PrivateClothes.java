package org.amend4j.examples.forget;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.check.Checks;
import org.amend4j.examples.demo.FashionPictures;
import org.amend4j.examples.descent.ClothesFeatures;
import org.amend4j.objective.Records;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pictures of clothes, a few of nobody and the others of users who may ask for theirs to be forgotten. A picture is its
 * {@linkplain DiscriminantCoordinates coordinates}, constants of which were fitted to the pictures of nobody.
 *
 * @param publicShare pictures of nobody: features [n, 24] and one-hot labels
 * @param records pictures of users; a record's id is its number in the file, its owner the user
 * @param users whose they are
 * @param test pictures to measure by
 * @param planned N0: all pictures of the file, a number that depends on nobody
 */
public record PrivateClothes(DataSet publicShare, Records records, ClothesUsers users, DataSet test, int planned) {

    /** Pictures of nobody. */
    public static final int PUBLIC = 100;

    /** Users. */
    public static final int USERS = 100;

    private static final long SEED = 20_240_917;
    private static final double SHRINKAGE = 0.5;

    /** Features of a picture, after the public preprocessing. */
    static final int WIDTH = 24;

    /** The clothes that come with the examples. */
    public static PrivateClothes of(ClothesFeatures features) {
        return of(
                rows(features.training().getFeatures(), ClothesFeatures.COUNT - 1),
                kinds(features.training().getLabels()),
                rows(features.test().getFeatures(), ClothesFeatures.COUNT - 1),
                kinds(features.test().getLabels()),
                PUBLIC,
                USERS);
    }

    /**
     * Of any features.
     *
     * @param training [n, at least 24]; the first ones are made public
     * @param labels kinds, in [0, 10)
     * @param publicShare how many are public, in [2, n)
     */
    static PrivateClothes of(
            double[][] training, int[] labels, double[][] test, int[] testLabels, int publicShare, int users) {
        Checks.inRange(2, training.length - 1, "the number of public pictures", publicShare);
        DiscriminantCoordinates coordinates = DiscriminantCoordinates.of(
                Arrays.copyOf(training, publicShare), Arrays.copyOf(labels, publicShare), WIDTH, SHRINKAGE);
        int[] ofUsers = Arrays.copyOfRange(labels, publicShare, labels.length);
        ClothesUsers drawn = ClothesUsers.of(ofUsers, FashionPictures.CLASSES.size(), users, SEED);
        Records records = Records.of(
                        data(coordinates, Arrays.copyOfRange(training, publicShare, training.length), ofUsers))
                .withIds(IntStream.range(publicShare, training.length)
                        .asLongStream()
                        .toArray())
                .ownedBy(drawn.owners());
        return new PrivateClothes(
                data(coordinates, Arrays.copyOf(training, publicShare), Arrays.copyOf(labels, publicShare)),
                records,
                drawn,
                data(coordinates, test, testLabels),
                training.length);
    }

    private static double[][] rows(INDArray features, int width) {
        double[][] rows = features.toDoubleMatrix();
        Arrays.setAll(rows, i -> Arrays.copyOf(rows[i], width));
        return rows;
    }

    private static int[] kinds(INDArray oneHot) {
        return oneHot.argMax(1).toIntVector();
    }

    private static DataSet data(DiscriminantCoordinates coordinates, double[][] rows, int[] labels) {
        double[][] white = Arrays.stream(rows).map(coordinates::of).toArray(double[][]::new);
        INDArray oneHot = Nd4j.zeros(DataType.DOUBLE, rows.length, FashionPictures.CLASSES.size());
        for (int i = 0; i < labels.length; i++) {
            oneHot.putScalar(i, labels[i], 1);
        }
        return new DataSet(Nd4j.createFromArray(white), oneHot);
    }
}
