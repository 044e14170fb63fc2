/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import java.util.List;
import java.util.Optional;
import org.amend4j.graph.Records;
import org.amend4j.lora.observed.ObservedGraph;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.Owned;
import org.amend4j.network.LowRank;
import org.amend4j.network.Network;
import org.amend4j.network.NetworkReader;
import org.amend4j.network.Scope;
import org.amend4j.network.UnsupportedNetworkException;
import org.amend4j.numeric.Vectors;
import org.amend4j.plan.Examples;
import org.amend4j.plan.PlanSession;
import org.amend4j.plan.Variant;

/**
 * Sums of a network's loss and gradient over blocks of examples on a machine. Within a block sums are made in the numbers of the
 * plan; over blocks they are pairs of those ({@link org.amend4j.machine.AccumulationKernels}). Blocks depend on the network and the
 * records only, each is computed by itself, and they are added up in their order: so results have the same bits however many are
 * computed side by side. Objectives that differ in their records share it.
 */
final class PlannedLoss implements AutoCloseable {

    private final Network network;
    private final PlanSession session;
    private final PlacedRecords records;
    private final MachineArray high;
    private final MachineArray low;
    private final MachineArray losses;
    private final MachineArray norms;
    private final int chunk;
    private final int width;
    private final Owned owned = new Owned();

    PlannedLoss(Machine machine, ObservedGraph twin, Records data, PlanSettings settings) {
        this.network =
                NetworkReader.training(twin.graph(), PlacedRecords.exampleShapes(data), Scope.of(machine.callsOut()));
        this.chunk = settings.chunk().orElseGet(() -> BlockSize.of(network, machine, data.size()));
        this.width = Math.min(network.opaque().isEmpty() ? machine.width() : 1, (data.size() + chunk - 1) / chunk);
        ElementType type = settings.arithmetic().type();
        try {
            this.session = owned.add(PlanSession.open(machine, network, settings.arithmetic(), chunk));
            this.records = owned.add(new PlacedRecords(machine, type, data, network, chunk * width));
            this.high = owned.add(machine.allocate("gradient sum", type, network.parameters()));
            this.low = owned.add(machine.allocate("gradient sum's rest", type, network.parameters()));
            this.losses = owned.add(machine.allocate("losses", type, data.size()));
            this.norms = owned.add(machine.allocate("norms", type, data.size()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Machine machine() {
        return session.machine();
    }

    Network network() {
        return network;
    }

    int chunk() {
        return chunk;
    }

    /** @throws UnsupportedNetworkException if something trains whose gradient is known as a sum only, naming it */
    void requireSharesOfExamples() {
        session.plan(Variant.CLIPPED);
    }

    /** Starts an evaluation at a vector. */
    void start(double[] theta) {
        Vectors.requireLength("the parameter vector", theta, Math.toIntExact(network.parameters()));
        machine().upload(theta, session.parameters());
    }

    /** The sum of the losses of some examples. */
    double loss(int[] order) {
        run(Variant.VALUE, order, Double.POSITIVE_INFINITY);
        return sumOfLosses(order.length);
    }

    /** As {@link #loss}, and overwrites the sum of their gradients. */
    double gradient(int[] order, double[] gradient) {
        run(Variant.GRADIENT, order, Double.POSITIVE_INFINITY);
        read(gradient);
        return sumOfLosses(order.length);
    }

    /**
     * As {@link #gradient}, and overwrites the norms of the sums of the adapted weights' gradients.
     *
     * @param adapters in the order of the norms
     */
    double gradient(int[] order, double[] gradient, List<LowRank> adapters, double[] norms) {
        for (LowRank adapter : adapters) {
            machine().fill(session.weightGradient(0, adapter), 0);
        }
        run(Variant.WEIGHT_GRADIENTS, order, Double.POSITIVE_INFINITY);
        for (int k = 0; k < norms.length; k++) {
            norms[k] = norm(session.weightGradient(0, adapters.get(k)), adapters.get(k));
        }
        read(gradient);
        return sumOfLosses(order.length);
    }

    /** The norm of [outputs, inputs], row by row on the machine, over the rows in double. */
    private double norm(MachineArray matrix, LowRank adapter) {
        double sum = 0;
        for (double norm : session.normsOfRows(matrix, Math.toIntExact(adapter.outputs()))) {
            sum += norm * norm;
        }
        return Math.sqrt(sum);
    }

    /**
     * As {@link #gradient} with every example's share clipped.
     *
     * @param bound the largest norm of a share
     * @param before overwritten with the norms before, upper bounds, in the order of the examples
     */
    double clippedGradient(int[] order, double bound, double[] gradient, double[] before) {
        run(Variant.CLIPPED, order, bound);
        double[] found = machine().downloadDoubles(norms.slice(0, order.length));
        System.arraycopy(found, 0, before, 0, before.length);
        read(gradient);
        return sumOfLosses(order.length);
    }

    private void run(Variant variant, int[] order, double bound) {
        boolean sums = variant != Variant.VALUE;
        if (sums) {
            machine().fill(high, 0);
            machine().fill(low, 0);
        }
        // sums of weights' gradients have the size of the base, and are kept once
        int atOnce = chunk * (variant == Variant.WEIGHT_GRADIENTS ? 1 : width);
        for (int from = 0; from < order.length; from += atOnce) {
            int to = Math.min(from + atOnce, order.length);
            Examples examples = records.batch(
                    order, from, to, Optional.of(part(losses, from, to)), Optional.of(part(norms, from, to)));
            List<Examples> blocks = examples.inBlocks(chunk);
            session.run(variant, blocks, bound);
            for (int block = 0; sums && block < blocks.size(); block++) {
                machine().kernels().accumulation().addTo(session.gradient(block), 1, high, low);
            }
        }
    }

    private static MachineArray part(MachineArray whole, int from, int to) {
        return whole.slice(from, (long) to - from);
    }

    private void read(double[] gradient) {
        double[] sum = machine().downloadDoubles(high);
        double[] rest = machine().downloadDoubles(low);
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] = sum[k] + rest[k];
        }
    }

    private double sumOfLosses(int count) {
        double sum = 0;
        for (double loss : machine().downloadDoubles(losses.slice(0, count))) {
            sum += loss;
        }
        return sum;
    }

    /** The adapters of the network, in the order of its nodes. */
    List<LowRank> adapters() {
        return network.adapters();
    }

    @Override
    public void close() {
        owned.close();
    }
}
