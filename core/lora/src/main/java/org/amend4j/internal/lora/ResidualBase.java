/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.lora;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.amend4j.internal.lora.init.PlainAdapter;
import org.amend4j.internal.lora.init.StartFactors;
import org.amend4j.internal.lora.layer.SwitchableAdapters;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.ResolvedLoraConfig;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.AdapterSpec;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.lora.config.Scheme;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.graph.vertex.GraphVertex;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What adapters stand on: the base, or, where they started with a part of its weights, a copy without that part, W - s·A₀·B₀.
 * The copy is an open base model of its own. Nothing of the base changes.
 */
public final class ResidualBase {

    private final BaseModel base;
    private final BaseModel standing;
    private final Map<AdaptedWeight, StartFactors> moved;

    private ResidualBase(BaseModel base, BaseModel standing, Map<AdaptedWeight, StartFactors> moved) {
        this.base = base;
        this.standing = standing;
        this.moved = moved;
    }

    /** The base itself. */
    public static ResidualBase itself(BaseModel base) {
        return new ResidualBase(base, base, Map.of());
    }

    /** What is left of a base. */
    public static ResidualBase of(BaseModel base, ResolvedLoraConfig fit, Map<AdaptedWeight, StartFactors> starts) {
        Map<AdaptedWeight, StartFactors> moved = new LinkedHashMap<>(starts);
        moved.values().removeIf(start -> !start.movesWeight());
        if (moved.isEmpty()) {
            return itself(base);
        }
        if (!fit.config().scheme().equals(Scheme.PLAIN)) {
            throw new IllegalArgumentException("the start " + fit.config().init()
                    + " moves a part of the weights, which only adapters of " + Scheme.PLAIN + " can do, got "
                    + fit.config().scheme() + ": leave that out, or take another start");
        }
        ComputationGraphConfiguration network = base.configuration();
        ComputationGraph rest = base.plainCopy();
        for (WeightAdapter one : fit.weights()) {
            AdaptedWeight of = one.weight();
            WeightMatrix matrix = AdaptableWeights.of(network, of.vertex(), of.parameter());
            INDArray weight = require(rest.getVertex(of.vertex()).paramTable(false), of.parameter());
            StartFactors start = require(moved, of);
            INDArray whole = matrix.matrix(weight);
            INDArray residual = start.residual(whole, one.adapter().scaling());
            // What no adapter adds to, such as peepholes, stays: there the difference is the weight, elsewhere it is 0.
            INDArray others = weight.sub(matrix.asWeight(whole, weight.shape()));
            weight.assign(matrix.asWeight(residual, weight.shape()).addi(others));
        }
        return new ResidualBase(base, BaseModel.of(rest), moved);
    }

    /** What the layers of a graph compute with. */
    public BaseModel model() {
        return standing;
    }

    /** Lets the layers of a graph compute with the base's own weights while adapters are off. */
    public void giveBack(ComputationGraph graph) {
        Set<String> vertices =
                moved.keySet().stream().map(AdaptedWeight::vertex).collect(Collectors.toSet());
        for (GraphVertex vertex : graph.getVertices()) {
            String name = vertex.getVertexName();
            if (!vertices.contains(name)) {
                continue;
            }
            if (vertex instanceof SwitchableAdapters adaptable) {
                adaptable.setWeightsWithoutAdapter(base.parameters(name));
            } else if (vertex.getLayer() instanceof SwitchableAdapters adaptable) {
                adaptable.setWeightsWithoutAdapter(base.parameters(name));
            }
        }
    }

    /** Writes what adapters add to over a copy of the base's weight. */
    void writeInPlace(AdaptedWeight of, INDArray weight) {
        if (moved.containsKey(of)) {
            weight.assign(require(standing.parameters(of.vertex()), of.parameter()));
        }
    }

    /** An adapter of the base itself. */
    public record Plain(AdapterSpec adapter, INDArray a, INDArray b) {}

    /**
     * What trained factors are on the base itself: they, or with a part of the weight that has to be put back, factors of twice the
     * rank, or of the weight's smaller side if that is less.
     */
    public Plain plain(WeightAdapter one, INDArray a, INDArray b, LoraConfig config) {
        StartFactors start = moved.get(one.weight());
        if (start == null) {
            return new Plain(one.adapter(), a, b);
        }
        PlainAdapter twice = PlainAdapter.of(start, a, b, one.adapter().alpha(), config.rsLora());
        LoraConfig plain = config.withInit(AdapterInit.DEFAULT);
        String target = one.adapter().target();
        long side = Math.min(one.rows(), one.columns());
        if (twice.rank() <= side) {
            return new Plain(plain.adapter(target, twice.rank(), twice.alpha()), twice.a(), twice.b());
        }
        int rank = Math.toIntExact(side);
        double alpha = one.adapter().scaling() * (config.rsLora() ? Math.sqrt(rank) : rank);
        INDArray product = twice.a().mmul(twice.b()).dup('f');
        INDArray same = Nd4j.eye(rank).castTo(a.dataType()).dup('f');
        boolean fewRows = one.rows() <= one.columns();
        return new Plain(plain.adapter(target, rank, alpha), fewRows ? same : product, fewRows ? product : same);
    }

    /** The configuration of such adapters: their ranks and alphas by name where they are not those of most. */
    public LoraConfig plain(LoraConfig config, List<AdapterSpec> adapters) {
        if (moved.isEmpty()) {
            return config;
        }
        double grown = config.alpha() * (config.rsLora() ? Math.sqrt(2) : 2);
        Map<String, Integer> ranks = new LinkedHashMap<>();
        Map<String, Double> alphas = new LinkedHashMap<>();
        for (AdapterSpec adapter : new ArrayList<>(adapters)) {
            if (adapter.rank() != 2 * config.rank()) {
                ranks.put(NamePattern.exactly(adapter.target()), adapter.rank());
            }
            if (adapter.alpha() != grown) {
                alphas.put(NamePattern.exactly(adapter.target()), adapter.alpha());
            }
        }
        return config.withInit(AdapterInit.DEFAULT)
                .withRank(2 * config.rank())
                .withAlpha(grown)
                .withRankPattern(ranks)
                .withAlphaPattern(alphas);
    }

    private static <K, V> V require(Map<K, V> map, K key) {
        return Objects.requireNonNull(map.get(key), () -> String.valueOf(key));
    }
}
