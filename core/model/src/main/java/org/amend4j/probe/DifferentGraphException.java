/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import org.jspecify.annotations.Nullable;

/** A graph does not compute the same as its base. */
public final class DifferentGraphException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    private final String vertex;
    private final String difference;

    DifferentGraphException(String vertex, String difference, @Nullable Throwable cause) {
        super(difference + "; Probe.of(...) compares on rows of your own, Probe.none() does not compare", cause);
        this.vertex = vertex;
        this.difference = difference;
    }

    /** The first vertex, in topological order, that differs on the base's own values. */
    public String vertex() {
        return vertex;
    }

    /** The message without what a caller of the library can do about it. */
    public String difference() {
        return difference;
    }
}
