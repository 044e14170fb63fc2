/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.amend4j.internal.backend.Machine;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.backend.Owned;
import org.amend4j.internal.network.LowRank;

/** What one part of a run has of its own: memory for intermediate values, and gradients. */
final class Shard implements AutoCloseable {

    private final PlacedNetwork network;
    private final Owned owned = new Owned();
    private final Workspace workspace;
    private final Optional<MachineArray> gradient;
    private final Map<LowRank, MachineArray> weightGradients = new HashMap<>();
    /** Of the largest run so far, and some more. */
    private int tokens;

    /** @param sharing whether memory is used again */
    Shard(PlacedNetwork network, boolean sharing) {
        this.network = network;
        this.workspace =
                owned.add(new Workspace(network.machine(), network.arithmetic().type(), sharing));
        this.gradient = network.perParameter("gradient").map(owned::add);
    }

    /**
     * A size that holds a run's, the same for as long as runs fit into it: with a quarter more tokens than the first one that did not. There may be
     * far fewer tokens in every run than the longest examples have.
     *
     * @param most that a run may have
     */
    RunSize room(RunSize size, RunSize most) {
        if (most.tokens() == 0) {
            return most;
        }
        if (size.tokens() > tokens) {
            tokens = PlacedTokens.rounded((int) Math.min(most.tokens(), size.tokens() * 5L / 4));
        }
        return new RunSize(most.examples(), tokens);
    }

    /** Makes room for runs of at most a size, so that a run allocates nothing. */
    void prepare(Plan plan, RunSize most) {
        workspace.prepare(plan, most);
        plan.adapters().forEach(this::weightGradient);
    }

    /** An intermediate value of the plan prepared last. */
    MachineArray array(Value value, RunSize size) {
        return workspace.array(value, size);
    }

    /** The sum of the gradients of its examples' losses. */
    MachineArray gradient() {
        return gradient.orElseThrow();
    }

    /** The gradient of an adapted weight, its transpose [outputs, inputs], summed over runs; zero at first. */
    MachineArray weightGradient(LowRank adapter) {
        return weightGradients.computeIfAbsent(adapter, unused -> {
            Machine machine = network.machine();
            MachineArray sum = owned.add(machine.allocate(
                    "gradient of an adapted weight",
                    network.arithmetic().type(),
                    adapter.outputs() * adapter.inputs()));
            machine.fill(sum, 0);
            return sum;
        });
    }

    /** Gives the memory for intermediate values back until it is prepared again. */
    void rest() {
        workspace.close();
    }

    @Override
    public void close() {
        owned.close();
    }
}
