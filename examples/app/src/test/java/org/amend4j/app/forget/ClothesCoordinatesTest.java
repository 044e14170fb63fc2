/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.amend4j.app.demo.Backbone;
import org.amend4j.app.demo.FashionPictures;
import org.amend4j.app.descent.ClothesFeatures;
import org.amend4j.data.Labelled;
import org.amend4j.prefix.HostPrefix;
import org.junit.jupiter.api.Test;

class ClothesCoordinatesTest {

    /** Ten kinds lie apart in nine directions; those after them are of noise, and turn with the last digit. */
    private static final int DIRECTIONS = 9;

    @Test
    void what_comes_with_the_examples_is_computed_from_the_pictures() throws IOException {
        int count = PrivateClothes.PUBLIC + 10;
        Labelled pictures = FashionPictures.training(ClothesFeatures.SIDE);
        HostPrefix prefix = HostPrefix.of(
                Backbone.withNewHead(ClothesFeatures.SIDE, pictures.classes().size(), 1), List.of(Backbone.POOL));
        double[][] features = prefix.run(
                        pictures.batch(IntStream.range(0, count).toArray()).getFeatures())[0]
                .reshape(count, -1)
                .toDoubleMatrix();
        int[] kinds = IntStream.range(0, count).map(pictures::label).toArray();
        ClothesCoordinates computed =
                DiscriminantCoordinates.clothes(features, kinds, features, kinds, PrivateClothes.PUBLIC);
        ClothesCoordinates brought = ClothesCoordinates.read();
        assertEquals(6000, brought.training().length);
        assertEquals(1000, brought.test().length);
        assertArrayEquals(kinds, Arrays.copyOf(brought.trainingKinds(), count));
        for (int axis = 0; axis < DIRECTIONS; axis++) {
            // an axis has no sign
            double sign = Math.signum(computed.training()[0][axis] * brought.training()[0][axis]);
            for (int picture = 0; picture < count; picture++) {
                // coordinates are of order 1, features in single precision
                assertEquals(brought.training()[picture][axis], sign * computed.training()[picture][axis], 0.01);
            }
        }
    }
}
