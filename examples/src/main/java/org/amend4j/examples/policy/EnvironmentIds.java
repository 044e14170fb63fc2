package org.amend4j.examples.policy;

import java.util.ArrayList;
import java.util.List;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Environments;
import org.amend4j.examples.data.BadInputException;

/** Environments as a user names them, {@code name?option=value&...}. */
final class EnvironmentIds {

    /** Steps of an evaluated episode that nothing else ends. */
    static final int LONGEST_EPISODE = 1_000;

    private EnvironmentIds() {}

    /** @throws BadInputException if there is no such environment */
    static EnvironmentSpec spec(String id) {
        try {
            return Environments.of(id);
        } catch (IllegalArgumentException bad) {
            throw new BadInputException("--env: " + bad.getMessage(), bad);
        }
    }

    static String name(String id) {
        return id.split("\\?", 2)[0];
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
        return spec.timeLimit().isPresent() ? spec : spec(withLimit(spec.id(), Integer.toString(LONGEST_EPISODE)));
    }
}
