/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.amend4j.app.demo.FashionPictures;
import org.amend4j.graph.Records;
import org.amend4j.internal.validation.Checks;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Pictures of clothes: a few without a user, the others of users who may ask for theirs to be forgotten. A picture is its {@linkplain
 * ClothesCoordinates coordinates}, which have constants fitted to the pictures without a user.
 *
 * @param publicShare pictures without a user: features [n, 24] and one-hot labels
 * @param records pictures of users; a record's id is its number in the file, its subject the user
 * @param users the users of {@code records}
 * @param test pictures to measure by
 * @param planned N0: all pictures of the file, a number that depends on no user
 */
public record PrivateClothes(DataSet publicShare, Records records, ClothesUsers users, DataSet test, int planned) {

    /** How many pictures are without a user. */
    public static final int PUBLIC = 100;

    /** Users. */
    public static final int USERS = 100;

    private static final long SEED = 20_240_917;

    /** The clothes that come with the examples. */
    public static PrivateClothes of(ClothesCoordinates pictures) {
        return of(pictures, PUBLIC, USERS);
    }

    /**
     * Of any pictures.
     *
     * @param publicShare how many are public, in [2, n): those that the coordinates were fitted to
     */
    static PrivateClothes of(ClothesCoordinates pictures, int publicShare, int users) {
        double[][] training = pictures.training();
        int[] kinds = pictures.trainingKinds();
        Checks.inRange(2, training.length - 1, "the number of public pictures", publicShare);
        int[] ofUsers = Arrays.copyOfRange(kinds, publicShare, kinds.length);
        ClothesUsers drawn = ClothesUsers.of(ofUsers, FashionPictures.CLASSES.size(), users, SEED);
        Records records = Records.of(data(Arrays.copyOfRange(training, publicShare, training.length), ofUsers))
                .withIds(IntStream.range(publicShare, training.length)
                        .asLongStream()
                        .toArray())
                .ownedBy(drawn.subjects());
        return new PrivateClothes(
                data(Arrays.copyOf(training, publicShare), Arrays.copyOf(kinds, publicShare)),
                records,
                drawn,
                data(pictures.test(), pictures.testKinds()),
                training.length);
    }

    private static DataSet data(double[][] rows, int[] labels) {
        INDArray oneHot = Nd4j.zeros(DataType.DOUBLE, rows.length, FashionPictures.CLASSES.size());
        for (int i = 0; i < labels.length; i++) {
            oneHot.putScalar(i, labels[i], 1);
        }
        return new DataSet(Nd4j.createFromArray(rows), oneHot);
    }
}
