/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Stream;
import org.amend4j.app.job.Report;
import org.amend4j.descent.Assurance;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.sensitivity.Constant;
import org.amend4j.sensitivity.LossCurvature;
import org.amend4j.service.ForgettingModel;
import org.amend4j.unlearn.ConvergenceBound;
import org.amend4j.unlearn.Guarantee;

/** What was trained, and what deletions from it will rest on. */
public final class ForgettingTrainReport {

    private ForgettingTrainReport() {}

    /**
     * Of a trained folder.
     */
    public static Report of(ForgetfulFolder trained) throws IOException {
        return new Report(facts(trained), text(trained));
    }

    /**
     * For JSON; others add to it.
     *
     * @param warning what no plan could admit
     * @param lookAlikes names that look the same to people
     * @param issuer public key of certificates
     */
    record Facts(
            @JsonUnwrapped Place place,
            @JsonUnwrapped Size size,
            @JsonUnwrapped Training training,
            @JsonUnwrapped Basis basis,
            Optional<String> warning,
            List<List<String>> lookAlikes,
            String issuer,
            HeadJob.Head head) {}

    /** Where it is, and its first release. */
    record Place(String folder, String release) {}

    /** What was trained, and on how much. */
    record Size(ProvableProblem.Kind kind, int parameters, int records, int subjects) {}

    /**
     * How it was trained.
     *
     * @param steps empty if it was trained until its gradient is small
     * @param untilGradient the largest norm of the gradient; empty if it was trained for a number of steps
     * @param lifetimeEpsilon of all releases together; empty without a limit
     * @param scaled whether rows are scaled first
     * @param checkpoints their number
     * @param blockSize rows a block; empty without blocks
     */
    record Training(
            Optional<Integer> steps,
            OptionalDouble untilGradient,
            int plannedRecords,
            ForgettingSettings.Source planned,
            OptionalDouble lifetimeEpsilon,
            boolean scaled,
            int checkpoints,
            Optional<Integer> blockSize) {}

    /** What deletions rest on. */
    record Basis(
            LossCurvature curvature,
            Known gradientBound,
            Known lipschitz,
            Assurance rounding,
            List<String> assumptions) {}

    /** A constant, and why it is one. */
    record Known(double value, Assurance evidence, String reason) {

        private static Known of(Constant constant) {
            return new Known(constant.value(), constant.assurance(), constant.reason());
        }
    }

    /** What others add to. */
    static Facts facts(ForgetfulFolder trained) throws IOException {
        return new Facts(
                new Place(
                        trained.path().toString(), trained.service().release(0).toString()),
                size(trained),
                training(trained),
                basis(trained),
                trained.foresight(),
                LookAlikes.among(trained.service().subjects().names()),
                trained.settings().origin().issuer(),
                HeadJob.Head.of(trained.service().head()));
    }

    private static Size size(ForgetfulFolder trained) {
        ProvableProblem problem = trained.assembly().problem();
        return new Size(
                problem.kind(),
                problem.objective().dimension(),
                trained.table().size(),
                trained.service().subjects().names().size());
    }

    private static Training training(ForgetfulFolder trained) throws IOException {
        ForgettingSettings settings = trained.settings();
        double lifetime = settings.promise().lifetimeEpsilon();
        return new Training(
                settings.training().isUntilGradient()
                        ? Optional.empty()
                        : Optional.of(settings.training().steps()),
                untilGradient(trained).stream()
                        .mapToDouble(ConvergenceBound::gradientNorm)
                        .findFirst(),
                settings.training().plannedRecords(),
                settings.training().planned(),
                lifetime > 0 ? OptionalDouble.of(lifetime) : OptionalDouble.empty(),
                !settings.table().scaling().isNone(),
                trained.checkpoints().size(),
                settings.training().blockSize() > 0
                        ? Optional.of(settings.training().blockSize())
                        : Optional.empty());
    }

    /** What its small gradient proves; empty if it was trained for a number of steps. */
    private static Optional<ConvergenceBound> untilGradient(ForgetfulFolder trained) {
        return trained.assembly()
                .model()
                .run()
                .convergence()
                .filter(bound -> trained.settings().training().isUntilGradient());
    }

    private static Basis basis(ForgetfulFolder trained) {
        Guarantee guarantee = trained.assembly().model().guarantee();
        return new Basis(
                guarantee.bounds().curvature(),
                Known.of(guarantee.bounds().gradientBound()),
                Known.of(guarantee.bounds().lipschitz()),
                guarantee.rounding().assurance(),
                takenForTrue(trained));
    }

    /** Its text, to which others add. */
    static String text(ForgetfulFolder trained) throws IOException {
        ProvableProblem problem = trained.assembly().problem();
        Guarantee guarantee = trained.assembly().model().guarantee();
        StringBuilder text = new StringBuilder();
        if (trained.settings().training().planned() == ForgettingSettings.Source.DERIVED) {
            text.append(String.format(
                    Locale.ROOT,
                    "planned records derived from the table: %d; certificates hold under the assumption that it was fixed"
                            + " without looking at the records: choose --planned-records yourself%n",
                    trained.settings().training().plannedRecords()));
        }
        text.append(String.format(
                Locale.ROOT,
                "%s, %d parameters, %s losses; %d records of %d subjects, %d checkpoints%n",
                problem.kind().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                problem.objective().dimension(),
                guarantee.bounds().curvature().name().toLowerCase(Locale.ROOT).replace('_', ' '),
                trained.table().size(),
                trained.service().subjects().names().size(),
                trained.checkpoints().size()));
        if (trained.settings().training().blockSize() > 0) {
            text.append(String.format(
                    Locale.ROOT,
                    "gradients are added up in blocks of %d rows%n",
                    trained.settings().training().blockSize()));
        }
        untilGradient(trained)
                .ifPresent(bound -> text.append(String.format(
                        Locale.ROOT,
                        "trained until the gradient had a norm of at most %.4g: two models that are as far on the same records are"
                                + " within %.4g%n",
                        bound.gradientNorm(),
                        bound.delta())));
        text.append(line("G", guarantee.bounds().gradientBound()));
        text.append(line("L", guarantee.bounds().lipschitz()));
        text.append(String.format(
                Locale.ROOT,
                "rounding: %s, %s%n",
                guarantee.rounding().assurance(),
                guarantee.rounding().reason()));
        text.append(String.format(Locale.ROOT, "taken for true:%n"));
        takenForTrue(trained).forEach(sentence -> text.append(String.format(Locale.ROOT, "  %s%n", sentence)));
        text.append(String.format(
                Locale.ROOT,
                "public key of certificates: %s%n",
                trained.settings().origin().issuer()));
        if (!trained.settings().table().scaling().isNone()) {
            text.append(String.format(
                    Locale.ROOT, "the model takes rows that were scaled as service.json says (table, scaling)%n"));
        }
        text.append(HeadJob.sentence(trained.service().head())).append(System.lineSeparator());
        trained.foresight().ifPresent(sentence -> text.append(String.format(Locale.ROOT, "warning: %s%n", sentence)));
        LookAlikes.warning(trained.service().subjects().names())
                .ifPresent(sentence -> text.append(String.format(Locale.ROOT, "warning: %s%n", sentence)));
        text.append("released as ").append(trained.service().release(0));
        return text.toString();
    }

    /** Nothing that is not known is proved. */
    static String line(String name, Constant constant) {
        return constant.isKnown()
                ? String.format(
                        Locale.ROOT,
                        "%s = %.6g, %s: %s%n",
                        name,
                        constant.value(),
                        constant.assurance(),
                        constant.reason())
                : String.format(Locale.ROOT, "%s: not known%n", name);
    }

    /** What should have been public and was derived from the records first. */
    private static List<String> takenForTrue(ForgetfulFolder trained) {
        ForgettingModel model = trained.assembly().model();
        return Stream.concat(model.derived().stream(), model.assumptions().stream())
                .toList();
    }
}
