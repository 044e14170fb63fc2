/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Optional;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation.Gather;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Operation.TokenEmbedding;
import org.amend4j.internal.network.Shape;
import org.amend4j.internal.network.Values.Slice;

/** The rows that the two passes leave behind, of which the gradients of one node's parameters are made. */
sealed interface TrainedRows {

    Node node();

    /** The derivative at what the parameters make. */
    GradientFlow delta();

    /**
     * Of a product.
     *
     * @param from shape of what the product reads
     * @param input what it reads
     * @param low xA, times s if it is joint
     * @param outer d·Bᵀ, times s if it is joint
     * @param biasDone whether the bias's gradient is there already
     * @param upDone whether B's gradient is there already
     * @param joint whether adapter and weight are multiplied with together
     */
    record OfProduct(
            Node node,
            Product product,
            Shape from,
            Value input,
            Optional<Value> low,
            Optional<Value> outer,
            GradientFlow delta,
            boolean biasDone,
            boolean upDone,
            boolean joint)
            implements TrainedRows {

        /** What gradients of the adapter's factors are still to be multiplied with. */
        double scale(LowRank adapter) {
            return joint ? 1 : adapter.scale();
        }

        boolean trainsWeight() {
            return product.weight() instanceof Slice;
        }

        /** Whether there is an adapter or a trained weight. */
        boolean needsInput() {
            return product.adapter().isPresent() || trainsWeight();
        }
    }

    /** Of a vector whose gradient is the sum of the rows. */
    record OfSums(Node node, Slice vector, GradientFlow delta) implements TrainedRows {}

    /**
     * Of tables of tokens.
     *
     * @param low rows of A, if words have an adapter
     */
    record OfTokens(Node node, TokenEmbedding embedding, Optional<Value> low, GradientFlow delta)
            implements TrainedRows {}

    /** Of a table. */
    record OfTable(Node node, Gather gather, Value tokens, GradientFlow delta) implements TrainedRows {}
}
