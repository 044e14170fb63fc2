/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.amend4j.certificate.Certificate;
import org.amend4j.certificate.CertificateFile;
import org.amend4j.data.BadInputException;
import org.amend4j.numeric.Upward;
import org.amend4j.objective.RecordObjective;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.verify.Check;
import org.amend4j.verify.Check.Outcome;

/**
 * Computes the gradient of a released model on the rows that are left, which needs no trust in the issuer: its norm over λ is how far the
 * model can be from the one that these rows alone make (docs/unlearning.md, (12)). The issuer's folder says which columns are what; the
 * certificate says the rest.
 */
final class GradientCheck {

    private static final String NAME = "gradient";

    /** The chance that noise is longer than is allowed for. */
    private static final double ALARM = 1e-9;

    private final Path folder;
    private final ForgettingSettings settings;
    private final ForgetfulNetwork base;

    private GradientCheck(Path folder) throws IOException {
        this.folder = folder;
        this.settings = SettingsFile.read(folder);
        this.base = ForgetfulNetwork.read(folder, settings.origin());
    }

    /**
     * Checks a release.
     *
     * @param folder that {@code unlearn train} made, without its secrets
     * @param release in it, with its certificate
     * @param data the rows that are left, and no others
     * @throws BadInputException if the folder cannot be read, or the table is another model's
     */
    static Check of(Path folder, Path release, Path data) throws IOException {
        try {
            Certificate certificate = CertificateFile.read(release.resolve(CertificateFile.NAME));
            if (certificate.version() != Certificate.CONVERGED) {
                return new Check(NAME, Outcome.NOT_CHECKED, "it rests on steps, which say nothing of a gradient");
            }
            return new GradientCheck(folder).check(certificate, release, data);
        } catch (IllegalArgumentException refused) {
            throw ForgetfulFolder.badInput(refused);
        }
    }

    private Check check(Certificate certificate, Path release, Path data) {
        SubjectTable table = SubjectTable.read(data, settings.table(), base.configuration());
        int left =
                certificate.deletion().recordsBefore() - certificate.deletion().recordsEver();
        if (table.size() != left) {
            return failed(data + " has " + table.size() + " rows, and " + left + " are left by the certificate");
        }
        String fingerprint = base.hashes(settings.origin()).get("base");
        if (!certificate.references().hashes().others().getOrDefault("base", "").equals(fingerprint)) {
            return failed("the network in " + folder + " is not the one that the certificate names");
        }
        ProvableProblem problem = base.asReleased(release).problem(table.records(), settings, 1);
        RecordObjective objective = problem.objective();
        Map<String, Double> convergence = certificate.grounds().convergence();
        double decay = convergence.getOrDefault("weightDecay", 0.0);
        double normaliser = convergence.getOrDefault("normaliser", 0.0);
        OptionalDouble fixed = objective.fixedNormaliser();
        if (objective.weightDecay() != decay || fixed.orElse(0) != normaliser) {
            return failed(text(
                    "the settings in the folder say weight decay %s and normaliser %s, the certificate %s and %s",
                    objective.weightDecay(), fixed.orElse(0), decay, normaliser));
        }
        double[] theta = problem.start();
        double[] gradient = new double[theta.length];
        objective.gradient(theta, gradient);
        double norm = Upward.norm(gradient);
        double most = most(certificate, fixed.isPresent() ? left / normaliser : 1);
        double far = (norm + convergence.getOrDefault("rounding", 0.0)) / decay;
        return norm <= most
                ? new Check(
                        NAME,
                        Outcome.PASSED,
                        text(
                                "on the %d rows of %s it is %.3g, at most %.3g with its noise: the model is within %.3g of the one"
                                        + " that these rows alone make",
                                left, data, norm, most, far))
                : failed(text(
                        "on the %d rows of %s it is %.3g, more than %.3g: other rows made the model, or these are not all",
                        left, data, norm, most));
    }

    /** What the gradient can be: G, its rounding here, and what noise of a norm that is hardly ever exceeded adds. */
    private static double most(Certificate certificate, double share) {
        Map<String, Double> convergence = certificate.grounds().convergence();
        double slope = share * certificate.grounds().constants().lipschitz().value()
                + convergence.getOrDefault("weightDecay", 0.0);
        Certificate.Noise noise = certificate.protection().noise();
        double root = Math.sqrt(noise.dimension());
        double length = noise.sigma() * (root + Math.sqrt(-2 * Math.log(ALARM)));
        double grid = noise.units() == 0 ? 0 : Math.scalb(1.0, noise.gridExponent()) * root / 2;
        return convergence.getOrDefault("gradientNorm", 0.0)
                + 2 * convergence.getOrDefault("rounding", 0.0)
                + slope * (length + grid);
    }

    private static Check failed(String sentence) {
        return new Check(NAME, Outcome.FAILED, sentence);
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
