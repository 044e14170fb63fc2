/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.unlearn;

import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.amend4j.html.Html;
import org.amend4j.html.HtmlTable;
import org.amend4j.html.HtmlView;
import org.amend4j.objective.RecordIds;

/**
 * The methods to make a model forget some records.
 *
 * @param deleted all records deleted so far, the pending ones among them
 * @param methods the admissible methods, cheapest first: the cheapest of every kind, and the cheapest rewind with little noise;
 *     retraining is always among them
 * @param noisy all admissible rewinds with noise, cheapest first: the later, the more steps and the less noise
 * @param candidates every stored checkpoint, latest first
 * @param advice what would make a certificate possible, or better; empty if an exact or a certified rewind is admissible
 * @param largestNorm the most that the norm of the trained parameters can be, whatever the records are
 */
public record UnlearningPlan(
        RecordIds deleted,
        List<UnlearningMethod> methods,
        List<UnlearningMethod.NoisyRewind> noisy,
        List<RewindCandidate> candidates,
        List<String> advice,
        double largestNorm)
        implements HtmlView {

    /** Noise is little if its norm is at most this share of the most that the norm of the parameters can be. */
    public static final double LITTLE_NOISE = 0.01;

    /** Copies the lists. */
    public UnlearningPlan {
        methods = List.copyOf(methods);
        noisy = List.copyOf(noisy);
        candidates = List.copyOf(candidates);
        advice = List.copyOf(advice);
    }

    /**
     * The default: the cheapest of the methods that leave the model as good as its own training does. These are exact rewinds, certified
     * ones with {@linkplain #LITTLE_NOISE little noise}, and retraining. Noise is compared with the largest norm that parameters can have,
     * never with their own norm, which would reveal something about the forgotten records.
     */
    public UnlearningMethod recommended() {
        return methods.stream()
                .filter(method -> !method.isPricedOnly() && isQuiet(method))
                .findFirst()
                .orElseThrow();
    }

    static boolean isQuiet(UnlearningMethod method) {
        return method.releaseNoise()
                .map(noise -> noise.relative() <= LITTLE_NOISE)
                .orElse(true);
    }

    /**
     * The cheapest method that ends at the model's own training, however much noise the policy admits: an exact rewind, a certified
     * one or retraining. A descent to delete is another algorithm, and a cold run a shorter training; both are priced only.
     */
    public UnlearningMethod cheapest() {
        return methods.stream()
                .filter(method -> !method.isPricedOnly())
                .findFirst()
                .orElseThrow();
    }

    /**
     * The cheapest rewind with noise, if any, of at most a share of the most that the norm of the parameters can be; empty if
     * there is none.
     */
    public Optional<UnlearningMethod> cheapestRewind(double share) {
        Stream<UnlearningMethod> exact = methods.stream().filter(UnlearningMethod.ExactRewind.class::isInstance);
        Stream<UnlearningMethod> quiet = noisy.stream()
                .filter(method -> method.noise().relative() <= share)
                .map(method -> (UnlearningMethod) method)
                .limit(1);
        return Stream.concat(exact, quiet).min(Comparator.comparing(UnlearningMethod::cost));
    }

    /** Whether nothing but retraining from the start is left. */
    public boolean isRefused() {
        return cheapest() instanceof UnlearningMethod.Retrain;
    }

    private String taken() {
        UnlearningMethod method = recommended();
        return String.format(
                Locale.ROOT,
                "Taken unless another is asked for: %s, %,d steps%s.",
                method.name(),
                method.cost().steps(),
                method.releaseNoise()
                        .map(noise -> String.format(
                                Locale.ROOT,
                                ", with noise of %.3g times the most that the norm of the parameters can be",
                                noise.relative()))
                        .orElse(", without noise"));
    }

    /** The methods with their costs, what is in the way of an earlier rewind, and advice. Of the records it tells the number only. */
    @Override
    public String toHtml() {
        HtmlTable table = HtmlTable.of("method", "steps", "gradients of records", "seconds", "noise", "assurance");
        for (UnlearningMethod method : methods) {
            Optional<ReleaseNoise> hidden = method.releaseNoise();
            table = table.row(
                    method.name() + (method.isPricedOnly() ? " (priced only)" : ""),
                    method.cost().steps(),
                    method.cost().recordGradients(),
                    method.cost().seconds(),
                    hidden.map(noise -> HtmlTable.number(noise.noise().sigma())).orElse("none"),
                    hidden.map(noise -> noise.assurance().name()).orElse("exact"));
        }
        Html html = Html.fragment()
                .element("p", String.format(Locale.ROOT, "Records deleted, with these: %,d.", deleted.size()))
                .view(table)
                .element("p", taken());
        if (isRefused()) {
            html.element("p", "Refused: " + obstacle() + ".");
        }
        return html.list("What would help:", advice).markup();
    }

    /**
     * What is in the way of rewinding to the earliest checkpoint that saves a tenth of the steps, with numbers; where there is
     * none, to the last.
     */
    public String obstacle() {
        return candidates.stream()
                .filter(candidate -> Planner.saves(candidate.checkpoint(), candidate.drift()))
                .reduce((later, earlier) -> earlier)
                .or(() -> candidates.stream().findFirst())
                .map(UnlearningPlan::words)
                .orElse("no checkpoint is stored");
    }

    private static String words(RewindCandidate candidate) {
        String rewind = "a rewind to step " + candidate.checkpoint();
        if (candidate.refusal().isPresent()) {
            return rewind + " is not admissible: " + candidate.refusal().get();
        }
        if (candidate.checkpoint() == 0) {
            return "only the start is stored";
        }
        return candidate
                .noise()
                .map(noise -> String.format(
                        Locale.ROOT,
                        "%s would need noise of %.3g per parameter, with %.3g times the largest norm that parameters can"
                                + " have",
                        rewind,
                        noise.noise().sigma(),
                        noise.relative()))
                .orElse(rewind + " was not chosen");
    }
}
