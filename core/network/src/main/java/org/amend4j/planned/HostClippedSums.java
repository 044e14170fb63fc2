/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import java.lang.ref.Cleaner;
import java.util.Optional;
import org.amend4j.graph.ClippedSums;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.Records;
import org.amend4j.host.HostMachine;
import org.amend4j.lora.observed.ObservedGraph.TrainingExtras;
import org.amend4j.machine.Machine;
import org.amend4j.network.Network;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.plan.Arithmetic;
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
        private Optional<PlannedLoss> loss = Optional.empty();

        synchronized Optional<PlannedLoss> loss() {
            return loss;
        }

        /** Puts another plan in the place of the one before, if one takes the network and shares go together. */
        synchronized void put(ComputationGraph graph, Records data) {
            leavePlan();
            HostMachine opened = machine.orElseGet(HostMachine::open);
            machine = Optional.of(opened);
            try {
                PlannedLoss made = new PlannedLoss(opened, graph, data, settings(graph), HostClippedSums::block);
                loss = Optional.of(made);
                if (made.rowsOfShares() == 0) {
                    leavePlan();
                }
            } catch (UnsupportedNetworkException layersCompute) {
                leavePlan();
            }
        }

        private void leavePlan() {
            loss.ifPresent(PlannedLoss::close);
            loss = Optional.empty();
        }

        @Override
        public synchronized void run() {
            leavePlan();
            machine.ifPresent(HostMachine::close);
        }
    }

    private static PlanSettings settings(ComputationGraph graph) {
        Arithmetic arithmetic = graph.params().dataType() == DataType.DOUBLE ? Arithmetic.DOUBLE : Arithmetic.SINGLE;
        return PlanSettings.DEFAULT.withArithmetic(arithmetic).withExtras(TrainingExtras.REFUSE);
    }

    private static int block(Network network, Machine machine, int records) {
        return Math.max(1, BlockSize.most(network, machine));
    }

    @Override
    public Optional<Sum> on(ComputationGraph graph, Records data, Clipping clipping) {
        if (last.filter(before -> before == data).isEmpty()) {
            last = Optional.empty();
            place.put(graph, data);
            last = Optional.of(data);
        }
        return place.loss()
                .filter(loss -> clipping.bound() >= ClippedSum.leastBound(loss))
                .map(loss -> new OnHost(loss, data, clipping));
    }

    private record OnHost(PlannedLoss loss, Records data, Clipping clipping) implements Sum {

        @Override
        public double at(double[] theta, int[] order, double[] gradient) {
            return new ClippedSum(loss, data, order, clipping).at(theta, gradient);
        }

        /** Doubles are not multiplied by what a machine may have or not. */
        @Override
        public String origin() {
            String numbers =
                    loss.isWide() ? "doubles" : "floats on " + loss.machine().name();
            return "blocks of " + loss.chunk() + " by a plan in " + numbers + ", margin " + ClippedSum.margin(loss);
        }
    }
}
