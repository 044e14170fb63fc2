/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.data;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Examples with one class label each. Immutable, and safe to read from several threads. */
public interface Labelled {

    /** How many examples there are, at least 1. */
    int size();

    /** Shape of one example, without the batch dimension: {@code [columns]}, {@code [h, w, c]} or {@code [c, h, w]}. */
    long[] shape();

    /** The classes' names; a label is an index into this list. */
    List<String> classes();

    /** Label of one example, from 0 to {@code classes().size() - 1}. */
    int label(int example);

    /**
     * Writes one example's features in the C order of {@link #shape()}.
     *
     * @param example index, from 0 to {@code size() - 1}
     * @param into where to write, starting at {@code offset}; the caller ensures that the example fits
     */
    void features(int example, float[] into, int offset);

    /** How the examples are laid out, if they are pictures. */
    default Optional<PictureShape> pictures() {
        return Optional.empty();
    }

    /** Writes one example as people see it, where it is a picture: parts of 1 in the C order of its shape. */
    default void pixels(int example, float[] into) {
        features(example, into, 0);
    }

    /** Number of values in one example. */
    default int length() {
        long product = 1;
        for (long dimension : shape()) {
            product *= dimension;
        }
        return Math.toIntExact(product);
    }

    /**
     * These examples as one DL4J mini-batch: features {@code [n, shape...]}, labels one-hot {@code [n, classes]}.
     *
     * @param examples indices, at least one
     */
    default DataSet batch(int... examples) {
        int length = length();
        int classes = classes().size();
        float[] features = new float[Math.multiplyExact(examples.length, length)];
        float[] labels = new float[examples.length * classes];
        for (int i = 0; i < examples.length; i++) {
            features(examples[i], features, i * length);
            labels[i * classes + label(examples[i])] = 1;
        }
        long[] one = shape();
        long[] shape = new long[one.length + 1];
        shape[0] = examples.length;
        System.arraycopy(one, 0, shape, 1, one.length);
        return new DataSet(
                Nd4j.create(features, shape, 'c'), Nd4j.create(labels, new long[] {examples.length, classes}, 'c'));
    }
}
