/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.amend4j.data.BadInputException;
import picocli.CommandLine.Option;

/** The seeds of a training, one run each. */
final class SeedOptions {

    private static final int MOST_SEEDS = 1_000;

    @Option(names = "--seed", paramLabel = "N", description = "Root of all random numbers (default: 1).")
    private Optional<Long> seed = Optional.empty();

    @Option(names = "--seeds", paramLabel = "N..M", description = "One run for each of these seeds.")
    private String seeds = "";

    List<Long> list() {
        if (seeds.isEmpty()) {
            return List.of(seed.orElse(1L));
        }
        if (seed.isPresent()) {
            throw new BadInputException("--seed and --seeds exclude each other: give one of them");
        }
        if (!seeds.matches("\\d{1,18}(\\.\\.\\d{1,18})?")) {
            throw new BadInputException("--seeds must be N or N..M, such as 1..5, got '" + seeds + "'");
        }
        long[] ends = Arrays.stream(seeds.split("\\.\\.", -1))
                .mapToLong(Long::parseLong)
                .toArray();
        long first = ends[0];
        long last = ends[ends.length - 1];
        if (last < first || last - first >= MOST_SEEDS) {
            throw new BadInputException("--seeds must be 1 to " + MOST_SEEDS + " seeds, got '" + seeds + "'");
        }
        return LongStream.rangeClosed(first, last).boxed().toList();
    }
}
