/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.service.Refusal;
import org.amend4j.service.RequestOutcome;
import org.amend4j.unlearn.ProximalRewind;

/**
 * A release after a deletion, for JSON.
 *
 * @param label of what is not certified
 * @param refused of the same answer
 */
record ReleaseFacts(
        Optional<String> label,
        @JsonUnwrapped Place place,
        @JsonUnwrapped Claim claim,
        @JsonUnwrapped Rewind rewind,
        @JsonUnwrapped Protection protection,
        List<Refused> refused) {

    /**
     * Where it is.
     *
     * @param certificate its file
     */
    record Place(int number, String folder, String certificate) {}

    /** What the certificate claims. */
    record Claim(String title, Certificate.Verdict verdict, String level) {}

    /**
     * What was done.
     *
     * @param way its name
     * @param redone steps after the checkpoint
     * @param distance to the retrained model, at most
     */
    record Rewind(String way, int checkpoint, int redone, double distance) {}

    /**
     * What the noise protects.
     *
     * @param sigma per parameter
     * @param composedMu of all releases
     * @param attackAuc the most that any attack can reach
     */
    record Protection(double sigma, double mu, double composedMu, double attackAuc, List<Point> points) {}

    /** A point of the curve of privacy. */
    record Point(double epsilon, double delta) {}

    /**
     * A request that was refused.
     *
     * @param alone whether it could not be met even without the requests before it
     */
    record Refused(long ticket, String subject, boolean alone, String reason) {

        private static Refused of(Refusal refusal) {
            return new Refused(refusal.ticket(), refusal.name(), refusal.alone(), refusal.reason());
        }
    }

    static ReleaseFacts of(RequestOutcome.Released released) {
        Certificate.Claim claim = released.certificate().claim();
        Certificate.Grounds grounds = released.certificate().grounds();
        Certificate.Protection protection = released.certificate().protection();
        return new ReleaseFacts(
                label(released.certificate()),
                new Place(released.number(), released.folder().toString(), certificate(released)),
                new Claim(claim.title(), claim.verdict(), claim.level()),
                new Rewind(
                        grounds.algorithm().name(),
                        grounds.algorithm().checkpoint(),
                        grounds.algorithm().redone(),
                        grounds.bound().delta()),
                new Protection(
                        protection.noise().sigma(),
                        protection.privacy().mu(),
                        protection.privacy().composedMu(),
                        protection.privacy().attackAuc(),
                        protection.privacy().points().stream()
                                .map(point -> new Point(point.epsilon(), point.delta()))
                                .toList()),
                released.refused().stream().map(Refused::of).toList());
    }

    private static Optional<String> label(Certificate certificate) {
        return Optional.of(ProximalRewind.Reconstruction.LABEL)
                .filter(empirical -> certificate.claim().verdict() == Certificate.Verdict.EMPIRICAL);
    }

    private static String certificate(RequestOutcome.Released released) {
        return released.folder().resolve(CertificateFile.NAME).toString();
    }

    /** In words. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        label.ifPresent(lines::add);
        lines.add(claim.title());
        lines.add(String.format(
                Locale.ROOT,
                "distance to the retrained model at most %.6g, noise %.6g per parameter, mu %.6g (of all releases %.6g)",
                rewind.distance(),
                protection.sigma(),
                protection.mu(),
                protection.composedMu()));
        protection
                .points()
                .forEach(point -> lines.add(
                        String.format(Locale.ROOT, "epsilon %.4g at delta %.4g", point.epsilon(), point.delta())));
        lines.add("released as " + place.folder());
        return lines;
    }
}
