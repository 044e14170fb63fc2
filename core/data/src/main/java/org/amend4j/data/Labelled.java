/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.data;

import java.util.List;
import java.util.Optional;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;

/** Examples with one class label each, or of a regression, with numbers. Immutable, and safe to read from several threads. */
public interface Labelled {

    /** How many examples there are, at least 1. */
    int size();

    /** Shape of one example, without the batch dimension: {@code [columns]}, {@code [h, w, c]} or {@code [c, h, w]}. */
    long[] shape();

    /** The classes' names; a label is an index into this list. None of a regression. */
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

    /** How wide what a network has to say of an example is: a column a class, unless something else is said. */
    default int columns() {
        return classes().size();
    }

    /** Writes what a network has to say of one example, {@link #columns} numbers: one-hot, unless something else is said. */
    default void target(int example, float[] into, int offset) {
        into[offset + label(example)] = 1;
    }

    /** A network's outputs, one example's after the other's, in the units that the data was read in. */
    default float[] inUnits(float[] outputs) {
        return outputs;
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
     * These examples as one DL4J mini-batch: features {@code [n, shape...]}, labels {@code [n, columns]}.
     *
     * @param examples indices, at least one
     */
    default DataSet batch(int... examples) {
        int length = length();
        int columns = columns();
        float[] features = new float[Math.multiplyExact(examples.length, length)];
        float[] labels = new float[examples.length * columns];
        for (int i = 0; i < examples.length; i++) {
            features(examples[i], features, i * length);
            target(examples[i], labels, i * columns);
        }
        long[] one = shape();
        long[] shape = new long[one.length + 1];
        shape[0] = examples.length;
        System.arraycopy(one, 0, shape, 1, one.length);
        return new DataSet(
                Nd4j.create(features, shape, 'c'), Nd4j.create(labels, new long[] {examples.length, columns}, 'c'));
    }
}
