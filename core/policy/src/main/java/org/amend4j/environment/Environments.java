/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.environment;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Supplier;

/**
 * The environments of the library by name. Names, time limits and thresholds are those of Gymnasium's registry where it has
 * the environment. Options follow a question mark: {@code CartPole-v1?halfLength=0.8&force=6}.
 *
 * <p>Options of all: {@code limit}, a number of steps or {@code none}. Of CartPole: {@code halfLength}, {@code force},
 * {@code poleMass}, {@code cartMass}, {@code gravity}. Of FrozenLake-v1: {@code map} (4x4, 8x8, or rows of S, F, H
 * and G joined by slashes, {@code SFF/FHG}), {@code slippery} (true or false), {@code success_rate}, in [0, 1], and
 * {@code rewards}, of goal, hole and ice ({@code 1,0,0}). Of CliffWalking-v1: {@code slippery}. Of Taxi-v4: {@code rainy} (true
 * or false) and {@code rainy_probability}, in [0, 1]. Of XorLazy-v0: {@code stay}, in (0, 1). Gymnasium's own names of
 * arguments are understood: {@code desc} and {@code map_name}, {@code is_slippery}, {@code reward_schedule}, {@code is_rainy}.
 *
 * <p>Taxi has no threshold here: the registered one, 8, is above the optimum 7.93. CliffWalking-v1 has no time limit, so a
 * policy that never arrives never ends an episode; a learner needs {@code limit}.
 */
public final class Environments {

    /** Limit of the processes that never end by themselves and are not in a registry. */
    private static final int ENDLESS_STEPS = 100;

    private static final Map<String, Entry> ENTRIES = entries();

    /** Other names, and what they stand for. */
    private static final Map<String, String> ALIASES =
            Map.of("Taxi-v3", "Taxi-v4", "FrozenLake8x8-v1", "FrozenLake-v1?map=8x8");

    private Environments() {}

    private interface Entry {
        EnvironmentSpec of(NamedOptions options);
    }

    /** All names, without options. */
    public static List<String> names() {
        return List.copyOf(ENTRIES.keySet());
    }

    /**
     * The environment of a name, with options or without.
     *
     * @throws IllegalArgumentException if name or option is unknown, naming the known ones; or if a value is not allowed
     */
    public static EnvironmentSpec of(String id) {
        NamedOptions options = NamedOptions.parse(id, ALIASES);
        Entry entry = ENTRIES.get(options.name());
        if (entry == null) {
            throw new IllegalArgumentException(Nearest.unknown("environment", options.name(), names()));
        }
        EnvironmentSpec spec = entry.of(options);
        options.requireAllKnown();
        return spec;
    }

    private static Map<String, Entry> entries() {
        Map<String, Entry> entries = new LinkedHashMap<>();
        entries.put("CartPole-v1", options -> cartPole(options, CartPole.STEPS, 475));
        entries.put("CartPole-v0", options -> cartPole(options, CartPole.STEPS_V0, 195));
        entries.put(
                "MountainCarContinuous-v0",
                options -> control(options, MountainCarContinuous.STEPS, 90, -33.255, MountainCarContinuous::new));
        entries.put("Acrobot-v1", options -> control(options, Acrobot.STEPS, -100, -499.82, Acrobot::new));
        entries.put("Pendulum-v1", options -> control(options, Pendulum.STEPS, Double.NaN, -1234.8, Pendulum::new));
        entries.put("FrozenLake-v1", Environments::frozenLake);
        entries.put("CliffWalking-v1", Environments::cliffWalking);
        entries.put("Taxi-v4", options -> finite(options, options.limit(Taxi.STEPS), Taxi.environment(town(options))));
        entries.put("Xor-v0", options -> finite(options, options.limit(ENDLESS_STEPS), XorMdp.plain()));
        entries.put(
                "XorLazy-v0",
                options -> finite(options, options.limit(ENDLESS_STEPS), XorMdp.lazy(options.number("stay", 0.2))));
        entries.put("Lqr-v0", Environments::linearQuadratic);
        return entries;
    }

    private static EnvironmentSpec cartPole(NamedOptions options, int steps, double threshold) {
        CartPole.Parameters standard = CartPole.Parameters.STANDARD;
        CartPole.Parameters parameters = new CartPole.Parameters(
                options.number("halfLength", standard.halfLength()),
                options.number("force", standard.force()),
                options.number("poleMass", standard.poleMass()),
                options.number("cartMass", standard.cartMass()),
                options.number("gravity", standard.gravity()));
        double randomReturn = parameters.equals(standard) ? 22.256 : Double.NaN;
        return control(options, steps, threshold, randomReturn, () -> new CartPole(parameters));
    }

    /** NaN where there is no such number. */
    private static EnvironmentSpec control(
            NamedOptions options,
            int steps,
            double threshold,
            double randomReturn,
            Supplier<? extends Environment> unlimited) {
        OptionalInt limit = options.limit(steps);
        boolean registered = limit.equals(OptionalInt.of(steps));
        return new EnvironmentSpec(
                options.id(),
                limit,
                registered ? known(threshold) : OptionalDouble.empty(),
                registered ? known(randomReturn) : OptionalDouble.empty(),
                EnvironmentMaker.of(unlimited),
                Optional.empty());
    }

    private static OptionalDouble known(double value) {
        return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
    }

    private static EnvironmentSpec finite(NamedOptions options, OptionalInt limit, TabularEnvironment environment) {
        return finite(options, limit, environment, OptionalDouble.empty());
    }

    private static EnvironmentSpec finite(
            NamedOptions options, OptionalInt limit, TabularEnvironment environment, OptionalDouble threshold) {
        OptionalDouble randomReturn = limit.isPresent()
                ? OptionalDouble.of(environment.mdp().uniformReturn(limit.getAsInt()))
                : OptionalDouble.empty();
        return new EnvironmentSpec(
                options.id(),
                limit,
                threshold,
                randomReturn,
                EnvironmentMaker.of(environment::another),
                Optional.of(environment::another));
    }

    private static EnvironmentSpec frozenLake(NamedOptions options) {
        String map = options.text("map", "4x4");
        FrozenLake.Rules rules = lakeRules(options);
        int steps = map.equals("8x8") ? FrozenLake.STEPS_8X8 : FrozenLake.STEPS_4X4;
        OptionalInt limit = options.limit(steps);
        boolean registered = rules.equals(FrozenLake.Rules.SLIPPERY) && limit.equals(OptionalInt.of(steps));
        List<String> rows = switch (map) {
            case "4x4" -> FrozenLake.MAP_4X4;
            case "8x8" -> FrozenLake.MAP_8X8;
            default -> options.rows("map", map);
        };
        return finite(
                options,
                limit,
                FrozenLake.lake(rules, rows).environment(),
                registered ? threshold(map) : OptionalDouble.empty());
    }

    private static OptionalDouble threshold(String map) {
        return switch (map) {
            case "4x4" -> OptionalDouble.of(0.7);
            case "8x8" -> OptionalDouble.of(0.85);
            default -> OptionalDouble.empty();
        };
    }

    private static FrozenLake.Rules lakeRules(NamedOptions options) {
        FrozenLake.Rules standard = FrozenLake.Rules.SLIPPERY;
        double[] rewards = options.numbers("rewards", standard.goal(), standard.hole(), standard.frozen());
        boolean slippery = options.flag("slippery", true);
        double rate = options.number("success_rate", slippery ? standard.successRate() : 1);
        if (!slippery && rate != 1) {
            throw new IllegalArgumentException(
                    "success_rate is the rate on slippery ice: leave it out with slippery=false (FrozenLake-v1)");
        }
        return standard.withSuccessRate(rate).withRewards(rewards[0], rewards[1], rewards[2]);
    }

    private static FiniteMdp town(NamedOptions options) {
        boolean rainy = options.flag("rainy", false);
        double probability = options.number("rainy_probability", rainy ? Taxi.RAINY_PROBABILITY : 1);
        if (!rainy && probability != 1) {
            throw new IllegalArgumentException(
                    "rainy_probability is that of a rainy town: give rainy=true with it (Taxi-v4)");
        }
        return rainy ? Taxi.rainyTown(probability) : Taxi.town();
    }

    private static EnvironmentSpec cliffWalking(NamedOptions options) {
        boolean slippery = options.flag("slippery", false);
        return finite(options, options.limit(), CliffWalking.grid(slippery).environment());
    }

    private static EnvironmentSpec linearQuadratic(NamedOptions options) {
        LinearQuadratic.Problem problem = LinearQuadratic.doubleIntegrator();
        return control(options, ENDLESS_STEPS, Double.NaN, Double.NaN, () -> new LinearQuadratic(problem));
    }
}
