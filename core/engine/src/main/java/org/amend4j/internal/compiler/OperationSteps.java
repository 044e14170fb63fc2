/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import org.amend4j.internal.network.Operation;

/** Both passes of one kind of operation. What the backward pass needs of the forward one is kept here, node by node. */
interface OperationSteps<O extends Operation> {

    /**
     * Appends the steps of the forward pass.
     *
     * @param node index of the node
     * @return the node's result
     */
    Value forward(int node, O operation);

    /**
     * Appends the steps of the backward pass: sends gradients to the inputs and hands over what trains.
     *
     * @param flow the gradient of the node's result
     */
    void backward(int node, O operation, GradientFlow flow);
}
