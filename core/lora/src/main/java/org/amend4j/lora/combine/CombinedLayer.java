/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.combine;

/**
 * What became of a layer: how far its change of the weight is from the weighted sum of the adapters' changes.
 *
 * @param name name of the adapted weight
 * @param rank of the result
 * @param fidelity what it is
 * @param norm Frobenius norm of the weighted sum
 * @param error Frobenius norm of the difference, measured with the factors as they are stored: their rounding, and where the sum was
 *     truncated the root of the sum of the squares of the singular values left out
 */
public record CombinedLayer(String name, int rank, Fidelity fidelity, double norm, double error) {

    /** How a result relates to the weighted sum. */
    public enum Fidelity {
        /** It is the sum, but for rounding. */
        EXACT,
        /** It is the nearest matrix of a rank that is less than the sum's. */
        TRUNCATED,
        /** It is something else, of PEFT's. */
        NOT_THE_SUM
    }

    /** The error as a part of the norm: 0 if there is none, infinite if there is one and the sum is zero. */
    public double relativeError() {
        return error == 0 ? 0 : error / norm;
    }
}
