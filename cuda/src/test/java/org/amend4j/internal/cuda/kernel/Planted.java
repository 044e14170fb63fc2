/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.kernel;

import static org.amend4j.internal.cuda.device.Argument.integer;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.amend4j.internal.cuda.device.Device;
import org.amend4j.internal.cuda.device.KernelSource;
import org.amend4j.internal.cuda.device.LaunchShape;
import org.amend4j.testkit.Exhaustive;

/**
 * A source in which a mistake is planted. The mistakes of a source are compiled together: each function that has some is there once
 * for each of them and once without, and a kernel says which is at work.
 *
 * @param number of the mistake in the source, from 1 on; 0 if the source has no other version
 */
record Planted(String name, KernelSource source, int number) {

    private static final int BY_DEFAULT = 3;
    private static final String SWITCH = """
            static int planted;
            extern "C" __global__ void plant(int number) { planted = number; }
            """;

    /** By default three of the mistakes, with the profile {@code exhaustive} all; every one is in the source exactly once. */
    static Stream<Planted> in(KernelSource source, Fault... faults) {
        for (Fault fault : faults) {
            fault.place(source);
        }
        int apart = (faults.length + BY_DEFAULT - 1) / BY_DEFAULT;
        List<Fault> alone = new ArrayList<>();
        List<Fault> together = new ArrayList<>();
        Map<FunctionBody, List<Integer>> numbers = new TreeMap<>();
        for (Fault fault : Exhaustive.oneIn(apart, List.of(faults))) {
            Optional<FunctionBody> body = FunctionBody.around(source.text(), fault.from(source), fault.to(source));
            body.ifPresentOrElse(
                    there -> {
                        together.add(fault);
                        numbers.computeIfAbsent(there, none -> new ArrayList<>())
                                .add(together.size());
                    },
                    () -> alone.add(fault));
        }
        StringBuilder text = new StringBuilder(SWITCH);
        int done = 0;
        for (Map.Entry<FunctionBody, List<Integer>> entry : numbers.entrySet()) {
            FunctionBody body = entry.getKey();
            text.append(source.text(), done, body.from()).append('{');
            for (int number : entry.getValue()) {
                text.append("if (planted == ").append(number).append(") ");
                text.append(together.get(number - 1).in(source, body)).append(" else ");
            }
            text.append(source.text(), body.from(), body.to()).append('}');
            done = body.to();
        }
        KernelSource all = KernelSource.of(
                source.name(), text.append(source.text().substring(done)).toString());
        return Stream.concat(
                Stream.iterate(1, number -> number + 1)
                        .limit(together.size())
                        .map(number -> new Planted(together.get(number - 1).name(), all, number)),
                alone.stream().map(fault -> new Planted(fault.name(), fault.in(source), 0)));
    }

    /** Puts the mistake to work, in this process. */
    void plant(Device device) {
        plant(device, number);
    }

    /** Puts none of the mistakes to work. */
    void weed(Device device) {
        plant(device, 0);
    }

    private void plant(Device device, int which) {
        if (number == 0) {
            device.load(source);
        } else {
            device.load(source).launch("plant", new LaunchShape(1, 1, 32, 0), integer(which));
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
