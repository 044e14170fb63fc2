/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.amend4j.app.data.BadInputException;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.estimator.Horizon;
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
     * @param seed root of all random numbers
     */
    public record Sampling(int trajectories, Optional<Integer> horizon, long seed) {}

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
                spec, learner, question.gamma(), question.sampling().horizon(), Optional.empty());
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("policy", question.policy().folder().toString());
        facts.put("environment", spec.id());
        facts.put("parameters", saved.policy().dimension());
        StringBuilder text = new StringBuilder(spec.id() + ", " + saved.policy().dimension() + " parameters");
        try {
            if (isExact(spec, learner)) {
                SecondOrderReport exact = ExactDiagnosis.of(
                        TablePolicies.exactReturn(spec, saved.policy(), question.gamma()),
                        saved.policy().parameters(),
                        question.epsilon(),
                        question.chi());
                facts.put("exact", SecondOrderFacts.of(exact));
                text.append(String.format(
                        Locale.ROOT,
                        "%n%nExactly, without a horizon or a time limit:%n%s",
                        exact.statement().words()));
            }
            SecondOrderReport sampled = sampled(question, saved.policy(), spec, horizon, progress);
            facts.put("sampled", SecondOrderFacts.of(sampled));
            text.append(String.format(
                    Locale.ROOT, "%n%nFrom samples:%n%s", sampled.statement().words()));
            ChainCheck.of(spec, saved.policy()).ifPresent(chain -> {
                facts.put("criticChain", chain.facts());
                text.append(String.format(Locale.ROOT, "%n%n%s", chain.sentence()));
            });
        } catch (IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
        return new Report(facts, text.toString());
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
