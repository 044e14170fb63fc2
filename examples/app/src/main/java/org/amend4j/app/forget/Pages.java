/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.files.Destination;
import org.amend4j.app.page.CertificatePage;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.internal.file.AtomicFile;

/**
 * Where pages for people go. Those of certificates are in {@code certificates/N.html}, outside the releases: a release holds nothing that
 * its certificate does not name. A page says nothing that the certificate does not; a missing page does no harm.
 */
final class Pages {

    private static final String FOLDER = "certificates";

    private Pages() {}

    /** The page of a release's certificate. */
    static Path of(ForgetfulFolder folder, int release) {
        return folder.path().resolve(FOLDER).resolve(release + ".html");
    }

    /**
     * Writes the pages that are missing.
     *
     * @return the newest, if there is a certificate
     */
    static Optional<Path> ofReleases(ForgetfulFolder folder) throws IOException {
        int releases = folder.service().latestRelease();
        Optional<Path> newest = Optional.empty();
        for (int release = 1; release <= releases; release++) {
            Path certificate = folder.service().release(release).resolve(CertificateFile.NAME);
            Path page = of(folder, release);
            if (Files.exists(certificate)) {
                newest = Optional.of(page);
                if (!Files.exists(page)) {
                    write(page, CertificatePage.unchecked(certificate));
                }
            }
        }
        return newest;
    }

    /** @throws org.amend4j.data.BadInputException if the file exists, cannot be written, or would be in a release */
    static void requireNew(Path page, Path model) {
        Places.requireOutsideOfReleases("--html", page, model);
        Destination.somethingNew("--html", page);
    }

    /** Complete or not at all; its folder is made if it is missing. */
    static void write(Path page, String html) throws IOException {
        Path folder = page.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        try (AtomicFile file = AtomicFile.create(page)) {
            file.stream().write(html.getBytes(StandardCharsets.UTF_8));
            file.commit();
        }
    }
}
