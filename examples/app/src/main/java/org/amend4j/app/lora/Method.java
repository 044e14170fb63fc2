/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.lora;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.List;

/**
 * The cost and the result of one way of adapting a network.
 *
 * @param method its name
 * @param trained what exactly was trained
 * @param accuracies share of right test answers after each epoch; the last one is the result
 * @param seconds training time of each epoch, test runs not counted
 * @param parameters trainable parameters
 * @param bytes size on disk of what has to be kept in addition to the pretrained network
 */
public record Method(
        String method, String trained, List<Double> accuracies, List<Double> seconds, long parameters, long bytes) {

    /** Copies the lists. */
    public Method {
        accuracies = List.copyOf(accuracies);
        seconds = List.copyOf(seconds);
    }

    /** After the last epoch. */
    public double accuracy() {
        return accuracies.get(accuracies.size() - 1);
    }

    /** Their mean. */
    public double secondsPerEpoch() {
        return seconds.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    /** For JSON. */
    public record Facts(
            String method,
            String trained,
            @JsonUnwrapped Cost cost,
            List<Double> testAccuracyByEpoch,
            List<Double> secondsByEpoch) {}

    /**
     * The result and what it cost.
     *
     * @param testAccuracy after the last epoch
     * @param secondsPerEpoch their mean
     */
    public record Cost(
            double testAccuracy, long trainableParameters, long bytesOnDisk, double secondsPerEpoch, int epochs) {}

    /** For JSON. */
    public Facts facts() {
        return new Facts(
                method,
                trained,
                new Cost(accuracy(), parameters, bytes, secondsPerEpoch(), seconds.size()),
                accuracies,
                seconds);
    }
}
