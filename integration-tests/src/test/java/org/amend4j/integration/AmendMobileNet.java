/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;

/** The adapted MobileNetV2 in this library, trained by SGD in each of the three ways it offers. */
public final class AmendMobileNet implements LoraPeer {

    private final AdaptedModel model;
    private final ComputationGraph graph;
    private final HostPrefix prefix;
    private final DataSet pictures;
    private final DataSet features;

    /** Attaches the problem's adapters to its base and computes the cached features. */
    public AmendMobileNet(MobileNetProblem problem, double learningRate) throws IOException {
        model = AdaptedModel.attach(
                BaseModel.of(problem.base(new Sgd(0))),
                LoraConfig.of(MobileNetProblem.RANK, MobileNetProblem.ALPHA)
                        .withTargets(problem.targets().toArray(String[]::new))
                        .withTrainedInFull(MobileNetProblem.HEAD),
                problem.training(new Sgd(learningRate)));
        graph = model.graph();
        for (String target : problem.targets()) {
            Map<String, INDArray> adapter = graph.getLayer(target).paramTable();
            INDArray a = Objects.requireNonNull(adapter.get("A"));
            INDArray b = Objects.requireNonNull(adapter.get("B"));
            int nIn = (int) a.size(0);
            int nOut = (int) b.size(1);
            a.assign(DenseNetworks.matrix(problem.adapterA(target, nIn), nIn, MobileNetProblem.RANK));
            b.assign(DenseNetworks.matrix(problem.adapterB(target, nOut), MobileNetProblem.RANK, nOut));
        }
        prefix = model.prefix().orElseThrow();
        pictures = problem.pictures();
        features = cut();
    }

    /** The adapted network. */
    public AdaptedModel model() {
        return model;
    }

    @Override
    public float[] output() {
        return MergedDl4j.rowMajor(graph.outputSingle(pictures.getFeatures()));
    }

    @Override
    public double loss() {
        return graph.score(pictures);
    }

    @Override
    public Map<String, float[]> gradients() {
        return Dl4jParameters.gradients(graph, pictures);
    }

    @Override
    public Map<String, float[]> parameters() {
        return Dl4jParameters.values(graph);
    }

    /** A step of the whole graph, as any Deeplearning4j graph trains. */
    @Override
    public void step() {
        graph.fit(pictures);
    }

    /** A step from pictures, through the frozen layers. */
    public void stepThroughPrefix() {
        model.tail().fit(cut());
    }

    /** A step from the prefix's cached features. */
    public void stepFromFeatures() {
        model.tail().fit(features);
    }

    @Override
    public void close() {
        model.tail().close();
        graph.close();
    }

    /** What the layers above the frozen ones train on. */
    DataSet cut() {
        return new DataSet(prefix.run(pictures.getFeatures())[0], pictures.getLabels());
    }
}
