/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.cuda.backend;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.amend4j.cuda.choice.Devices;
import org.amend4j.cuda.device.Device;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.machine.MachineException;
import org.amend4j.machine.ProductPrecision;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.plan.Arithmetic;
import org.amend4j.planned.PlanSettings;
import org.amend4j.planned.PlannedObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * What training and objectives are computed on: a device, or ND4J on the CPU.
 *
 * <pre>{@code
 * try (ComputeBackend backend = ComputeBackend.open(Devices.Choice.AUTO, ProductPrecision.FP32, System.err::println)) {
 *     LowRankObjective loss = backend.objective(model.graph(), records);
 *     // descend on it: the same numbers, but for rounding, wherever it is computed
 * }
 * }</pre>
 *
 * <p>A network that a device does not support is refused if the device was requested, and computed on the CPU if it was chosen
 * automatically. Not thread-safe.
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

    /** ND4J on the CPU. */
    public static ComputeBackend cpu() {
        return on(new Devices.Chosen(Optional.empty(), "ND4J on the CPU."), true, ProductPrecision.FP32, note -> {});
    }

    /**
     * Opens the requested backend.
     *
     * @param precision of matrix products on a device; the CPU has FP32 only
     * @param notes is told which device was chosen, and which networks are computed on the CPU instead, in a sentence each
     * @throws MachineException if the requested device is not available, with what is missing
     * @throws UnsupportedPrecisionException if the CPU was chosen and the precision is not FP32
     */
    public static ComputeBackend open(Devices.Choice choice, ProductPrecision precision, Consumer<String> notes) {
        Devices.Chosen chosen = Devices.open(choice);
        chosen.device().ifPresent(device -> notes.accept(chosen.sentence()));
        return on(chosen, choice != Devices.Choice.AUTO, precision, notes);
    }

    /**
     * A device that is open already; closed with this.
     *
     * @param requested whether a network that it does not support is refused, not computed on the CPU
     * @throws UnsupportedPrecisionException if it is the CPU and the precision is not FP32
     */
    public static ComputeBackend on(
            Devices.Chosen chosen, boolean requested, ProductPrecision precision, Consumer<String> notes) {
        if (chosen.device().isEmpty() && precision != ProductPrecision.FP32) {
            throw new UnsupportedPrecisionException(precision);
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

    /** Of matrix products on the device. */
    public ProductPrecision precision() {
        return precision;
    }

    /**
     * The mean loss of a graph over all records; usable until this is closed.
     *
     * @throws UnsupportedNetworkException if a device was requested that does not support the graph, naming what is in the way
     */
    public LowRankObjective objective(ComputationGraph graph, Records records) {
        return either(
                device -> {
                    PlannedObjective objective =
                            PlannedObjective.of(device, graph, records, PlanSettings.DEFAULT.withArithmetic(Arithmetic.single(precision)));
                    open.push(objective);
                    return objective;
                },
                () -> GraphObjective.of(graph, records));
    }

    /**
     * One of two ways to compute the same: on the device, or on the CPU if there is no device, or if the device was chosen
     * automatically and does not support the network.
     *
     * @throws UnsupportedNetworkException if {@code onDevice} throws it and the device was requested
     */
    public <T> T either(Function<Device, T> onDevice, Supplier<T> onCpu) {
        if (chosen.device().isEmpty()) {
            return onCpu.get();
        }
        try {
            return onDevice.apply(chosen.device().get());
        } catch (UnsupportedNetworkException unfit) {
            if (requested) {
                throw unfit;
            }
            notes.accept("On the CPU: " + unfit.getMessage() + ".");
            return onCpu.get();
        }
    }

    /** Closes the objectives, then the device. */
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
