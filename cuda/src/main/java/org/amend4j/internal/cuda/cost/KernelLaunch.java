/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.cost;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;
import org.amend4j.internal.cuda.device.Argument;
import org.amend4j.internal.cuda.device.KernelSignature;
import org.amend4j.internal.cuda.device.Parameter;

/** A kernel and what it is called with, by the names that its source has. */
final class KernelLaunch {

    private final KernelSignature kernel;
    private final long[] bits;
    private final List<Argument> arguments;

    KernelLaunch(KernelSignature kernel, long[] bits, List<Argument> arguments) {
        this.kernel = kernel;
        this.bits = bits;
        this.arguments = arguments;
    }

    String kernel() {
        return kernel.name();
    }

    List<Parameter> parameters() {
        return kernel.parameters();
    }

    boolean has(String name) {
        return place(name) >= 0;
    }

    /** A whole number among the arguments. */
    long number(String name) {
        int place = place(name);
        if (place < 0) {
            throw new IllegalStateException("kernel '" + kernel() + "' has no parameter '" + name + "'");
        }
        return arguments.get(place) instanceof Argument.IntValue value ? value.value() : bits[place];
    }

    /** The array behind a pointer; empty if it is the null pointer. */
    Optional<MachineArray> array(int place) {
        if (arguments.get(place) instanceof Argument.In in) {
            return Optional.of(in.array());
        }
        return arguments.get(place) instanceof Argument.Out out ? Optional.of(out.array()) : Optional.empty();
    }

    long address(int place) {
        return bits[place];
    }

    boolean isPresent(String name) {
        return array(place(name)).isPresent();
    }

    private int place(String name) {
        for (int k = 0; k < parameters().size(); k++) {
            if (parameters().get(k).name().equals(name)) {
                return k;
            }
        }
        return -1;
    }
}
