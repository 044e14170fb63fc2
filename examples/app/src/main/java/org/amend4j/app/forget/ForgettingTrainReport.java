/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.forget;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.amend4j.app.job.Report;
import org.amend4j.provable.ProvableProblem;
import org.amend4j.sensitivity.Constant;
import org.amend4j.service.ForgettingModel;
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

    /** Its facts, to which others add. */
    static Map<String, Object> facts(ForgetfulFolder trained) throws IOException {
        ForgettingSettings settings = trained.settings();
        ProvableProblem problem = trained.assembly().problem();
        Guarantee guarantee = trained.assembly().model().guarantee();
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("folder", trained.path().toString());
        facts.put("release", trained.service().release(0).toString());
        facts.put("kind", problem.kind().name());
        facts.put("parameters", problem.objective().dimension());
        facts.put("records", trained.table().size());
        facts.put("subjects", trained.service().subjects().names().size());
        facts.put("steps", settings.training().steps());
        facts.put("plannedRecords", settings.training().plannedRecords());
        facts.put("planned", settings.training().planned().name());
        if (settings.promise().lifetimeEpsilon() > 0) {
            facts.put("lifetimeEpsilon", settings.promise().lifetimeEpsilon());
        }
        facts.put("scaled", !settings.table().scaling().isNone());
        facts.put("checkpoints", trained.checkpoints().size());
        facts.put("curvature", guarantee.bounds().curvature().name());
        facts.put("gradientBound", facts(guarantee.bounds().gradientBound()));
        facts.put("lipschitz", facts(guarantee.bounds().lipschitz()));
        facts.put("rounding", guarantee.rounding().assurance().name());
        facts.put("assumptions", takenForTrue(trained));
        trained.foresight().ifPresent(sentence -> facts.put("warning", sentence));
        facts.put("lookAlikes", LookAlikes.among(trained.service().subjects().names()));
        facts.put("issuer", settings.origin().issuer());
        facts.put("head", HeadJob.facts(trained.service().head()));
        return facts;
    }

    private static Map<String, Object> facts(Constant constant) {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("value", constant.value());
        facts.put("evidence", constant.assurance().name());
        facts.put("reason", constant.reason());
        return facts;
    }

    /** Its text, to which others add. */
    static String text(ForgetfulFolder trained) throws IOException {
        ProvableProblem problem = trained.assembly().problem();
        Guarantee guarantee = trained.assembly().model().guarantee();
        StringBuilder text = new StringBuilder();
        if (trained.settings().training().planned() == ForgettingSettings.Planned.DERIVED) {
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
        line(text, "G", guarantee.bounds().gradientBound());
        line(text, "L", guarantee.bounds().lipschitz());
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

    private static void line(StringBuilder text, String name, Constant constant) {
        text.append(String.format(
                Locale.ROOT, "%s = %.6g, %s: %s%n", name, constant.value(), constant.assurance(), constant.reason()));
    }

    /** What should have been public and was derived from the records first. */
    private static List<String> takenForTrue(ForgetfulFolder trained) {
        ForgettingModel model = trained.assembly().model();
        return Stream.concat(model.derived().stream(), model.assumptions().stream())
                .toList();
    }
}
