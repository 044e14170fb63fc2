/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.amend4j.backend.Arithmetic;
import org.amend4j.backend.ElementType;
import org.amend4j.backend.WeightStorage;
import org.amend4j.internal.backend.DropoutKernels;
import org.amend4j.internal.backend.FrozenFactor;
import org.amend4j.internal.backend.FrozenMatrix;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.MatrixView;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.backend.StoredNumbers;
import org.amend4j.internal.network.Network;
import org.amend4j.internal.network.Values;

/**
 * A network's numbers on a machine, for all plans made of it: its trained parameters, and what never changes, placed when a plan
 * first needs it.
 */
final class PlacedNetwork implements AutoCloseable {

    private final Machine machine;
    private final Network network;
    private final Arithmetic arithmetic;
    private final RunSize capacity;

    private final Owned owned = new Owned();
    private final ParameterLayout layout;
    private final Optional<MachineArray> parameters;
    /** Where adapters drop inputs: what decides which. */
    private final Optional<MachineArray> dropoutKey;

    private final Map<Values.Constant, MachineArray> constants = new HashMap<>();
    /** Constants in few bits. */
    private final Map<Values.Constant, StoredNumbers> stored = new HashMap<>();
    /** Weights that have their adapters beside them, when a plan first needs one. */
    private Optional<JointWeights> joints = Optional.empty();

    private boolean jointsPlaced;

    /** Constants that rows are multiplied with. */
    private final Map<ConstantMatrix.Use, FrozenFactor> factors = new HashMap<>();

    /** @param capacity the most that goes through a plan at once */
    PlacedNetwork(Machine machine, Network network, Arithmetic arithmetic, RunSize capacity) {
        this.machine = machine;
        this.network = network;
        this.arithmetic = arithmetic;
        this.capacity = capacity;
        this.layout = ParameterLayout.of(network, machine.parameterAlignment());
        this.parameters = perParameter("parameters").map(owned::add);
        this.dropoutKey = network.drops()
                ? Optional.of(owned.add(machine.allocate("key of dropout", ElementType.INT, DropoutKernels.KEY_LENGTH)))
                : Optional.empty();
        setDropoutKey(0);
    }

    /** Memory with a number for each parameter, the caller's; empty if nothing trains. */
    Optional<MachineArray> perParameter(String owner) {
        if (network.parameters() == 0) {
            return Optional.empty();
        }
        MachineArray array = machine.allocate(owner, arithmetic.type(), layout.length());
        layout.clearBetween(array);
        return Optional.of(array);
    }

    /** Where each parameter is in such memory. */
    ParameterLayout layout() {
        return layout;
    }

    Machine machine() {
        return machine;
    }

    Network network() {
        return network;
    }

    Arithmetic arithmetic() {
        return arithmetic;
    }

    /** How much one product does here. */
    Fusion fusion() {
        return Fusion.on(machine, arithmetic);
    }

    RunSize capacity() {
        return capacity;
    }

    /** Whether Deeplearning4j computes something in it. */
    boolean isOpaque() {
        return !network.opaque().isEmpty();
    }

    MachineArray parameters() {
        return parameters.orElseThrow();
    }

    void setDropoutKey(long key) {
        dropoutKey.ifPresent(there -> machine.kernels().dropout().setKey(there, key));
    }

    MachineArray dropoutKey() {
        return dropoutKey.orElseThrow();
    }

    /** Places what a plan reads, so that a run allocates nothing. */
    void prepare(Plan plan) {
        Set<Values.Constant> asTheyAre = plan.readAsTheyAre();
        placeJoints();
        plan.constants().stream()
                .filter(constant ->
                        joints.filter(some -> some.contains(constant)).isEmpty())
                .filter(constant -> arithmetic.storage() == WeightStorage.FP32 || asTheyAre.contains(constant))
                .forEach(this::constant);
        plan.matrices().forEach(this::freeze);
    }

    /** Once: every run prepares its plan. */
    private void placeJoints() {
        if (!jointsPlaced && fusion() == Fusion.JOINT) {
            joints =
                    JointWeights.of(machine, arithmetic.rows(), network, layout).map(owned::add);
        }
        jointsPlaced = true;
    }

    /** Weights with their adapters beside them, of a plan that was prepared and has some. */
    JointWeights joints() {
        return joints.orElseThrow();
    }

    /** A matrix [rows, columns] as it is stored: parameters, or constants of a plan that was prepared. */
    MatrixView stored(Values values, int rows, int columns) {
        return joints.flatMap(some -> some.weight(values)).orElseGet(() -> MatrixView.of(array(values), rows, columns));
    }

    private MachineArray constant(Values.Constant constant) {
        return constants.computeIfAbsent(constant, unused -> owned.add(placed(constant)));
    }

    /** Where the numbers are, if the machine can read them there; else a copy. */
    private MachineArray placed(Values.Constant constant) {
        boolean wide = arithmetic.type() == ElementType.DOUBLE;
        return adopted(constant)
                .orElseGet(() -> wide
                        ? machine.constant(constant.owner(), constant.exact().get())
                        : machine.constant(constant.owner(), constant.content().get()));
    }

    private Optional<MachineArray> adopted(Values.Constant constant) {
        boolean wide = arithmetic.type() == ElementType.DOUBLE;
        return constant.resident()
                .filter(there -> there.isWide() == wide)
                .flatMap(there -> machine.adopt(
                        constant.owner(), arithmetic.type(), constant.length(), there.address(), there.keeper()));
    }

    private void freeze(ConstantMatrix matrix) {
        factors.computeIfAbsent(matrix.use(), use -> {
            if (arithmetic.storage() != WeightStorage.FP32 && !constants.containsKey(use.values())) {
                return owned.add(
                        machine.freeze(matrix.stored(stored(use.values()), capacity, arithmetic.frozenProducts())));
            }
            FrozenMatrix frozen = joints.flatMap(some -> some.weight(use.values()))
                    .map(rows -> matrix.on(rows, capacity, arithmetic.frozenProducts()))
                    .orElseGet(() -> matrix.on(constant(use.values()), capacity, arithmetic.frozenProducts()));
            return owned.add(machine.freeze(use.values().owner(), frozen));
        });
    }

    /** Encoded once for both uses; what they are encoded from is given back, or its owner's. */
    private StoredNumbers stored(Values.Constant constant) {
        return stored.computeIfAbsent(constant, unused -> {
            Optional<MachineArray> there = adopted(constant);
            if (there.isPresent()) {
                return owned.add(machine.store(constant.owner(), there.get(), arithmetic.storage()));
            }
            try (MachineArray copy =
                    machine.allocate(constant.owner(), constant.content().get())) {
                return owned.add(machine.store(constant.owner(), copy, arithmetic.storage()));
            }
        });
    }

    /** Parameters, or constants of a plan that was prepared. */
    MachineArray array(Values values) {
        return values instanceof Values.Slice slice
                ? layout.slice(parameters(), slice)
                : Objects.requireNonNull(constants.get(values), "constants are there before a run");
    }

    /** A matrix of a plan that was prepared. */
    FrozenFactor factor(ConstantMatrix.Use use) {
        return Objects.requireNonNull(factors.get(use), "matrices are there before a run");
    }

    @Override
    public void close() {
        owned.close();
    }
}
