package org.amend4j.probe;

import org.jspecify.annotations.Nullable;

/** A graph that does not compute what its base computes. */
public final class DifferentGraphException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String vertex;

    DifferentGraphException(String vertex, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.vertex = vertex;
    }

    /** The first vertex, in topological order, that differs on the base's own values. */
    public String vertex() {
        return vertex;
    }
}
