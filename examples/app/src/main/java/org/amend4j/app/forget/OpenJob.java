/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Path;
import org.amend4j.app.files.Destination;
import org.amend4j.app.files.WholeFile;
import org.amend4j.app.job.Report;
import org.amend4j.certificate.Opening;
import org.amend4j.data.BadInputException;

/** Opens a certificate's commitments to an auditor. */
public final class OpenJob {

    private final ForgetfulFolder folder;

    public OpenJob(ForgetfulFolder folder) {
        this.folder = folder;
    }

    /**
     * For JSON.
     *
     * @param opening the file
     * @param certificate its id
     */
    private record Facts(int release, String opening, String certificate) {}

    /**
     * Writes the opening of a release's certificate.
     *
     * @param out a new file
     * @throws BadInputException if there is no such certificate, or the file exists or would be in a release
     */
    public Report open(int release, Path out) throws IOException {
        Places.requireOutsideOfReleases("--out", out, folder.path());
        Destination.somethingNew("--out", out);
        if (folder.latestRelease() == 0) {
            throw new BadInputException(
                    "there is no certificate to open in " + folder.path() + ": nobody was forgotten yet");
        }
        Opening opening;
        try {
            opening = folder.service().opening(release);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
        WholeFile.write(out, opening::write);
        return new Report(
                new Facts(release, out.toString(), opening.certificate()),
                "the certificate of release " + release + " is opened in " + out
                        + ": give it to an auditor, who checks it with"
                        + " unlearn verify --opening, and to nobody else");
    }
}
