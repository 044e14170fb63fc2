package org.amend4j.examples.cli;

import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What a training begins with instead of a new network. */
final class BeginningOptions {

    @Option(names = "--model", paramLabel = "ZIP", description = "Begin with this ComputationGraph.")
    private Optional<Path> model = Optional.empty();

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

    Optional<Path> model() {
        return model;
    }

    Optional<Path> adapterOf() {
        return adapterOf;
    }

    int rank() {
        return Options.atLeast(1, "--rank", rank);
    }

    Optional<Double> alpha() {
        return alpha.map(value -> Options.positive("--alpha", value));
    }
}
