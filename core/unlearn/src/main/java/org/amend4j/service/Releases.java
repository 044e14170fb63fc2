/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.certificate.ReleasedFile;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.Folders;
import org.amend4j.internal.file.RegularFile;
import org.amend4j.service.ServiceState.Deletion;
import org.amend4j.service.ServiceState.Stage;

/** The models of a service, a numbered folder each, which appear complete or not at all. */
final class Releases {

    private static final String FOLDER = "releases";
    private static final String UNFINISHED = ".unfinished";

    private final Path service;
    private final Path releases;
    private final ReleaseWriter writer;

    Releases(Path service, ReleaseWriter writer) {
        this.service = service;
        this.releases = service.resolve(FOLDER);
        this.writer = writer;
    }

    /** The files of a release. */
    Path folder(int number) {
        return releases.resolve(Integer.toString(number));
    }

    /** Whether a release is visible. */
    boolean has(int number) {
        return Files.exists(folder(number), LinkOption.NOFOLLOW_LINKS);
    }

    /**
     * Refuses releases that are not those of a state: what no deletion made would be taken for the next one, and certificates rest
     * on those before.
     *
     * @throws IOException if there is one that no deletion made, or the newest or a certificate is not as it was made
     */
    void require(ServiceState state) throws IOException {
        int newest = state.deletions().size();
        for (int number = 1; number <= newest; number++) {
            Deletion deletion = state.deletions().get(number - 1);
            if (deletion.stage() == Stage.DONE) {
                requireCertificate(folder(number).resolve(CertificateFile.NAME), deletion.certificate());
            }
        }
        if (!state.hasUnfinished()) {
            requireNone(newest + 1);
            requireAsMade(newest, state.model());
        }
    }

    private static void requireCertificate(Path file, String sha256) throws IOException {
        if (!Files.exists(file)
                || !Digests.of(RegularFile.of(file, CertificateFile.MOST_BYTES)).equals(sha256)) {
            throw new IOException(
                    file + " was changed since it was made, or lost: put it back, later certificates rest on it");
        }
    }

    private void requireNone(int number) throws IOException {
        if (has(number)) {
            throw new IOException(folder(number) + " is there, and no deletion made it: move it away");
        }
    }

    /** Is told what is about to be visible. */
    interface Announcement {
        /**
         * Tells.
         *
         * @param sha256 over the files of the release
         */
        void of(String sha256) throws IOException;
    }

    /**
     * Refuses a release that is not as it was made; one that is gone, or retired, may be.
     *
     * @param sha256 over its files, as announced; empty if it was not
     * @throws IOException if there are other files
     */
    private void requireAsMade(int number, String sha256) throws IOException {
        if (!sha256.isEmpty() && Files.isDirectory(folder(number))) {
            List<ReleasedFile> files = Digests.filesOf(folder(number));
            if (!files.isEmpty()) {
                requireAsMade(number, files, sha256);
            }
        }
    }

    /**
     * The files of a release that is to be certified.
     *
     * @param sha256 over them, as announced; empty if it was not
     * @throws IOException if there are others, or none
     */
    List<ReleasedFile> asMade(int number, String sha256) throws IOException {
        List<ReleasedFile> files = Digests.filesOf(folder(number));
        if (!sha256.isEmpty()) {
            requireAsMade(number, files, sha256);
        }
        return files;
    }

    private void requireAsMade(int number, List<ReleasedFile> files, String sha256) throws IOException {
        if (!Digests.of(files).equals(sha256)) {
            throw new IOException(
                    folder(number) + " was changed since it was made: put back what was there, or remove it");
        }
    }

    /**
     * Writes a model and makes it visible by one rename.
     *
     * @param announcement is told before it is visible
     */
    void publish(int number, double[] theta, Announcement announcement) throws IOException {
        Files.createDirectories(releases);
        Path unfinished = releases.resolve(UNFINISHED);
        Folders.delete(unfinished);
        Files.createDirectory(unfinished);
        writer.write(theta, unfinished);
        AtomicFile.removeLeftovers(unfinished.resolve(CertificateFile.NAME));
        announcement.of(Digests.of(Digests.filesOf(unfinished)));
        Folders.publish(unfinished, folder(number));
        AtomicFile.forceDirectory(service);
    }

    /**
     * Removes a release except for its certificate, on the disk too. If a killed process removed the files, their removal is brought to the
     * disk again.
     */
    void retire(int number) throws IOException {
        if (Files.isDirectory(folder(number))) {
            Folders.deleteAllBut(folder(number), CertificateFile.NAME);
        }
    }
}
