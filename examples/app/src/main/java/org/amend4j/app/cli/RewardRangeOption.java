/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.cli;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.amend4j.data.BadInputException;
import org.amend4j.estimator.RewardRange;
import picocli.CommandLine.Option;

/** What the user knows of an environment's rewards. */
final class RewardRangeOption {

    private static final String NUMBER = "([-+]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][-+]?\\d+)?)";
    private static final Pattern RANGE = Pattern.compile(NUMBER + "," + NUMBER);

    @Option(
            names = "--reward-range",
            paramLabel = "LOW,HIGH",
            description =
                    "Range that every reward is in, and the 0 after an episode's end (default: that of the environment's"
                            + " tables, else that of the rewards of a few episodes, which is no bound).")
    private Optional<String> range = Optional.empty();

    Optional<RewardRange> get() {
        return range.map(RewardRangeOption::parsed);
    }

    private static RewardRange parsed(String text) {
        Matcher ends = RANGE.matcher(text);
        if (ends.matches()) {
            double low = Double.parseDouble(ends.group(1));
            double high = Double.parseDouble(ends.group(2));
            if (low <= high && Double.isFinite(high - low)) {
                return RewardRange.known(low, high);
            }
        }
        throw new BadInputException(
                "--reward-range must be two numbers, the lower first, such as 0,1, got '" + text + "'");
    }
}
