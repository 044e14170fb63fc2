/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.backend;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.MachineException;
import org.amend4j.backend.ProductPrecision;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.LowRankObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * What training and objectives are computed on: a device, or the CPU, by plans. On the CPU Deeplearning4j computes the vertices that
 * kernels do not know, one step of the plan each, and the whole network where a plan cannot take it.
 *
 * <pre>{@code
 * try (ComputeBackend backend = ComputeBackend.open(Devices.Wanted.of("auto"), ProductPrecision.FP32, System.err::println)) {
 *     LowRankObjective loss = backend.objective(model.graph(), records);
 *     // descend on it: the same numbers, but for rounding, wherever it is computed
 * }
 * }</pre>
 *
 * <p>A network that a plan does not support is refused if a device was requested; it is computed by Deeplearning4j's layers if the
 * device was chosen automatically, or is the CPU. Not thread-safe.
 */
public final class ComputeBackend implements AutoCloseable {

    private final Devices.Chosen chosen;
    private final boolean requested;
    private final ProductPrecision precision;
    private final Consumer<String> notes;
    /** Objectives to be closed, last first. */
    private final Deque<PlannedObjective> open = new ArrayDeque<>();

    private ComputeBackend(
            Devices.Chosen chosen, boolean requested, ProductPrecision precision, Consumer<String> notes) {
        this.chosen = chosen;
        this.requested = requested;
        this.precision = precision;
        this.notes = notes;
    }

    /** The CPU. */
    public static ComputeBackend cpu() {
        return cpu(note -> {});
    }

    /**
     * The CPU.
     *
     * @param notes is told which networks and vertices are computed by Deeplearning4j's layers, in a sentence each
     */
    public static ComputeBackend cpu(Consumer<String> notes) {
        return on(Devices.cpu("The CPU."), false, ProductPrecision.FP32, notes);
    }

    /**
     * Opens the requested backend.
     *
     * @param precision of matrix products; the CPU has FP32, and where oneDNN and the processor have it, BF16 of products with
     *     frozen weights
     * @param notes is told which device was chosen, and which networks and vertices are computed by Deeplearning4j's layers, in a
     *     sentence each
     * @throws MachineException if the requested device is not available, with what is missing
     * @throws UnsupportedPrecisionException if the machine has not that precision
     */
    public static ComputeBackend open(Devices.Wanted wanted, ProductPrecision precision, Consumer<String> notes) {
        Devices.Chosen chosen = Devices.open(wanted);
        chosen.device().ifPresent(device -> notes.accept(chosen.sentence()));
        boolean requested = wanted.choice() != Devices.Choice.AUTO && wanted.choice() != Devices.Choice.CPU;
        try {
            return on(chosen, requested, precision, notes);
        } catch (UnsupportedPrecisionException unfit) {
            chosen.close();
            throw unfit;
        }
    }

    /**
     * A machine that is open already; closed with this.
     *
     * @param requested whether a network that it does not support is refused, not computed by Deeplearning4j's layers
     * @throws UnsupportedPrecisionException if the machine has not that precision
     */
    public static ComputeBackend on(
            Devices.Chosen chosen, boolean requested, ProductPrecision precision, Consumer<String> notes) {
        if (!chosen.machine().frozenPrecisions().contains(precision)) {
            throw UnsupportedPrecisionException.onTheCpu(precision);
        }
        return new ComputeBackend(chosen, requested, precision, notes);
    }

    /** What it is and why, for people. */
    public String sentence() {
        return chosen.sentence();
    }

    /** The device, unless it is the CPU. */
    public Optional<Device> device() {
        return chosen.device();
    }

    /** What computes plans. */
    public Machine machine() {
        return chosen.machine();
    }

    /** Of matrix products. */
    public ProductPrecision precision() {
        return precision;
    }

    /**
     * The numbers that a graph is computed in here: its own type's, if the machine has it.
     *
     * @throws UnsupportedPrecisionException if the graph is in DOUBLE and rounded products were requested
     */
    public Arithmetic arithmeticOf(ComputationGraph graph) {
        boolean wide = graph.getConfiguration().getDataType() == DataType.DOUBLE;
        if (!wide || !machine().computesIn(ElementType.DOUBLE)) {
            return Arithmetic.on(machine(), precision);
        }
        if (precision != ProductPrecision.FP32) {
            throw UnsupportedPrecisionException.ofDoubles(precision);
        }
        return Arithmetic.DOUBLE;
    }

    /**
     * The mean loss of a graph over all records; usable until this is closed.
     *
     * @throws UnsupportedPrecisionException if only products with frozen weights are rounded here, which no guarantee accounts for
     * @throws UnsupportedNetworkException if a device was requested that does not support the graph, naming what is in the way
     */
    public LowRankObjective objective(ComputationGraph graph, Records records) {
        if (!machine().precisions().contains(precision)) {
            throw UnsupportedPrecisionException.ofObjectives(precision);
        }
        return either(
                machine -> {
                    PlanSettings settings = PlanSettings.DEFAULT.withArithmetic(arithmeticOf(graph));
                    PlannedObjective objective = PlannedObjective.of(machine, graph, records, settings);
                    open.push(objective);
                    sayDelegation(objective.network().delegation());
                    return objective;
                },
                () -> GraphObjective.of(graph, records));
    }

    /** Passes on which vertices Deeplearning4j computes within a plan, if there are such. */
    public void sayDelegation(Optional<String> delegation) {
        delegation.ifPresent(sentence -> notes.accept(sentence + "."));
    }

    /**
     * One of two ways to compute the same: by plans on the machine, or by Deeplearning4j's layers if no device was requested and
     * the machine does not support the network.
     *
     * @throws UnsupportedNetworkException if {@code byPlan} throws it and a device was requested
     */
    public <T> T either(Function<Machine, T> byPlan, Supplier<T> byLayers) {
        try {
            return byPlan.apply(chosen.machine());
        } catch (UnsupportedNetworkException unfit) {
            if (requested) {
                throw unfit;
            }
            notes.accept("By Deeplearning4j's own layers: " + unfit.getMessage() + ".");
            return byLayers.get();
        }
    }

    /** Closes the objectives, then the machine. */
    @Override
    public void close() {
        try {
            while (!open.isEmpty()) {
                open.pop().close();
            }
        } finally {
            chosen.close();
        }
    }
}
