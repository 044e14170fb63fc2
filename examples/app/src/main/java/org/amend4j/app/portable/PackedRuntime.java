/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.portable;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;
import org.amend4j.data.BadInputException;

/** Java, cut down to what the command line and the tests need. */
final class PackedRuntime {

    /**
     * What jdeps finds in our classes and what they reach, and what is only found by name: elliptic curves for signatures, zips as
     * file systems. Headers stay, for the emulated device where there is a compiler.
     */
    static final List<String> MODULES = List.of(
            "java.base",
            "java.compiler",
            "java.desktop",
            "java.instrument",
            "java.logging",
            "java.management",
            "java.naming",
            "java.net.http",
            "java.rmi",
            "java.scripting",
            "java.sql",
            "java.xml",
            "jdk.crypto.ec",
            "jdk.management",
            "jdk.unsupported",
            "jdk.zipfs");

    private PackedRuntime() {}

    /**
     * Makes it of the JDK that this runs on.
     *
     * @param folder does not exist yet
     * @throws BadInputException if this is no JDK with modules to link
     */
    static void into(Path folder) throws IOException {
        Path modules = Path.of(System.getProperty("java.home"), "jmods");
        ToolProvider linker = ToolProvider.findFirst("jlink").orElse(null);
        if (linker == null || !Files.isDirectory(modules)) {
            throw new BadInputException("package-job needs a JDK with jlink and its modules, there is no " + modules
                    + " (Debian: openjdk-17-jdk-headless)");
        }
        StringWriter said = new StringWriter();
        try (PrintWriter out = new PrintWriter(said)) {
            int code = linker.run(
                    out,
                    out,
                    "--module-path",
                    modules.toString(),
                    "--add-modules",
                    String.join(",", MODULES),
                    "--strip-java-debug-attributes",
                    "--no-man-pages",
                    "--compress=2",
                    "--output",
                    folder.toString());
            if (code != 0) {
                throw new IOException("jlink failed: " + said.toString().strip());
            }
        }
    }
}
