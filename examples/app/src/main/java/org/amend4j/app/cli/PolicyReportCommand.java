/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Optional;
import org.amend4j.app.job.Progress;
import org.amend4j.app.job.Report;
import org.amend4j.app.policy.SecondOrderJob;
import org.amend4j.app.policy.Surroundings;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Where a policy stands. */
@Command(
        name = "report",
        description =
                "Whether a saved policy is at a saddle of its return: gradient, largest curvature and the noise along"
                        + " it, from samples, and exactly where the environment is finite and the policy a table; beside it"
                        + " the scale of returns, the policy's entropy and, for tables, how far it is from the best.")
final class PolicyReportCommand extends PageJob {

    @Mixin
    private PolicyOptions policy = new PolicyOptions();

    @Option(
            names = "--trajectories",
            paramLabel = "N",
            defaultValue = "4000",
            description = "Of each of two batches; a quarter as many more are taken for a baseline"
                    + " (default: ${DEFAULT-VALUE}).")
    private int trajectories;

    @Option(names = "--horizon", paramLabel = "H", description = "Cut trajectories off after H steps.")
    private Optional<Integer> horizon = Optional.empty();

    @Mixin
    private RewardRangeOption rewards = new RewardRangeOption();

    @Option(
            names = "--epsilon",
            paramLabel = "E",
            defaultValue = "0.1",
            description = "Of second-order stationarity: gradient at most E, curvature at most the root of chi*E"
                    + " (default: ${DEFAULT-VALUE}).")
    private double epsilon;

    @Option(
            names = "--chi",
            paramLabel = "X",
            defaultValue = "1",
            description = "Lipschitz constant of the return's Hessian: curvature is to be at most the root of X*E"
                    + " (default: ${DEFAULT-VALUE}).")
    private double chi;

    @Override
    String title() {
        return "Where a policy is";
    }

    @Override
    Computing computing() {
        return Computing.SMALL_NETWORKS;
    }

    @Override
    Report run(Progress progress) throws InterruptedException {
        try (Surroundings surroundings = policy.surroundings()) {
            return SecondOrderJob.run(
                    new SecondOrderJob.Question(
                            policy.in(surroundings),
                            policy.gamma(),
                            OptionRules.positive("--epsilon", epsilon),
                            OptionRules.positive("--chi", chi),
                            new SecondOrderJob.Sampling(
                                    OptionRules.atLeast(2, "--trajectories", trajectories),
                                    horizon.map(steps -> OptionRules.atLeast(1, "--horizon", steps)),
                                    rewards.get(),
                                    policy.seed())),
                    progress);
        } catch (ArithmeticException noNumber) {
            // an environment's reward, such as one that is infinite
            throw new BadInputException(Failures.sentence(noNumber), noNumber);
        }
    }
}
