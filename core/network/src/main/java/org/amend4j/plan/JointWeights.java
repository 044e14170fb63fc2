/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.amend4j.machine.ElementType;
import org.amend4j.machine.Machine;
import org.amend4j.machine.MachineArray;
import org.amend4j.machine.MatrixView;
import org.amend4j.machine.Owned;
import org.amend4j.machine.PieceKernels.Piece;
import org.amend4j.machine.PieceKernels.Pieces;
import org.amend4j.network.Network;
import org.amend4j.network.Values;

/** The joint weights of a network on a machine, one behind the other, so that all adapters come beside them in one call. */
final class JointWeights implements AutoCloseable {

    private final Machine machine;
    private final MachineArray numbers;
    private final Map<Values, JointWeight> byWeight = new HashMap<>();
    private final Map<JointWeight, Long> places = new HashMap<>();
    private final Pieces pieces;
    private final Owned owned = new Owned();

    private JointWeights(Machine machine, ElementType type, List<JointWeight> all, ParameterLayout layout) {
        this.machine = machine;
        long end = 0;
        List<Piece> factors = new ArrayList<>();
        for (JointWeight joint : all) {
            byWeight.put(joint.weight(), joint);
            places.put(joint, end);
            factors.addAll(joint.pieces(layout, end));
            end += joint.length();
        }
        try {
            this.pieces = owned.add(Pieces.on(machine, "places of adapters beside weights", factors));
            this.numbers = owned.add(machine.allocate("frozen weights with their adapters", type, end));
            all.forEach(this::placeWeight);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Places those that a network has, if it has any. */
    static Optional<JointWeights> of(Machine machine, ElementType type, Network network, ParameterLayout layout) {
        List<JointWeight> all = List.copyOf(JointWeight.of(network).values());
        return all.isEmpty() ? Optional.empty() : Optional.of(new JointWeights(machine, type, all, layout));
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
        machine.kernels().pieces().copy(parameters, pieces, numbers);
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
