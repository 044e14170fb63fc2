/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import org.amend4j.certificate.Certificate;
import org.amend4j.verify.VerificationReport;

/**
 * A certificate and what became of its verification.
 *
 * @param certificate of a release
 * @param report of the verification, against all there is
 */
public record Verified(Certificate certificate, VerificationReport report) {}
