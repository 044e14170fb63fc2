/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.transformer;

import java.io.IOException;
import org.amend4j.checkpoint.Checkpoint;
import org.amend4j.checkpoint.DecoderNames;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.params.DefaultParamInitializer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** Puts a checkpoint's tensors into the layers that are named as its modules. */
final class CheckpointWeights {

    private static final String WEIGHT = ".weight";
    private static final String BIAS = ".bias";

    private CheckpointWeights() {}

    static void read(Checkpoint checkpoint, ComputationGraph graph) throws IOException {
        for (String tensor : checkpoint.shapes().keySet()) {
            assign(graph, tensor, checkpoint.read(tensor));
        }
        if (checkpoint.decoder().tiedEmbeddings()) {
            assign(graph, DecoderNames.HEAD, checkpoint.read(DecoderNames.EMBEDDINGS));
        }
    }

    private static void assign(ComputationGraph graph, String tensor, float[] values) {
        boolean bias = tensor.endsWith(BIAS);
        String module = tensor.substring(0, tensor.length() - (bias ? BIAS : WEIGHT).length());
        INDArray parameter = graph.getLayer(module).getParam(key(module, bias));
        INDArray read = Nd4j.createFromArray(values);
        // matrices of linear layers are [outputs, inputs] there and [inputs, outputs] here, in Fortran order: the same
        // bytes
        parameter.assign(
                module.equals(DecoderGraph.EMBEDDING)
                        ? read.reshape('c', parameter.shape())
                        : read.reshape('f', parameter.shape()));
    }

    private static String key(String module, boolean bias) {
        if (bias) {
            return DefaultParamInitializer.BIAS_KEY;
        }
        return module.endsWith("norm") ? RowNorm.GAIN : DefaultParamInitializer.WEIGHT_KEY;
    }
}
