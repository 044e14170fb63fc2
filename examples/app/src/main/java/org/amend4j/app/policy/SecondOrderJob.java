/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.estimator.Horizon;
import org.amend4j.estimator.RewardRange;
import org.amend4j.policy.Policy;
import org.amend4j.policy.SavedPolicy;
import org.amend4j.rollout.Task;
import org.amend4j.secondorder.ExactDiagnosis;
import org.amend4j.secondorder.SecondOrderDiagnosis;
import org.amend4j.secondorder.SecondOrderReport;

/** Whether a saved policy is at a saddle of its return. */
public final class SecondOrderJob {

    /**
     * What is asked.
     *
     * @param policy which, and where
     * @param gamma discount
     * @param epsilon ε of second-order stationarity
     * @param chi χ, Lipschitz constant of the Hessian
     * @param sampling of trajectories
     */
    public record Question(PolicyAt policy, double gamma, double epsilon, double chi, Sampling sampling) {}

    /**
     * How trajectories are sampled.
     *
     * @param trajectories of each of two batches
     * @param horizon H; chosen if empty
     * @param rewards range that the environment keeps to, if that is known
     * @param seed root of all random numbers
     */
    public record Sampling(int trajectories, Optional<Integer> horizon, Optional<RewardRange> rewards, long seed) {}

    private SecondOrderJob() {}

    /**
     * Examines.
     *
     * @throws BadInputException if there is no such policy, or it cannot be examined there
     * @throws InterruptedException if the thread is interrupted
     */
    public static Report run(Question question, Progress progress) throws InterruptedException {
        SavedPolicy saved = question.policy().open();
        EnvironmentSpec spec = question.policy().environmentOf(saved);
        Learner learner = new Learner(saved.policy(), saved.network());
        Horizon horizon = TheoryHorizon.of(
                spec,
                learner,
                question.gamma(),
                new TheoryHorizon.Wish(
                        question.sampling().horizon(),
                        Optional.empty(),
                        question.sampling().rewards()));
        try {
            Optional<SecondOrderReport> exact = exact(question, spec, learner);
            SecondOrderReport sampled = sampled(question, saved.policy(), spec, horizon, progress);
            Facts facts = new Facts(
                    question.policy().folder().toString(),
                    spec.id(),
                    saved.policy().dimension(),
                    exact.map(SecondOrderFacts::of),
                    SecondOrderFacts.of(sampled),
                    ChainCheck.of(spec, saved.policy()).map(ChainCheck::facts));
            return new Report(facts, facts.text())
                    .saying("From samples: " + firstLine(sampled)
                            + exact.map(known -> " Exactly: " + known.verdict() + ".")
                                    .orElse(""));
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }

    private static String firstLine(SecondOrderReport report) {
        return report.statement().words().lines().findFirst().orElseThrow();
    }

    /**
     * What was found.
     *
     * @param exact if tables allow it
     * @param criticChain of finite environments
     */
    private record Facts(
            String policy,
            String environment,
            int parameters,
            Optional<SecondOrderFacts> exact,
            SecondOrderFacts sampled,
            Optional<ChainCheck.Facts> criticChain) {

        String text() {
            StringBuilder text = new StringBuilder(environment + ", " + parameters + " parameters");
            exact.ifPresent(found -> text.append(String.format(
                    Locale.ROOT,
                    "%n%nExactly, without a horizon or a time limit:%n%s",
                    found.finding().words())));
            text.append(String.format(
                    Locale.ROOT, "%n%nFrom samples:%n%s", sampled.finding().words()));
            criticChain.ifPresent(chain -> text.append(String.format(Locale.ROOT, "%n%n%s", chain.sentence())));
            return text.toString();
        }
    }

    private static Optional<SecondOrderReport> exact(Question question, EnvironmentSpec spec, Learner learner) {
        return isExact(spec, learner)
                ? Optional.of(ExactDiagnosis.of(
                        TablePolicies.exactReturn(spec, learner.policy(), question.gamma()),
                        learner.policy().parameters(),
                        question.epsilon(),
                        question.chi()))
                : Optional.empty();
    }

    private static boolean isExact(EnvironmentSpec spec, Learner learner) {
        return spec.finite().isPresent()
                && TablePolicies.isTable(learner.policy())
                && learner.policy().dimension() <= TablePolicies.MOST_PARAMETERS;
    }

    private static SecondOrderReport sampled(
            Question question, Policy policy, EnvironmentSpec spec, Horizon horizon, Progress progress)
            throws InterruptedException {
        SecondOrderDiagnosis.Config config = SecondOrderDiagnosis.Config.of(horizon, question.epsilon())
                .withTrajectories(question.sampling().trajectories())
                .withChi(question.chi());
        return sampled(config, policy, Task.of(spec), question.sampling().seed(), "second-order report", progress);
    }

    /** A diagnosis that shows how far it is. */
    static SecondOrderReport sampled(
            SecondOrderDiagnosis.Config config, Policy policy, Task task, long seed, String name, Progress progress)
            throws InterruptedException {
        SecondOrderDiagnosis diagnosis = new SecondOrderDiagnosis(config, task, seed);
        int passes = diagnosis.cost(policy.dimension()).forwardPasses();
        try (Progress.Stage stage = progress.stage(name, passes)) {
            SecondOrderReport report = diagnosis.of(policy, (made, atMost) -> stage.reach(made));
            stage.reach(passes);
            stage.note(report.verdict().name());
            return report;
        } catch (CancellationException interrupted) {
            throw new InterruptedException("The report begins anew next time.");
        }
    }
}
