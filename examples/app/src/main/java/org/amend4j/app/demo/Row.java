/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.demo;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What one way of adapting the network cost and brought.
 *
 * @param method its name
 * @param trained what exactly was trained
 * @param accuracies share of right test answers after each epoch; the last one is the result
 * @param seconds training time of each epoch, test runs not counted
 * @param parameters trainable parameters
 * @param bytes size on disk of what has to be kept beside the pretrained network
 */
record Row(String method, String trained, List<Double> accuracies, List<Double> seconds, long parameters, long bytes) {

    Row {
        accuracies = List.copyOf(accuracies);
        seconds = List.copyOf(seconds);
    }

    double accuracy() {
        return accuracies.get(accuracies.size() - 1);
    }

    double secondsPerEpoch() {
        return seconds.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    }

    Map<String, Object> facts() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("method", method);
        facts.put("trained", trained);
        facts.put("testAccuracy", accuracy());
        facts.put("trainableParameters", parameters);
        facts.put("bytesOnDisk", bytes);
        facts.put("secondsPerEpoch", secondsPerEpoch());
        facts.put("epochs", seconds.size());
        facts.put("testAccuracyByEpoch", accuracies);
        facts.put("secondsByEpoch", seconds);
        return facts;
    }
}
