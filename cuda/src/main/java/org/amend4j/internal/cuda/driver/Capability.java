/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cuda.driver;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.amend4j.internal.validation.Checks;

/** A card's compute capability, such as 8.9. */
public record Capability(int major, int minor) implements Comparable<Capability> {

    /** The lowest that CUDA 13 compiles for. */
    public static final Capability LEAST = new Capability(7, 5);
    /** The lowest whose tensor cores multiply in TF32. */
    public static final Capability LEAST_WITH_TF32 = new Capability(8, 0);
    /** The highest that ND4J's published CUDA backend has code for. */
    public static final Capability MOST_OF_ND4J = new Capability(8, 9);

    /** Tegra's architectures: their code is for them alone, cards of the same generation need not run it. */
    private static final List<Integer> TEGRA = List.of(53, 62, 72, 87);

    public Capability {
        Checks.atLeast(1, "major", major);
        Checks.inRange(0, 9, "minor", minor);
    }

    /**
     * What to compile for: the card's own architecture if the compiler knows it, else the newest older one of the same
     * generation, whose code the card runs too.
     *
     * @param known architectures that the compiler knows, 86 for 8.6
     */
    OptionalInt target(int... known) {
        int own = 10 * major + minor;
        return Arrays.stream(known)
                .filter(architecture -> architecture / 10 == major && architecture <= own)
                .filter(architecture -> architecture == own || !TEGRA.contains(architecture))
                .max();
    }

    @Override
    public int compareTo(Capability other) {
        return major != other.major ? Integer.compare(major, other.major) : Integer.compare(minor, other.minor);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
