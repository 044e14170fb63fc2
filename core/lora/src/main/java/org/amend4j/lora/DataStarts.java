/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.amend4j.internal.lora.init.Corda;
import org.amend4j.internal.lora.init.Eva;
import org.amend4j.internal.lora.init.InputComponents;
import org.amend4j.internal.lora.init.InputCovariance;
import org.amend4j.internal.lora.init.LoraGa;
import org.amend4j.internal.lora.init.StartFactors;
import org.amend4j.internal.lora.init.StartSite;
import org.amend4j.internal.lora.layer.AdaptableLayer;
import org.amend4j.internal.lora.layer.LayerRows;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterInit.Kind;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.WeightAdapter;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.layers.BaseLayer;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/** What the adapted layers of a base see of some examples: their inputs, or the gradients of their weights. */
final class DataStarts {

    private final Kind kind;
    private final StartData data;
    private final Map<String, InputComponents> components = new LinkedHashMap<>();
    private final Map<String, InputCovariance> covariances = new LinkedHashMap<>();
    private final Map<String, INDArray> gradients = new LinkedHashMap<>();
    private long examples;

    private DataStarts(Kind kind, StartData data) {
        this.kind = kind;
        this.data = data;
    }

    /**
     * Sends the examples through the base.
     *
     * @param plain the base with adapters of these weights that change nothing
     * @throws IllegalArgumentException if a layer is no product on rows of its input, or the loss no function of the examples
     */
    static DataStarts through(AdaptedModel plain, AdapterInit init, StartData data) {
        ComputationGraph twin = withoutNoise(plain.graph().clone());
        List<AdaptableLayer> running = Stream.of(twin.getLayers())
                .filter(AdaptableLayer.class::isInstance)
                .map(AdaptableLayer.class::cast)
                .filter(layer -> layer.numParams() > 0 && layer.showsRows())
                .toList();
        List<String> observed = running.stream()
                .map(layer -> layer.conf().getLayer().getLayerName())
                .toList();
        List<String> others = plain.weights().stream()
                .map(one -> one.weight().name())
                .filter(name -> !observed.contains(name))
                .toList();
        if (!others.isEmpty()) {
            throw new IllegalArgumentException("the start " + init
                    + " needs layers that multiply rows of their inputs by one weight and show these rows, which these do not: "
                    + Checks.listed(others) + "; leave them out of the targets, or choose another start");
        }
        DataStarts starts = new DataStarts(init.kind(), data);
        plain.weights().forEach(one -> starts.prepare(one, plain.graph()));
        running.forEach(layer -> layer.observe(starts::add));
        data.batches().forEach(batch -> starts.pass(twin, batch));
        return starts;
    }

    /** Frozen layers have none; layers trained in full may. */
    private static ComputationGraph withoutNoise(ComputationGraph graph) {
        for (Layer layer : graph.getLayers()) {
            layer.conf().getLayer().setIDropout(null);
            if (layer.conf().getLayer() instanceof BaseLayer weighted) {
                weighted.setWeightNoise(null);
            }
        }
        return graph;
    }

    private void prepare(WeightAdapter one, ComputationGraph graph) {
        String name = one.weight().name();
        int inputs = Math.toIntExact(one.rows());
        switch (kind) {
            case EVA -> {
                int kept = new Eva(data.eva()).kept(one.adapter().rank(), inputs);
                components.put(name, new InputComponents(name, inputs, kept));
            }
            case CORDA -> covariances.put(name, new InputCovariance(name, inputs));
            default ->
                gradients.put(
                        name,
                        Nd4j.create(
                                graph.getConfiguration().getDataType(), new long[] {one.rows(), one.columns()}, 'f'));
        }
    }

    private void pass(ComputationGraph graph, MultiDataSet batch) {
        graph.setInputs(batch.getFeatures());
        graph.setLabels(batch.getLabels());
        graph.setLayerMaskArrays(batch.getFeaturesMaskArrays(), batch.getLabelsMaskArrays());
        graph.computeGradientAndScore();
        graph.clear();
        graph.clearLayerMaskArrays();
        examples += batch.getFeatures(0).size(0);
    }

    /** Layers trained in full show their rows too. */
    private void add(LayerRows rows) {
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            InputComponents ofInputs = components.get(rows.layer());
            if (ofInputs != null) {
                ofInputs.addInPlace(rows.inputs());
            }
            InputCovariance covariance = covariances.get(rows.layer());
            if (covariance != null) {
                covariance.addInPlace(rows.inputs());
            }
            INDArray gradient = gradients.get(rows.layer());
            if (gradient != null) {
                rows.addWeightGradient(gradient);
            }
        }
    }

    /** With EVA's ranks, at unchanged scalings; a weight that gets none is left out. Others keep theirs. */
    ResolvedLoraConfig fitted(ResolvedLoraConfig fit) {
        if (kind != Kind.EVA) {
            return fit;
        }
        Map<String, Integer> ranks = new Eva(data.eva())
                .ranks(
                        fit.weights().stream()
                                .collect(Collectors.toMap(
                                        one -> one.weight().name(),
                                        one -> one.adapter().rank(),
                                        (one, other) -> one,
                                        LinkedHashMap::new)),
                        components);
        return ranked(fit, ranks);
    }

    private static ResolvedLoraConfig ranked(ResolvedLoraConfig fit, Map<String, Integer> ranks) {
        LoraConfig config = fit.config();
        Map<String, Integer> rankPattern = new LinkedHashMap<>();
        Map<String, Double> alphaPattern = new LinkedHashMap<>();
        List<WeightAdapter> kept = fit.weights().stream()
                .filter(one -> rank(one, ranks) > 0)
                .map(one -> {
                    int rank = rank(one, ranks);
                    String name = one.weight().name();
                    double alpha = one.adapter().rank() == rank
                            ? one.adapter().alpha()
                            : one.adapter().scaling() * (config.rsLora() ? Math.sqrt(rank) : rank);
                    if (rank != config.rank()) {
                        rankPattern.put(NamePattern.exactly(name), rank);
                    }
                    if (alpha != config.alpha()) {
                        alphaPattern.put(NamePattern.exactly(name), alpha);
                    }
                    AdapterSpec adapter = config.adapter(name, rank, alpha);
                    return new WeightAdapter(one.weight(), adapter, one.rows(), one.columns());
                })
                .toList();
        LoraConfig ranked = config.withRankPattern(rankPattern)
                .withAlphaPattern(alphaPattern)
                .withTargets(kept.stream().map(one -> one.weight().name()).toArray(String[]::new));
        return new ResolvedLoraConfig(ranked, kept, fit.biases(), fit.tokens(), fit.trainedInFull(), fit.notes());
    }

    /** No higher than the weight allows. */
    private static int rank(WeightAdapter one, Map<String, Integer> ranks) {
        int wanted = Objects.requireNonNull(ranks.get(one.weight().name()), "rank");
        return Math.toIntExact(Math.min(wanted, Math.min(one.rows(), one.columns())));
    }

    /** First factors of a weight. */
    StartFactors of(StartSite site) {
        String name = site.target();
        return switch (kind) {
            case EVA -> new Eva(data.eva()).of(site, Objects.requireNonNull(components.get(name), name));
            case CORDA -> new Corda(data.corda()).of(site, Objects.requireNonNull(covariances.get(name), name));
            default ->
                new LoraGa(data.loraGa())
                        .of(
                                site,
                                Objects.requireNonNull(gradients.get(name), name)
                                        .div(examples));
        };
    }
}
