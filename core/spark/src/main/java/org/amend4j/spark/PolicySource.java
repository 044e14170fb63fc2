/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import org.amend4j.policy.Policy;

/**
 * What executors make copies of a policy from: a {@link SentPolicy}, or a class or function of one's own that is on their class path. Copies
 * compute the same function as the policy that is played; its parameters and its encoder's statistics are sent to them.
 */
@FunctionalInterface
public interface PolicySource extends Serializable {

    /**
     * A copy that shares nothing with others.
     *
     * @throws IOException if something cannot be read
     */
    Policy open() throws IOException;
}
