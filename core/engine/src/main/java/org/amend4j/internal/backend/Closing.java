/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.backend;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.amend4j.backend.MachineException;

/** The end of a machine: gives back as much as it can, whatever fails on the way, and tells in the end. */
final class Closing {

    private final Map<String, List<String>> forgotten = new LinkedHashMap<>();
    private final List<RuntimeException> failures = new ArrayList<>();

    /** Notes something that its owner should have given back. */
    void forgotten(String what, String which) {
        forgotten.computeIfAbsent(what, any -> new ArrayList<>()).add(which);
    }

    void attempt(Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            failures.add(e);
        }
    }

    /** @throws MachineException if anything was forgotten or failed */
    void finish() {
        List<String> complaints = new ArrayList<>();
        forgotten.forEach((what, which) -> complaints.add(which.size() + " " + what + ": " + String.join(", ", which)));
        failures.stream().findFirst().ifPresent(failure -> complaints.add(failure.getMessage()));
        if (!complaints.isEmpty()) {
            MachineException exception = new MachineException(String.join("; ", complaints));
            failures.forEach(exception::addSuppressed);
            throw exception;
        }
    }
}
