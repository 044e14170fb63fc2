/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.attention;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * The weights around an attention with several heads, as matrices [inputs, outputs]: views of Deeplearning4j's own.
 *
 * @param queries [inputs, heads · size]
 * @param keys likewise
 * @param values likewise
 * @param output [heads · size, outputs]
 * @param heads >= 1
 */
public record Projections(INDArray queries, INDArray keys, INDArray values, INDArray output, int heads) {

    /** Deeplearning4j's key of the queries' projection. */
    public static final String QUERIES = "Wq";

    /** Of the keys'. */
    public static final String KEYS = "Wk";

    /** Of the values'. */
    public static final String VALUES = "Wv";

    /** Of that of all heads' attention. */
    public static final String OUTPUT = "Wo";

    /** Those among Deeplearning4j's parameters, which are [heads, size, inputs]; none if it does not project. */
    public static Optional<Projections> of(Map<String, INDArray> parameters) {
        return Optional.ofNullable(parameters.get(OUTPUT))
                .map(output -> new Projections(
                        matrix(parameters, QUERIES), matrix(parameters, KEYS), matrix(parameters, VALUES), output, (int)
                                require(parameters, QUERIES).size(0)));
    }

    private static INDArray matrix(Map<String, INDArray> parameters, String key) {
        INDArray weight = require(parameters, key);
        return weight.reshape('c', weight.size(0) * weight.size(1), weight.size(2))
                .transpose();
    }

    private static INDArray require(Map<String, INDArray> parameters, String key) {
        return Objects.requireNonNull(parameters.get(key), key);
    }
}
