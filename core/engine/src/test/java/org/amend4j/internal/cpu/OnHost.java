/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import static org.junit.jupiter.api.Assertions.assertAll;

import java.util.List;
import java.util.function.Function;
import org.amend4j.backend.ElementType;
import org.amend4j.internal.backend.KernelLaw;
import org.amend4j.internal.backend.Kernels;
import org.amend4j.internal.backend.Machine;

/** A law of all machines, on the host. */
final class OnHost {

    private OnHost() {}

    /** Runs a law in floats and in doubles, each on a fresh machine. */
    static <K> void holds(Function<Kernels, K> group, KernelLaw<K> law) {
        for (ElementType type : List.of(ElementType.FLOAT, ElementType.DOUBLE)) {
            try (Machine machine = HostMachine.open(1)) {
                assertAll("in " + type, () -> law.check(machine, group.apply(machine.kernels()), type));
            }
        }
    }
}
