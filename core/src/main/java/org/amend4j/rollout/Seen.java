package org.amend4j.rollout;

import java.util.Arrays;
import org.amend4j.policy.NormalisingEncoder;
import org.amend4j.policy.Policy;

/** Observations that a normalising encoder is to learn from afterwards; of other encoders nothing is kept. */
final class Seen {

    private double[] numbers = new double[0];
    private int size;

    void add(Policy policy, double[] observation) {
        if (policy.encoder() instanceof NormalisingEncoder) {
            if (size + observation.length > numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * (size + observation.length));
            }
            System.arraycopy(observation, 0, numbers, size, observation.length);
            size += observation.length;
        }
    }

    void teach(Policy policy) {
        if (policy.encoder() instanceof NormalisingEncoder encoder) {
            encoder.learn(Arrays.copyOf(numbers, size));
        }
    }
}
