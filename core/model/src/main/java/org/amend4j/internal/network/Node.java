/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.network;

import java.util.List;

/**
 * One operation of a network.
 *
 * @param vertex the vertex of Deeplearning4j's graph it belongs to
 * @param inputs indices of earlier nodes
 * @param shape of an example's result; of a loss, one number
 */
public record Node(String vertex, Operation operation, List<Integer> inputs, Shape shape) {
    public Node {
        inputs = List.copyOf(inputs);
    }
}
