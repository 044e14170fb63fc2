/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.clipped;

import java.lang.ref.Cleaner;
import java.util.Arrays;
import java.util.Optional;
import org.amend4j.backend.Arithmetic;
import org.amend4j.graph.ClippedSums;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.training.PlanSettings;
import org.amend4j.internal.training.PlannedClippedObjective;
import org.amend4j.internal.training.PlannedObjective;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;

/**
 * Sums of clipped gradients by a plan on the host, which is kept for the records that were asked for last. Blocks have a size that depends on
 * the network alone: records have the same sum whether they are a part of the data or all of it. There is nothing to close: memory is freed
 * when this is collected as garbage.
 */
public final class HostClippedSums implements ClippedSums {

    private static final Cleaner CLEANER = Cleaner.create();

    private final Place place = new Place();
    private Optional<Records> last = Optional.empty();

    /** For {@link java.util.ServiceLoader}. */
    public HostClippedSums() {
        CLEANER.register(this, place);
    }

    /** The machine, and the plan on it. */
    private static final class Place implements Runnable {

        private Optional<HostMachine> machine = Optional.empty();
        private Optional<PlannedObjective> plan = Optional.empty();

        synchronized Optional<PlannedObjective> plan() {
            return plan;
        }

        /** Puts another plan in the place of the one before, if one takes the network and shares go together. */
        synchronized void put(ComputationGraph graph, Records data) {
            leavePlan();
            HostMachine opened = machine.orElseGet(HostMachine::open);
            machine = Optional.of(opened);
            try {
                PlannedObjective made = PlannedObjective.inSteadyBlocks(opened, graph, data, settings(graph));
                plan = Optional.of(made);
                if (!made.network().hasGradientsOfExamples()) {
                    leavePlan();
                }
            } catch (UnsupportedNetworkException layersCompute) {
                leavePlan();
            }
        }

        private void leavePlan() {
            plan.ifPresent(PlannedObjective::close);
            plan = Optional.empty();
        }

        @Override
        public synchronized void run() {
            leavePlan();
            machine.ifPresent(HostMachine::close);
        }
    }

    private static PlanSettings settings(ComputationGraph graph) {
        Arithmetic arithmetic = graph.params().dataType() == DataType.DOUBLE ? Arithmetic.DOUBLE : Arithmetic.SINGLE;
        return PlanSettings.DEFAULT.withArithmetic(arithmetic);
    }

    @Override
    public Optional<Sum> on(ComputationGraph graph, Records data, Clipping clipping) {
        if (last.filter(before -> before == data).isEmpty()) {
            last = Optional.empty();
            place.put(graph, data);
            last = Optional.of(data);
        }
        return place.plan().flatMap(plan -> sum(plan, data, clipping));
    }

    private Optional<Sum> sum(PlannedObjective plan, Records data, Clipping clipping) {
        try {
            PlannedClippedObjective clipped = plan.withNormaliser(1).clipped(clipping);
            return Optional.of(new OnHost(clipped, data, origin(plan)));
        } catch (IllegalArgumentException noPlanClips) {
            return Optional.empty();
        }
    }

    /** Doubles are not multiplied by what a machine may have or not. */
    private String origin(PlannedObjective plan) {
        String numbers = plan.precision() == Precision.DOUBLE
                ? "doubles"
                : "floats on " + place.machine.map(HostMachine::name).orElseThrow();
        return "blocks of " + plan.chunk() + " by a plan in " + numbers;
    }

    private record OnHost(PlannedClippedObjective clipped, Records data, String origin) implements Sum {

        @Override
        public double at(double[] theta, int[] order, double[] gradient) {
            RecordIds ids =
                    RecordIds.of(Arrays.stream(order).mapToLong(data.ids()::get).toArray());
            return clipped.restrictedTo(ids).valueAndGradient(theta, gradient);
        }
    }
}
