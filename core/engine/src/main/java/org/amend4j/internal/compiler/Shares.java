/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.compiler;

import java.util.List;
import java.util.Optional;
import org.amend4j.internal.backend.MachineArray;

/**
 * Who has a share of a clipped gradient: every example, or groups of consecutive ones.
 *
 * @param groups of all examples of a run, in their order
 * @param norms where to put the norm of each share before it is clipped, an upper bound
 */
public record Shares(List<Group> groups, MachineArray norms) {

    /**
     * Shares with the same number of examples.
     *
     * @param shares how many, at least 1
     * @param examples of each, at least 1
     */
    public record Group(int shares, int examples) {

        /** Of all of them. */
        int allExamples() {
            return shares * examples;
        }
    }

    public Shares {
        groups = List.copyOf(groups);
        long count = groups.stream().mapToLong(Group::shares).sum();
        if (norms.length() != count) {
            throw new IllegalArgumentException("norms must be " + count + ", one for each share, got " + norms);
        }
    }

    /** One for each example. */
    public static Shares ofExamples(MachineArray norms) {
        return new Shares(List.of(new Group(Math.toIntExact(norms.length()), 1)), norms);
    }

    /** Of some examples, if each has one of its own. */
    Optional<Shares> piece(int from, int to) {
        return groups.stream().allMatch(group -> group.examples() == 1)
                ? Optional.of(ofExamples(norms.slice(from, (long) to - from)))
                : Optional.empty();
    }

    /** Of how many examples. */
    int examples() {
        return groups.stream().mapToInt(Group::allExamples).sum();
    }
}
