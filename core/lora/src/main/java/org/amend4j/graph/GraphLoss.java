/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.amend4j.internal.lora.layer.LayerRows;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.numeric.Vectors;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.regularization.L2Regularization;

/**
 * Sums of a graph's loss and gradient over chunks of examples, added up in double. The graph is a private copy whose
 * parameters are set for each evaluation; objectives that differ in their records share it.
 */
final class GraphLoss {

    private final ObservedGraph twin;
    private final ComputationGraph graph;
    private final INDArray theta;
    private final INDArray sum;
    private final INDArray chunkGradient;
    private final Optional<ClippedSums> sums = ClippedSums.find();
    private Optional<Boolean> layersSeeExamples = Optional.empty();

    GraphLoss(ObservedGraph twin) {
        this.twin = twin;
        this.graph = twin.graph();
        this.theta = ParameterVectors.doubles(graph.numParams());
        this.sum = ParameterVectors.doubles(graph.numParams());
        this.chunkGradient = ParameterVectors.doubles(graph.numParams());
    }

    ObservedGraph twin() {
        return twin;
    }

    DataType dataType() {
        return graph.params().dataType();
    }

    int dimension() {
        return (int) graph.numParams();
    }

    /** Starts an evaluation at a vector. */
    void start(double[] at) {
        Vectors.requireLength("the parameter vector", at, dimension());
        ParameterVectors.write(at, theta);
        graph.params().assign(theta);
        sum.assign(0);
    }

    /** The sum of the losses of some examples. */
    double loss(MultiDataSet chunk) {
        graph.clearLayerMaskArrays();
        sizeBatch(chunk);
        // as for the gradient: layers in use make their products by calls that round otherwise
        return graph.score(chunk, true) * examples(chunk);
    }

    /** Preprocessors of sequences ask the graph for the size of its batch, and it looks at its labels, if only at those of an earlier one. */
    private void sizeBatch(MultiDataSet chunk) {
        graph.setLabels(chunk.getLabels());
    }

    /** As {@link #loss}, and adds the sum of their gradients to what {@link #gradient} gives. */
    double addGradient(MultiDataSet chunk) {
        double loss = computeGradient(chunk);
        addWeighted(1);
        return loss;
    }

    /**
     * As {@link #addGradient}, with an observer that makes the gradients of the layers it is shown.
     *
     * @param observer must not throw
     */
    double addGradient(MultiDataSet chunk, Consumer<List<LayerRows>> observer) {
        double[] loss = new double[1];
        twin.observing(observer, () -> loss[0] = computeGradient(chunk));
        addWeighted(1);
        return loss[0];
    }

    /** As {@link #loss}; the sum of the gradients is left for {@link #chunkNorm} and {@link #addWeighted}. */
    double computeGradient(MultiDataSet chunk) {
        graph.clearLayerMaskArrays();
        graph.setInputs(chunk.getFeatures());
        graph.setLabels(chunk.getLabels());
        graph.setLayerMaskArrays(chunk.getFeaturesMaskArrays(), chunk.getLabelsMaskArrays());
        keepMasksOfOutputs(chunk);
        graph.computeGradientAndScore();
        return graph.score() * examples(chunk);
    }

    /**
     * A features mask that reaches an output counts like a labels mask, in a score and in a gradient; but Deeplearning4j
     * forgets it between a gradient and its score unless it is given as one.
     */
    private void keepMasksOfOutputs(MultiDataSet chunk) {
        if (chunk.getFeaturesMaskArrays() == null) {
            return;
        }
        List<String> outputs = graph.getConfiguration().getNetworkOutputs();
        @Nullable INDArray[] masks = new INDArray[outputs.size()];
        @Nullable INDArray @Nullable [] given = chunk.getLabelsMaskArrays();
        for (int k = 0; k < masks.length; k++) {
            boolean known = given != null && given[k] != null;
            masks[k] = known ? given[k] : graph.getLayer(outputs.get(k)).getMaskArray();
        }
        graph.setLayerMaskArrays(chunk.getFeaturesMaskArrays(), masks);
    }

    /** The norm of the last computed gradient. */
    double chunkNorm() {
        return chunkGradient.assign(graph.gradient().gradient()).norm2Number().doubleValue();
    }

    /** Adds the last computed gradient, times a weight. */
    void addWeighted(double weight) {
        INDArray computed = graph.gradient().gradient();
        INDArray doubles = computed.dataType() == DataType.DOUBLE ? computed : chunkGradient.assign(computed);
        Nd4j.getBlasWrapper().level1().axpy(sum.length(), weight, doubles, sum);
    }

    /** What sums up clipped gradients of these records in few passes where layers would not. */
    Optional<ClippedSums.Sum> clippedSum(Records data, Clipping clipping) {
        return isRowwise(data.batch(new int[] {0}, 0, 1))
                ? Optional.empty()
                : sums.flatMap(some -> some.on(graph, data, clipping));
    }

    /** Puts a vector in the place of the sum of all gradients since {@link #start}. */
    void setGradient(double[] gradient) {
        ParameterVectors.write(gradient, sum);
    }

    /** The sum of all gradients since {@link #start}. */
    void gradient(double[] into) {
        ParameterVectors.read(sum, into);
    }

    /**
     * Adds λθ to a gradient as Deeplearning4j's l2 does.
     *
     * @param gradient [dimension], changed in place
     */
    void addDecay(double lambda, double[] gradient) {
        if (lambda > 0) {
            INDArray array = ParameterVectors.array(gradient, DataType.DOUBLE, 1, gradient.length);
            new L2Regularization(lambda).apply(graph.params(), array, 0, 0, 0);
            ParameterVectors.read(array, gradient);
        }
    }

    /**
     * Whether all gradients are made of rows that are known by example. They are not where a layer takes the time steps of sequences
     * for examples, in an order that depends on what is below it.
     *
     * @param one a single example
     */
    boolean isRowwise(MultiDataSet one) {
        return twin.isRowwise() && byExample(one);
    }

    private boolean byExample(MultiDataSet one) {
        if (layersSeeExamples.isEmpty()) {
            Map<String, INDArray> outputs = outputs(one);
            layersSeeExamples = Optional.of(twin.observed().stream()
                    .allMatch(layer ->
                            Objects.requireNonNull(outputs.get(layer), layer).size(0) == 1));
        }
        return layersSeeExamples.get();
    }

    private static double examples(MultiDataSet chunk) {
        return chunk.getFeatures(0).size(0);
    }

    /** Numbers per example that a forward pass keeps, measured on one. */
    long activationsPerExample(MultiDataSet one) {
        return outputs(one).values().stream().mapToLong(INDArray::length).sum();
    }

    private Map<String, INDArray> outputs(MultiDataSet one) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            graph.clearLayerMaskArrays();
            graph.setLayerMaskArrays(one.getFeaturesMaskArrays(), one.getLabelsMaskArrays());
            graph.setLabels(
                    (INDArray[]) null); // the batch is as large as its features, whatever labels there were before
            Map<String, INDArray> outputs = graph.feedForward(one.getFeatures(), false);
            graph.clear();
            return outputs;
        }
    }
}
