/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.provable;

import java.util.Arrays;
import java.util.List;
import org.amend4j.model.NormClipVertex;
import org.amend4j.sensitivity.Constant;
import org.deeplearning4j.nn.conf.graph.GraphVertex;
import org.deeplearning4j.nn.conf.graph.L2NormalizeVertex;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/** A bound of the norm of the rows a layer reads. */
final class Features {

    /** What a record's norm may be above the declared radius, for whoever scaled it there in double precision. */
    private static final double TOLERANCE = 0x1p-40;

    private static final double UNIT = 0x1p-53;

    private Features() {}

    /**
     * The bound, without the constant feature of a bias.
     *
     * @param width how many features the layer reads
     * @throws IllegalArgumentException naming the first record with features larger than declared
     */
    static Constant radius(ExaminedGraph situation, String layer, long width) {
        List<String> inputs = situation.part().inputs(layer);
        if (inputs.size() != 1 || situation.part().hasPreProcessor(layer)) {
            throw new NotProvedException("layer '" + layer + "' must read one vertex as it is, got " + inputs
                    + (inputs.size() == 1 ? " through a preprocessor" : ""));
        }
        String input = inputs.get(0);
        return situation
                .part()
                .networkInput(input)
                .map(index -> checked(situation, layer, index))
                .orElseGet(() -> ofVertex(layer, input, situation.part().vertex(input), width));
    }

    private static Constant ofVertex(String layer, String name, GraphVertex vertex, long width) {
        if (vertex instanceof NormClipVertex clip) {
            return Constant.proved(clip.radius(), "norm clip '" + name + "'");
        }
        if (vertex instanceof L2NormalizeVertex normalize && overRows(normalize.getDimension())) {
            // the norm is off by at most width/2 + 2 units, the quotients by one
            return Constant.proved(1 + 2 * UNIT * (width + 8.0), "normalisation '" + name + "'");
        }
        throw new NotProvedException("layer '" + layer + "' reads '" + name
                + "', whose norm is not bounded: put a NormClipVertex between them");
    }

    private static boolean overRows(int[] dimensions) {
        return dimensions == null || dimensions.length == 0 || Arrays.equals(dimensions, new int[] {1});
    }

    private static Constant checked(ExaminedGraph situation, String layer, int index) {
        double declared = situation
                .options()
                .featureRadius()
                .orElseThrow(() -> new NotProvedException(
                                "layer '" + layer
                                        + "' reads the records as they are: declare a radius that their norms keep",
                                EnablingOption.FEATURE_RADIUS)
                        .and(" or put a NormClipVertex below"));
        INDArray rows = situation.records().all().getFeatures(index).castTo(DataType.DOUBLE);
        if (rows.rank() != 2) {
            throw new NotProvedException(
                    "layer '" + layer + "' must read records [n, width], got shape " + Arrays.toString(rows.shape()));
        }
        double[] norms = rows.norm2(1).toDoubleVector();
        double allowed = declared * (1 + TOLERANCE);
        double errors = 1 + 2 * UNIT * (rows.size(1) + 8.0);
        for (int k = 0; k < norms.length; k++) {
            if (!(norms[k] * errors <= allowed)) {
                throw new IllegalArgumentException("the features of every record must have a norm <= " + declared
                        + ", got " + norms[k] + " (record "
                        + situation.records().ids().get(k) + ")");
            }
        }
        return Constant.enforced(allowed, "the norm of every record's features was checked");
    }

    /** {@code √(R² + 1)}, the norm with the constant feature of a bias, rounded up. */
    static double withConstant(double radius) {
        return Math.nextUp(Math.sqrt(Math.nextUp(Math.nextUp(radius * radius) + 1)));
    }
}
