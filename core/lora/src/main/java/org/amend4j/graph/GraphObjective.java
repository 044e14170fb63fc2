/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.graph;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.amend4j.identity.Facts;
import org.amend4j.identity.Identified;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.graph.GraphAdapters;
import org.amend4j.internal.lora.layer.LayerRows;
import org.amend4j.internal.lora.perexample.ObservedGraph;
import org.amend4j.lora.config.TrainingExtras;
import org.amend4j.numeric.Vectors;
import org.amend4j.objective.AdapterBlock;
import org.amend4j.objective.LowRankObjective;
import org.amend4j.objective.Precision;
import org.amend4j.objective.RecordIds;
import org.amend4j.objective.RecordObjective;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * The mean loss of a graph over records, {@code (1/N)·Σ loss_r(θ) + (λ/2)·‖θ‖²}, as Deeplearning4j's {@code score} computes it
 * for one large batch: a record's loss is the sum over its outputs and unmasked time steps. θ is the graph's parameter
 * vector: of an adapted graph, the adapters and the layers trained in full. N is the number of records, or a fixed public
 * number.
 *
 * <p>The records are processed in chunks of bounded memory, in ascending order of ids, and accumulated in double. Results
 * depend on the size of the chunks only by rounding: with unit roundoff u of the graph's type, sums over a chunk of m
 * records err by at most about m·u times the sum of magnitudes.
 *
 * <p>The given graph is copied and never changed; objectives derived from one another share the copy. Not thread-safe, neither alone nor
 * together.
 */
public final class GraphObjective implements RecordObjective, LowRankObjective {

    /** Default memory limit for the activations of a chunk. */
    private static final long CHUNK_BYTES = 64L << 20;

    private final GraphLoss loss;
    private final Records data;
    private final RecordIds ids;
    private final List<AdapterBlock> adapters;
    private final Settings settings;
    private final double[] initial;
    private final int[] order;

    /**
     * @param normaliser N, if it is not the number of records
     * @param fitted whether weight decay is added by Deeplearning4j's own operation, which some of its builds fuse
     */
    private record Settings(int chunk, OptionalDouble normaliser, double weightDecay, boolean fitted)
            implements Identified {

        /** Fitting came later and is named only where it is used, so that other fingerprints stayed as they were. */
        @Override
        public Facts facts() {
            return Facts.of("Settings")
                    .with("chunk", chunk)
                    .with("normaliser", normaliser)
                    .with("weightDecay", weightDecay)
                    .withIf(fitted, "fitted");
        }
    }

    private GraphObjective(
            GraphLoss loss,
            Records data,
            RecordIds ids,
            List<AdapterBlock> adapters,
            Settings settings,
            double[] initial) {
        this.loss = loss;
        this.data = data;
        this.ids = ids;
        this.adapters = adapters;
        this.settings = settings;
        this.initial = initial;
        this.order = ids.stream().mapToInt(data.ids()::indexOf).toArray();
    }

    /**
     * The mean loss of a graph over all records.
     *
     * @throws IllegalArgumentException if the graph has dropout, weight noise, regularisation or a layer that mixes
     *     examples, naming the layer
     */
    public static GraphObjective of(ComputationGraph graph, Records data) {
        return of(graph, data, TrainingExtras.REFUSE);
    }

    /** As {@link #of(ComputationGraph, Records)}; dropout, weight noise and regularisation can also be left out. */
    public static GraphObjective of(ComputationGraph graph, Records data, TrainingExtras extras) {
        GraphLoss loss = new GraphLoss(ObservedGraph.of(graph, extras));
        Records typed = data.as(loss.dataType());
        return of(graph, typed, loss, fitting(loss, typed), false);
    }

    /**
     * As {@link #of(ComputationGraph, Records)}, computed by the graph's own layers in one piece, as Deeplearning4j's {@code fit}
     * does: with plain {@code Sgd} and one batch, divided by its size, in ascending order of ids, {@code θ - η·gradient} has the
     * bits of a step of {@code fit}. It takes the memory that {@code fit} takes, and gradients of single records cannot be
     * clipped.
     */
    public static GraphObjective asFitted(ComputationGraph graph, Records data) {
        GraphLoss loss = new GraphLoss(ObservedGraph.stock(graph, TrainingExtras.REFUSE));
        Records typed = data.as(loss.dataType());
        return of(graph, typed, loss, typed.size(), true);
    }

    private static GraphObjective of(ComputationGraph graph, Records typed, GraphLoss loss, int chunk, boolean fitted) {
        return new GraphObjective(
                loss,
                typed,
                typed.ids(),
                GraphAdapters.of(loss.twin().graph()),
                new Settings(chunk, OptionalDouble.empty(), 0, fitted),
                ParameterVectors.of(graph));
    }

    /** The plain sum over a block's records: divided by 1. */
    static GraphObjective ofBlock(GraphLoss loss, Records data, int chunk, double[] initial) {
        return new GraphObjective(
                loss,
                data.as(loss.dataType()),
                data.ids(),
                GraphAdapters.of(loss.twin().graph()),
                new Settings(chunk, OptionalDouble.of(1), 0, false),
                initial);
    }

    private static int fitting(GraphLoss loss, Records data) {
        long numbers = loss.activationsPerExample(data.batch(new int[] {0}, 0, 1));
        return (int) Math.max(
                1,
                Math.min(data.size(), CHUNK_BYTES / (numbers * loss.dataType().width())));
    }

    /**
     * Divides by a fixed number instead of the number of records, so that removing a record changes nothing but that
     * record's term. Choose it without looking at the data.
     */
    public GraphObjective withNormaliser(double normaliser) {
        requirePositive("the normaliser", normaliser);
        return with(new Settings(settings.chunk, OptionalDouble.of(normaliser), settings.weightDecay, settings.fitted));
    }

    /** Adds {@code (λ/2)·‖θ‖²}, over every parameter, biases too. */
    public GraphObjective withWeightDecay(double lambda) {
        if (!(lambda >= 0) || Double.isInfinite(lambda)) {
            throw new IllegalArgumentException("weight decay must be >= 0 and finite, got " + lambda);
        }
        return with(new Settings(settings.chunk, settings.normaliser, lambda, settings.fitted));
    }

    /** Sets how many records are evaluated at a time; the default keeps their activations within 64 MiB. */
    public GraphObjective withChunk(int records) {
        if (records < 1) {
            throw new IllegalArgumentException("a chunk must be >= 1 records, got " + records);
        }
        return with(new Settings(records, settings.normaliser, settings.weightDecay, settings.fitted));
    }

    private GraphObjective with(Settings changed) {
        return new GraphObjective(loss, data, ids, adapters, changed, initial);
    }

    private static void requirePositive(String what, double value) {
        if (!(value > 0) || Double.isInfinite(value)) {
            throw new IllegalArgumentException(what + " must be > 0 and finite, got " + value);
        }
    }

    @Override
    public GraphObjective restrictedTo(RecordIds subset) {
        requireSome(subset);
        return new GraphObjective(loss, data, subset, adapters, settings, initial);
    }

    private void requireSome(RecordIds subset) {
        ids.requireAll(subset);
        if (subset.isEmpty()) {
            throw new IllegalArgumentException("an objective must have records, got an empty subset");
        }
    }

    /**
     * The same mean with each record's or subject's gradient clipped.
     *
     * @see ClippedObjective
     */
    public ClippedObjective clipped(Clipping clipping) {
        return new ClippedObjective(this, clipping);
    }

    @Override
    public RecordIds records() {
        return ids;
    }

    @Override
    public int dimension() {
        return loss.dimension();
    }

    @Override
    public Precision precision() {
        return loss.dataType() == DataType.DOUBLE ? Precision.DOUBLE : Precision.FLOAT;
    }

    @Override
    public List<AdapterBlock> adapters() {
        return adapters;
    }

    @Override
    public OptionalDouble fixedNormaliser() {
        return settings.normaliser;
    }

    @Override
    public double weightDecay() {
        return settings.weightDecay;
    }

    /** The parameters the graph had when the objective was made from it: where a run starts. */
    public double[] parameters() {
        return initial.clone();
    }

    @Override
    public double value(double[] theta) {
        loss.start(theta);
        double sum = 0;
        for (int from = 0; from < order.length; from += settings.chunk) {
            sum += loss.loss(data.batch(order, from, end(from)));
        }
        return mean(sum, theta);
    }

    @Override
    public double valueAndGradient(double[] theta, double[] gradient) {
        Vectors.requireLength("the gradient", gradient, dimension());
        loss.start(theta);
        double sum = 0;
        for (int from = 0; from < order.length; from += settings.chunk) {
            sum += loss.addGradient(data.batch(order, from, end(from)));
        }
        return finish(sum, theta, gradient);
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
        Map<String, INDArray> weightGradients = zeroWeights();
        double sum = 0;
        for (int from = 0; from < order.length; from += settings.chunk) {
            sum += loss.addGradient(data.batch(order, from, end(from)), rows -> {
                for (LayerRows layer : rows) {
                    INDArray weightGradient = weightGradients.get(layer.layer());
                    if (weightGradient != null) {
                        layer.addWeightGradient(weightGradient);
                    }
                    layer.writeGradients();
                }
            });
        }
        for (int k = 0; k < adapters.size(); k++) {
            INDArray weightGradient =
                    Objects.requireNonNull(weightGradients.get(adapters.get(k).layer()));
            weightGradientNorms[k] = weightGradient.norm2Number().doubleValue() / normaliser();
        }
        return finish(sum, theta, gradient);
    }

    private Map<String, INDArray> zeroWeights() {
        Map<String, INDArray> result = new LinkedHashMap<>();
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            for (AdapterBlock block : adapters) {
                long[] shape = {block.rows(), block.columns()};
                result.put(block.layer(), Nd4j.create(loss.dataType(), shape, 'f'));
            }
        }
        return result;
    }

    private int end(int from) {
        return Math.min(from + settings.chunk, order.length);
    }

    GraphLoss loss() {
        return loss;
    }

    /** What sums up clipped gradients in few passes where layers would not. */
    Optional<ClippedSums.Sum> clippedSum(Clipping clipping) {
        return settings.fitted ? Optional.empty() : loss.clippedSum(data, clipping);
    }

    Records data() {
        return data;
    }

    int[] order() {
        return order.clone();
    }

    int chunk() {
        return settings.chunk;
    }

    /** N. */
    double normaliser() {
        return settings.normaliser.orElse(order.length);
    }

    /** From sums over records to the objective's gradient and value. */
    double finish(double sum, double[] theta, double[] gradient) {
        loss.gradient(gradient);
        double lambda = settings.weightDecay;
        double n = normaliser();
        if (settings.fitted) {
            Arrays.setAll(gradient, i -> gradient[i] / n);
            loss.addDecay(lambda, gradient);
        } else {
            Arrays.setAll(gradient, i -> gradient[i] / n + lambda * theta[i]);
        }
        return mean(sum, theta);
    }

    private double mean(double sum, double[] theta) {
        double mean = sum / normaliser();
        double lambda = settings.weightDecay;
        return lambda == 0 ? mean : mean + lambda / 2 * Vectors.dot(theta, theta);
    }

    @Override
    public String fingerprint() {
        return fingerprint("");
    }

    String fingerprint(String variant) {
        MessageDigest digest = Sha256.start();
        digest.update(facts(variant));
        data.update(digest);
        ByteBuffer numbers = ByteBuffer.allocate(Long.BYTES * ids.size());
        IntStream.range(0, ids.size()).forEach(k -> numbers.putLong(ids.get(k)));
        digest.update(numbers.flip());
        return Sha256.hex(digest);
    }

    private byte[] facts(String variant) {
        String facts = loss.twin().graph().getConfiguration().toJson()
                + '\n'
                + settings.facts().text()
                + '\n'
                + variant
                + '\n';
        return facts.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public String settingsFingerprint() {
        return settingsFingerprint("");
    }

    String settingsFingerprint(String variant) {
        return Sha256.hex(facts(variant));
    }

    @Override
    public String toString() {
        return "GraphObjective[" + ids.size() + " records, " + dimension() + " parameters]";
    }
}
