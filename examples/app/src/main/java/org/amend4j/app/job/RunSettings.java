/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.data.BadInputException;

/** All that a run's numbers depend on, in words by name; a run is resumed with equal words only. */
public final class RunSettings {

    private RunSettings() {}

    /**
     * Refuses to go on with other settings.
     *
     * @param own what was asked for now, in the order in which differences are named
     * @param before what the run began with
     * @param file that says so
     * @throws BadInputException naming the first difference
     */
    public static void requireSame(Map<String, String> own, Map<String, String> before, Path file) {
        Set<String> names = new LinkedHashSet<>(own.keySet());
        names.addAll(before.keySet());
        names.forEach(name -> {
            String value = own.getOrDefault(name, "");
            String old = before.getOrDefault(name, "");
            if (!value.equals(old)) {
                throw new BadInputException("--resume continues with the run's own " + name + ", '"
                        + different(old, value) + "', got '" + different(value, old) + "' (" + file + ")");
            }
        });
    }

    /** The parts of a list of settings that another one does not have; all of it if that is clearer. */
    private static String different(String settings, String others) {
        List<String> parts = new ArrayList<>(List.of(settings.split(", ", -1)));
        parts.removeAll(List.of(others.split(", ", -1)));
        return parts.isEmpty() ? settings : String.join(", ", parts);
    }
}
