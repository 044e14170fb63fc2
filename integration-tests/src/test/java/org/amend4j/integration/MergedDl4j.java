/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Map;
import java.util.TreeMap;
import org.deeplearning4j.nn.gradient.Gradient;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * The same function computed without adapters: stock Deeplearning4j layers on the merged weights W + s·A·B. The
 * adapters' gradients follow from the merged weight's: dA = s·dW·Bᵀ, dB = s·Aᵀ·dW.
 */
final class MergedDl4j {

    private final LoraProblem problem;
    private final ComputationGraph graph;
    private final DataSet batch;

    MergedDl4j(LoraProblem problem) {
        this.problem = problem;
        graph = DenseNetworks.base(problem, new Sgd(1));
        batch = DenseNetworks.batch(problem);
        for (int layer = 0; layer < problem.shape().depth(); layer++) {
            INDArray delta = a(layer).mmul(b(layer)).muli(problem.shape().scale());
            graph.getLayer(LoraShape.layerName(layer)).getParam("W").addi(delta);
        }
    }

    float[] output() {
        return rowMajor(graph.outputSingle(batch.getFeatures()));
    }

    double loss() {
        return graph.score(batch);
    }

    Map<String, float[]> gradients() {
        LoraShape shape = problem.shape();
        graph.setInput(0, batch.getFeatures());
        graph.setLabel(0, batch.getLabels());
        graph.computeGradientAndScore();
        Gradient sum = graph.gradient();
        Map<String, float[]> gradients = new TreeMap<>();
        for (int layer = 0; layer < shape.depth(); layer++) {
            String name = LoraShape.layerName(layer);
            INDArray mean = sum.getGradientFor(name + "_W").mul(shape.scale() / shape.batch());
            gradients.put(name + ".A", rowMajor(mean.mmul(b(layer).transpose())));
            gradients.put(name + ".B", rowMajor(a(layer).transpose().mmul(mean)));
        }
        if (shape.trainsOutput()) {
            gradients.put("out.W", rowMajor(sum.getGradientFor("out_W").div(shape.batch())));
            gradients.put("out.b", rowMajor(sum.getGradientFor("out_b").div(shape.batch())));
        }
        return gradients;
    }

    private INDArray a(int layer) {
        LoraShape shape = problem.shape();
        return DenseNetworks.matrix(problem.adapterA(layer), shape.width(), shape.rank());
    }

    private INDArray b(int layer) {
        LoraShape shape = problem.shape();
        return DenseNetworks.matrix(problem.adapterB(layer), shape.rank(), shape.width());
    }

    static float[] rowMajor(INDArray array) {
        return array.dup('c').data().asFloat();
    }
}
