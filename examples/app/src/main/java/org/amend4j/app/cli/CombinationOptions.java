/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.lora.combine.Combination;
import org.amend4j.lora.combine.Pruning;
import org.amend4j.lora.combine.Pruning.Signs;
import org.amend4j.lora.combine.WeightedAdapter;
import picocli.CommandLine.Option;

/** How adapters are combined. */
final class CombinationOptions {

    /** By PEFT's names. */
    private enum Method {
        CAT,
        SVD,
        LINEAR,
        MAGNITUDE_PRUNE,
        MAGNITUDE_PRUNE_SVD,
        TIES,
        TIES_SVD,
        DARE_LINEAR,
        DARE_LINEAR_SVD,
        DARE_TIES,
        DARE_TIES_SVD;

        boolean prunes() {
            return this != CAT && this != SVD && this != LINEAR;
        }

        boolean elects() {
            return name().contains("TIES");
        }

        boolean draws() {
            return name().startsWith("DARE");
        }

        boolean takesRank() {
            return name().endsWith("SVD");
        }

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** What {@code --signs} can be. */
    private enum Majority {
        TOTAL,
        FREQUENCY;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(
            names = "--method",
            paramLabel = "M",
            description =
                    "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}). cat is the weighted sum exactly, of a rank that is"
                            + " the sum of ranks; svd the nearest adapter of a given rank; the others are PEFT's, and something"
                            + " else than the weighted sum.")
    private Method method = Method.CAT;

    @Option(
            names = "--rank",
            paramLabel = "R",
            description = "Most that a layer gets, for methods that end in svd (default: the adapters' largest).")
    private Optional<Integer> rank = Optional.empty();

    @Option(
            names = "--density",
            paramLabel = "P",
            description = "Part of the values that is left, for ties, dare and magnitude_prune; required there.")
    private Optional<Double> density = Optional.empty();

    @Option(
            names = "--signs",
            paramLabel = "HOW",
            description =
                    "${COMPLETION-CANDIDATES}: how ties elects the sign of a value, by the sum or by the number (default:"
                            + " total).")
    private Optional<Majority> signs = Optional.empty();

    @Option(names = "--seed", paramLabel = "N", description = "Root of what dare draws (default: 1).")
    private Optional<Long> seed = Optional.empty();

    /** PEFT's name. */
    String method() {
        return method.toString();
    }

    /** @throws BadInputException if an option is missing, breaks its rule or does not belong to the method */
    Combination combination(List<WeightedAdapter> adapters) {
        requireOnlyFor(method.takesRank(), rank, "--rank", "methods that end in svd");
        requireOnlyFor(method.prunes(), density, "--density", "ties, dare and magnitude_prune");
        requireOnlyFor(method.elects(), signs, "--signs", "ties and dare_ties");
        requireOnlyFor(method.draws(), seed, "--seed", "dare_linear and dare_ties");
        if (method.prunes()) {
            return method.takesRank()
                    ? Combination.prunedSvd(pruning(), rank(adapters))
                    : Combination.pruned(pruning());
        }
        if (method == Method.SVD) {
            return Combination.svd(rank(adapters));
        }
        return method == Method.CAT ? Combination.cat() : Combination.linear();
    }

    private void requireOnlyFor(boolean applies, Optional<?> value, String option, String which) {
        if (!applies && value.isPresent()) {
            throw new BadInputException(option + " is for " + which + ", not for --method " + method);
        }
    }

    private int rank(List<WeightedAdapter> adapters) {
        int largest =
                adapters.stream().mapToInt(WeightedAdapter::largestRank).max().orElse(1);
        return OptionRules.atLeast(1, "--rank", rank.orElse(Math.max(1, largest)));
    }

    private Pruning pruning() {
        double part = density.orElseThrow(() -> new BadInputException(
                "--method " + method + " needs --density, the part of the values that is left, such as 0.5"));
        if (!(part > 0 && part <= 1)) {
            throw new BadInputException("--density must be > 0 and <= 1, got " + part);
        }
        Pruning.Kept kept = method.draws() ? new Pruning.Random(part, seed.orElse(1L)) : new Pruning.Largest(part);
        return new Pruning(kept, elected());
    }

    private Signs elected() {
        if (!method.elects()) {
            return Signs.ALL;
        }
        return signs.orElse(Majority.TOTAL) == Majority.TOTAL ? Signs.TOTAL : Signs.FREQUENCY;
    }
}
