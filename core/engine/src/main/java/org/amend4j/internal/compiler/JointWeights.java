/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.PieceKernels.Piece;
import org.amend4j.internal.backend.PieceKernels.Pieces;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Node;
import org.amend4j.internal.network.Operation;
import org.amend4j.internal.network.Values;

/** The joint weights of a network on a machine, one behind the other, so that all adapters come beside them in one call. */
final class JointWeights implements AutoCloseable {

    private static final int ALIGNMENT = 64;

    private final Machine machine;
    private final MachineArray numbers;
    private final Map<Values, JointWeight> byWeight = new HashMap<>();
    private final Map<JointWeight, Long> places = new HashMap<>();
    /** Where other parameters and constants are, rounded. */
    private final Map<Values, Rounded> rounded = new HashMap<>();

    private final Optional<Pieces> pieces;
    private final Owned owned = new Owned();

    /** @param at where it begins */
    private record Rounded(long at, long length) {}

    private JointWeights(
            Machine machine, ElementType type, List<JointWeight> all, List<Values> others, ParameterLayout layout) {
        this.machine = machine;
        long end = 0;
        List<Piece> factors = new ArrayList<>();
        for (JointWeight joint : all) {
            end = aligned(end);
            byWeight.put(joint.weight(), joint);
            places.put(joint, end);
            factors.addAll(joint.pieces(layout, end));
            end += joint.length();
        }
        for (Values values : others) {
            end = aligned(end);
            int length = Math.toIntExact(values.length());
            rounded.put(values, new Rounded(end, length));
            if (values instanceof Values.Slice slice) {
                factors.add(new Piece(layout.place(slice.offset()), 1, length, end, length, false));
            }
            end += length;
        }
        try {
            this.pieces = factors.isEmpty()
                    ? Optional.empty()
                    : Optional.of(owned.add(Pieces.on(machine, "places of adapters beside weights", factors)));
            this.numbers = owned.add(machine.allocate("frozen weights with their adapters", type, end));
            all.forEach(this::placeWeight);
            rounded.keySet().forEach(this::placeConstant);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private static long aligned(long place) {
        return (place + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    }

    /** Places those that a network has, if it has any; as bfloat16 numbers beside other parameters that products of such read. */
    static Optional<JointWeights> of(Machine machine, ElementType type, Network network, ParameterLayout layout) {
        List<JointWeight> all = List.copyOf(JointWeight.of(network).values());
        List<Values> others = type == ElementType.BFLOAT16 ? besides(network) : List.of();
        return all.isEmpty() && others.isEmpty()
                ? Optional.empty()
                : Optional.of(new JointWeights(machine, type, all, others, layout));
    }

    /** Biases, and trained weights. */
    private static List<Values> besides(Network network) {
        return network.nodes().stream()
                .map(Node::operation)
                .filter(Operation.Product.class::isInstance)
                .map(Operation.Product.class::cast)
                .flatMap(product -> Stream.concat(
                        product.bias().stream(), Stream.of(product.weight()).filter(Values.Slice.class::isInstance)))
                .distinct()
                .toList();
    }

    private void placeConstant(Values values) {
        if (values instanceof Values.Constant constant) {
            machine.uploadRounded(constant.content().get(), rounded(values));
        }
    }

    /** Parameters or constants as bfloat16 numbers, those of the last {@link #place}. */
    MachineArray rounded(Values values) {
        Rounded there = Objects.requireNonNull(rounded.get(values), "a bias or trained weight of this network");
        return numbers.slice(there.at(), there.length());
    }

    private void placeWeight(JointWeight joint) {
        Values.Constant weight = joint.weight();
        try (MachineArray alone =
                machine.allocate(weight.owner(), weight.content().get())) {
            MatrixView rows = MatrixView.of(alone, joint.outputs(), joint.inputs());
            if (numbers.type() == ElementType.BFLOAT16) {
                machine.kernels().storage().roundRows(rows, joint.weight(array(joint)));
            } else {
                machine.kernels().elementwise().merge(List.of(rows), joint.weight(array(joint)));
            }
        }
    }

    /** Whether a constant is the weight of one of them. */
    boolean contains(Values constant) {
        return byWeight.containsKey(constant);
    }

    /** Copies all adapters from the parameters to the places beside their weights. */
    void place(MachineArray parameters) {
        pieces.ifPresent(some -> machine.kernels().pieces().copy(parameters, some, numbers));
    }

    /** The numbers of one. */
    MachineArray array(JointWeight joint) {
        return numbers.slice(
                Objects.requireNonNull(places.get(joint), "a joint weight of this network"), joint.length());
    }

    /** A weight as it is stored, [outputs, inputs]; empty if it is none of these. */
    Optional<MatrixView> weight(Values constant) {
        return Optional.ofNullable(byWeight.get(constant)).map(joint -> joint.weight(array(joint)));
    }

    @Override
    public void close() {
        owned.close();
    }
}
