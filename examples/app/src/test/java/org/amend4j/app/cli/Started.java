/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The command line in a process of its own, to be stopped or killed. */
final class Started {

    private Started() {}

    /** Over before a better compiler would pay. */
    static List<String> command(Object... words) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Amend4j.class.getName()));
        Stream.of(words).map(Object::toString).forEach(command::add);
        return command;
    }

    /** @param folder gets what it says, in files {@code said} and {@code err} */
    static Process amend4j(Path folder, Object... words) throws IOException {
        return new ProcessBuilder(command(words))
                .redirectError(folder.resolve("err").toFile())
                .redirectOutput(folder.resolve("said").toFile())
                .start();
    }
}
