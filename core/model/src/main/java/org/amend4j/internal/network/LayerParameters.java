/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.network.Values.Constant;
import org.amend4j.internal.network.Values.Slice;
import org.amend4j.model.UnsupportedNetworkException;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The parameters of one vertex.
 *
 * @param arrays by Deeplearning4j's keys
 * @param trained whether they are views into the trained parameter vector; if not, they never change
 */
public record LayerParameters(String vertex, Map<String, INDArray> arrays, boolean trained) {

    /** Whether ND4J's arrays are in the processor's memory. */
    private static final boolean ON_HOST = "CPU"
            .equalsIgnoreCase(Nd4j.getExecutioner().getEnvironmentInformation().getProperty("backend"));

    /** A matrix [inputs, outputs] as [outputs, inputs] row after row. */
    public Values transposed(String key) {
        INDArray matrix = require(key);
        return trained ? slice(key, matrix, 'f') : constant(key, matrix.transpose());
    }

    /** An array row after row. */
    public Values inOrder(String key) {
        INDArray array = require(key);
        return trained ? slice(key, array, 'c') : constant(key, array);
    }

    /** A vector, if the layer has it. */
    public Optional<Values> vector(String key, boolean present) {
        return present ? Optional.of(inOrder(key)) : Optional.empty();
    }

    /** An array that must not be trained, row after row. */
    public Constant constant(String key) {
        requireFrozen();
        return constant(key, require(key));
    }

    private void requireFrozen() {
        if (trained) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "would have to be trained there, which is not known for its kind");
        }
    }

    /**
     * An array that must not be trained, seen in another order of dimensions and laid out row after row of that.
     *
     * @param dimensions of the array, in their new order
     */
    public Constant constant(String key, int... dimensions) {
        requireFrozen();
        return constant(key, require(key).permute(dimensions));
    }

    /** An array that must be there. */
    public INDArray require(String key) {
        return Objects.requireNonNull(arrays.get(key), () -> vertex + " has no parameter " + key);
    }

    private Constant constant(String key, INDArray array) {
        return new Constant(
                vertex + "." + key,
                array.length(),
                () -> floats(array),
                () -> doubles(array),
                ON_HOST && isInOrder(array, 'c') ? resident(array) : Optional.empty());
    }

    private static Optional<Values.Resident> resident(INDArray array) {
        DataType type = array.dataType();
        if (type != DataType.FLOAT && type != DataType.DOUBLE) {
            return Optional.empty();
        }
        long address = array.data().address() + array.offset() * type.width();
        return Optional.of(new Values.Resident(array, address, type == DataType.DOUBLE));
    }

    static float[] floats(INDArray array) {
        return array.castTo(DataType.FLOAT).dup('c').data().asFloat();
    }

    private static double[] doubles(INDArray array) {
        return array.castTo(DataType.DOUBLE).dup('c').data().asDouble();
    }

    /** The place of an array in the parameter vector. */
    private Slice slice(String key, INDArray array, char order) {
        if (!isInOrder(array, order)) {
            throw UnsupportedNetworkException.vertex(
                    vertex, "keeps its parameter " + key + " in another order than '" + order + "'");
        }
        return new Slice(array.offset(), array.length());
    }

    /** Whether an array has no gaps, in an order. */
    private static boolean isInOrder(INDArray array, char order) {
        long expected = 1;
        for (int k = 0; k < array.rank(); k++) {
            int dimension = order == 'f' ? k : array.rank() - 1 - k;
            if (array.size(dimension) != 1 && array.stride(dimension) != expected) {
                return false;
            }
            expected *= array.size(dimension);
        }
        return true;
    }
}
