/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.model.NormClipVertex;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.PartialObjective;
import org.amend4j.objective.RecordIds;
import org.amend4j.privacy.PrivacyBudget;
import org.amend4j.provable.ProvableGraphs;
import org.amend4j.provable.ProvableOptions;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.provable.TrainedFactors;
import org.amend4j.sensitivity.LossBounds;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.service.ForgettingModel;
import org.amend4j.unlearn.Guarantee;
import org.amend4j.unlearn.KeyedEpochs;
import org.amend4j.unlearn.Recipe;
import org.amend4j.unlearn.ReleasePolicy;
import org.amend4j.unlearn.RewindToDelete;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.inputs.InputType;
import org.deeplearning4j.nn.conf.layers.OutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.nn.weights.WeightInit;
import org.nd4j.linalg.activations.Activation;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.learning.config.Sgd;
import org.nd4j.linalg.lossfunctions.LossFunctions.LossFunction;

/**
 * Classifies clothes: an adapter on the output layer of a public base, fine-tuned on users' pictures so that they can be
 * removed again:
 *
 * <pre>  features → norm clip → output layer (public weights) + adapter (A public, B trained) </pre>
 *
 * A softmax of features in a ball, through a frozen A, is convex in B with proved constants.
 *
 * @param adapted the graph with the adapter, for its predictions and files
 * @param problem what is descended on, with its constants
 * @param run how
 * @param guarantee what certificates rest on
 */
public record ClothesModel(AdaptedModel adapted, ProvableProblem problem, RewindToDelete run, Guarantee guarantee) {

    /** r, as many as there are kinds: no adapter of the layer can have more. It has r·10 trained parameters. */
    public static final int RANK = 10;

    /** Of the norm clip: features are several times longer, so that their directions count. */
    public static final double RADIUS = 1;

    /** T of {@link #fullBatch}. */
    public static final int STEPS = 800;

    /** λ of {@link #fullBatch}. */
    public static final double WEIGHT_DECAY = 0.003;

    /** S of {@link #oneEpoch}. */
    public static final int EPOCH_STEPS = 100;

    private static final double EPOCH_STEP_SIZE = 2;
    private static final double EPOCH_WEIGHT_DECAY = 1e-3;

    private static final int CHECKPOINTS = 100;
    private static final double BASE_WEIGHT_DECAY = 0.003;
    private static final int BASE_STEPS = 500;
    private static final String OUTPUT = "out";
    private static final long SEED = 1;

    /** (ε, δ) of every release. */
    public static final PrivacyBudget BUDGET = new PrivacyBudget(1, 1e-5);

    private static final double TOLERATED_NOISE = 0.2;

    private static final List<String> ASSUMPTIONS = List.of(
            "users are made up: the pictures have none, and were dealt out to 100 of them from a fixed seed",
            "MobileNetV2, the preprocessing of its features and the base's head are public; the last two were fitted to 100"
                    + " pictures of nobody",
            "rank, radius, step sizes, weight decay, their number and the tolerated noise are public constants; they were"
                    + " chosen once when this example was written, with an eye on these pictures",
            "nobody chose deletions after looking at published models");

    /**
     * The public base: plain gradient descent on the pictures without a user.
     *
     * @return a network in double precision
     */
    public static ComputationGraph base(PrivateClothes clothes) {
        ComputationGraph graph = new ComputationGraph(new NeuralNetConfiguration.Builder()
                .seed(SEED)
                .dataType(DataType.DOUBLE)
                .updater(new Sgd(1))
                .weightInit(WeightInit.ZERO)
                .graphBuilder()
                .addInputs("features")
                .addVertex("clip", new NormClipVertex(RADIUS), "features")
                .addLayer(
                        OUTPUT,
                        new OutputLayer.Builder(LossFunction.MCXENT)
                                .nIn(ClothesCoordinates.WIDTH)
                                .nOut(clothes.test().numOutcomes())
                                .activation(Activation.SOFTMAX)
                                .build(),
                        "clip")
                .setOutputs(OUTPUT)
                .setInputTypes(InputType.feedForward(ClothesCoordinates.WIDTH))
                .build());
        graph.init();
        GraphObjective objective =
                GraphObjective.of(graph, Records.of(clothes.publicShare())).withWeightDecay(BASE_WEIGHT_DECAY);
        // L = (R² + 1)/2 with the bias
        double step = 1 / ((RADIUS * RADIUS + 1) / 2 + BASE_WEIGHT_DECAY);
        RewindToDelete descent = new RewindToDelete(objective, Recipe.fullBatch(BASE_STEPS, step));
        ParameterVectors.copyInto(graph, descent.run(objective.parameters(), BASE_STEPS, RecordIds.of()));
        return graph;
    }

    /** Full-batch gradient descent, strongly convex: certified rewinds. */
    public static ClothesModel fullBatch(BaseModel base, PrivateClothes clothes) {
        AdaptedModel adapted = adapted(base);
        ProvableProblem problem = problem(adapted, clothes, clothes.planned(), WEIGHT_DECAY);
        // η(L + 2λ) <= 2, with room for rounding
        double step = 1.999 / (problem.bounds().lipschitz().value() + 2 * WEIGHT_DECAY);
        return of(
                adapted,
                problem,
                problem.bounds(),
                Recipe.fullBatch(STEPS, step).withCheckpoints(CheckpointSchedule.every(CHECKPOINTS)));
    }

    /**
     * One epoch in which all of a user's pictures have one step, and a checkpoint after each: exact rewinds. They rest on no
     * constant, so that steps may be longer than bounds for convex losses allow; the bound that holds for any loss is kept.
     *
     * @param key of the order of users; secret where it matters
     */
    public static ClothesModel oneEpoch(BaseModel base, PrivateClothes clothes, byte[] key) {
        Records records = clothes.records();
        KeyedEpochs batches = new KeyedEpochs(
                key, 0, EPOCH_STEPS, id -> records.subject(records.ids().indexOf(id)));
        AdaptedModel adapted = adapted(base);
        ProvableProblem problem = problem(adapted, clothes, batches.rate() * clothes.planned(), EPOCH_WEIGHT_DECAY);
        return of(
                adapted,
                problem,
                problem.bounds().withCurvature(LossCurvature.NONCONVEX),
                Recipe.fullBatch(EPOCH_STEPS, EPOCH_STEP_SIZE)
                        .withBatches(batches)
                        .withCheckpoints(CheckpointSchedule.every(1)));
    }

    /**
     * A picks the first r coordinates, in which public pictures vary most: ‖A‖₂ = 1, a tight bound. LoRA's usual start would
     * mix all of them, and its larger norm be paid for with noise.
     */
    private static AdaptedModel adapted(BaseModel base) {
        AdaptedModel adapted =
                AdaptedModel.attach(base, LoraConfig.of(RANK, RANK).withTargets(OUTPUT), training());
        INDArray a = adapted.graph().getLayer(OUTPUT).getParam("A");
        a.assign(0);
        for (int k = 0; k < RANK; k++) {
            a.putScalar(k, k, 1);
        }
        return adapted;
    }

    private static FineTuneConfiguration training() {
        return new FineTuneConfiguration.Builder()
                .seed(SEED)
                .updater(new Sgd(1))
                .build();
    }

    private static ProvableProblem problem(
            AdaptedModel adapted, PrivateClothes clothes, double normaliser, double weightDecay) {
        return ProvableGraphs.of(
                adapted,
                clothes.records(),
                ProvableOptions.defaults()
                        .withFactors(TrainedFactors.ONLY_B)
                        .withNormaliser(normaliser)
                        .withWeightDecay(weightDecay)
                        .ignoringUpdater());
    }

    private static ClothesModel of(AdaptedModel adapted, ProvableProblem problem, LossBounds bounds, Recipe recipe) {
        RewindToDelete run = new RewindToDelete(problem.objective(), recipe.withBalls(problem.balls()));
        Guarantee guarantee = Guarantee.of(
                        run, bounds, problem.rounding().orElseThrow(), Vectors.normInOrder(problem.start()))
                .withLossAtZero(problem.lossAtZero());
        return new ClothesModel(adapted, problem, run, guarantee);
    }

    /** T. */
    public int steps() {
        return run.recipe().steps();
    }

    /** The model with all that a service needs to know. */
    private ForgettingModel forgetting(PrivateClothes clothes) {
        List<String> assumptions = new java.util.ArrayList<>(ASSUMPTIONS);
        assumptions.addAll(problem.notes());
        return new ForgettingModel(
                run,
                clothes.records().contents(),
                problem.start(),
                guarantee,
                ReleasePolicy.of(BUDGET).withLargestSigma(TOLERATED_NOISE),
                Map.of("base", adapted.base().fingerprint().hex()),
                List.of(),
                assumptions);
    }

    /** Opens a service in a folder, or begins one: a release is an adapter with its certificate. */
    public ServiceFolder service(Path folder, PrivateClothes clothes) throws IOException {
        return ServiceFolder.open(folder, forgetting(clothes), clothes.users().subjects(), this::save);
    }

    /** Writes B, and A with it, as an adapter in PEFT's format; the base is not written. */
    public void save(double[] b, Path folder) throws IOException {
        problem.writeInto(adapted.graph(), b);
        adapted.save(folder);
    }

    /** B of a saved adapter. */
    public double[] read(Path folder) throws IOException {
        AdaptedModel saved = AdaptedModel.load(adapted.base(), folder, training());
        return ((PartialObjective) problem.objective()).free(ParameterVectors.of(saved.graph()));
    }

    /** Share of right answers at a B. */
    public double accuracy(double[] b, DataSet test) {
        problem.writeInto(adapted.graph(), b);
        return accuracy(adapted.graph(), test);
    }

    /** Share of right answers of the public base. */
    public double publicAccuracy(DataSet test) {
        return accuracy(adapted.base().network(), test);
    }

    private static double accuracy(ComputationGraph graph, DataSet test) {
        INDArray guesses = graph.outputSingle(test.getFeatures()).argMax(1);
        return guesses.eq(test.getLabels().argMax(1))
                .castTo(DataType.DOUBLE)
                .meanNumber()
                .doubleValue();
    }

    /** The first step that uses a record of these; empty if none does. */
    public Optional<Integer> firstUse(RecordIds records) {
        return IntStream.range(0, steps())
                .filter(t -> !run.recipe().batches().at(records, t).isEmpty())
                .boxed()
                .findFirst();
    }

    /** Gradients of single records in the steps from one on, without some records. */
    public long recordGradients(int from, RecordIds without) {
        RecordIds retained = run.objective().records().without(without);
        long sum = 0;
        for (int t = from; t < steps(); t++) {
            sum += run.recipe().batches().at(retained, t).size();
        }
        return sum;
    }

    /** ‖a - b‖. */
    static double distance(double[] a, double[] b) {
        return Vectors.normInOrder(
                IntStream.range(0, a.length).mapToDouble(i -> a[i] - b[i]).toArray());
    }
}
