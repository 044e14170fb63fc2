package org.amend4j.cuda.driver;

import org.amend4j.check.Checks;

/** A card's compute capability, such as 8.9. */
public record Capability(int major, int minor) implements Comparable<Capability> {

    /** The lowest that CUDA 13 compiles for. */
    public static final Capability LEAST = new Capability(7, 5);
    /** The highest that ND4J's published CUDA backend has code for. */
    public static final Capability MOST_OF_ND4J = new Capability(8, 9);

    public Capability {
        Checks.atLeast(1, "major", major);
        Checks.inRange(0, 9, "minor", minor);
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
