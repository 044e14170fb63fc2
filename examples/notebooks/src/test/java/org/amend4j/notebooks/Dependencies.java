/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.notebooks;

import java.io.File;
import java.util.Arrays;
import java.util.List;
import org.dflib.jjava.jupyter.kernel.magic.MagicsRegistry;

/**
 * The lines by which a user's kernel gets amend4j: {@code %maven GROUP:ARTIFACT:VERSION} from a repository, {@code %jars DIR/*.jar}
 * from a folder. Here everything is on the class path already, in the version that is being built, so that these lines load nothing:
 * {@code %maven} fails unless it names that version of the artifact for notebooks, or another artifact in the version that is on the
 * class path, {@code %jars} unless it names jars of one folder.
 *
 * @param version of amend4j that is being built
 * @param classPath as Java has it, of jars as Maven's repository has them
 */
record Dependencies(String version, String classPath) {

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
        if (!arguments.equals(List.of(ARTIFACT + version)) && !isOnClassPath(arguments)) {
            throw new IllegalArgumentException("%maven must name " + ARTIFACT + version
                    + ", or an artifact in the version that is on the class path, got " + String.join(" ", arguments));
        }
    }

    private boolean isOnClassPath(List<String> arguments) {
        String[] parts = String.join(" ", arguments).split(":", -1);
        if (parts.length != 3) {
            return false;
        }
        String jar = String.join(
                "/", "", parts[0].replace('.', '/'), parts[1], parts[2], parts[1] + "-" + parts[2] + ".jar");
        return Arrays.stream(classPath.split(File.pathSeparator, -1))
                .anyMatch(entry -> entry.replace(File.separatorChar, '/').endsWith(jar));
    }

    static void jars(List<String> arguments) {
        if (arguments.size() != 1 || !arguments.get(0).matches("[^*]+/\\*\\.jar")) {
            throw new IllegalArgumentException("%jars must name DIR/*.jar, got " + String.join(" ", arguments));
        }
    }
}
