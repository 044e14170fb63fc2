/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.explain;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.nd4j.linalg.learning.config.AMSGrad;
import org.nd4j.linalg.learning.config.AdaDelta;
import org.nd4j.linalg.learning.config.AdaGrad;
import org.nd4j.linalg.learning.config.AdaMax;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.config.IUpdater;
import org.nd4j.linalg.learning.config.Nadam;
import org.nd4j.linalg.learning.config.Nesterovs;
import org.nd4j.linalg.learning.config.RmsProp;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * What training takes beside the base.
 *
 * @param parameters that train; their gradient has as many values
 * @param copies values of weights that are held again because adapters add to them or started with a part of them
 * @param updaterState values that each of Deeplearning4j's updaters keeps, by its name
 * @param activations values that one example leaves for the backward pass: what every vertex from the first that trains on
 *     puts out, and what these read from below; empty if the shapes are not known
 * @param cost of a step; empty if it is not known
 */
public record TrainingNeeds(
        long parameters,
        long copies,
        Map<String, Long> updaterState,
        Optional<Long> activations,
        Optional<StepCost> cost) {

    private static final List<IUpdater> UPDATERS = List.of(
            new Sgd(),
            new Nesterovs(),
            new RmsProp(),
            new AdaGrad(),
            new AdaDelta(),
            new Adam(),
            new AdaMax(),
            new Nadam(),
            new AMSGrad());

    /** Copies the map. */
    public TrainingNeeds {
        updaterState = Collections.unmodifiableMap(new LinkedHashMap<>(updaterState));
    }

    static TrainingNeeds of(long parameters, long copies, Optional<Long> activations, Optional<StepCost> cost) {
        Map<String, Long> state = new LinkedHashMap<>();
        UPDATERS.forEach(updater -> state.put(updater.getClass().getSimpleName(), updater.stateSize(parameters)));
        return new TrainingNeeds(parameters, copies, state, activations, cost);
    }
}
