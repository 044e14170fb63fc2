/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.backend.LowRankKernels;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.PieceKernels.Piece;
import org.amend4j.internal.network.LowRank;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Values;

/**
 * A frozen weight with its adapter: the matrix [[W, B], [A, ·]] with B [outputs, rank] and A [rank, inputs] as the parameter vector has them. With
 * P = s·xA beside x, [x, P] times the upper rows, transposed, is xW + s·(xA)B; with Q = s·dB beside d, [d, Q] times the left columns is dW + s·(dB)A,
 * all in one product. Rows of it and of x and d are longer by {@link #room}, a multiple of 8, so that they begin at multiples of 16 bytes.
 */
record JointWeight(Values.Constant weight, LowRank adapter) {

    private static final int ROOM = 8;

    private static final int ALIGNMENT = 64;

    /** Of the nodes of a network that have one, by their number. */
    static Map<Integer, JointWeight> of(Network network) {
        List<Node> nodes = network.nodes();
        List<Values.Constant> uses = nodes.stream()
                .flatMap(node -> Constants.of(node.operation()).stream())
                .toList();
        Map<Integer, JointWeight> found = new HashMap<>();
        for (int k = 0; k < nodes.size(); k++) {
            int node = k;
            of(nodes.get(k).operation())
                    .filter(joint -> Collections.frequency(uses, joint.weight()) == 1)
                    .ifPresent(joint -> found.put(node, joint));
        }
        return found;
    }

    /** Room of the inputs of a network that only one such product reads, a row each. */
    static Map<Integer, Integer> inputRooms(Network network) {
        Map<Integer, Integer> rooms = new HashMap<>();
        List<Node> nodes = network.nodes();
        of(network).forEach((node, joint) -> {
            int read = nodes.get(node).inputs().get(0);
            long readers = nodes.stream()
                    .flatMap(reader -> reader.inputs().stream())
                    .filter(input -> input == read)
                    .count();
            if (nodes.get(read).operation() instanceof Operation.Input input
                    && readers == 1
                    && nodes.get(read).shape().pixels() == 1
                    && !network.outputs().contains(read)) {
                rooms.put(input.index(), joint.room());
            }
        });
        return rooms;
    }

    private static Optional<JointWeight> of(Operation operation) {
        if (operation instanceof Operation.Product product
                && product.weight() instanceof Values.Constant constant
                && product.patches().isEmpty()) {
            return product.adapter()
                    .filter(adapter -> !adapter.drops() && adapter.rank() <= LowRankKernels.MOST_RANK)
                    .map(adapter -> new JointWeight(constant, adapter));
        }
        return Optional.empty();
    }

    /** Numbers that rows of the layer have beside them. */
    int room() {
        return (adapter.rank() + ROOM - 1) / ROOM * ROOM;
    }

    int inputs() {
        return Math.toIntExact(adapter.inputs());
    }

    int outputs() {
        return Math.toIntExact(adapter.outputs());
    }

    private int stride() {
        return inputs() + room();
    }

    /** All of its numbers, and behind them B turned, [rank, outputs]. */
    long length() {
        return upAt() + (long) adapter.rank() * outputs();
    }

    /** Where B turned begins: where reads of 16 bytes may. */
    private long upAt() {
        return ((long) (outputs() + room()) * stride() + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** B turned, [rank, outputs]. */
    MatrixView up(MachineArray there) {
        long length = (long) adapter.rank() * outputs();
        return MatrixView.of(there.slice(upAt(), length), adapter.rank(), outputs());
    }

    /**
     * Where the adapter's factors go.
     *
     * @param at where the joint weight begins
     */
    List<Piece> pieces(ParameterLayout layout, long at) {
        int rank = adapter.rank();
        long a = layout.place(adapter.a().offset());
        long b = layout.place(adapter.b().offset());
        return List.of(
                new Piece(a, rank, inputs(), at + (long) outputs() * stride(), stride(), false),
                new Piece(b, outputs(), rank, at + inputs(), stride(), false),
                new Piece(b, outputs(), rank, at + upAt(), outputs(), true));
    }

    /** W, [outputs, inputs]. */
    MatrixView weight(MachineArray there) {
        return new MatrixView(there, outputs(), inputs(), stride());
    }

    /** [W, B], [outputs, inputs + rank]. */
    MatrixView forward(MachineArray there) {
        return new MatrixView(there, outputs(), inputs() + adapter.rank(), stride());
    }

    /** [W; A], [outputs + rank, inputs]. */
    MatrixView backward(MachineArray there) {
        return new MatrixView(there, outputs() + adapter.rank(), inputs(), stride());
    }

    /** A, [rank, inputs]. */
    MatrixView a(MachineArray there) {
        return backward(there).rows(outputs(), adapter.rank());
    }
}
