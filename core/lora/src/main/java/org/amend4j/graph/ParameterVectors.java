/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import org.amend4j.numeric.Vectors;
import org.bytedeco.javacpp.DoublePointer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.concurrency.AffinityManager;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Copies parameter vectors into and out of graphs. */
public final class ParameterVectors {

    private ParameterVectors() {}

    /** A graph's parameter vector. */
    public static double[] of(ComputationGraph graph) {
        return of(graph.params());
    }

    /** The numbers of an array, in C order. */
    public static double[] of(INDArray array) {
        INDArray doubles = doubles(array.length()).assign(array.reshape('c', new long[] {1, array.length()}));
        double[] result = new double[(int) doubles.length()];
        read(doubles, result);
        return result;
    }

    /**
     * An array of some numbers, outside of any workspace.
     *
     * @param values in C order
     */
    public static INDArray array(double[] values, DataType type, long... shape) {
        INDArray doubles = doubles(values.length);
        write(values, doubles);
        return doubles.reshape('c', shape).castTo(type);
    }

    /**
     * Sets a graph's parameters, rounding to the graph's type.
     *
     * @throws IllegalArgumentException if the lengths differ
     */
    public static void copyInto(ComputationGraph graph, double[] theta) {
        Vectors.requireLength("the parameter vector", theta, (int) graph.numParams());
        INDArray parameters = graph.params();
        if (isWholeRowOfDoubles(parameters)) {
            write(theta, parameters);
            return;
        }
        INDArray doubles = doubles(theta.length);
        write(theta, doubles);
        parameters.assign(doubles);
    }

    private static boolean isWholeRowOfDoubles(INDArray array) {
        return array.dataType() == DataType.DOUBLE
                && array.offset() == 0
                && array.length() == array.data().length();
    }

    /** A row of doubles outside of any workspace, not initialised. */
    static INDArray doubles(long length) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            return Nd4j.createUninitialized(DataType.DOUBLE, new long[] {1, length}, 'c');
        }
    }

    /** Reads a dense row of doubles that starts its buffer. */
    static void read(INDArray from, double[] into) {
        Nd4j.getAffinityManager().ensureLocation(from, AffinityManager.Location.HOST);
        try (DoublePointer values = new DoublePointer(from.data().pointer())) {
            values.get(into, 0, into.length);
        }
    }

    /** Writes a dense row of doubles that starts its buffer. */
    static void write(double[] from, INDArray into) {
        try (DoublePointer values = new DoublePointer(into.data().pointer())) {
            values.put(from, 0, from.length);
        }
        Nd4j.getAffinityManager().tagLocation(into, AffinityManager.Location.HOST);
    }
}
