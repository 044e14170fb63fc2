/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.io.IOException;
import java.util.List;
import org.amend4j.data.IdxPictures;
import org.amend4j.data.Labelled;
import org.amend4j.data.PictureShape;

/** The part of Fashion-MNIST that comes with the examples: small grey pictures of clothes, ten kinds. */
public final class FashionPictures {

    /** The kinds, in the order of their labels. */
    public static final List<String> CLASSES = List.of(
            "T-shirt/top", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot");

    private static final String DATA = "/org/amend4j/app/fashion-mnist/";

    private FashionPictures() {}

    /** The first 6,000 training pictures, enlarged to {@code side} × {@code side} × 3, values in [0, 1]. */
    public static Labelled training(int side) throws IOException {
        return pictures("train", "6000", side);
    }

    /** The first 1,000 test pictures, likewise. */
    public static Labelled test(int side) throws IOException {
        return pictures("t10k", "1000", side);
    }

    private static Labelled pictures(String part, String count, int side) throws IOException {
        return IdxPictures.read(
                FashionPictures.class,
                DATA + part + "-images-" + count + "-idx3-ubyte.gz",
                DATA + part + "-labels-" + count + "-idx1-ubyte.gz",
                new PictureShape(side, 3, PictureShape.Order.NHWC),
                CLASSES);
    }
}
