/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.training;

import java.util.List;
import java.util.OptionalDouble;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;
import org.amend4j.graph.Clipping;
import org.amend4j.graph.GraphObjective;
import org.amend4j.graph.Records;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;

/**
 * The same function as {@link GraphObjective}, computed by plans on a machine: weights and data are placed there once.
 * Sums within a block err by at most about m·u (m examples, u the unit roundoff of the plan's numbers) times the sum of magnitudes,
 * sums over blocks by far less. Blocks do not depend on how many threads compute them: neither does any bit of the result.
 *
 * <p>Objectives made from one another share the machine's memory: closing one closes all of them, and they must not be used
 * concurrently.
 */
public final class PlannedObjective implements RecordObjective, LowRankObjective, AutoCloseable {

    private final GraphObjective host;
    private final PlannedLoss loss;
    private final PlanSettings settings;
    private final Records data;
    private final int[] order;
    private final List<LowRank> adapters;

    private PlannedObjective(
            GraphObjective host, PlannedLoss loss, PlanSettings settings, Records data, List<LowRank> adapters) {
        this.host = host;
        this.loss = loss;
        this.settings = settings;
        this.data = data;
        this.order = host.records().stream().mapToInt(data.ids()::indexOf).toArray();
        this.adapters = adapters;
    }

    /**
     * Puts the mean loss of a graph over all records on a machine.
     *
     * @param graph plain or adapted; copied, never changed
     * @throws IllegalArgumentException naming the vertex that a machine cannot take; also for everything that {@link
     *     GraphObjective#of(ComputationGraph, Records)} refuses
     */
    public static PlannedObjective of(Machine machine, ComputationGraph graph, Records data, PlanSettings settings) {
        return of(machine, graph, data, settings, BlockSize::of);
    }

    /**
     * As {@link #of}; if the settings do not say how many examples a block has, that depends on network and machine alone: a subset of the
     * records has the bits of itself alone.
     */
    public static PlannedObjective inSteadyBlocks(
            Machine machine, ComputationGraph graph, Records data, PlanSettings settings) {
        return of(machine, graph, data, settings, (network, on, records) -> Math.max(1, BlockSize.most(network, on)));
    }

    private static PlannedObjective of(
            Machine machine, ComputationGraph graph, Records data, PlanSettings settings, PlannedLoss.Blocks blocks) {
        GraphObjective host = GraphObjective.of(graph, data, settings.extras());
        PlannedLoss loss = new PlannedLoss(machine, graph, data, settings, blocks);
        try {
            List<LowRank> adapters =
                    host.adapters().stream().map(block -> adapter(loss, block)).toList();
            return new PlannedObjective(host, loss, settings, data, adapters);
        } catch (UnsupportedNetworkException e) {
            loss.close();
            throw e;
        }
    }

    private static LowRank adapter(PlannedLoss loss, AdapterBlock block) {
        return loss.network().adapters().stream()
                .filter(adapter -> adapter.a().offset() == block.offsetA())
                .findFirst()
                .orElseThrow(
                        () -> new UnsupportedNetworkException("an objective must know the gradient of every adapted"
                                + " weight, but Deeplearning4j computes the layer '" + block.layer()
                                + "' within the plan"));
    }

    private PlannedObjective with(GraphObjective changed) {
        return new PlannedObjective(changed, loss, settings, data, adapters);
    }

    /** As {@link GraphObjective#withNormaliser}. */
    public PlannedObjective withNormaliser(double normaliser) {
        return with(host.withNormaliser(normaliser));
    }

    /** As {@link GraphObjective#withWeightDecay}. */
    public PlannedObjective withWeightDecay(double lambda) {
        return with(host.withWeightDecay(lambda));
    }

    @Override
    public PlannedObjective restrictedTo(RecordIds subset) {
        return with(host.restrictedTo(subset));
    }

    /**
     * The same mean with each record's or subject's gradient clipped.
     *
     * @see PlannedClippedObjective
     */
    public PlannedClippedObjective clipped(Clipping clipping) {
        return new PlannedClippedObjective(this, clipping);
    }

    /** What is computed, as it was read. */
    public Network network() {
        return loss.network();
    }

    /** How many examples are computed at a time. */
    public int chunk() {
        return loss.chunk();
    }

    /** The parameters the graph had when the objective was made from it: where a run starts. */
    public double[] parameters() {
        return host.parameters();
    }

    @Override
    public RecordIds records() {
        return host.records();
    }

    @Override
    public int dimension() {
        return host.dimension();
    }

    @Override
    public Precision precision() {
        return settings.arithmetic().type() == ElementType.DOUBLE ? Precision.DOUBLE : Precision.FLOAT;
    }

    @Override
    public List<AdapterBlock> adapters() {
        return host.adapters();
    }

    @Override
    public OptionalDouble fixedNormaliser() {
        return host.fixedNormaliser();
    }

    @Override
    public double weightDecay() {
        return host.weightDecay();
    }

    @Override
    public double value(double[] theta) {
        loss.start(theta);
        return mean(loss.loss(order), theta);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the gradient", gradient, dimension());
        loss.start(theta);
        return finish(loss.gradient(order, gradient), theta, gradient);
    }

    /**
     * {@inheritDoc}
     *
     * <p>Costs one more product per adapter and chunk, and the memory of the adapted weights.
     */
    @Override
    public double valueAndGradient(double[] theta, double[] gradient, double[] weightGradientNorms) {
        Vectors.requireLength("the gradient", gradient, dimension());
        Vectors.requireLength("the weights' gradient norms", weightGradientNorms, adapters.size());
        loss.start(theta);
        double sum = loss.gradient(order, gradient, adapters, weightGradientNorms);
        for (int k = 0; k < weightGradientNorms.length; k++) {
            weightGradientNorms[k] /= normaliser();
        }
        return finish(sum, theta, gradient);
    }

    PlannedLoss loss() {
        return loss;
    }

    GraphObjective host() {
        return host;
    }

    PlanSettings settings() {
        return settings;
    }

    /** All data. */
    Records data() {
        return data;
    }

    /** Places of the records among all data. */
    int[] order() {
        return order.clone();
    }

    private double normaliser() {
        return fixedNormaliser().orElse(order.length);
    }

    /** From sums over records to the objective's gradient and value. */
    double finish(double sum, double[] theta, double[] gradient) {
        double n = normaliser();
        for (int i = 0; i < gradient.length; i++) {
            gradient[i] = gradient[i] / n + weightDecay() * theta[i];
        }
        return mean(sum, theta);
    }

    private double mean(double sum, double[] theta) {
        double mean = sum / normaliser();
        if (weightDecay() == 0) {
            return mean;
        }
        double squares = 0;
        for (double t : theta) {
            squares += t * t;
        }
        return mean + weightDecay() / 2 * squares;
    }

    /** Also names the machine and the precision: a run resumes only where it began. */
    @Override
    public String fingerprint() {
        return fingerprint("");
    }

    String fingerprint(String variant) {
        return fingerprint(host.fingerprint(), variant);
    }

    @Override
    public String settingsFingerprint() {
        return settingsFingerprint("");
    }

    String settingsFingerprint(String variant) {
        return fingerprint(host.settingsFingerprint(), variant);
    }

    private String fingerprint(String ofHost, String variant) {
        WeightStorage storage = settings.arithmetic().storage();
        String facts = ofHost
                + '\n'
                + loss.machine().name()
                + '\n'
                + settings.arithmetic().products().name()
                + '\n'
                + settings.arithmetic().frozenProducts().name()
                + '\n'
                + settings.arithmetic().type().name()
                + (storage == WeightStorage.FP32 ? "" : '\n' + storage.name())
                + '\n'
                + loss.chunk()
                + '\n'
                + variant;
        return Sha256.hex(facts);
    }

    /** Gives the machine's memory back, of every objective made from the same one. */
    @Override
    public void close() {
        loss.close();
    }

    @Override
    public String toString() {
        return "PlannedObjective[" + order.length + " records, " + dimension() + " parameters, "
                + loss.machine().name() + "]";
    }
}
