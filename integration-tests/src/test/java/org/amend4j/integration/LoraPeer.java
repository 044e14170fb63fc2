/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Map;

/**
 * A network with adapters and one batch, seen alike whoever computes it. Matrices are row-major in Deeplearning4j's
 * orientation: A [nIn, rank], B [rank, nOut], output weight [nIn, classes]. Gradients are those of the mean loss of the
 * batch, at the current parameters.
 */
public interface LoraPeer extends AutoCloseable {

    /** Class probabilities of the batch, [batch, classes]. */
    float[] output();

    /** Mean cross-entropy of the batch. */
    double loss();

    /** The gradients by name: {@code dense_0.A}, {@code dense_0.B}, ..., and {@code out.W}, {@code out.b} if trained. */
    Map<String, float[]> gradients();

    /** Copies of what trains, by the gradients' names. */
    Map<String, float[]> parameters();

    /** One training step on the batch. */
    void step();

    @Override
    void close();
}
