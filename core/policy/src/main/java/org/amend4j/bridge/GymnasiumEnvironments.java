/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.EnvironmentMaker;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.environment.Space;

/**
 * Environments of a real Gymnasium by name, as {@link org.amend4j.environment.Environments} has those of this library:
 * {@code gymnasium:HalfCheetah-v5?forward_reward_weight=2&limit=500}. Options are keyword arguments of
 * {@code gymnasium.make}; {@code limit}, a number of steps or {@code none}, is its {@code max_episode_steps}.
 */
public final class GymnasiumEnvironments {

    /** What their names begin with. */
    public static final String PREFIX = "gymnasium:";

    private static final String LIMIT = "limit";
    private static final String MAX_EPISODE_STEPS = "max_episode_steps";

    private GymnasiumEnvironments() {}

    /** Whether a name is one of these. */
    public static boolean isOne(String id) {
        return id.startsWith(PREFIX);
    }

    /**
     * Asks Gymnasium for an environment, in a process that ends with that.
     *
     * @param id with {@link #PREFIX}
     * @param options arguments in there are those of all environments; those in the name win
     * @throws GymnasiumException if Python or Gymnasium is missing, or Gymnasium does not make the environment
     * @throws IllegalArgumentException if the options are not {@code key=value}, joined by {@code &}
     */
    public static EnvironmentSpec of(String id, GymnasiumOptions options) {
        Maker maker = Maker.ask(name(id), options.withArguments(arguments(id, options)));
        return new EnvironmentSpec(
                id, maker.registered, maker.threshold, OptionalDouble.empty(), maker, Optional.empty());
    }

    /**
     * One environment that shows {@linkplain GymnasiumProcess#picture pictures}; to be closed.
     *
     * @param id as for {@link #of}
     */
    public static GymnasiumProcess withPictures(String id, GymnasiumOptions options) {
        Map<String, Object> arguments = arguments(id, options);
        arguments.put("render_mode", "rgb_array");
        return GymnasiumProcess.start(name(id), 1, options.withArguments(arguments));
    }

    private static String name(String id) {
        if (!isOne(id)) {
            throw new IllegalArgumentException("an environment of Gymnasium must begin with " + PREFIX + ", got " + id);
        }
        return id.substring(PREFIX.length()).split("\\?", 2)[0];
    }

    private static Map<String, Object> arguments(String id, GymnasiumOptions options) {
        Map<String, Object> arguments = new LinkedHashMap<>(options.arguments());
        String[] parts = id.split("\\?", 2);
        if (parts.length > 1) {
            arguments.putAll(arguments(parts[1], id));
        }
        return arguments;
    }

    private static Map<String, Object> arguments(String query, String id) {
        Map<String, Object> arguments = new LinkedHashMap<>();
        for (String option : query.split("&", -1)) {
            String[] pair = option.split("=", 2);
            if (pair.length != 2 || pair[0].isEmpty() || pair[1].isEmpty()) {
                throw new IllegalArgumentException(
                        "options must be key=value, joined by '&', got '" + option + "' (" + id + ")");
            }
            boolean limit = pair[0].equals(LIMIT);
            if (limit && !pair[1].matches("none|[1-9][0-9]{0,8}")) {
                throw new IllegalArgumentException(
                        "limit must be a number of steps or none, got '" + pair[1] + "' (" + id + ")");
            }
            arguments.put(limit ? MAX_EPISODE_STEPS : pair[0], limit && pair[1].equals("none") ? -1 : value(pair[1]));
        }
        return arguments;
    }

    private static Object value(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        if (text.matches("-?[0-9]{1,18}")) {
            return Long.valueOf(text);
        }
        return text.matches("-?[0-9]*\\.?[0-9]+([eE]-?[0-9]{1,3})?") ? (Object) Double.valueOf(text) : text;
    }

    /** Knows what the first process told. */
    private static final class Maker implements EnvironmentMaker {

        private final String name;
        private final GymnasiumOptions options;
        private final OptionalInt registered;
        private final OptionalDouble threshold;
        private final Space observationSpace;
        private final Space actionSpace;

        private Maker(String name, GymnasiumOptions options, GymnasiumProcess process) {
            this.name = name;
            this.options = options;
            registered = process.timeLimit();
            threshold = process.rewardThreshold();
            observationSpace = process.observationSpace();
            actionSpace = process.actionSpace();
        }

        static Maker ask(String name, GymnasiumOptions options) {
            try (GymnasiumProcess process = GymnasiumProcess.start(name, 1, options)) {
                return new Maker(name, options, process);
            }
        }

        @Override
        public Space observationSpace() {
            return observationSpace;
        }

        @Override
        public Space actionSpace() {
            return actionSpace;
        }

        @Override
        public EnvironmentBatch open(int rows, OptionalInt timeLimit) {
            if (timeLimit.equals(registered)) {
                return GymnasiumWorkers.start(name, rows, options);
            }
            Map<String, Object> arguments = new LinkedHashMap<>(options.arguments());
            arguments.put(MAX_EPISODE_STEPS, timeLimit.orElse(-1));
            return GymnasiumWorkers.start(name, rows, options.withArguments(arguments));
        }
    }
}
