/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.probe;

import java.util.List;
import java.util.Locale;

/** The result of a {@link Probe} that found no difference. */
public sealed interface ProbeReport {

    /** One sentence. */
    String sentence();

    /**
     * Every vertex gave the base's values, up to rounding.
     *
     * @param inputs the arrays both graphs were given, such as "in [2, 3, 32, 32]"
     * @param vertices how many were compared
     * @param widest the vertex with the largest difference in proportion to its largest value
     * @param difference that proportion, the difference itself where all values are 0; 0 if all were equal bit for bit
     */
    record Agreed(List<String> inputs, int vertices, String widest, double difference) implements ProbeReport {

        public Agreed {
            inputs = List.copyOf(inputs);
        }

        @Override
        public String sentence() {
            String all = "probed with " + String.join(", ", inputs) + ": all " + vertices
                    + " vertices compute what the base computes, ";
            return difference == 0
                    ? all + "bit for bit"
                    : all + String.format(Locale.ROOT, "up to %.1e of '%s'", difference, widest);
        }
    }

    /**
     * Nothing was compared, since no input was found that the base takes.
     *
     * @param why what was tried
     */
    record NotDerived(String why) implements ProbeReport {

        @Override
        public String sentence() {
            return "not probed: " + why + "; give a batch with Probe.of(...)";
        }
    }

    /** Nothing was compared, as the caller wished. */
    record Declined() implements ProbeReport {

        @Override
        public String sentence() {
            return "not probed: the caller declined";
        }
    }
}
