/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.amend4j.internal.network.Activation;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Operation.Gather;
import org.amend4j.internal.network.Operation.Product;
import org.amend4j.internal.network.Values;
import org.amend4j.internal.network.Values.Slice;

/** Through which nodes gradients flow, and whose results may be overwritten. */
final class Liveness {

    private final List<Node> nodes;
    private final boolean[] live;
    private final int[] readers;
    private final int[] lastReader;

    Liveness(Network network, Variant variant) {
        boolean gradient = variant.hasGradient();
        this.nodes = network.nodes();
        this.live = new boolean[nodes.size()];
        this.readers = new int[nodes.size()];
        this.lastReader = new int[nodes.size()];
        Arrays.fill(lastReader, -1);
        network.outputs().forEach(output -> readers[output]++);
        for (int k = 0; k < nodes.size(); k++) {
            Node node = nodes.get(k);
            for (int input : node.inputs()) {
                readers[input]++;
                lastReader[input] = k;
            }
            live[k] = gradient && (trains(node) || node.inputs().stream().anyMatch(input -> live[input]));
        }
    }

    /** Whether a node has trained parameters of its own. */
    static boolean trains(Node node) {
        if (node.operation() instanceof Product product) {
            return product.adapter().isPresent() || isTrained(product.weight()) || isTrained(product.bias());
        }
        if (node.operation() instanceof Operation.LayerNorm norm) {
            return isTrained(norm.gain()) || isTrained(norm.bias());
        }
        if (node.operation() instanceof Operation.RmsNorm norm) {
            return isTrained(norm.gain());
        }
        if (node.operation() instanceof Operation.Magnitude) {
            return true;
        }
        if (node.operation() instanceof Operation.TokenEmbedding embedding) {
            return embedding.adapter().isPresent()
                    || embedding.tables().stream().anyMatch(table -> isTrained(table.values()));
        }
        if (node.operation() instanceof Operation.TokenLoss loss) {
            return loss.adapter().isPresent() || isTrained(loss.weight());
        }
        if (node.operation() instanceof Operation.Opaque opaque) {
            return opaque.parameters().isPresent();
        }
        return node.operation() instanceof Gather gather && (isTrained(gather.table()) || isTrained(gather.bias()));
    }

    static boolean isTrained(Values values) {
        return values instanceof Slice;
    }

    static boolean isTrained(Optional<Values> values) {
        return values.filter(Slice.class::isInstance).isPresent();
    }

    /** Whether the gradient of a node's result is needed. */
    boolean isLive(int node) {
        return live[node];
    }

    /** How many nodes and outputs read a node's result. */
    int readers(int node) {
        return readers[node];
    }

    /** The node that reads a node's result, if it is the only one and the result is no output. */
    Optional<Integer> onlyReader(int node) {
        return readers[node] == 1 && lastReader[node] >= 0 ? Optional.of(lastReader[node]) : Optional.empty();
    }

    /** Whether nobody needs a node's result but its single reader, not even its own backward pass. */
    boolean mayOverwrite(int node) {
        return readers[node] == 1 && !needsItsResult(node);
    }

    private boolean needsItsResult(int node) {
        Operation operation = nodes.get(node).operation();
        if (operation instanceof Product product) {
            return live[node] && product.activation().kind() != Activation.Kind.IDENTITY;
        }
        if (operation instanceof Operation.Depthwise depthwise) {
            return live[node] && depthwise.activation().kind() != Activation.Kind.IDENTITY;
        }
        return !(operation instanceof Operation.Affine
                || operation instanceof Operation.LayerNorm
                || operation instanceof Operation.RmsNorm
                || operation instanceof Operation.TokenEmbedding
                || operation instanceof Operation.Gate
                || operation instanceof Operation.PoolTokens
                || operation instanceof Operation.Magnitude
                || operation instanceof Operation.MaxPool
                || operation instanceof Operation.AveragePool
                || operation instanceof Operation.Upsample
                || operation instanceof Operation.Crop
                || operation instanceof Operation.Combine
                || operation instanceof Operation.Merge
                || operation instanceof Operation.Reorder
                || operation instanceof Operation.Opaque);
    }
}
