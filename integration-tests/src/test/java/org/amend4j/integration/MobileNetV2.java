/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import org.deeplearning4j.nn.conf.graph.LayerVertex;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.util.ModelSerializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** The MobileNetV2 backbone shipped with the examples, and the reference inputs. */
public final class MobileNetV2 {

    private static final String RESOURCE = "/org/amend4j/app/mobilenet_v2/mobilenet_v2.dl4j.zip";

    private MobileNetV2() {}

    /** The shipped graph; of use up to {@code out_relu} only. */
    public static ComputationGraph open() throws IOException {
        try (InputStream in = MobileNetV2.class.getResourceAsStream(RESOURCE)) {
            if (in == null) {
                throw new FileNotFoundException(RESOURCE);
            }
            ComputationGraph network = ModelSerializer.restoreComputationGraph(in, false);
            // The importer left dropout that keeps everything on each layer; on NHWC data its backward pass throws.
            network.getConfiguration().getVertices().values().forEach(vertex -> {
                if (vertex instanceof LayerVertex layer) {
                    layer.getLayerConf().getLayer().setIDropout(null);
                }
            });
            return network;
        }
    }

    /** The reference input: at flat index i (order n, h, w, c) the value ((7919 i) mod 1000) / 1000. */
    public static INDArray input(int batch, int side) {
        float[] values = new float[batch * side * side * 3];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (((long) i * 7919 % 1000) / 1000.0);
        }
        return Nd4j.createFromArray(values).reshape('c', new long[] {batch, side, side, 3});
    }

    /** The position of a layer among the graph's layers, for {@code feedForward} up to it. */
    public static int layerIndex(ComputationGraph network, String name) {
        for (int i = 0; i < network.getLayers().length; i++) {
            if (name.equals(network.getLayers()[i].conf().getLayer().getLayerName())) {
                return i;
            }
        }
        throw new IllegalArgumentException("no layer '" + name + "'");
    }
}
