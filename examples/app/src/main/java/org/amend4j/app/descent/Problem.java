/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import org.amend4j.descent.Assurance;
import org.amend4j.descent.Smoothness;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.numeric.Lanczos;
import org.amend4j.objective.HessianVector;
import org.amend4j.objective.LowRankObjective;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration.GraphBuilder;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DenseLayer;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * A loss to descend on, by adapters of rank 4 with scale 1.
 *
 * @param name for files and charts
 * @param title for people
 * @param graph the adapted graph, for its predictions
 * @param objective mean loss over the training pictures
 * @param smoothness what is known of the loss as a function of the adapted weights
 */
record Problem(String name, String title, ComputationGraph graph, LowRankObjective objective, Smoothness smoothness) {

    static final int RANK = 4;

    /** Seed of the base's weights and of A; B starts at zero. */
    static final long SEED = 1;

    private static final int HIDDEN = 32;
    private static final int LANCZOS_STEPS = 40;

    /**
     * Softmax regression with W₀ = 0. The loss is convex in W with {@code L = λ_max(XᵀX/n)/2}, since the Hessian of the
     * cross-entropy at the logits, diag p - ppᵀ, has no eigenvalue above 1/2.
     */
    static Problem regression(DataSet training, Losses losses) {
        ComputationGraph plain = initialised(builder()
                .weightInit(WeightInit.ZERO)
                .graphBuilder()
                .addInputs("in")
                .addLayer("out", output(ClothesFeatures.COUNT), "in")
                .setOutputs("out"));
        ComputationGraph adapted = adapted(plain, "out");
        Smoothness proved = Smoothness.proved(largestEigenvalue(training.getFeatures()) / 2);
        return new Problem(
                "regression",
                "softmax regression, adapter on its weight",
                adapted,
                losses.of(adapted, Records.of(training)),
                proved);
    }

    /** An upper bound of λ_max(XᵀX/n): power iteration would only give lower ones. */
    private static double largestEigenvalue(INDArray x) {
        INDArray gram = Nd4j.createUninitialized(DataType.DOUBLE, new long[] {x.size(1), x.size(1)}, 'f');
        Nd4j.gemm(x, x, gram, true, false, 1.0 / x.size(0), 0);
        // LAPACK's error is a modest multiple of d·u·λ_max; a millionth is far above it.
        return org.nd4j.linalg.eigen.Eigen.symmetricGeneralizedEigenvalues(gram)
                        .maxNumber()
                        .doubleValue()
                * (1 + 1e-6);
    }

    /**
     * A network with one hidden layer of 32 tanh units, frozen at random weights, with adapters on both layers. No global L
     * is known; the largest curvature at the start stands in for it.
     */
    static Problem network(DataSet training, Losses losses) {
        ComputationGraph plain = initialised(builder()
                .weightInit(WeightInit.XAVIER)
                .graphBuilder()
                .addInputs("in")
                .addLayer(
                        "hidden",
                        new DenseLayer.Builder()
                                .nIn(ClothesFeatures.COUNT)
                                .nOut(HIDDEN)
                                .activation(Activation.TANH)
                                .build(),
                        "in")
                .addLayer("out", output(HIDDEN), "hidden")
                .setOutputs("out"));
        Records records = Records.of(training);
        GraphObjective inWeights = GraphObjective.of(plain, records);
        double curvature = new Lanczos(LANCZOS_STEPS, 1e-3, SEED)
                .of(HessianVector.at(inWeights, ParameterVectors.of(plain)), Lanczos.Ends.LARGEST)
                .largest()
                .value();
        ComputationGraph adapted = adapted(plain, "hidden", "out");
        return new Problem(
                "network",
                "one hidden layer, adapters on both layers",
                adapted,
                losses.of(adapted, records),
                new Smoothness(curvature, 0, Assurance.ESTIMATED));
    }

    private static NeuralNetConfiguration.Builder builder() {
        return new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1));
    }

    private static OutputLayer output(int inputs) {
        return new OutputLayer.Builder(LossFunction.MCXENT)
                .nIn(inputs)
                .nOut(10)
                .activation(Activation.SOFTMAX)
                .build();
    }

    private static ComputationGraph initialised(GraphBuilder builder) {
        ComputationGraph graph = new ComputationGraph(builder.build());
        graph.init();
        return graph;
    }

    private static ComputationGraph adapted(ComputationGraph plain, String... layers) {
        return AdaptedModel.attach(
                        BaseModel.of(plain),
                        LoraConfig.of(RANK, RANK).withTargets(layers),
                        new FineTuneConfiguration.Builder()
                                .seed(SEED)
                                .updater(new Sgd(1))
                                .build())
                .graph();
    }

    /** Share of right answers at some parameters; the graph keeps its own, where runs start. */
    double accuracy(double[] theta, DataSet test) {
        double[] start = ParameterVectors.of(graph);
        ParameterVectors.copyInto(graph, theta);
        INDArray guesses = graph.outputSingle(test.getFeatures()).argMax(1);
        ParameterVectors.copyInto(graph, start);
        return guesses.eq(test.getLabels().argMax(1))
                .castTo(DataType.DOUBLE)
                .meanNumber()
                .doubleValue();
    }
}
