/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.recording;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.TreeMap;
import org.amend4j.descent.CheckpointSchedule;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.model.Networks;
import org.amend4j.objective.RecordIds;
import org.amend4j.recording.RecordedRecipe.Start;
import org.amend4j.unlearn.RecordedBatches;
import org.amend4j.unlearn.StepSizes;
import org.deeplearning4j.nn.api.Model;
import org.deeplearning4j.nn.api.layers.IOutputLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.deeplearning4j.optimize.api.BaseTrainingListener;
import org.deeplearning4j.util.ModelSerializer;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.DataSet;
import org.nd4j.linalg.dataset.api.iterator.DataSetIterator;

/**
 * Records what {@code fit} does, so that an unlearning service can adopt the model, bit for bit:
 *
 * <pre>
 *   FitRecorder recorder = FitRecorder.of(data, folder, CheckpointSchedule.every(10));
 *   network.setListeners(recorder);
 *   for (...) network.fit(data);                       // full batches, or
 *   network.fit(recorder.batches(32, seed), epochs);   // shuffled ones; their rows are known by number
 *   recorder.finish();                                 // folder/recipe.json, step-0.zip, ..., model.zip
 * </pre>
 *
 * <p>Rows of other iterators are recognised by their content; results are bit-identical if an iterator returns them in ascending order. The
 * first step is replayed at once and compared. Training that cannot be replayed to the bit (an updater with state, dropout, FLOAT, gradient
 * normalisation, ...) stops there, with one sentence.
 *
 * <p>It records plain descent in DOUBLE with {@code Sgd}, constant or by a schedule, with equal {@code l2} and {@code l2Bias} or none, in
 * batches of one size. Recording copies all parameters at checkpoints and looks up every row at every step.
 */
public final class FitRecorder extends BaseTrainingListener {

    /** The trained network in the folder. */
    public static final String MODEL = "model.zip";

    private final RowTable table;
    private final Path folder;
    private final CheckpointSchedule kept;
    private final List<RecordIds> batches = new ArrayList<>();
    private final List<Double> stepSizes = new ArrayList<>();
    private final NavigableMap<Integer, Path> checkpoints = new TreeMap<>();

    private @Nullable Model model;
    private @Nullable RecordIds announced;
    private double @Nullable [] first;
    private double weightDecay;

    private FitRecorder(RowTable table, Path folder, CheckpointSchedule kept) {
        this.table = table;
        this.folder = folder;
        this.kept = kept;
    }

    /**
     * A recorder of one training.
     *
     * @param data every example there is, in DOUBLE, one a row, in the order of the table that will be adopted with; not to be
     *     changed any more
     * @param folder must be empty or missing; its parent must exist
     * @param kept after which steps a checkpoint is written
     * @throws IOException if the folder is not empty, or cannot be made
     */
    public static FitRecorder of(DataSet data, Path folder, CheckpointSchedule kept) throws IOException {
        RowTable table = new RowTable(data);
        if (!Files.exists(folder)) {
            Files.createDirectory(folder);
        }
        try (var files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new IOException(folder + " must be empty to record into");
            }
        }
        return new FitRecorder(table, folder, kept);
    }

    /**
     * The table in shuffled batches of one size, for {@code fit}. What fills no batch is left out of an epoch.
     *
     * @param seed of the shuffling; choose it without looking at the data
     */
    public DataSetIterator batches(int size, long seed) {
        return new NumberedBatches(table, size, seed, ids -> announced = ids);
    }

    /** The steps recorded so far. */
    public int steps() {
        return stepSizes.size();
    }

    /** Called when a gradient is known and no step is made yet. */
    @Override
    public void onBackwardPass(Model fitted) {
        if (fitted instanceof MultiLayerNetwork network) {
            begin(fitted, Networks.asGraph(network), network.getInput(), network.getLabels());
            return;
        }
        ComputationGraph graph = (ComputationGraph) fitted;
        if (graph.getNumInputArrays() != 1 || graph.getNumOutputArrays() != 1) {
            throw new IllegalStateException("a recorded network must have one input and one output, got "
                    + graph.getNumInputArrays() + " and " + graph.getNumOutputArrays());
        }
        begin(fitted, graph, graph.getInput(0), ((IOutputLayer) graph.getOutputLayer(0)).getLabels());
    }

    /** Before a step. */
    private void begin(Model fitted, ComputationGraph graph, INDArray features, INDArray labels) {
        if (model == null) {
            model = fitted;
            requireReplayable(fitted, graph);
            write(0, fitted);
        } else if (model != fitted) {
            throw new IllegalStateException("a recorder records one network, got another one");
        }
        RecordIds batch = announced == null ? table.find(features, labels) : announced(features, labels);
        if (!batches.isEmpty() && batch.size() != batches.get(0).size()) {
            throw new IllegalStateException(
                    "batches must be of one size, since their sums are divided by one number, got "
                            + batches.get(0).size() + " records before and " + batch.size() + " at step " + steps()
                            + ": leave a shorter last batch out, as FitRecorder.batches does");
        }
        batches.add(batch);
        int iteration = graph == fitted ? graph.getIterationCount() : ((MultiLayerNetwork) fitted).getIterationCount();
        int epoch = graph == fitted ? graph.getEpochCount() : ((MultiLayerNetwork) fitted).getEpochCount();
        stepSizes.add(PlainSgd.stepSize(graph, iteration, epoch));
        if (stepSizes.size() == 1) {
            first = firstStep(graph, batch);
        }
    }

    private RecordIds announced(INDArray features, INDArray labels) {
        RecordIds ids = announced;
        announced = null;
        if (ids == null || !table.matches(ids, features, labels)) {
            throw new IllegalStateException(
                    "a batch must be the one that FitRecorder.batches handed out last, got another");
        }
        return ids;
    }

    private void requireReplayable(Model fitted, ComputationGraph graph) {
        try {
            PlainSgd.require(
                    graph,
                    fitted instanceof MultiLayerNetwork network
                            ? network.getLayerWiseConfigurations().getConf(0)
                            : graph.getConfiguration().getDefaultConfiguration());
            weightDecay = PlainSgd.weightDecay(graph);
        } catch (IllegalArgumentException refused) {
            throw new IllegalStateException(refused.getMessage(), refused);
        }
    }

    /** Where the replay of the first step arrives. */
    private double[] firstStep(ComputationGraph graph, RecordIds batch) {
        GraphObjective objective;
        try {
            objective = GraphObjective.asFitted(PlainSgd.withoutPenalties(graph), Records.of(table.data()));
        } catch (IllegalArgumentException refused) {
            throw new IllegalStateException("a training that cannot be replayed: " + refused.getMessage(), refused);
        }
        double[] theta = objective.parameters();
        double[] gradient = new double[theta.length];
        objective
                .withWeightDecay(weightDecay)
                .withNormaliser(batch.size())
                .restrictedTo(batch)
                .valueAndGradient(theta, gradient);
        double eta = stepSizes.get(0);
        Arrays.setAll(theta, i -> theta[i] - eta * gradient[i]);
        return theta;
    }

    @Override
    public void iterationDone(Model fitted, int iteration, int epoch) {
        if (first != null) {
            requireSame(first, parameters(fitted));
            first = null;
        }
        if (kept.dueAfter(steps())) {
            write(steps(), fitted);
        }
    }

    private static void requireSame(double[] replayed, double[] fitted) {
        double squares = 0;
        for (int i = 0; i < fitted.length; i++) {
            squares += (replayed[i] - fitted[i]) * (replayed[i] - fitted[i]);
        }
        if (!Arrays.equals(replayed, fitted)) {
            throw new IllegalStateException(
                    "a training that can be replayed must make plain gradient steps, but the first step"
                            + " of fit ended " + Math.sqrt(squares)
                            + " away from its replay: something random, a step function of"
                            + " your own, or rows that are not in ascending order (FitRecorder.batches keeps them so)");
        }
    }

    private static double[] parameters(Model model) {
        return ParameterVectors.of(model.params());
    }

    private void write(int step, Model fitted) {
        Path file = folder.resolve("step-" + step + ".zip");
        try {
            write(fitted, file);
        } catch (IOException e) {
            throw new UncheckedIOException("a checkpoint cannot be written: " + e.getMessage(), e);
        }
        checkpoints.put(step, file);
    }

    private static void write(Model fitted, Path file) throws IOException {
        try (AtomicFile target = AtomicFile.create(file)) {
            ModelSerializer.writeModel(fitted, target.stream(), false);
            target.commit();
        }
    }

    /**
     * Writes the trained network and the recipe.
     *
     * @return the recipe's file
     * @throws IllegalStateException if nothing was recorded
     */
    public Path finish() throws IOException {
        if (model == null || steps() == 0) {
            throw new IllegalStateException(
                    "a recorder must have seen a step of fit, got none: set it as a listener first");
        }
        write(model, folder.resolve(MODEL));
        checkpoints.remove(steps());
        NavigableMap<Integer, Path> between = new TreeMap<>(checkpoints.tailMap(0, false));
        RecordedRecipe recipe = new RecordedRecipe(
                steps(),
                new StepSizes.Listed(stepSizes),
                isFull() ? Optional.empty() : Optional.of(new RecordedBatches(batches, table.size())),
                OptionalDouble.of(batches.get(0).size()),
                weightDecay,
                new Start.File(folder.resolve("step-0.zip")),
                between);
        Path file = folder.resolve(RecipeFile.NAME);
        RecipeFile.write(recipe, file);
        return file;
    }

    private boolean isFull() {
        return batches.get(0).size() == table.size();
    }
}
