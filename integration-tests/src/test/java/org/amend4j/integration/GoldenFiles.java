package org.amend4j.integration;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Writes the golden files of a release, once, with the code of that release:
 *
 * <pre>
 *   mvn -q -B -DskipTests install
 *   mvn -q -B -pl integration-tests exec:java -Dexec.classpathScope=test \
 *       -Dexec.mainClass=org.amend4j.integration.GoldenFiles \
 *       -Dexec.args=integration-tests/src/test/resources/golden/0.1.0
 * </pre>
 *
 * Then its folder's name goes into {@link Golden#RELEASES}. Folders of earlier releases stay as they are for ever: only the code
 * that says what is in them may follow renamed classes and methods. What is new on the disk in a release is added to the kinds, and
 * {@link EarlierFilesTest} asks for it from that release on.
 */
final class GoldenFiles {

    private GoldenFiles() {}

    /** @param args the folder, which must not exist */
    public static void main(String[] args) throws IOException, InterruptedException {
        Path release = Path.of(args[0]);
        if (Files.exists(release)) {
            throw new IllegalArgumentException(release + " must not exist: golden files are written once");
        }
        Path scratch = Files.createTempDirectory("golden");
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
