/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.config;

import java.util.List;
import org.amend4j.internal.names.NamePattern;
import org.amend4j.internal.validation.Checks;

/** Which layers get an adapter. Names are vertex names of the base network. */
public sealed interface Targets permits Targets.Names, Targets.Regex, Targets.AllLinear {

    /** Layers whose name is equal to one of the entries. */
    static Targets names(String... names) {
        return new Names(List.of(names));
    }

    /** Layers whose whole name matches the regular expression. */
    static Targets regex(String pattern) {
        return new Regex(pattern);
    }

    /** Every linear layer except the network's outputs and one on patches of pictures, which is a convolution to PEFT. */
    static Targets allLinear() {
        return new AllLinear();
    }

    /**
     * Layers whose name is equal to an entry or ends in {@code "." + entry}. An empty list adapts nothing and is only
     * of use together with layers trained in full.
     *
     * @param names the entries, distinct and not empty strings
     */
    record Names(List<String> names) implements Targets {
        public Names {
            names = Checks.names("targets", names);
        }
    }

    /**
     * Layers whose whole name matches.
     *
     * @param pattern a {@link java.util.regex.Pattern} of bounded size
     */
    record Regex(String pattern) implements Targets {
        public Regex {
            NamePattern.whole("targets", pattern);
        }
    }

    /** Every linear layer except the network's outputs. */
    record AllLinear() implements Targets {}
}
