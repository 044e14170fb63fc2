package org.amend4j.examples.unlearn;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.certificate.Digests;
import org.amend4j.objective.RecordIds;

/** Holds a certificate against what it is about. */
final class Verification {

    private Verification() {}

    /**
     * Compares the hashes in a certificate with the released files and the records.
     *
     * @param all records of the training
     * @param deleted all that were ever deleted
     * @return what was found, a line each
     * @throws IllegalStateException if something is not as claimed
     */
    static List<String> of(Station station, RecordIds all, RecordIds deleted) throws IOException {
        Certificate certificate = CertificateFile.read(station.certificate());
        List<String> lines = new ArrayList<>();
        lines.add(same("released files", certificate.hashes().model(), Digests.ofFolder(station.release())));
        lines.add(same("deleted records", certificate.deletion().recordsDigest(), Digests.of(deleted)));
        lines.add(same("retained records", certificate.deletion().retainedDigest(), Digests.of(all.without(deleted))));
        return lines;
    }

    private static String same(String what, String claimed, String got) {
        if (!claimed.equals(got)) {
            throw new IllegalStateException("the certificate is about other " + what + ": " + claimed + ", got " + got);
        }
        return "certificate and " + what + " agree: " + got;
    }
}
