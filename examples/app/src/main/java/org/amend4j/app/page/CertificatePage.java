/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.page;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.amend4j.certificate.Digests;
import org.amend4j.html.Html;
import org.amend4j.verify.Check;
import org.amend4j.verify.VerificationReport;

/**
 * A certificate for people: what was promised, to whom, how that is known, what it does not cover, how to check it. It
 * shows what the file says, whoever wrote it; the verifier's result is at the top. Nothing is shown that the certificate
 * does not publish, and only hashes of public things.
 */
public final class CertificatePage {

    private static final String EMPIRICAL = "EMPIRICAL";

    private static final ObjectMapper JSON = new ObjectMapper();

    /** What {@code unlearn verify} reads, too. */
    private static final long LARGEST = 1 << 26;

    private final Html html;
    private final JsonNode file;
    private final JsonNode claims;

    private CertificatePage(Html html, JsonNode file) {
        this.html = html;
        this.file = file;
        this.claims = file.path("certificate");
    }

    /** The page of an unchecked certificate; the page says so. */
    public static String unchecked(Path certificate) throws IOException {
        JsonNode file = read(certificate);
        Html html = Sheet.begin(
                "certificate of forgetting",
                "NOT CHECKED",
                "UNCHECKED",
                "This page shows what a certificate says. Whether that is true is told by the command under"
                        + " \u201cHow to check it\u201d, not by this page.");
        article(html, certificate, file, Optional.empty(), false);
        return Sheet.end(html);
    }

    /**
     * The page of certificates that were checked, newest first.
     *
     * @param reports at least one, oldest first
     */
    public static String verified(List<VerificationReport> reports) throws IOException {
        VerificationReport.Result worst = reports.stream()
                .map(VerificationReport::result)
                .max(Comparator.naturalOrder())
                .orElseThrow();
        Html html = Sheet.begin(
                "certificates of forgetting, " + reports.size(), words(worst), worst.name(), sentence(worst));
        for (int k = reports.size() - 1; k >= 0; k--) {
            VerificationReport report = reports.get(k);
            article(html, report.certificate(), read(report.certificate()), Optional.of(report), reports.size() > 1);
        }
        return Sheet.end(html);
    }

    private static String words(VerificationReport.Result result) {
        return result.name().replace('_', ' ');
    }

    private static String sentence(VerificationReport.Result result) {
        return switch (result) {
            case VALID ->
                "Nothing is wrong with what could be checked, and the key that the reader gave has signed it.";
            case UNAUTHENTICATED ->
                "Nothing is wrong with what could be checked, but no key was given: anybody can have signed" + " this.";
            case NOT_VALID -> "Something is not as claimed: nothing below is to be relied on.";
        };
    }

    /** What is in the file; nothing if that cannot be read. */
    private static JsonNode read(Path certificate) throws IOException {
        if (!Files.isRegularFile(certificate) || Files.size(certificate) > LARGEST) {
            return MissingNode.getInstance();
        }
        try {
            return JSON.readTree(Files.readAllBytes(certificate));
        } catch (JsonProcessingException damaged) {
            return MissingNode.getInstance();
        }
    }

    /** @param oneOfMany whether the page's banner is not about this one alone */
    private static void article(
            Html html, Path path, JsonNode file, Optional<VerificationReport> report, boolean oneOfMany)
            throws IOException {
        CertificatePage page = new CertificatePage(html, file);
        html.open("article");
        html.element("h1", "Certificate " + page.claim("/id"));
        report.filter(checked -> oneOfMany)
                .ifPresent(checked -> Sheet.banner(
                        html, words(checked.result()), checked.result().name(), sentence(checked.result())));
        if (page.claims.isObject()) {
            page.promised();
            page.toWhom();
            page.evidence();
            page.privacy();
            page.notCovered();
        } else {
            html.element("p", "There is no certificate in the file that could be shown.");
        }
        report.ifPresent(page::checks);
        page.howToCheck(path);
        html.close();
    }

    private String claim(String pointer) {
        return value(claims.at(pointer));
    }

    private static String value(JsonNode node) {
        return node.isMissingNode() || node.isNull()
                ? "not said"
                : node.isContainerNode() ? node.toString() : node.asText();
    }

    private List<String> texts(String pointer) {
        return claims.at(pointer).isArray() ? list(claims.at(pointer)) : List.of();
    }

    private static List<String> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(CertificatePage::value)
                .toList();
    }

    private void promised() {
        html.element("h2", "What was promised");
        html.element("blockquote", claim("/title"));
        html.open("table").open("tbody");
        Sheet.row(html, "Verdict", claim("/verdict"), verdict());
        Sheet.row(html, "Level", claim("/level"), "The weakest evidence that the promise rests on; see below.");
        Sheet.row(html, "Issued", claim("/issued"), "By the issuer's clock, UTC.");
        Sheet.row(html, "Method", claim("/algorithm/name"), method());
        html.close().close();
    }

    private String method() {
        if (claim("/version").equals("3")) {
            return "The model was trained without the forgotten records until the norm of its gradient was at most "
                    + claim("/convergence/gradientNorm") + ".";
        }
        return "Steps " + claim("/algorithm/checkpoint") + " to " + claim("/algorithm/steps")
                + " of the training were done again without the forgotten records: "
                + claim("/algorithm/redone")
                + " steps.";
    }

    private String verdict() {
        return switch (claim("/verdict")) {
            case "EXACT" -> "The model is the one that training without the forgotten would have given, bit for bit.";
            case "CERTIFIED" ->
                "The model cannot be told from the one that training without the forgotten would have given, beyond"
                        + " what the numbers of privacy say.";
            case EMPIRICAL ->
                "Nothing is certified about the model: it was rewound to a checkpoint that was reconstructed, and the"
                        + " numbers of privacy hold only if that is the true one.";
            default -> "This is no verdict that the page knows.";
        };
    }

    private void toWhom() {
        html.element("h2", "To whom");
        List<String> subjects = texts("/deletion/subjects");
        html.element(
                "p",
                "To " + subjects.size() + (subjects.size() == 1 ? " person with " : " persons with ")
                        + claim("/deletion/records") + " records, of "
                        + claim("/deletion/recordsBefore") + " that the model was trained on; "
                        + claim("/deletion/recordsEver")
                        + " records were forgotten so far. Pseudonyms stand for the persons: whose they are can be told only with"
                        + " the operator's key.");
        html.open("ul", "class", "short");
        subjects.forEach(subject -> html.open("li").element("code", subject).close());
        html.close();
    }

    /** What each level means, strongest first. */
    private static String meaning(String level) {
        return switch (level) {
            case "PROVED" -> "It follows from the model's form by a proof.";
            case "ENFORCED" -> "The training keeps it at every step, whatever the data.";
            case "ASSUMED" -> "The issuer takes it for true; if it is not, the promise does not hold.";
            default -> "It was estimated on data; no promise may rest on it.";
        };
    }

    private void evidence() {
        html.element("h2", "How it is known, level by level");
        for (String level : List.of("PROVED", "ENFORCED", "ASSUMED", "ESTIMATED")) {
            html.element("h3", level).element("p", meaning(level), "class", "quiet");
            List<String> used = Stream.of("gradientBound", "lipschitz", "diameter", "rounding")
                    .filter(name -> claim("/constants/" + name + "/evidence").equals(level) && !isUnknown(name))
                    .toList();
            if (used.isEmpty()) {
                html.element("p", "Nothing is known in this way.");
                continue;
            }
            html.open("table").open("tbody");
            known(level, "gradientBound");
            known(level, "lipschitz");
            known(level, "diameter");
            if (claim("/constants/rounding/evidence").equals(level)) {
                Sheet.row(
                        html,
                        "Rounding",
                        claim("/bound/rounding"),
                        "What computing with doubles can add to the distance.");
            }
            html.close().close();
        }
        List<String> unknown = Stream.of("gradientBound", "lipschitz", "diameter")
                .filter(this::isUnknown)
                .map(CertificatePage::inWords)
                .toList();
        if (!unknown.isEmpty()) {
            html.element("p", "Not known, so that nothing rests on it: " + String.join(", ", unknown) + ".");
        }
    }

    private static String inWords(String constant) {
        return switch (constant) {
            case "gradientBound" -> "Size of a gradient";
            case "lipschitz" -> "Lipschitz constant of it";
            default -> "Diameter of the parameters";
        };
    }

    private boolean isUnknown(String name) {
        return claim("/constants/" + name + "/value").equals("Infinity");
    }

    private void known(String level, String name) {
        String at = "/constants/" + name;
        if (claim(at + "/evidence").equals(level) && !isUnknown(name)) {
            Sheet.row(html, inWords(name), claim(at + "/value"), claim(at + "/reason"));
        }
    }

    private void privacy() {
        html.element("h2", "What an observer can still tell");
        html.open("table").open("tbody");
        Sheet.row(
                html,
                "\u03b5 asked for",
                claim("/privacy/budget/epsilon"),
                "Whatever anybody sees in the model would be seen in the retrained one with a chance that is smaller by a"
                        + " factor of at most e to the \u03b5, and the other way round, but for \u03b4.");
        Sheet.row(html, "\u03b4 asked for", claim("/privacy/budget/delta"), "The chance that is left out of that.");
        Sheet.row(
                html,
                "\u03b4 there is",
                claim("/privacy/deltaAtBudget"),
                "That chance at the \u03b5 asked for, as computed.");
        Sheet.row(
                html,
                "\u03bc",
                claim("/privacy/mu"),
                "Telling the two models apart is no easier than telling two bell curves apart whose middles are this many of their"
                        + " standard deviations from each other.");
        Sheet.row(
                html,
                "\u03bc of all releases",
                claim("/privacy/composedMu"),
                "The same for somebody who has all releases together that still have something to hide.");
        for (JsonNode point : claims.at("/privacy/points")) {
            Sheet.row(
                    html,
                    "\u03b5 at \u03b4 = " + value(point.path("delta")),
                    value(point.path("epsilon")),
                    "The same promise at another \u03b4.");
        }
        Sheet.row(
                html,
                "Best attack, area",
                claim("/privacy/attackAuc"),
                "No attack that tells the model from the retrained one has a larger area under its curve; 0.5 is guessing, 1 is"
                        + " certainty.");
        Sheet.row(
                html,
                "Best attack, advantage",
                claim("/privacy/attackAdvantage"),
                "Nor does the share of its right alarms exceed that of its false ones by more than this; 0 is guessing.");
        Sheet.row(
                html,
                "Distance",
                claim("/bound/delta"),
                "Without noise the parameters are no further than this from the retrained ones.");
        Sheet.row(
                html,
                "Noise \u03c3",
                claim("/noise/sigma"),
                "What was added to each of " + claim("/noise/dimension") + " parameters to hide that; 0 is none.");
        html.close().close();
    }

    private void notCovered() {
        html.element("h2", "What it does not cover");
        html.element("h3", "Derived from the records, though it should be public");
        Sheet.list(html, texts("/derived"), "Nothing, says the certificate.");
        html.element("h3", "Assumptions");
        Sheet.list(html, texts("/assumptions"), "None, says the certificate.");
        html.element("h3", "Not claimed");
        Sheet.list(html, texts("/exclusions"), "Nothing is named.");
        html.element("h3", "Kept by the operator");
        html.element(
                "p",
                "Checkpoints at steps " + String.join(", ", texts("/retention/keptCheckpoints"))
                        + "; of these the forgotten had a part in: "
                        + orNone(texts("/retention/keptContaminated")) + ". Keys destroyed: "
                        + texts("/retention/destroyedKeys").size() + ".");
    }

    private static String orNone(List<String> all) {
        return all.isEmpty() ? "none" : String.join(", ", all);
    }

    private void checks(VerificationReport report) {
        html.element("h2", "What the verifier found");
        html.open("table").open("tbody");
        for (Check.Outcome outcome : List.of(Check.Outcome.FAILED, Check.Outcome.NOT_CHECKED, Check.Outcome.PASSED)) {
            report.checks().stream()
                    .filter(check -> check.outcome() == outcome)
                    .forEach(check -> Sheet.row(
                            html,
                            check.name(),
                            outcome.name().replace('_', ' ').toLowerCase(Locale.ROOT),
                            check.sentence()));
        }
        html.close().close();
    }

    private void howToCheck(Path path) throws IOException {
        html.element("h2", "How to check it");
        html.element(
                "p",
                "With the folder of the model, or one release, or certificate.json alone (then less can be checked), and the"
                        + " issuer's public key from a source of your own:");
        html.element("pre", "./amend4j unlearn verify DIR --public-key KEY");
        html.element(
                "p",
                "It needs neither the data nor secret keys. It says VALID, UNAUTHENTICATED (no key was given: anybody can have signed)"
                        + " or NOT VALID, and every check it made. A signature shows who claims something, not that the data and the"
                        + " run were as claimed. The key in the file is worth nothing unless it is the one you know:");
        html.open("table").open("tbody");
        Sheet.row(html, "Key in the file", value(file.path("publicKey")), "Ed25519.");
        if (Files.isRegularFile(path) && Files.size(path) <= LARGEST) {
            Sheet.row(html, "This certificate", Digests.of(path), "SHA-256 of the file.");
        }
        Sheet.row(html, "Released files", claim("/hashes/model"), "SHA-256 of their list; of each:");
        for (JsonNode released : claims.at("/release/files")) {
            Sheet.row(
                    html,
                    value(released.path("name")),
                    value(released.path("sha256")),
                    value(released.path("size")) + " bytes");
        }
        Sheet.row(
                html,
                "Ledger",
                claim("/hashes/ledgerHead"),
                "Its head before this certificate, entry " + claim("/hashes/ledgerSequence") + ".");
        Sheet.row(html, "Certificate before", claim("/hashes/previous"), "SHA-256; zeros if this is the first.");
        for (var part : claims.at("/build").properties()) {
            Sheet.row(html, "Computed by: " + part.getKey(), value(part.getValue()), "The issuer's word.");
        }
        html.close().close();
    }
}
