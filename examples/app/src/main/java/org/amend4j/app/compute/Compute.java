/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.compute;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.amend4j.app.evaluation.Answers;
import org.amend4j.app.evaluation.Errors;
import org.amend4j.app.job.Progress;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.backend.WeightStorage;
import org.amend4j.cuda.backend.ComputeBackend;
import org.amend4j.cuda.backend.UnsupportedPrecisionException;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.data.BadInputException;
import org.amend4j.data.Labelled;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.model.GraphLayers;
import org.amend4j.internal.network.StandsOnBase;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.prefix.HostPrefix;
import org.amend4j.training.PlannedTraining;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * What a job computes on: a {@link ComputeBackend} with refusals that name the option. Work that a device does not support is refused if
 * the device was requested, and done on the CPU if the device was chosen automatically.
 */
public final class Compute implements AutoCloseable {

    private final ComputeBackend backend;
    private final WeightStorage storage;
    private final Progress progress;

    Compute(ComputeBackend backend, Progress progress) {
        this(backend, WeightStorage.FP32, progress);
    }

    private Compute(ComputeBackend backend, WeightStorage storage, Progress progress) {
        this.backend = backend;
        this.storage = storage;
        this.progress = progress;
    }

    /** The CPU. */
    public static Compute cpu(Progress progress) {
        return new Compute(ComputeBackend.cpu(progress::say), progress);
    }

    /**
     * Opens what was asked for.
     *
     * @param precision of matrix products; on the CPU BF16 is for those with frozen weights only
     * @param progress where to say what it is, if that is a device
     * @throws BadInputException if it is not available, with what is missing
     */
    public static Compute open(Devices.Wanted wanted, ProductPrecision precision, Progress progress) {
        return open(wanted, precision, WeightStorage.FP32, progress);
    }

    /**
     * Opens what was asked for.
     *
     * @param storage what training keeps frozen weights in
     */
    public static Compute open(
            Devices.Wanted wanted, ProductPrecision precision, WeightStorage storage, Progress progress) {
        try {
            ComputeBackend backend = ComputeBackend.open(wanted, precision, progress::say);
            if (storage != WeightStorage.FP32
                    && !backend.machine().storedPrecisions().contains(precision)) {
                backend.close();
                throw new BadInputException("--base-storage " + lower(storage)
                        + " is for products in fp32 on the CPU: leave --precision " + lower(precision) + " out");
            }
            return new Compute(backend, storage, progress);
        } catch (MachineException missing) {
            throw new BadInputException("--device " + wanted + ": " + missing.getMessage(), missing);
        } catch (UnsupportedPrecisionException unfit) {
            throw badInput(unfit);
        }
    }

    /** The option is named after the setting. */
    private static BadInputException badInput(UnsupportedPrecisionException unfit) {
        return new BadInputException("--" + unfit.getMessage(), unfit);
    }

    private static String lower(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    /** What it is and why, for people. */
    public String sentence() {
        return backend.sentence();
    }

    /** The device, unless it is the CPU. */
    public Optional<Device> device() {
        return backend.device();
    }

    /** What computes plans. */
    public Machine machine() {
        return backend.machine();
    }

    /** Of matrix products. */
    public ProductPrecision precision() {
        return backend.precision();
    }

    /**
     * Trains a graph. Close it before this.
     *
     * @throws BadInputException if a device was asked for that cannot take the graph, naming what is in the way
     */
    public Fitting fitting(ComputationGraph graph, Examples examples) {
        if (storage != WeightStorage.FP32) {
            return stored(graph, examples);
        }
        boolean plainly = backend.device().isEmpty() && precision() == ProductPrecision.FP32;
        if (plainly && PlannedTraining.isSlowerThanFit(graph)) {
            progress.say(
                    "By Deeplearning4j's fit: with a bias on B, or dropout beside DoRA, it makes faster steps than a plan.");
            return new GraphFitting(graph, examples);
        }
        return compute(
                machine -> planned(graph, examples, backend.arithmeticOf(graph)),
                () -> new GraphFitting(graph, examples));
    }

    private Fitting planned(ComputationGraph graph, Examples examples, Arithmetic arithmetic) {
        int batch = Math.min(examples.batch(), examples.size());
        PlannedTraining training =
                PlannedTraining.of(backend.machine(), graph, examples.all().get(), batch, arithmetic);
        backend.sayDelegation(training.delegation());
        return new PlannedFitting(training, graph, examples);
    }

    private static List<BaseModel> basesOf(ComputationGraph graph) {
        ComputationGraphConfiguration configuration = graph.getConfiguration();
        return GraphLayers.vertices(configuration).stream()
                .flatMap(name -> GraphLayers.layer(configuration, name).stream()
                        .filter(StandsOnBase.class::isInstance)
                        .map(layer -> BaseModel.require(((StandsOnBase) layer).base(), name)))
                .distinct()
                .toList();
    }

    /** Only plans keep weights in few bits. */
    private Fitting stored(ComputationGraph graph, Examples examples) {
        if (graph.getConfiguration().getDataType() == DataType.DOUBLE) {
            throw new BadInputException("--base-storage must be fp32 for a network in DOUBLE, got " + lower(storage));
        }
        try {
            Fitting fitting =
                    planned(graph, examples, backend.arithmeticOf(graph).keeping(storage));
            basesOf(graph).forEach(BaseModel::rest);
            progress.say("Training keeps frozen weights in " + lower(storage)
                    + "; the adapter is measured with, and merged into, the base as it is: nothing is rounded there.");
            return fitting;
        } catch (UnsupportedNetworkException unfit) {
            throw new BadInputException(
                    "--base-storage " + lower(storage) + " is for networks that a plan can train: "
                            + unfit.getMessage(),
                    unfit);
        }
    }

    /**
     * The layers below everything that trains. They are run once and hold nothing that is wanted on the device later, so what a
     * device cannot take is computed on the CPU also where a device was asked for, and what a plan cannot take by Deeplearning4j's
     * own layers, neither with rounded products; either is said. Close it before this.
     *
     * @param layers on the CPU
     * @param network that they are part of
     * @param batch examples at a time
     * @param example the features of one
     * @throws BadInputException if the network is in DOUBLE and rounded products were asked of the CPU
     */
    public FrozenPart frozenLayers(HostPrefix layers, ComputationGraph network, int batch, INDArray example) {
        if (backend.device().isEmpty()) {
            return onTheCpu(layers, network, example);
        }
        Machine device = backend.machine();
        try {
            PlannedPrefix onDevice = PlannedPrefix.of(
                    device, network, layers.outputs(), Arithmetic.on(device, precision()), batch, example);
            return new FrozenPart(layers, Optional.of(onDevice), "on " + device.name() + " in " + lower(precision()));
        } catch (UnsupportedNetworkException unfit) {
            progress.say("Frozen layers on the CPU" + unrounded() + ": " + unfit.getMessage() + ".");
            return new FrozenPart(layers, Optional.empty(), "on the CPU" + unrounded() + ": " + unfit.getMessage());
        }
    }

    private FrozenPart onTheCpu(HostPrefix layers, ComputationGraph network, INDArray example) {
        HostPrefix here =
                layers.withPrecision(named(() -> backend.arithmeticOf(network)).frozenProducts());
        Optional<String> obstacle = here.obstacle(example);
        if (obstacle.isEmpty()) {
            String rounded = precision() == ProductPrecision.FP32 ? "" : " in " + lower(precision());
            return new FrozenPart(here, Optional.empty(), "on the CPU" + rounded);
        }
        progress.say("Frozen layers by Deeplearning4j" + unrounded() + ": " + obstacle.get() + ".");
        return new FrozenPart(
                here, Optional.empty(), "on the CPU" + unrounded() + " by Deeplearning4j: " + obstacle.get());
    }

    /** What to say where products are not rounded. */
    private String unrounded() {
        return precision() == ProductPrecision.FP32 ? "" : " in fp32";
    }

    /**
     * The mean loss of a graph over all records; usable until this is closed.
     *
     * @throws BadInputException if a device was asked for that cannot take the graph, naming what is in the way; or if the precision is
     *     not one in which guarantees hold
     */
    public LowRankObjective objective(ComputationGraph graph, Records records) {
        return named(() -> backend.objective(graph, records));
    }

    /**
     * What a classifier says.
     *
     * @param graph plain, with one input and one output of class probabilities
     * @param batch examples at a time
     * @throws BadInputException if a device was asked for that cannot take the graph, naming what is in the way
     */
    public Answers answers(ComputationGraph graph, Labelled examples, int batch) {
        return predicted(
                graph,
                examples,
                batch,
                (rows, predictions) -> Answers.of(examples, rows, predictions::of),
                () -> Answers.of(graph, examples, batch));
    }

    /**
     * How far a regression is off.
     *
     * @param graph plain, with one input and one output
     * @param batch examples at a time
     * @throws BadInputException as {@link #answers}
     */
    public Errors errors(ComputationGraph graph, Labelled examples, int batch) {
        return predicted(
                graph,
                examples,
                batch,
                (rows, predictions) -> Errors.of(examples, rows, predictions::of),
                () -> Errors.of(graph, examples, batch));
    }

    /** What is made of predictions of so many examples at a time. */
    private interface Measured<T> {
        T of(int rows, PlannedPredictions predictions);
    }

    private <T> T predicted(
            ComputationGraph graph, Labelled examples, int batch, Measured<T> measured, Supplier<T> byLayers) {
        return compute(
                machine -> {
                    int rows = Math.min(batch, examples.size());
                    try (PlannedPredictions predictions =
                            new PlannedPredictions(machine, graph, examples, rows, backend.arithmeticOf(graph))) {
                        backend.sayDelegation(predictions.network().delegation());
                        return measured.of(rows, predictions);
                    }
                },
                byLayers);
    }

    private <T> T compute(Function<Machine, T> byPlan, Supplier<T> byLayers) {
        return named(() -> backend.either(byPlan, byLayers));
    }

    private static <T> T named(Supplier<T> computation) {
        try {
            return computation.get();
        } catch (UnsupportedNetworkException unfit) {
            throw new BadInputException("--device: " + unfit.getMessage(), unfit);
        } catch (UnsupportedPrecisionException unfit) {
            throw badInput(unfit);
        }
    }

    @Override
    public void close() {
        backend.close();
    }
}
