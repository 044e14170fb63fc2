/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.spark;

import java.io.IOException;
import java.io.Serializable;
import org.amend4j.policy.Policy;

/**
 * The source of executors' copies of a policy: a {@link SentPolicy}, or a class or function of the user's own on their class path. Copies
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
