/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.descent;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.descent.RateBounds;

/** The demo as a job: {@link DescentDemo}, then table, JSON and charts. */
public final class DescentReport {

    private static final String LEGEND = """

            under1/4: steps that decreased the loss by less than a quarter of step times squared gradient norm.
            run bound, our rate, M&K rate: the smallest gradient norm cannot have been above these; from the steps as they
            were, and from theory before the run.
            """;

    /** Losses that are written out. */
    private static final double LONGEST = 1000;

    private DescentReport() {}

    /** Runs everything and leaves trajectories, report and charts in a folder. */
    public static Report run(Path out, Losses losses, Progress progress) throws IOException {
        long begin = System.nanoTime();
        Map<Problem, List<Curve>> curves = new DescentDemo(out, losses, progress).run();
        return report(curves, out, (System.nanoTime() - begin) / 1e9);
    }

    /** Of some curves, in a folder. */
    static Report report(Map<Problem, List<Curve>> curves, Path out, double seconds) throws IOException {
        Report report = new Report(facts(curves, seconds), text(curves, out, seconds)).saying(sentence(curves));
        return report.keep(file(out), "Descent whose steps carry guarantees", DescentChart.write(curves, out));
    }

    /** Written last: where it is, the demo was finished. */
    static Path file(Path out) {
        return out.resolve("report.json");
    }

    /** For JSON. */
    private record Facts(String data, long seed, List<ProblemFacts> problems, double seconds) {}

    /**
     * A problem, for JSON.
     *
     * @param evidence of L
     * @param rules one run each
     */
    private record ProblemFacts(
            String problem,
            int rank,
            int parameters,
            @JsonProperty("L") double lipschitz,
            String evidence,
            List<Curve.Facts> rules) {

        static ProblemFacts of(Problem problem, List<Curve> runs) {
            return new ProblemFacts(
                    problem.title(),
                    Problem.RANK,
                    problem.objective().dimension(),
                    problem.smoothness().lipschitz(),
                    problem.smoothness().assurance().name(),
                    runs.stream().map(Curve::facts).toList());
        }
    }

    private static Facts facts(Map<Problem, List<Curve>> curves, double seconds) {
        return new Facts(
                "Fashion-MNIST: first 6000 training and 1000 test pictures; MobileNetV2 features and a 1",
                Problem.SEED,
                curves.entrySet().stream()
                        .map(one -> ProblemFacts.of(one.getKey(), one.getValue()))
                        .toList(),
                seconds);
    }

    /** What came out. */
    private static String sentence(Map<Problem, List<Curve>> curves) {
        List<Curve> all = curves.values().stream().flatMap(List::stream).toList();
        long promising = all.stream().filter(run -> run.rule().c().isPresent()).count();
        long kept = all.stream()
                .filter(run -> run.rule().c().isPresent())
                .filter(run -> run.result().isPresent()
                        && run.result().get().promises().kept())
                .count();
        long diverged = all.stream().filter(run -> run.result().isEmpty()).count();
        return String.format(
                Locale.ROOT,
                "%d of %d runs whose rule promises a decrease kept every promise; %d of all %d runs diverged.",
                kept,
                promising,
                diverged,
                all.size());
    }

    static String text(Map<Problem, List<Curve>> curves, Path out, double seconds) {
        StringBuilder text = new StringBuilder();
        curves.forEach((problem, runs) -> table(text, problem, runs));
        text.append(LEGEND);
        return text.append(String.format(
                        Locale.ROOT,
                        "The whole job took %.0f s. Trajectories, report.html, report.json and charts are in %s.",
                        seconds,
                        out))
                .toString();
    }

    private static void table(StringBuilder text, Problem problem, List<Curve> runs) {
        text.append(String.format(
                Locale.ROOT,
                "%n%s: %,d parameters, rank %d, L = %.4g (%s)%n%-14s %9s %9s %9s %6s %9s %9s %9s %9s %8s  %s%n",
                problem.title(),
                problem.objective().dimension(),
                Problem.RANK,
                problem.smoothness().lipschitz(),
                problem.smoothness().assurance().name().toLowerCase(Locale.ROOT),
                "",
                "loss @10",
                "@100",
                "at end",
                "test",
                "min grad",
                "run bound",
                "our rate",
                "M&K rate",
                "under1/4",
                "promise"));
        for (Curve curve : runs) {
            RateBounds last = curve.finalBounds().orElse(null);
            text.append(String.format(
                    Locale.ROOT,
                    "%-14s %9s %9s %9s %6s %9.2e %9s %9s %9s %8d  %s%s%n",
                    curve.label(),
                    loss(curve.lossAfter(10)),
                    loss(curve.lossAfter(100)),
                    loss(curve.lastLoss()),
                    curve.accuracy().isPresent()
                            ? String.format(
                                    Locale.ROOT,
                                    "%.1f%%",
                                    100 * curve.accuracy().getAsDouble())
                            : "",
                    curve.smallestGradients().get(curve.smallestGradients().size() - 1),
                    last == null ? "" : norm(last.alongTheRun()),
                    last == null || last.beforeTheRun().isEmpty()
                            ? ""
                            : norm(last.beforeTheRun().getAsDouble()),
                    last == null || last.muKlabjanBeforeTheRun().isEmpty()
                            ? ""
                            : norm(last.muKlabjanBeforeTheRun().getAsDouble()),
                    curve.stepsBelowAQuarter(),
                    curve.rule().guarantee(),
                    outcome(curve)));
        }
    }

    /** What else there is to say about a run. */
    private static String outcome(Curve curve) {
        if (curve.result().isEmpty()) {
            return "; diverged after " + curve.records().size() + " steps";
        }
        int broken = curve.result().get().promises().broken();
        return broken == 0 ? "" : "; promise broken at " + broken + " steps";
    }

    /** Of a run that diverges as a power of ten. */
    static String loss(double loss) {
        return String.format(Locale.ROOT, Math.abs(loss) < LONGEST ? "%.4f" : "%.2e", loss);
    }

    private static String norm(double squared) {
        return String.format(Locale.ROOT, "%.2e", RateBounds.asNorm(squared));
    }
}
