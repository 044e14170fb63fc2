/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.integration;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Writes the golden files of a release, once, with the code of that release:
 *
 * <pre>
 *   mvn -B verify -Dtest=GoldenFilesTest -Dsurefire.failIfNoSpecifiedTests=false -Damend4j.golden=0.1.0
 * </pre>
 *
 * Then its name goes into {@link Golden#RELEASES}. Folders of earlier releases stay as they are for ever: only the code that says
 * what is in them may follow renamed classes and methods. What is new on the disk in a release is added to the kinds, and {@link
 * EarlierFilesTest} asks for it from that release on.
 */
class GoldenFilesTest {

    private static final String RELEASE = "amend4j.golden";

    @TempDir
    private Path scratch;

    @Test
    @EnabledIfSystemProperty(named = RELEASE, matches = ".+")
    void writesTheFilesOfARelease() throws IOException, InterruptedException {
        Path release = Path.of("src/test/resources/golden").resolve(System.getProperty(RELEASE, ""));
        assertFalse(Files.exists(release), "golden files are written once");
        Files.createDirectories(release);
        Files.writeString(release.resolve(Golden.ARITHMETIC), Golden.arithmetic() + "\n");
        for (GoldenAdapter kind : GoldenAdapter.values()) {
            kind.write(release.resolve(kind.folder()));
        }
        Path adapters = release.resolve(GoldenAdapter.DENSE.folder());
        for (GoldenDescent kind : GoldenDescent.values()) {
            kind.write(release.resolve(kind.folder()), adapters);
        }
        for (GoldenTraining kind : GoldenTraining.values()) {
            kind.write(release.resolve(kind.folder()));
        }
        for (GoldenPolicy kind : GoldenPolicy.values()) {
            kind.write(release.resolve(kind.folder()));
        }
        GoldenRun.write(release.resolve(GoldenRun.FOLDER));
        for (GoldenService kind : GoldenService.values()) {
            kind.write(release.resolve(kind.folder()), scratch);
        }
        GoldenOwnService.write(release.resolve(GoldenOwnService.FOLDER));
        GoldenService.writeRecording(release.resolve(GoldenService.RECORDING));
    }
}
