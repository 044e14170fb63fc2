/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.amend4j.backend.ElementType;
import org.amend4j.graph.ParameterVectors;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.compiler.Examples;
import org.amend4j.internal.compiler.PlanSession;
import org.amend4j.internal.compiler.Shares;
import org.amend4j.internal.compiler.Variant;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.NetworkReader;
import org.amend4j.internal.network.Scope;
import org.amend4j.numeric.Vectors;
import org.amend4j.training.RecordParts;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * Sums of a network's loss and gradient over blocks of examples on a machine. Within a block sums are made in the numbers of the
 * plan; over blocks they are pairs of those ({@link org.amend4j.internal.backend.AccumulationKernels}). Blocks depend on the network and the
 * records only, each is computed by itself, and they are added up in their order: so results have the same bits however many are
 * computed side by side. Objectives that differ in their records share it.
 */
final class PlannedLoss implements AutoCloseable {

    private final Network network;
    private final PlanSession session;
    private final PlacedRecords records;
    private final PairSum sum;
    private final MachineArray losses;
    /** Of shares. */
    private final MachineArray norms;

    private Optional<SummedShare> share = Optional.empty();
    private final int chunk;
    private final int width;
    private final Owned owned = new Owned();

    /** How many examples a block has if the settings do not say it. */
    interface Blocks {
        int size(Network network, Machine machine, int records);
    }

    PlannedLoss(Machine machine, ComputationGraph graph, Records data, PlanSettings settings, Blocks blocks) {
        ObservedGraph twin = ObservedGraph.of(graph, settings.extras());
        this.network =
                NetworkReader.training(twin.graph(), PlacedRecords.exampleShapes(data), Scope.of(machine.callsOut()));
        this.chunk = settings.chunk().orElseGet(() -> blocks.size(network, machine, data.size()));
        this.width = Math.min(network.opaque().isEmpty() ? machine.width() : 1, (data.size() + chunk - 1) / chunk);
        ElementType type = settings.arithmetic().type();
        try {
            this.session = owned.add(PlanSession.open(machine, network, settings.arithmetic(), chunk));
            this.records = owned.add(new PlacedRecords(machine, type, data, network, chunk * width));
            this.sum = owned.add(new PairSum(machine, "gradient sum", type, session.layout()));
            this.losses = owned.add(machine.allocate("losses", type, data.size()));
            this.norms = owned.add(machine.allocate("norms", type, data.size()));
            session.setParameters(ParameterVectors.of(graph));
            SameLoss.require(graph, settings.extras(), RecordParts.whole(data), session, records, Variant.VALUE);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Machine machine() {
        return session.machine();
    }

    /** Whether it computes in doubles. */
    boolean isWide() {
        return session.arithmetic().type() == ElementType.DOUBLE;
    }

    Network network() {
        return network;
    }

    int chunk() {
        return chunk;
    }

    /** The most rows that an example has in what trains; 0 if something trains whose gradient is known as a sum only. */
    int rowsOfShares() {
        return network.hasGradientsOfExamples() ? session.plan(Variant.CLIPPED).trainedRows() : 0;
    }

    /** Starts an evaluation at a vector. */
    void start(double[] theta) {
        Vectors.requireLength("the parameter vector", theta, Math.toIntExact(network.parameters()));
        session.setParameters(theta);
    }

    /** The sum of the losses of some examples. */
    double loss(int[] order) {
        run(Variant.VALUE, order, blocks(order.length), Double.POSITIVE_INFINITY, (part, block) -> {});
        return sumOfLosses(order.length);
    }

    /** As {@link #loss}, and overwrites the sum of their gradients. */
    double gradient(int[] order, double[] gradient) {
        sumUp(Variant.GRADIENT, order);
        sum.read(gradient);
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
        sumUp(Variant.WEIGHT_GRADIENTS, order);
        for (int k = 0; k < norms.length; k++) {
            norms[k] = norm(session.weightGradient(0, adapters.get(k)), adapters.get(k));
        }
        sum.read(gradient);
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
     * As {@link #gradient} with every share clipped.
     *
     * @param bound the largest norm of a share
     * @param before overwritten with the norms before, upper bounds, in the order of the shares
     */
    double clippedGradient(ClippedShares shares, double bound, double[] gradient, double[] before) {
        int[] order = shares.order();
        sum.clear();
        run(Variant.CLIPPED, order, shares.together(), bound, (part, block) -> sum.add(session.gradient(part)));
        int together = shares.together().stream().mapToInt(Block::shares).sum();
        System.arraycopy(machine().downloadDoubles(norms.slice(0, together)), 0, before, 0, together);
        run(Variant.GRADIENT, order, shares.alone(), Double.POSITIVE_INFINITY, (part, block) -> {
            share().add(session.gradient(part));
            if (shares.isLast(block)) {
                before[block.share()] = share().clipInto(sum, bound);
            }
        });
        sum.read(gradient);
        return sumOfLosses(order.length);
    }

    private SummedShare share() {
        if (share.isEmpty()) {
            ElementType type = session.arithmetic().type();
            share = Optional.of(owned.add(new SummedShare(machine(), type, session.layout())));
        }
        return share.get();
    }

    private void sumUp(Variant variant, int[] order) {
        sum.clear();
        run(
                variant,
                order,
                blocks(order.length),
                Double.POSITIVE_INFINITY,
                (part, block) -> sum.add(session.gradient(part)));
    }

    private List<Block> blocks(int count) {
        List<Block> result = new ArrayList<>();
        for (int from = 0; from < count; from += chunk) {
            result.add(Block.plain(from, Math.min(from + chunk, count)));
        }
        return result;
    }

    /** What is done with a block's gradient: one block after the other, in their order. */
    private interface Done {
        void block(int part, Block block);
    }

    private void run(Variant variant, int[] order, List<Block> blocks, double bound, Done done) {
        // sums of weights' gradients have the size of the base, and are kept once
        int atOnce = variant == Variant.WEIGHT_GRADIENTS ? 1 : width;
        for (int first = 0; first < blocks.size(); first += atOnce) {
            List<Block> some = blocks.subList(first, Math.min(first + atOnce, blocks.size()));
            session.run(variant, examples(order, some), bound);
            for (int part = 0; part < some.size(); part++) {
                done.block(part, some.get(part));
            }
        }
    }

    /** Of each block; they lie next to each other. */
    private List<Examples> examples(int[] order, List<Block> blocks) {
        int from = blocks.get(0).from();
        int to = blocks.get(blocks.size() - 1).to();
        Examples all = records.batch(order, from, to, Optional.of(losses.slice(from, (long) to - from)));
        return blocks.stream()
                .map(block -> {
                    Examples some = all.piece(block.from() - from, block.to() - from);
                    MachineArray ofShares = norms.slice(block.share(), block.shares());
                    return block.groups().isEmpty() ? some : some.withShares(new Shares(block.groups(), ofShares));
                })
                .toList();
    }

    private double sumOfLosses(int count) {
        double sum = 0;
        for (double loss : machine().downloadDoubles(losses.slice(0, count))) {
            sum += loss;
        }
        return sum;
    }

    @Override
    public void close() {
        owned.close();
    }
}
