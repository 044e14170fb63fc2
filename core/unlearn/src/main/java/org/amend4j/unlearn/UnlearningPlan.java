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
 * @param methods the admissible methods, cheapest first, the cheapest of every kind; retraining is always among them
 * @param noisy all admissible rewinds with noise, cheapest first: the later, the more steps and the less noise
 * @param candidates every stored checkpoint, latest first
 * @param advice what would make a certificate possible, or better; empty if an exact or a certified rewind is admissible
 */
public record UnlearningPlan(
        RecordIds deleted,
        List<UnlearningMethod> methods,
        List<UnlearningMethod.NoisyRewind> noisy,
        List<RewindCandidate> candidates,
        List<String> advice)
        implements HtmlView {

    /** Copies the lists. */
    public UnlearningPlan {
        methods = List.copyOf(methods);
        noisy = List.copyOf(noisy);
        candidates = List.copyOf(candidates);
        advice = List.copyOf(advice);
    }

    /**
     * The cheapest method that ends at the model's own training: an exact rewind, a certified one or retraining. A descent to
     * delete is another algorithm, and a cold run a shorter training; both are priced only.
     */
    public UnlearningMethod cheapest() {
        return methods.stream()
                .filter(method -> !method.isPricedOnly())
                .findFirst()
                .orElseThrow();
    }

    /**
     * The cheapest rewind whose noise, if it has any, is at most a share of the largest movement that training can make; empty if
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
                .view(table);
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
                        "%s would need noise of %.3g per parameter, %.3g times the largest movement training can make",
                        rewind,
                        noise.noise().sigma(),
                        noise.relative()))
                .orElse(rewind + " was not chosen");
    }
}
