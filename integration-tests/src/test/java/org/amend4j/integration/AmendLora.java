/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Sgd;

/** The problem in this library: a base model, adapters attached to it, and the graph's own {@code fit}. */
public final class AmendLora implements LoraPeer {

    private final LoraShape shape;
    private final AdaptedModel model;
    private final ComputationGraph graph;
    private final DataSet batch;

    /** Makes a base of its own from the problem's weights. */
    public AmendLora(LoraProblem problem, UpdateRule rule, double learningRate) {
        this(problem, BaseModel.of(DenseNetworks.base(problem, new Sgd(0))), rule, learningRate);
    }

    /** Attaches to a base that holds the problem's weights. */
    public AmendLora(LoraProblem problem, BaseModel base, UpdateRule rule, double learningRate) {
        shape = problem.shape();
        IUpdater updater = DenseNetworks.updater(rule, learningRate);
        model = AdaptedModel.attach(
                base,
                config(shape),
                new FineTuneConfiguration.Builder().updater(updater).build());
        graph = model.graph();
        batch = DenseNetworks.batch(problem);
        for (int layer = 0; layer < shape.depth(); layer++) {
            String name = LoraShape.layerName(layer);
            parameter(name, "A").assign(DenseNetworks.matrix(problem.adapterA(layer), shape.width(), shape.rank()));
            parameter(name, "B").assign(DenseNetworks.matrix(problem.adapterB(layer), shape.rank(), shape.width()));
            if (shape.dora()) {
                parameter(name, "magnitude").assign(DenseNetworks.matrix(problem.magnitude(layer), 1, shape.width()));
            }
        }
    }

    @Override
    public float[] output() {
        return MergedDl4j.rowMajor(graph.outputSingle(batch.getFeatures()));
    }

    @Override
    public double loss() {
        return graph.score(batch);
    }

    @Override
    public Map<String, float[]> gradients() {
        return Dl4jParameters.gradients(graph, batch);
    }

    @Override
    public Map<String, float[]> parameters() {
        return Dl4jParameters.values(graph);
    }

    @Override
    public void step() {
        graph.fit(batch);
    }

    /** The adapted graph. */
    public ComputationGraph graph() {
        return graph;
    }

    /** The one batch. */
    public DataSet batch() {
        return batch;
    }

    /** The adapted model, for tests that look deeper. */
    AdaptedModel model() {
        return model;
    }

    @Override
    public void close() {
        graph.close();
    }

    private static LoraConfig config(LoraShape shape) {
        String[] targets =
                IntStream.range(0, shape.depth()).mapToObj(LoraShape::layerName).toArray(String[]::new);
        LoraConfig plain = LoraConfig.of(shape.rank(), shape.alpha()).withTargets(targets);
        LoraConfig config = shape.dora() ? plain.withDora() : plain;
        return shape.trainsOutput() ? config.withTrainedInFull("out") : config;
    }

    private INDArray parameter(String layer, String key) {
        Layer found = graph.getLayer(layer);
        return Objects.requireNonNull(found.paramTable().get(key), key);
    }
}
