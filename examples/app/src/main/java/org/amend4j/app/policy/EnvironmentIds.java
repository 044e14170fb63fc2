/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.amend4j.bridge.GymnasiumEnvironments;
import org.amend4j.environment.EnvironmentSpec;

/** Environments as a user names them, {@code name?option=value&...}. */
final class EnvironmentIds {

    /** Steps of an evaluated episode that nothing else ends. */
    static final int LONGEST_EPISODE = 1_000;

    private EnvironmentIds() {}

    /** Of the library, or of a {@code python3} with Gymnasium. */
    static EnvironmentSpec spec(String id) {
        return Surroundings.usual().spec(id);
    }

    static String name(String id) {
        return id.split("\\?", 2)[0];
    }

    /** Without where it comes from: Gymnasium's CartPole-v1 is the library's. */
    static String idOfPreset(String id) {
        return GymnasiumEnvironments.isOne(id) ? id.substring(GymnasiumEnvironments.PREFIX.length()) : id;
    }

    static boolean hasLimitOption(String id) {
        return options(id).stream().anyMatch(EnvironmentIds::isLimit);
    }

    /** The same environment with another time limit: a number of steps, or {@code none}. */
    static String withLimit(String id, String limit) {
        List<String> options = new ArrayList<>(options(id));
        options.removeIf(EnvironmentIds::isLimit);
        options.add("limit=" + limit);
        return name(id) + "?" + String.join("&", options);
    }

    private static List<String> options(String id) {
        String[] parts = id.split("\\?", 2);
        return parts.length == 1 ? List.of() : List.of(parts[1].split("&", -1));
    }

    private static boolean isLimit(String option) {
        return option.startsWith("limit=");
    }

    /** Where a policy is evaluated: the environment itself, with a time limit if it has none. */
    static EnvironmentSpec forEvaluation(EnvironmentSpec spec) {
        return spec.timeLimit().isPresent() ? spec : spec.withTimeLimit(OptionalInt.of(LONGEST_EPISODE));
    }
}
