/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks a certificate of unlearning: its form, its signature, and every claim in it that can be recomputed or compared with
 * files at hand. A certificate that passes is consistent and signed; it is true if its issuer ran what it claims.
 *
 * <p>Never throws because of a file's content: every error is a sentence in the report.
 */
public final class CertificateVerifier {

    private CertificateVerifier() {}

    /**
     * Checks a certificate.
     *
     * @param certificate the file
     * @param inputs what to compare it with
     */
    public static VerificationReport verify(Path certificate, VerifierInputs inputs) {
        List<Check> checks = new ArrayList<>();
        try {
            SignedCertificate signed = SignedCertificate.read(certificate);
            checks.add(Check.passed(
                    "document",
                    "a canonical certificate of format " + signed.claims().format()));
            checks.add(signed.checkSignature());
            checks.addAll(new FormChecks(signed.claims()).all());
            checks.addAll(new ClaimChecks(signed.claims()).all());
            checks.addAll(new OutsideChecks(signed, inputs).all());
        } catch (RejectedException e) {
            checks.add(Check.failed("document", e.sentence()));
        }
        return new VerificationReport(certificate, checks);
    }
}
