/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.unlearn;

import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.amend4j.objective.RecordIds;
import org.amend4j.verify.Check;
import org.amend4j.verify.VerificationReport;

/** The result of verifying a certificate against everything available. */
final class Verification {

    private Verification() {}

    /**
     * Checks a station's newest certificate.
     *
     * @param deleted all records that were ever deleted
     * @throws IllegalStateException if something is not as claimed
     */
    static VerificationReport of(DemoService station, RecordIds deleted) throws IOException {
        VerificationReport report = station.verify(deleted);
        if (!report.isValid()) {
            throw new IllegalStateException("the certificate must hold, got " + String.join("; ", report.lines()));
        }
        return report;
    }

    /** In a line. */
    static String text(VerificationReport report) {
        return String.format(
                Locale.ROOT,
                "verified: %d checks passed, %d could not be made%n",
                report.checks().size() - report.notChecked().size(),
                report.notChecked().size());
    }

    /** For JSON. */
    static List<Facts> facts(VerificationReport report) {
        return report.checks().stream()
                .map(check -> new Facts(check.name(), check.outcome(), check.sentence()))
                .toList();
    }

    /** One check. */
    record Facts(String check, Check.Outcome outcome, String why) {}
}
