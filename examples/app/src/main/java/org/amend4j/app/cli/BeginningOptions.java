/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.app.policy.DistributionChoice;
import org.amend4j.app.policy.TrainingOptions;
import picocli.CommandLine.Option;

/** What a training begins with. */
final class BeginningOptions {

    @Option(
            names = "--distribution",
            paramLabel = "NAME",
            description = "Of actions in a box: gaussian (usual; the environment gets what is outside clipped), or"
                    + " squashed-gaussian, which stays inside (squash_output of Stable-Baselines).")
    private Optional<String> distribution = Optional.empty();

    @Option(
            names = "--model",
            paramLabel = "ZIP",
            description = "Begin with this ComputationGraph, which sees observations as they are.")
    private Optional<Path> model = Optional.empty();

    @Option(
            names = "--from",
            paramLabel = "DIR",
            description = "Begin with this saved policy: its network, its distribution and its normaliser.")
    private Optional<Path> from = Optional.empty();

    @Option(
            names = "--adapter-of",
            paramLabel = "DIR",
            description = "Begin with this saved policy and train an adapter on its dense layers only.")
    private Optional<Path> adapterOf = Optional.empty();

    @Option(
            names = "--rank",
            paramLabel = "R",
            defaultValue = "1",
            description = "Rank of the adapter (default: ${DEFAULT-VALUE}).")
    private int rank;

    @Option(
            names = "--alpha",
            paramLabel = "A",
            description = "Numerator of its scaling alpha/rank (default: the rank).")
    private Optional<Double> alpha = Optional.empty();

    /** The settings as they were given, each in its range. */
    TrainingOptions.Beginning of() {
        return new TrainingOptions.Beginning(
                distribution.map(DistributionChoice::named),
                model,
                from,
                adapterOf,
                OptionRules.atLeast(1, "--rank", rank),
                alpha.map(value -> OptionRules.positive("--alpha", value)));
    }
}
