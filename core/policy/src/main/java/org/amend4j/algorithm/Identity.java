package org.amend4j.algorithm;

import java.util.regex.Pattern;
import org.amend4j.policy.Policy;

/**
 * What identifies a run. State is only accepted from a run that agrees in all of these.
 *
 * @param algorithm with all its settings
 * @param environment its name
 * @param policy shape of its network, distribution and encoder
 * @param seed the root of all random numbers
 */
public record Identity(String algorithm, String environment, String policy, long seed) {

    /** What an object says of itself that is none of a record: its address instead of its settings. */
    private static final Pattern ADDRESS = Pattern.compile("[\\w.$\\[;]+@[0-9a-f]{1,8}\\b");

    /** @throws IllegalArgumentException if the distribution or the encoder does not state its settings */
    static String describe(Policy policy) {
        requireSettings("distribution", policy.distribution().toString());
        requireSettings("encoder", policy.encoder().toString());
        return policy.network().inputs() + " inputs, " + policy.network().outputs() + " outputs, " + policy.dimension()
                + " parameters in " + policy.network().precision() + ", " + policy.distribution() + ", "
                + policy.encoder();
    }

    private static void requireSettings(String what, String words) {
        if (ADDRESS.matcher(words).find()) {
            throw new IllegalArgumentException("a run is resumed by what its " + what
                    + " says of itself: toString must state all of its settings, as a record's, got " + words);
        }
    }

    /**
     * Checks that another run's state may be used in this one.
     *
     * @throws IllegalArgumentException if it may not, naming what differs
     */
    public void requireSame(Identity other) {
        requireSame("environment", environment, other.environment);
        requireSame("algorithm", algorithm, other.algorithm);
        requireSame("policy", policy, other.policy);
        requireSame("seed", Long.toString(seed), Long.toString(other.seed));
    }

    private static void requireSame(String what, String own, String others) {
        if (!own.equals(others)) {
            throw new IllegalArgumentException(
                    "a run can only be resumed with its own " + what + ", '" + others + "', got '" + own + "'");
        }
    }
}
