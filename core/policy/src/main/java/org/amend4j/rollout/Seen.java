/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.rollout;

import java.util.Arrays;
import org.amend4j.policy.Policy;

/** Observations from which an encoder is to learn afterwards; nothing is kept for encoders that do not learn. */
final class Seen {

    private double[] numbers = new double[0];
    private int size;

    void add(Policy policy, double[] observation) {
        if (policy.encoder().learns()) {
            if (size + observation.length > numbers.length) {
                numbers = Arrays.copyOf(numbers, 2 * (size + observation.length));
            }
            System.arraycopy(observation, 0, numbers, size, observation.length);
            size += observation.length;
        }
    }

    void teach(Policy policy) {
        if (policy.encoder().learns()) {
            policy.encoder().learn(Arrays.copyOf(numbers, size));
        }
    }
}
