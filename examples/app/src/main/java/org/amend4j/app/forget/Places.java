/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.amend4j.app.files.Destination;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.data.BadInputException;
import org.amend4j.transparency.LogCheckpoint;
import org.amend4j.transparency.SignedNote;

/** Where what is written about a model may go: into no release, and over no file that something else needs. */
final class Places {

    private static final int LARGEST_HEAD = 1 << 18;

    private Places() {}

    /** @throws BadInputException if a path is in a release, or would be */
    static void requireOutsideOfReleases(String option, Path path, Path model) {
        Path whole = path.toAbsolutePath().normalize();
        Path given = model.toAbsolutePath().normalize();
        boolean oneRelease = Files.isRegularFile(given.resolve(CertificateFile.NAME));
        boolean inRelease = oneRelease && whole.startsWith(given);
        for (Path above = whole; above != null; above = above.getParent()) {
            inRelease |= above.endsWith("releases");
        }
        if (inRelease) {
            throw new BadInputException(
                    option + ": " + path
                            + " would be in a release, which holds nothing that its certificate does not name; choose another folder");
        }
    }

    /**
     * A place for a head of a ledger: a new file, or one that holds a head of the same ledger and is replaced.
     *
     * @throws BadInputException if something else is there, or it cannot be written
     */
    static void requireForHead(String option, Path file, Path model, String origin) throws IOException {
        requireOutsideOfReleases(option, file, model);
        Destination.file(option, file);
        if (Files.exists(file) && !holdsHead(file, origin)) {
            throw new BadInputException(option + ": " + file
                    + " exists already and is not a head of this ledger; remove it or choose another name");
        }
    }

    private static boolean holdsHead(Path file, String origin) throws IOException {
        if (Files.size(file) > LARGEST_HEAD) {
            return false;
        }
        try {
            return LogCheckpoint.of(SignedNote.parse(Files.readAllBytes(file)))
                    .origin()
                    .equals(origin);
        } catch (IllegalArgumentException somethingElse) {
            return false;
        }
    }
}
