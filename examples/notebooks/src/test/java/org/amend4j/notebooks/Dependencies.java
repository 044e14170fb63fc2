/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import java.util.List;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;

/**
 * The lines by which a user's kernel gets amend4j: {@code %maven GROUP:ARTIFACT:VERSION} from a repository, {@code %jars DIR/*.jar}
 * from a folder. Here everything is on the class path already, in the version that is being built, so that these lines load nothing:
 * {@code %maven} fails unless it names that version of the artifact for notebooks, {@code %jars} unless it names jars of one folder.
 *
 * @param version of amend4j that is being built
 */
record Dependencies(String version) {

    private static final String ARTIFACT = "org.amend4j:amend4j-notebook:";

    void register(MagicsRegistry magics) {
        magics.registerLineMagic("maven", (kernel, arguments) -> {
            maven(arguments);
            return null; // nothing to show
        });
        magics.registerLineMagic("jars", (kernel, arguments) -> {
            jars(arguments);
            return null;
        });
    }

    void maven(List<String> arguments) {
        if (!arguments.equals(List.of(ARTIFACT + version))) {
            throw new IllegalArgumentException(
                    "%maven must name " + ARTIFACT + version + ", got " + String.join(" ", arguments));
        }
    }

    static void jars(List<String> arguments) {
        if (arguments.size() != 1 || !arguments.get(0).matches("[^*]+/\\*\\.jar")) {
            throw new IllegalArgumentException("%jars must name DIR/*.jar, got " + String.join(" ", arguments));
        }
    }
}
