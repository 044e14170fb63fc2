/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.Precision;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;

/** A graph's parameter vector as a policy uses it. */
final class GraphParameters {

    private GraphParameters() {}

    static Precision precision(ComputationGraph graph) {
        return graph.params().dataType() == DataType.DOUBLE ? Precision.DOUBLE : Precision.FLOAT;
    }

    /**
     * Rounds to the graph's type.
     *
     * @throws IllegalArgumentException if the length is wrong or a number is not finite in that type
     */
    static double[] rounded(Precision precision, double[] theta) {
        double[] rounded = theta.clone();
        if (precision == Precision.FLOAT) {
            for (int i = 0; i < rounded.length; i++) {
                rounded[i] = (float) rounded[i];
            }
        }
        PassRules.requireFinite(rounded);
        return rounded;
    }

    static void write(ComputationGraph graph, double[] theta) {
        Vectors.requireLength("theta", theta, (int) graph.numParams());
        rounded(precision(graph), theta);
        ParameterVectors.copyInto(graph, theta);
    }

    /** SHA-256 of the numbers' bits. */
    static String digest(double[]... parts) {
        MessageDigest sha = Sha256.start();
        for (double[] part : parts) {
            ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * part.length);
            for (double number : part) {
                bytes.putDouble(number);
            }
            sha.update(bytes.array());
        }
        return Sha256.hex(sha);
    }
}
