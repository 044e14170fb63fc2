/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.prefix;

import java.util.List;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The part of a frozen network up to some vertices, ready to be run: {@link HostPrefix} on the CPU, {@link PlannedPrefix} on a
 * device, or anything else that computes the same function up to rounding.
 *
 * <p>Outputs equal Deeplearning4j's {@code feedForward(inputs, false)} within rounding. One difference is deliberate: in test mode
 * Deeplearning4j's ActivationLayer works in place, so that a vertex whose output it reads shows the activated values to every
 * later reader; here a vertex's output is its own, as in Deeplearning4j's training mode.
 */
public interface Prefix {

    /** The names of the output vertices, in the order of {@link #run}'s result. */
    List<String> outputs();

    /** The type of the outputs. */
    DataType dataType();

    /**
     * What computes, how precisely, in which version: whatever decides the outputs' bytes besides weights, inputs, and names and
     * type of the outputs. Part of a cache's key, so that activations that differ by rounding are not taken for one another.
     */
    String origin();

    /**
     * Runs the prefix in test mode.
     *
     * @param inputs one array per network input, in the network's order, in the shapes DL4J takes; not modified
     * @return one array per output vertex, in DL4J's own shape and layout (order c, the batch along dimension 0), in no
     *     workspace
     * @throws IllegalArgumentException if the number of inputs is wrong or an input has no examples
     */
    INDArray[] run(INDArray... inputs);
}
