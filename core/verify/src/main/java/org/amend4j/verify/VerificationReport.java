/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.verify;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a {@link CertificateVerifier} found.
 *
 * @param certificate the file that was checked
 * @param checks in the order in which they were made
 */
public record VerificationReport(Path certificate, List<Check> checks) {

    /** Copies the list. */
    public VerificationReport {
        checks = List.copyOf(checks);
    }

    /** What a certificate is worth. */
    public enum Result {
        /** Nothing failed, and the issuer is the trusted one. */
        VALID,
        /** Nothing failed, but anyone can have signed: no trusted key was given. */
        UNAUTHENTICATED,
        /** Something is not as claimed. */
        NOT_VALID
    }

    /** What it is worth; {@link #notChecked} says what that leaves open. */
    public Result result() {
        if (!isValid()) {
            return Result.NOT_VALID;
        }
        boolean known = checks.stream()
                .anyMatch(check -> check.name().equals("issuer") && check.outcome() == Check.Outcome.PASSED);
        return known ? Result.VALID : Result.UNAUTHENTICATED;
    }

    /** Whether nothing failed, whoever signed. */
    public boolean isValid() {
        return failed().isEmpty();
    }

    /** What is not as claimed. */
    public List<Check> failed() {
        return with(Check.Outcome.FAILED);
    }

    /** What could not be checked. */
    public List<Check> notChecked() {
        return with(Check.Outcome.NOT_CHECKED);
    }

    private List<Check> with(Check.Outcome outcome) {
        return checks.stream().filter(check -> check.outcome() == outcome).toList();
    }

    /** The result, and how many checks are open, without a line end. */
    public String summary() {
        int open = notChecked().size();
        String left = open == 0 ? "" : ", " + open + " of " + checks.size() + " checks could not be made";
        return result().name().replace('_', ' ') + left;
    }

    /** The report for people: the result, then a line a check. */
    public List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(certificate + ": " + summary());
        for (Check check : checks) {
            String outcome = check.outcome().name().replace('_', ' ').toLowerCase(Locale.ROOT);
            lines.add(String.format(Locale.ROOT, "  %-11s  %s: %s", outcome, check.name(), check.sentence()));
        }
        return lines;
    }
}
