package org.amend4j.cuda.plan;

import java.util.Optional;
import org.amend4j.cuda.network.Node;
import org.amend4j.cuda.network.Operation.Product;
import org.amend4j.cuda.network.Shape;

/**
 * The rows behind the gradients of a product.
 *
 * @param from shape of what the product reads
 * @param input what it reads
 * @param low xA
 * @param outer d·Bᵀ
 * @param delta d
 * @param biasDone whether the bias's gradient is there already
 */
record ProductRows(
        Node node,
        Product product,
        Shape from,
        Value input,
        Optional<Value> low,
        Optional<Value> outer,
        Flow delta,
        boolean biasDone) {}
