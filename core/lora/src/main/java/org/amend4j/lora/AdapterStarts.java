/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.internal.lora.AdaptableWeights;
import org.amend4j.internal.lora.init.EmbeddingStart;
import org.amend4j.internal.lora.init.Olora;
import org.amend4j.internal.lora.init.OrthogonalStart;
import org.amend4j.internal.lora.init.Pissa;
import org.amend4j.internal.lora.init.RandomisedPissa;
import org.amend4j.internal.lora.init.StartFactors;
import org.amend4j.internal.lora.init.StartSite;
import org.amend4j.internal.lora.init.WeightStart;
import org.amend4j.internal.network.WeightMatrix;
import org.amend4j.lora.config.AdaptedWeight;
import org.amend4j.lora.config.AdapterInit;
import org.amend4j.lora.config.WeightAdapter;
import org.amend4j.model.BaseModel;
import org.amend4j.random.SplitMix64;
import org.deeplearning4j.nn.conf.ComputationGraphConfiguration;
import org.nd4j.linalg.api.ndarray.INDArray;

/** First factors of the adapters that do not start as {@link FactorInitializer} leaves them. */
final class AdapterStarts {

    private final BaseModel base;
    private final ComputationGraphConfiguration network;
    private final long seed;
    private final Optional<DataStarts> data;

    /**
     * @param seed of what is drawn; each weight has its own, by its place among the adapted ones
     * @param data what starts that need examples are made from
     */
    AdapterStarts(BaseModel base, long seed, Optional<DataStarts> data) {
        this.base = base;
        this.data = data;
        this.network = base.configuration();
        this.seed = seed;
    }

    /** Those of a fit, by weight and in its order. */
    Map<AdaptedWeight, StartFactors> of(ResolvedLoraConfig fit) {
        Map<AdaptedWeight, StartFactors> factors = new LinkedHashMap<>();
        int place = 0;
        for (WeightAdapter one : fit.weights()) {
            StartSite site = site(one, SplitMix64.draw(seed, place++));
            factors(one, site).ifPresent(start -> factors.put(one.weight(), start));
        }
        return factors;
    }

    private StartSite site(WeightAdapter one, long ownSeed) {
        AdaptedWeight of = one.weight();
        INDArray weight = Objects.requireNonNull(base.parameters(of.vertex()).get(of.parameter()), of.parameter());
        return new StartSite(
                of.name(),
                matrix(of).matrix(weight),
                one.adapter().rank(),
                one.adapter().scaling(),
                ownSeed);
    }

    private WeightMatrix matrix(AdaptedWeight weight) {
        return AdaptableWeights.of(network, weight.vertex(), weight.parameter());
    }

    private Optional<StartFactors> factors(WeightAdapter one, StartSite site) {
        AdapterInit init = one.adapter().init();
        if (data.isPresent()) {
            return Optional.of(data.get().of(site));
        }
        return start(init, matrix(one.weight())).map(start -> start.of(site));
    }

    private static Optional<WeightStart> start(AdapterInit init, WeightMatrix matrix) {
        return switch (init.kind()) {
            case DEFAULT, GAUSSIAN -> matrix.isTable() ? Optional.of(new EmbeddingStart()) : Optional.empty();
            case RANDOM -> Optional.empty();
            case ORTHOGONAL -> Optional.of(new OrthogonalStart());
            case PISSA -> Optional.of(new Pissa());
            case PISSA_NITER -> Optional.of(new RandomisedPissa(init.iterations()));
            case OLORA -> Optional.of(new Olora());
            case EVA, CORDA, LORA_GA ->
                throw new IllegalStateException("the start " + init + " was not given its examples");
        };
    }
}
