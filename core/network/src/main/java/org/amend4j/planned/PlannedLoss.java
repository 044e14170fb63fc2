/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.planned;

import java.util.List;
import java.util.Optional;
import org.amend4j.graph.Records;
import org.amend4j.lora.observed.ObservedGraph;
import org.amend4j.machine.AccumulationKernels;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.Owned;
import org.amend4j.network.LowRank;
import org.amend4j.network.Network;
import org.amend4j.network.NetworkReader;
import org.amend4j.network.Node;
import org.amend4j.network.Operation.Product;
import org.amend4j.numeric.Vectors;
import org.amend4j.plan.Plan;
import org.amend4j.plan.PlanSession;
import org.amend4j.plan.PlanSession.Examples;
import org.amend4j.plan.Variant;

/**
 * Sums of a network's loss and gradient over chunks of examples on a device. Within a chunk sums are made in single precision;
 * over chunks they are pairs of floats, which is nearly double ({@link AccumulationKernels}). Objectives that differ in their
 * records share it.
 */
final class PlannedLoss implements AutoCloseable {

    /** What the intermediate values of a chunk may take if nobody sets the chunk's size. */
    private static final long CHUNK_BYTES = 256L << 20;

    private final Network network;
    private final PlanSession session;
    private final PlacedRecords records;
    private final MachineArray high;
    private final MachineArray low;
    private final MachineArray losses;
    private final MachineArray norms;
    private final int chunk;
    private final Owned owned = new Owned();

    PlannedLoss(Machine device, ObservedGraph twin, Records data, PlanSettings settings) {
        this.network = NetworkReader.training(twin.graph(), PlacedRecords.exampleShapes(data));
        this.chunk = settings.chunk().orElseGet(() -> fitting(data.size()));
        try {
            this.session = owned.add(PlanSession.open(device, network, settings.precision(), chunk));
            this.records = owned.add(new PlacedRecords(device, session.kernels(), data, network, chunk));
            this.high = owned.add(device.allocate("gradient sum", ElementType.FLOAT, network.parameters()));
            this.low = owned.add(device.allocate("gradient sum's rest", ElementType.FLOAT, network.parameters()));
            this.losses = owned.add(device.allocate("losses", ElementType.FLOAT, data.size()));
            this.norms = owned.add(device.allocate("norms", ElementType.FLOAT, data.size()));
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private int fitting(int size) {
        long each = Math.max(1, Plan.of(network, Variant.GRADIENT).workingBytes(64) / 64);
        return (int) Math.max(1, Math.min(size, CHUNK_BYTES / each));
    }

    Machine device() {
        return session.device();
    }

    int chunk() {
        return chunk;
    }

    /** Starts an evaluation at a vector. */
    void start(double[] theta) {
        Vectors.requireLength("the parameter vector", theta, Math.toIntExact(network.parameters()));
        device().upload(theta, session.parameters());
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
            device().fill(weightGradient(adapter), 0);
        }
        run(Variant.WEIGHT_GRADIENTS, order, Double.POSITIVE_INFINITY);
        for (int k = 0; k < norms.length; k++) {
            norms[k] = norm(weightGradient(adapters.get(k)), adapters.get(k));
        }
        read(gradient);
        return sumOfLosses(order.length);
    }

    private MachineArray weightGradient(LowRank adapter) {
        long inputs = adapter.a().length() / adapter.rank();
        long outputs = adapter.b().length() / adapter.rank();
        return session.weightGradient(adapter, inputs * outputs);
    }

    /** The norm of [outputs, inputs], row by row on the device, over the rows in double. */
    private double norm(MachineArray matrix, LowRank adapter) {
        int outputs = Math.toIntExact(adapter.b().length() / adapter.rank());
        double sum = 0;
        for (float norm : session.normsOfRows(matrix, outputs)) {
            sum += (double) norm * norm;
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
        float[] found = device().downloadFloats(norms.slice(0, order.length));
        for (int k = 0; k < before.length; k++) {
            before[k] = found[k];
        }
        read(gradient);
        return sumOfLosses(order.length);
    }

    private void run(Variant variant, int[] order, double bound) {
        boolean sums = variant != Variant.VALUE;
        if (sums) {
            device().fill(high, 0);
            device().fill(low, 0);
        }
        for (int from = 0; from < order.length; from += chunk) {
            int to = Math.min(from + chunk, order.length);
            Examples examples = records.batch(
                    order, from, to, Optional.of(part(losses, from, to)), Optional.of(part(norms, from, to)));
            session.run(variant, examples, bound);
            if (sums) {
                session.kernels().accumulation().addTo(session.gradient(), 1, high, low);
            }
        }
    }

    private static MachineArray part(MachineArray whole, int from, int to) {
        return whole.slice(from, (long) to - from);
    }

    private void read(double[] gradient) {
        float[] sum = device().downloadFloats(high);
        float[] rest = device().downloadFloats(low);
        for (int k = 0; k < gradient.length; k++) {
            gradient[k] = (double) sum[k] + rest[k];
        }
    }

    private double sumOfLosses(int count) {
        double sum = 0;
        for (float loss : device().downloadFloats(losses.slice(0, count))) {
            sum += loss;
        }
        return sum;
    }

    /** The adapters of the network, in the order of its nodes. */
    List<LowRank> adapters() {
        return network.nodes().stream()
                .map(Node::operation)
                .filter(Product.class::isInstance)
                .flatMap(product -> ((Product) product).adapter().stream())
                .toList();
    }

    @Override
    public void close() {
        owned.close();
    }
}
