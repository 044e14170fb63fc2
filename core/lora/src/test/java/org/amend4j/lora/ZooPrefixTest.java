/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.amend4j.backend.Arithmetic;
import org.amend4j.internal.cpu.HostMachine;
import org.amend4j.internal.prefix.PlannedPrefix;
import org.amend4j.lora.Zoo.Animal;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.model.BaseModel;
import org.amend4j.model.UnsupportedNetworkException;
import org.amend4j.prefix.HostPrefix;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.learning.config.Sgd;

/**
 * Every layer and vertex class of Deeplearning4j below an adapter, pictures in both formats: the frozen prefix and a plan of the base give
 * what the graph that {@code fit} runs computes.
 */
class ZooPrefixTest {

    /** Values of order 1 and a few hundred operations of 1e-16. */
    private static final double ROUNDING = 1e-12;

    private int prefixes;
    private int plans;
    private int channelsLast;

    @Test
    void prefixAndPlanGiveWhatFitComputesForEveryClassInBothFormats() {
        List<String> failures = new ArrayList<>();
        for (Animal animal : Zoo.animals()) {
            if (animal.output()) {
                continue;
            }
            INDArray features = animal.data().getFeatures(0);
            check(animal + " as usual", animal::network, features, failures);
            if (animal.readsPictures()) {
                int before = prefixes;
                check(
                        animal + " with channels last",
                        animal::networkOfChannelsLast,
                        features.permute(0, 2, 3, 1).dup('c'),
                        failures);
                channelsLast += prefixes - before;
            }
        }
        assertEquals(List.of(), failures);
        assertTrue(prefixes > 40 && plans > 20 && channelsLast > 5, prefixes + ", " + plans + ", " + channelsLast);
    }

    private interface Made {
        ComputationGraph network();
    }

    private void check(String what, Made made, INDArray features, List<String> failures) {
        AdaptedModel model;
        try {
            ComputationGraph network = made.network();
            network.output(features.dup());
            model = AdaptedModel.attach(
                    BaseModel.of(network),
                    LoraConfig.of(1, 2).withTargets("out"),
                    FineTuneConfiguration.builder().updater(new Sgd(0.05)).build());
        } catch (RuntimeException unfit) {
            return; // Deeplearning4j itself cannot, or ZooTest holds the sentence
        }
        Map<String, INDArray> trained = model.graph().feedForward(new INDArray[] {features.dup()}, true, false);
        model.prefix().ifPresent(prefix -> compare(what + ", prefix", prefix, features, trained, failures));
        try (HostMachine machine = HostMachine.open(1)) {
            PlannedPrefix plan = PlannedPrefix.of(
                    machine, model.base().network(), List.of("out"), Arithmetic.DOUBLE, Zoo.BATCH, features);
            try (plan) {
                far(what + ", plan", trained.get("out"), plan.run(features.dup())[0], failures);
                plans++;
            }
        } catch (UnsupportedNetworkException unfit) {
            // a plan that cannot take it says so
        }
    }

    private void compare(
            String what, HostPrefix prefix, INDArray features, Map<String, INDArray> trained, List<String> failures) {
        INDArray[] found = prefix.run(features.dup());
        for (int k = 0; k < found.length; k++) {
            far(what, trained.get(prefix.outputs().get(k)), found[k], failures);
        }
        prefixes++;
    }

    private static void far(String what, INDArray right, INDArray found, List<String> failures) {
        double difference = right.sub(found.castTo(right.dataType()).reshape(right.shape()))
                .amaxNumber()
                .doubleValue();
        if (!(difference <= ROUNDING * Math.max(1, right.amaxNumber().doubleValue()))) {
            failures.add(what + " differs by " + difference);
        }
    }
}
